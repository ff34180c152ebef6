/**
 * What is said about options: the types of the texts, and how a default is told. The texts stand in this folder alone,
 * which a browser's page does not load; command line, documentation and forms are made of them and of the rows.
 */
import type { OptionTable, Spelling } from "../../options/index.js";
import { listed, spelled } from "../../options/index.js";

/** What an option is about. */
export type OptionGroup = "data" | "model" | "training";

/** What is said about an option. */
export interface OptionHelp {
  readonly group: OptionGroup;
  /** What it is, as a phrase: "features per word". Keys of options stand in braces. */
  readonly text: string;
  /**
   * The default in words, where it is not a value: "all", "{share} of {bptt}". The names of the row's `derived` numbers, and
   * keys of options, stand in braces.
   */
  readonly usual?: string;
  /** Of what is on by default: what it means to switch it off. */
  readonly off?: string;
}

/** Texts for all rows of a table: `texts satisfies HelpFor<typeof rows>` compiles where none is missing. */
export type HelpFor<Rows> = { readonly [K in keyof Rows]: OptionHelp };

/** A task's options: their rows, and what is said about them. */
export interface OptionsOfTask {
  /** How they are handed over: "tagger.train". */
  readonly what: string;
  readonly rows: OptionTable;
  readonly help: Readonly<Record<string, OptionHelp>>;
}

/** How a surface writes what defaults are made of. */
export interface DefaultStyle {
  /** A value: 64, [64], "max". */
  readonly value: (value: unknown) => string;
  readonly key: Spelling;
}

/** Shares that have a name. */
const shares: Readonly<Record<string, string>> = { 0.5: "half", 0.25: "a quarter" };

/**
 * The default of an option in words: "12; series: 30; vectors: 60", "a quarter of bptt; lines: 5". Undefined where there is
 * none.
 */
export function defaultText(
  key: string,
  { rows, help }: Pick<OptionsOfTask, "rows" | "help">,
  style: DefaultStyle,
): string | undefined {
  const { derived = {}, defaults = {}, by, default: usual } = rows[key]!;
  const inWords = help[key]?.usual;
  const number = (name: string): string => {
    const value = derived[name];
    return value === undefined ? `{${name}}` : (shares[value] ?? value.toLocaleString("en-US"));
  };
  const words = inWords === undefined ? [] : [spelled(spelled(inWords, number), style.key)];
  const first = usual === undefined ? words : [style.value(usual)];
  const of = by !== undefined && Object.hasOwn(rows, by) ? `${style.key(by)} ` : "";
  // Values that several names have in common are told once.
  const names = new Map<string, string[]>();
  for (const [name, value] of Object.entries(defaults))
    names.set(style.value(value), [...(names.get(style.value(value)) ?? []), name]);
  const all = [...first, ...[...names].map(([value, those]) => `${of}${listed(those)}: ${value}`)];
  return all.length === 0 ? undefined : all.join("; ");
}
