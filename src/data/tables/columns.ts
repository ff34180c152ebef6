/**
 * Which column of a table holds the text and which the label: by name if the caller or a header says so, by the
 * number of different values if there are two columns; otherwise an error lists the columns.
 */
import { keyed, plain, someOf } from "../../options/error.js";
import { DataError } from "../errors.js";
import { columns as countedColumns, type Field, type Table, type TableRow } from "./table.js";

/** A column's name, or its number from 1 (as a number or in digits). */
export type ColumnName = string | number;

/** Columns as the caller chooses them; those left out are detected. */
export interface ColumnChoice {
  readonly text?: ColumnName | undefined;
  readonly label?: ColumnName | undefined;
  /** Whether the first row holds the columns' names. */
  readonly header?: boolean | undefined;
}

/** A table whose columns are known. */
export interface ResolvedTable {
  readonly file: string;
  /** The rows of data: without the header, if the first row was one. */
  readonly rows: readonly TableRow[];
  readonly header: boolean;
  /** Index of the text's column. */
  readonly text: number;
  /** Index of the label's column; `undefined` only if no label was asked for and none was found. */
  readonly label: number | undefined;
  /** The columns as they would be chosen: by name if there is a header, otherwise by number. */
  readonly names: { readonly text: ColumnName; readonly label: ColumnName | undefined };
  /** What was taken for what. */
  readonly told: string;
}

/** Names by which a column is recognised, in upper or lower case; the first that occurs is taken. */
export const usualNames = {
  text: ["text", "sentence", "review", "content", "comment", "message"],
  label: ["label", "labels", "class", "sentiment", "category", "target", "y"],
} as const;

/** A column with at most this many different values can be taken for the label without being named. */
const mostLabels = 20;

type Role = keyof typeof usualNames;
const roles: readonly Role[] = ["text", "label"];

/** A table being read: its header is known, its columns perhaps not yet. */
interface Draft {
  readonly table: Table;
  readonly rows: readonly TableRow[];
  readonly names: readonly string[] | undefined;
  text: number | undefined;
  label: number | undefined;
}

/**
 * Finds the columns of tables that belong together. Two columns without usable names are told apart by their
 * values, counted over all the tables: the label has at most 20 different ones, and fewer than the text.
 *
 * @param needed "both" for examples; "text" if a label may be missing
 * @throws DataError if a named column does not exist, or the columns cannot be told apart
 */
export function resolveColumns(
  tables: readonly Table[],
  choice: ColumnChoice,
  needed: "both" | "text",
): ResolvedTable[] {
  const drafts = tables.map((table) => draftOf(table, choice));
  const untold = drafts.filter(
    ({ table, text, label }) => table.width === 2 && (text ?? label) === undefined,
  );
  const label = untold.length > 0 ? fewerValues(untold) : undefined;
  if (label !== undefined) for (const draft of untold) draft.label = label;
  return drafts.map((draft) => finish(draft, needed));
}

/**
 * Whether the first rows of a table, those that are given, show which column is its text: more of them would not change it.
 */
export function showsText(table: Table, choice: ColumnChoice): boolean {
  const names = (table.keys ?? table.rows[0]?.fields ?? []).map(trimmed);
  const { text } = choice;
  if (table.keys !== undefined) {
    if (text === undefined) return usualColumn(names, "text") !== undefined;
    return matching(names, String(text)).length > 0 || (isNumeral(text) && Number(text) <= table.width);
  }
  const isNamed = isNameOfColumn(text) || isNameOfColumn(choice.label);
  const usual = roles.filter((role) => usualColumn(names, role) !== undefined).length;
  if (isNamed || usual === roles.length) return table.rows.length > 1;
  // One usual name is a header unless it occurs again, and so is a word over texts.
  if (table.width === 1 && choice.header === undefined && isWord(names[0]!))
    return table.rows.length >= LOOKED || (table.rows.length > 1 && !areTexts(table));
  // Of two columns without names the values are counted.
  return usual === 0 && (text !== undefined || choice.label !== undefined || table.width !== 2);
}

/** The table's columns in words, for errors: `1 "label", 2 "text"`. */
function listColumns({ table, names }: Draft): string {
  const cells = names ?? table.rows[0]?.fields ?? [];
  return someOf(cells.map((cell, i) => `${i + 1} ${JSON.stringify(shorten(trimmed(cell)))}`));
}

function draftOf(table: Table, choice: ColumnChoice): Draft {
  const names = table.keys ?? headerOf(table, choice);
  const rows = table.keys === undefined && names !== undefined ? table.rows.slice(1) : table.rows;
  const draft: Draft = { table, rows, names, text: undefined, label: undefined };
  if (rows.length === 0) {
    throw new DataError({
      file: table.file,
      problem: `has only a header (${listColumns(draft)})`,
      remedy: "Give a file with at least one row of data.",
    });
  }
  draft.text = columnOf(draft, "text", choice.text);
  draft.label = columnOf(draft, "label", choice.label);
  if (draft.text !== undefined && draft.text === draft.label) {
    throw new DataError({
      file: table.file,
      problem: `text and label are both column ${draft.text + 1}`,
      remedy: keyed(`The columns are ${plain(listColumns(draft))}; choose others with {text} and {label}.`),
    });
  }
  return draft;
}

/** How many rows of a single column show whether the first one is its name. */
const LOOKED = 8;

/** The first row, if it is a header: it holds the chosen names, or usual ones; or a word over a single column of texts. */
function headerOf(table: Table, choice: ColumnChoice): string[] | undefined {
  const names = (table.rows[0]?.fields ?? []).map(trimmed);
  if (choice.header !== undefined) return choice.header ? names : undefined;
  if (isNameOfColumn(choice.text) || isNameOfColumn(choice.label)) return names;
  const found = roles.flatMap((role) => usualColumn(names, role) ?? []);
  if (found.length === 2) return names;
  // A single usual name could be a value, but then it would most likely occur again further down.
  const [column] = found;
  if (table.rows.length === 1) return undefined;
  if (column === undefined) return table.width === 1 && isOverTexts(table) ? names : undefined;
  const again = table.rows.slice(1).some((row) => trimmed(row.fields[column]) === names[column]);
  return again ? undefined : names;
}

const isWord = (text: string): boolean => /^[\p{L}_][\p{L}\p{M}\p{N}_-]*$/u.test(text);

/** Whether the rows after the first are texts of several words. */
const areTexts = ({ rows }: Table): boolean =>
  rows.slice(1, LOOKED).every(({ fields }) => /^$|\s/.test(trimmed(fields[0])));

/** Whether the first row is a single word, and those after it are texts of several. */
const isOverTexts = (table: Table): boolean =>
  isWord(trimmed(table.rows[0]?.fields[0])) &&
  areTexts(table) &&
  table.rows.slice(1, LOOKED).filter(({ fields }) => trimmed(fields[0]) !== "").length > 2;

/** The chosen column, or the one with a usual name, as an index. */
function columnOf(draft: Draft, role: Role, chosen: ColumnName | undefined): number | undefined {
  const { table, names } = draft;
  if (chosen === undefined) return names === undefined ? undefined : usualColumn(names, role);
  const fail = (problem: string) =>
    new DataError({
      file: table.file,
      problem,
      remedy: keyed(`The columns are ${plain(listColumns(draft))}; choose one with {${role}}.`),
    });
  const named = names === undefined || typeof chosen === "number" ? [] : matching(names, chosen);
  if (named.length > 1) throw fail(`has ${named.length} columns named ${JSON.stringify(chosen)}`);
  if (named.length === 1) return named[0];
  if (!isNumeral(chosen)) throw fail(`has no column named ${JSON.stringify(chosen)} for the ${role}`);
  const number = Number(chosen);
  if (number > table.width)
    throw fail(`has ${countedColumns(table.width)}, so no column ${number} for the ${role}`);
  return number - 1;
}

function usualColumn(names: readonly string[], role: Role): number | undefined {
  for (const usual of usualNames[role]) {
    const index = names.findIndex((name) => name.toLowerCase() === usual);
    if (index >= 0) return index;
  }
  return undefined;
}

/** A field in comparable form: trimmed, a list joined to one text. */
const trimmed = (field: Field): string =>
  (typeof field === "string" ? field : (field ?? []).join(", ")).trim();

/** Columns with exactly this name, or, if there are none, with this name in any case. */
function matching(names: readonly string[], wanted: string): number[] {
  const where = (same: (name: string) => boolean) => names.flatMap((name, i) => (same(name) ? [i] : []));
  const exact = where((name) => name === wanted);
  return exact.length > 0 ? exact : where((name) => name.toLowerCase() === wanted.toLowerCase());
}

const isNameOfColumn = (chosen: ColumnName | undefined): boolean =>
  typeof chosen === "string" && !isNumeral(chosen);

function isNumeral(column: ColumnName): boolean {
  return /^[1-9][0-9]*$/.test(String(column));
}

/** The one of two columns that looks like the label, over all these tables; `undefined` if neither does. */
function fewerValues(drafts: readonly Draft[]): number | undefined {
  const values = [new Set<Field>(), new Set<Field>()] as const;
  for (const { rows } of drafts) {
    for (const { fields } of rows)
      for (const column of [0, 1] as const) values[column].add(trimmed(fields[column]));
  }
  const [first, second] = [values[0].size, values[1].size];
  return Math.min(first, second) > mostLabels || first === second ? undefined : Number(second < first);
}

function finish(draft: Draft, needed: "both" | "text"): ResolvedTable {
  const { table, rows, names } = draft;
  const other = (column: number | undefined) =>
    table.width === 2 && column !== undefined ? 1 - column : undefined;
  const text = draft.text ?? other(draft.label) ?? (needed === "text" && table.width === 1 ? 0 : undefined);
  const label = draft.label ?? (needed === "both" ? other(draft.text) : undefined);
  if (text === undefined || (needed === "both" && label === undefined))
    throw untold(draft, text, label, needed);
  const nameOf = (column: number) => names?.[column] ?? column + 1;
  const placed = (column: number): string =>
    table.keys === undefined && names === undefined
      ? `column ${column + 1}`
      : `${table.keys === undefined ? `column ${column + 1}, ` : ""}${JSON.stringify(nameOf(column))}`;
  const told = [
    `text: ${placed(text)}`,
    ...(label === undefined ? [] : [`label: ${placed(label)}`]),
    ...(table.keys === undefined ? [`header: ${names === undefined ? "no" : "yes"}`] : []),
  ];
  return {
    file: table.file,
    rows,
    header: names !== undefined,
    text,
    label,
    names: { text: nameOf(text), label: label === undefined ? undefined : nameOf(label) },
    told: `${table.file}: ${told.join("; ")}`,
  };
}

function untold(
  draft: Draft,
  text: number | undefined,
  label: number | undefined,
  needed: string,
): DataError {
  const { table } = draft;
  const missing =
    needed === "text" ? "text" : text !== undefined ? "label" : label !== undefined ? "text" : undefined;
  const what = missing === undefined ? "the text and which the label" : `the ${missing}`;
  const tooFew = needed === "both" && table.width === 1;
  return new DataError({
    file: table.file,
    problem: tooFew
      ? `has 1 column (${listColumns(draft)}), but examples need a text and a label`
      : `does not say which of its ${countedColumns(table.width)} holds ${what}: ${listColumns(draft)}`,
    remedy: tooFew
      ? "Give a table with a column for each."
      : keyed(
          `Say so with ${missing === undefined ? "{text} and {label}" : `{${missing}}`}: a name or a number from 1.`,
        ),
  });
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= 30 ? text : `${characters.slice(0, 29).join("")}…`;
}
