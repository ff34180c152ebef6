/**
 * Which column of a table of vectors is what: the label, the numbers, a number of the row that means nothing; and whether the
 * first row holds names. What the caller does not say is judged by names and by the first rows, and told in one line.
 */
import { keyed, plain, someOf } from "../../options/error.js";
import { DataError } from "../errors.js";
import type { ColumnName } from "./columns.js";
import { usualNames } from "./columns.js";
import { isMissing, looksNumeric } from "./number.js";
import type { Row } from "./row.js";
import type { TableForm } from "./rows.js";

/** Columns of vectors, as the caller chooses them. */
export interface VectorColumns extends TableForm {
  /**
   * The label's column or key. Default: one called label, class, …; the only one that holds no numbers; the last one or the
   * first one, whichever has few different values.
   */
  readonly label?: ColumnName | undefined;
  /** The columns that are features, by name or number. Default: all but the label's. */
  readonly features?: readonly ColumnName[] | undefined;
  /** For prediction: how many features there are. A table with exactly that many columns and no header has no label. */
  readonly width?: number | undefined;
  /** Separates several labels in one text. Default: a text is one label. */
  readonly separator?: string | undefined;
  /** Gets what was taken for what. */
  readonly notices?: string[] | undefined;
}

/** The columns of a table, as indices. */
export interface FoundColumns {
  readonly header: readonly string[] | undefined;
  readonly width: number;
  /** −1: there is none. */
  readonly label: number;
  readonly features: readonly number[];
  /** Whether the features are all columns but a label at the end: then their places need not be kept. */
  readonly isUsual: boolean;
  /** What was taken for what. */
  readonly told: string;
}

/** Names of columns that only number the rows, without their dots, in lower case. */
const indexNames: readonly string[] = ["", "unnamed: 0", "index", "id", "no", "nr", "row", "rownames", "#"];

/** The most different values of a column of whole numbers that can be taken for the label where many rows are. */
const mostClasses = 20;

const isNumber = (field: string): boolean => looksNumeric(field) || isMissing(field);
const isNumeral = (column: ColumnName): boolean => /^[1-9]\d*$/.test(String(column));

/**
 * Whether the first of some rows holds names: two of its fields or more are no numbers, or it holds the names that are looked
 * for; or its numbers only rise, and its last word occurs nowhere else.
 */
export function isHeader(rows: readonly (readonly string[])[], { label, features }: VectorColumns): boolean {
  const [first = [], ...body] = rows;
  const names = new Set(first);
  const has = (name: ColumnName): boolean => names.has(String(name));
  const named = [...(features ?? []), ...(label === undefined ? [] : [label])];
  if (named.some((name) => !isNumeral(name) && has(name))) return true;
  if (features !== undefined && features.length > 1 && features.every(has)) return true;
  const words = first.flatMap((field, at) => (isNumber(field) ? [] : [at]));
  if (words.length > 1) return true;
  if (body.length < 4) return false;
  const numbers = first.filter((_, at) => at !== words[0]).map(Number);
  const steps = numbers.slice(1).map((n, i) => n - numbers[i]!);
  const rises = steps.length > 0 && (steps.every((d) => d > 0) || steps.every((d) => d < 0));
  const [at] = words;
  if (!rises) return false;
  // 0, 1, 2, …, over numbers that are not like that: a table that was written with the numbers of its columns.
  const evenly = steps.every((d) => d === steps[0]) && numbers.every(Number.isInteger);
  if (at === undefined) return evenly && body.some((row) => row.some((field) => /[.,]\d/.test(field)));
  const values = body.map((row) => row[at]);
  return !values.includes(first[at]) && new Set(values).size * 2 <= values.length;
}

/**
 * Finds the columns.
 *
 * @param rows the first rows, the header among them if there is one
 * @throws DataError if a chosen column does not exist, or it is unclear which one is the label
 */
export function findVectorColumns(file: string, rows: readonly Row[], options: VectorColumns): FoundColumns {
  const { line, fields: first } = rows[0]!;
  const hasHeader =
    options.header ??
    isHeader(
      rows.map(({ fields }) => fields),
      options,
    );
  const header = hasHeader ? first.map((name) => name.trim()) : undefined;
  const body = (hasHeader ? rows.slice(1) : rows).map(({ fields }) => fields);
  const places = new Map([...(header ?? []).entries()].reverse().map(([at, name]) => [name, at]));
  const table: Looked = { file, line, header, places, width: first.length, body };
  const isBare = !hasHeader && first.length === options.width && options.features?.every(isNumeral);
  const chosen = isBare
    ? first.map((_, i) => i)
    : options.features?.map((name) => columnOf(table, name, "a feature"));
  const index = options.width === undefined && !chosen?.includes(0) ? indexOf(table, options) : -1;
  const label =
    options.label === undefined
      ? guessedLabel(table, { options, chosen, index })
      : columnOf(table, options.label, "the label");
  const all = first.flatMap((_, i) => (i === label || i === index ? [] : [i]));
  const features = chosen ?? all;
  if (features.includes(label))
    throw fail(table, `column ${label + 1} is both the label and a feature`, "Choose others.");
  const told = [
    ...(label < 0 ? [] : [`label: ${nameOf(table, label)}`]),
    `header: ${hasHeader ? "yes" : "no"}`,
    ...(index < 0 ? [] : [`index: ${nameOf(table, index)}, left out`]),
  ].join("; ");
  const isUsual = index < 0 && (label < 0 || label === first.length - 1);
  return { header, width: first.length, label, features, isUsual, told: `${file}: ${told}` };
}

/** The first rows of a table. */
interface Looked {
  readonly file: string;
  readonly line: number;
  readonly header: readonly string[] | undefined;
  /** Of each name in the header, its first column. */
  readonly places: ReadonlyMap<string, number>;
  readonly width: number;
  readonly body: readonly (readonly string[])[];
}

/** "column 1, "class"". */
const nameOf = ({ header }: Looked, at: number): string =>
  `column ${at + 1}${header === undefined ? "" : `, ${JSON.stringify(header[at])}`}`;

const listed = ({ header, body, width }: Looked): string =>
  someOf(
    Array.from({ length: width }, (_, i) => `${i + 1} ${JSON.stringify(header?.[i] ?? body[0]?.[i] ?? "")}`),
  );

const fail = (table: Looked, problem: string, remedy: string): DataError =>
  new DataError({
    file: table.file,
    line: table.line,
    problem,
    remedy: keyed(`${remedy} The columns are ${plain(listed(table))}.`),
  });

function columnOf(table: Looked, chosen: ColumnName, what: string): number {
  const { places, width, file, line } = table;
  const at = places.get(String(chosen)) ?? (isNumeral(chosen) ? Number(chosen) - 1 : -1);
  if (at >= 0 && at < width) return at;
  throw new DataError({
    file,
    line,
    problem: `has no column ${JSON.stringify(chosen)} for ${what}`,
    remedy: `The columns are ${listed(table)}.`,
  });
}

/** A first column that only numbers the rows, or −1. */
function indexOf({ header, body, width }: Looked, { label }: VectorColumns): number {
  const name = header?.[0];
  if (width < 3 || body.length < 2 || (label !== undefined && (label === name || Number(label) === 1)))
    return -1;
  const values = body.map((row) => row[0]?.trim() ?? "");
  if (!values.every((text) => /^\d+$/.test(text))) return -1;
  const counts = values.every((text, i) => i === 0 || Number(text) === Number(values[i - 1]) + 1);
  if (name !== undefined) {
    const isNamed = indexNames.includes(name.toLowerCase().replace(/\.$/, ""));
    return isNamed && (counts || new Set(values).size === values.length) ? 0 : -1;
  }
  return counts && Number(values[0]) <= 1 && values.length >= 10 ? 0 : -1;
}

/** The column that is called as labels usually are, or −1. @param taken columns that are something else, whatever their names */
export function usualLabel(header: readonly string[] | undefined, taken: readonly ColumnName[] = []): number {
  // A column that was chosen as a feature is one, whatever its name: "y" need not be the label.
  const small = header?.map((name) => (taken.includes(name) ? "" : name.toLowerCase())) ?? [];
  return small.indexOf(usualNames.label.find((name) => small.includes(name)) ?? "no label");
}

/** The label's column where it was not chosen, or −1. @throws DataError if it is unclear */
function guessedLabel(
  table: Looked,
  {
    options: { width, features: own = [] },
    chosen,
    index,
  }: {
    readonly options: VectorColumns;
    readonly chosen: readonly number[] | undefined;
    readonly index: number;
  },
): number {
  const { header, body } = table;
  const usual = usualLabel(header, own);
  if (usual >= 0 || table.width === width) return usual;
  const left = Array.from({ length: table.width }, (_, i) => i).filter(
    (i) => i !== index && !chosen?.includes(i),
  );
  // For prediction, a table need not have labels, and nobody reads them.
  if (width !== undefined) return header === undefined && chosen === undefined ? table.width - 1 : -1;
  const [only, more] = left;
  if (chosen !== undefined && more === undefined) return only ?? -1;
  const words = left.filter((at) => body.some((row) => row[at] !== undefined && !isNumber(row[at])));
  const last = left.at(-1)!;
  if (words.length > 0) return words.includes(last) ? last : words[0]!;
  return numericLabel(table, left);
}

/** Which of some columns of numbers is the label: the last one or the first one, if it has few different values. */
function numericLabel(table: Looked, left: readonly number[]): number {
  const { body } = table;
  const [first, last] = [left[0]!, left.at(-1)!];
  if (body.length < 10) return last;
  const different = new Map(
    left.map((at): [number, number] => {
      const values = body.map((row) => row[at]?.trim() ?? "");
      return [at, values.every((text) => /^[+-]?\d*(?:\.0+)?$/.test(text)) ? new Set(values).size : Infinity];
    }),
  );
  const could = left.filter((at) => {
    const count = different.get(at)!;
    return count > 1 && (count <= mostClasses ? 2 * count <= body.length : 10 * count <= body.length);
  });
  const isFirst = could.includes(first) && first !== last;
  if (could.includes(last) && !(isFirst && different.get(first)! < different.get(last)!)) return last;
  if (isFirst && !could.includes(last)) return first;
  const [one, another] = isFirst ? [first, last] : could;
  if (one !== undefined && another === undefined) return one;
  const values = new Set(body.map((row) => row[last])).size;
  throw fail(
    table,
    one === undefined
      ? `does not say which column is the label: the last one has ${values} different values in ${body.length} rows, almost as many classes as rows`
      : `does not say which column is the label: it could be ${(isFirst ? [first, last] : could).map((at) => nameOf(table, at)).join(" or ")}`,
    "Choose it with {label}, by name or number.",
  );
}
