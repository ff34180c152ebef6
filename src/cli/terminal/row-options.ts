/**
 * From a table of options to what the command line does with it: flags and help, how values are read, what is refused, and
 * what the library is told.
 */
import { InvalidArgumentError, Option } from "commander";
import {
  checkOptions,
  type Facts,
  fits,
  type OptionRow,
  spelled,
  type ValueKind,
  wanted,
} from "../../options/index.js";
import { defaultText } from "../../tasks/help/index.js";
import { type CommandTable, headings } from "./command-table.js";
import { flagOf, kebab } from "./flags.js";
import { decimal, fileOption } from "./options.js";

/** The options as commander takes them. */
export const optionsOf = (table: CommandTable): readonly Option[] =>
  Object.keys(table.rows).map((key) =>
    optionOf(key, table, withDefault(textOf(key, table), usualOf(key, table))),
  );

/**
 * The same of a command with several tables, of which one holds: an option that is not in the first one is told of which it
 * is, and so are defaults that differ.
 */
export function optionsOfAny(tables: Readonly<Record<string, CommandTable>>): readonly Option[] {
  const all = Object.entries(tables);
  const keys = new Set(all.flatMap(([, table]) => Object.keys(table.rows)));
  const inOrder = headings.flatMap((heading) =>
    [...keys].filter((key) => all.some(([, { help }]) => help[key]?.heading === heading)),
  );
  return inOrder.map((key) => {
    const having = all.filter(([, { rows }]) => Object.hasOwn(rows, key));
    const [first, table] = having[0]!;
    const usual = usualOf(key, table);
    const others = having.slice(1).flatMap(([name, other]) => {
      const differs = usualOf(key, other);
      return differs === undefined || differs === usual
        ? []
        : [`${name}: ${differs.replace("default: ", "").replaceAll(";", ",")}`];
    });
    const of = first === all[0]?.[0] ? "" : `${first}: `;
    const told = [...(usual === undefined ? [] : [usual]), ...others].join("; ");
    return optionOf(key, table, withDefault(`${of}${textOf(key, table)}`, told || undefined));
  });
}

const withDefault = (text: string, usual: string | undefined): string =>
  usual === undefined ? text : `${text} (${usual})`;

function textOf(key: string, { rows, help }: CommandTable): string {
  const { text, off } = help[key]!;
  return spelled(isSwitchedOff(rows[key]!) ? (off ?? text) : text, flagOf);
}

function usualOf(key: string, table: CommandTable): string | undefined {
  const { kind, required } = table.rows[key]!;
  if (required) return "required";
  const usual = kind === "flag" ? undefined : defaultText(key, table, { value: written, key: flagOf });
  return usual === undefined ? undefined : `default: ${usual}`;
}

function optionOf(key: string, { rows, help }: CommandTable, describes: string): Option {
  const { heading, value, variadic, parse } = help[key]!;
  const row = rows[key]!;
  const flags = `--${isSwitchedOff(row) ? "no-" : ""}${kebab(key)}${placeholder(row, { value, variadic })}`;
  const option = new Option(flags, describes).helpGroup(heading);
  if (row.kind === "file" || (row.kind === "list" && row.of.kind === "file")) fileOption(option);
  if (row.kind === "name") return option.choices(row.names);
  if (variadic || row.kind === "flag") return option;
  return option.argParser(parse ?? ((given: string) => parsed(given, row)));
}

/** A switch that is on by default, so that all there is to say is that it is to be off. */
const isSwitchedOff = (row: OptionRow): boolean => row.kind === "flag" && row.default === true;

const placeholders: Readonly<Partial<Record<ValueKind["kind"], string>>> = {
  whole: "n",
  number: "x",
  name: "name",
  text: "text",
  file: "file",
};

function placeholder(
  kind: ValueKind,
  { value, variadic }: { readonly value: string | undefined; readonly variadic: boolean | undefined },
): string {
  if (kind.kind === "flag") return "";
  const isList = kind.kind === "list";
  const name = value ?? placeholders[isList ? kind.of.kind : kind.kind] ?? "value";
  return ` <${name}${isList ? (variadic ? "..." : ",...") : ""}>`;
}

/** A default as it would be written on the command line. */
function written(value: unknown): string {
  if (Array.isArray(value)) return value.map(written).join(",");
  if (typeof value !== "object" || value === null) return String(value);
  const { name, kind } = value as { readonly name?: string; readonly kind?: string };
  return name ?? kind ?? "";
}

/** A text as a value. @throws InvalidArgumentError saying what is wanted */
function parsed(text: string, kind: ValueKind): unknown {
  const value = valueOf(text, kind);
  if (fits(value, kind)) return value;
  throw new InvalidArgumentError(`Give ${wanted(kind)}.`);
}

function valueOf(text: string, kind: ValueKind): unknown {
  if (kind.kind === "whole") return /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (kind.kind === "number") return decimal(text);
  if (kind.kind !== "list") return text;
  return text.split(",").map((part) => valueOf(part.trim(), kind.of));
}

/** What options are called in errors: by the library's keys, and of a switch, which is written in one way, that way. */
export function namesOf({ rows, names }: CommandTable): Readonly<Record<string, string>> {
  const written = (key: string): string =>
    isSwitchedOff(rows[key]!) ? `no${key[0]!.toUpperCase()}${key.slice(1)}` : key;
  const all = [...Object.keys(rows).map((key) => [key, key] as const), ...Object.entries(names)];
  return Object.fromEntries(all.map(([key, here]) => [key, written(here)]));
}

/** Refuses what makes no sense together. @param facts what is known of the data already @throws OptionError */
export function refuseIdle(table: CommandTable, chosen: object, command: string, facts: Facts = {}): void {
  checkOptions(givenOf(table, chosen), table.rows, command, facts);
}

/** What was chosen. What was not is true for commander, where an option only says that something is to be off. */
const givenOf = (table: CommandTable, chosen: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(chosen).filter(
      ([key, value]) => value !== undefined && !(value === true && table.rows[key]?.default === true),
    ),
  );

/** How options of the library follow from those of a command, where they are not the same: undefined is left out. */
export type Conversions<Chosen> = Readonly<Record<string, (chosen: Chosen, facts: Facts) => unknown>>;

/**
 * What the library is told. Only what is chosen is there: all else is left to its defaults.
 *
 * @typeParam Settings the options of which the table is made: the rows have their keys and their types
 */
export async function settingsOf<Settings extends object, Chosen extends object = object>(
  table: CommandTable,
  chosen: Chosen,
  conversions: Conversions<Chosen>,
  facts: Facts = {},
): Promise<Settings> {
  const given = givenOf(table, chosen);
  const settings: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(table.names), ...Object.keys(conversions)])) {
    const convert = conversions[key];
    const value = convert ? await convert(chosen, facts) : given[table.names[key]!];
    if (value !== undefined) settings[key] = value;
  }
  return settings as Settings;
}
