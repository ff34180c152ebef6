/**
 * The options of a command, made of rows: those of the library with what is said about them, and the command line's own,
 * which add to them or stand in their place. Flags, help with defaults, parsing and checks come from this table
 * (row-options.ts), so that nothing about an option is written twice.
 */
import {
  type OptionRow,
  type OptionTable,
  renamedKeys,
  type ValueKind,
  type ValueOf,
} from "../../options/index.js";
import type { OptionHelp, OptionsOfTask } from "../../tasks/help/index.js";

/** The headings of a command's help, in their order. */
export const headings = ["Data:", "Model:", "Training:", "Output:"] as const;
const headingOf = { data: "Data:", model: "Model:", training: "Training:" } as const;

/** How an option is shown and read. */
interface Shown {
  readonly heading: (typeof headings)[number];
  /** What stands for the value in the help: "column". Default: by its kind. */
  readonly value?: string;
  /** A list whose values stand side by side as arguments, not with commas between them. */
  readonly variadic?: boolean;
  /** How the value is read, where its kind does not tell. @throws InvalidArgumentError */
  readonly parse?: (text: string, before: unknown) => unknown;
}

/** An option that the command line has beside the library's, or in another form. */
export interface OwnOption extends Partial<Shown>, Partial<Omit<OptionHelp, "group">> {
  /** The library's option in whose place it stands: with its row, its texts and its needs where nothing else is said. */
  readonly of?: string;
  readonly row?: OptionRow;
  /** After which option it stands in the help, if in no other's place. Default: before those of the library. */
  readonly after?: string | undefined;
}

/** The command line's own options by key; null: an option of the library that it does not have. */
export type OwnOptions = Readonly<Record<string, OwnOption | null>>;

/** The options of a command by key, in the order of its help. */
export interface CommandTable {
  readonly rows: OptionTable;
  readonly help: Readonly<Record<string, OptionHelp & Shown>>;
  /** What options of the library are called here, by their keys there. */
  readonly names: Readonly<Record<string, string>>;
}

type RowOf<Own, Rows> = Own extends { row: infer Row }
  ? Row
  : Own extends { of: infer Key extends keyof Rows }
    ? Rows[Key]
    : never;

/** What the options of a command were parsed to. */
export type ChosenOf<Rows, Own> = {
  readonly [K in Exclude<keyof Rows, keyof Own>]?: ValueOf<Rows[K]>;
} & { readonly [K in keyof Own]?: ValueOf<RowOf<Own[K], Rows>> };

/** Whether values of a kind can be written on a command line. */
const isWritten = (kind: ValueKind): boolean =>
  kind.kind === "list" ? isWritten(kind.of) : !["object", "function", "either", "data"].includes(kind.kind);

/** The options of a command out of the library's and its own. */
export function commandTable({ rows, help }: OptionsOfTask, own: OwnOptions): CommandTable {
  const replaced = Object.fromEntries(
    Object.entries(own).flatMap(([key, option]) => (option?.of === undefined ? [] : [[option.of, key]])),
  );
  const here = (key: string): string => replaced[key] ?? key;
  const isThere = (key: string): boolean =>
    own[key] === undefined ? Object.hasOwn(rows, key) && isWritten(rows[key]!) : own[key] !== null;
  const following = (place: string | undefined): string[] =>
    Object.entries(own)
      .filter(([, option]) => option && option.of === undefined && option.after === place)
      .flatMap(([key]) => [key, ...following(key)]);
  const inOrder = [
    ...following(undefined),
    ...Object.keys(help).flatMap((key) => [here(key), ...following(here(key))]),
  ].filter(isThere);
  const entries = inOrder.map((key) => {
    const { of = own[key] ? "" : key, row, after: _, ...option } = own[key] ?? {};
    const { needs } = rows[of] ?? {};
    const shown = { group: "data" as const, text: "", ...renamedTexts(help[of], replaced) };
    return {
      key,
      of,
      row: renamedRow({ ...(needs ? { needs } : {}), ...(row ?? rows[of]!) }, here),
      help: { heading: headingOf[shown.group], ...shown, ...option },
    };
  });
  const sorted = headings.flatMap((heading) => entries.filter((entry) => entry.help.heading === heading));
  return {
    rows: Object.fromEntries(sorted.map(({ key, row }) => [key, row])),
    help: Object.fromEntries(sorted.map((entry) => [entry.key, entry.help])),
    names: Object.fromEntries(sorted.filter(({ of }) => of !== "").map(({ key, of }) => [of, key])),
  };
}

/** Texts in which options are called as they are here. */
const renamedTexts = (
  said: OptionHelp | undefined,
  names: Readonly<Record<string, string>>,
): OptionHelp | undefined =>
  said && {
    ...said,
    text: renamedKeys(said.text, names),
    ...(said.usual === undefined ? {} : { usual: renamedKeys(said.usual, names) }),
  };

/** A row whose needs and defaults look at options by what they are called here. */
function renamedRow(row: OptionRow, here: (key: string) => string): OptionRow {
  const { by, needs } = row;
  return {
    ...row,
    ...(by === undefined ? {} : { by: here(by) }),
    ...(needs
      ? { needs: Object.fromEntries(Object.entries(needs).map(([key, need]) => [here(key), need])) }
      : {}),
  };
}
