/**
 * Vectors from tables: a row of numbers and its label, for data without an order in time. A header or the caller says
 * which column is the label; otherwise it is the last. Comment lines ("#") before the first row are skipped.
 */

import { type Keyed, keyed, someOf } from "../../options/error.js";
import { DataError } from "../errors.js";
import { jsonLabels } from "../series/series-tables.js";
import type { Source } from "../source.js";
import type { ColumnName } from "./columns.js";
import { usualNames } from "./columns.js";
import { csvRows } from "./csv.js";
import { jsonlRows } from "./jsonl.js";
import { type Labels, partLabels } from "./labels.js";
import { numberRemedy, valueOf } from "./number.js";
import type { Row } from "./row.js";
import { tsvRows } from "./tsv.js";

/** The numbers of one thing; NaN for missing ones. */
export type Vector = ArrayLike<number>;

/** A vector and its class. */
export interface VectorExample {
  readonly vector: Vector;
  readonly label: string;
  readonly file?: string;
  readonly line?: number;
}

/** A vector with one label, or with any number of them. */
export type LabelledVector = Omit<VectorExample, "label"> & Labels;

/** A vector as read. */
export interface RawVector {
  readonly file: string;
  readonly line: number;
  readonly vector: readonly number[];
  /** Absent if it has none. */
  readonly labels?: Labels;
}

/** Columns of vectors, as the caller chooses them. */
export interface VectorColumns {
  /** The label's column or key. Default: one called label, class, …; the last if there is no header. */
  readonly label?: ColumnName | undefined;
  /** The columns that are features, by name or number. Default: all but the label's. */
  readonly features?: readonly ColumnName[] | undefined;
  /** For prediction: how many features there are. A table with exactly that many columns and no header has no label. */
  readonly width?: number | undefined;
  /** Separates several labels in one text. Default: a text is one label. */
  readonly separator?: string | undefined;
}

/** Whether the first lines of a table look like vectors: at least three columns, with numbers in all but the label. */
export function holdsVectors(
  first: readonly string[],
  format: "csv" | "tsv",
  columns: VectorColumns,
): boolean {
  if (columns.features !== undefined) return true;
  const rows = first
    .filter((line, i) => line.trim() !== "" && !first.slice(0, i + 1).every(isComment))
    .map((line) => line.split(format === "csv" ? "," : "\t"));
  const header = isHeader(rows[0] ?? []) ? rows[0]!.map(unquoted) : undefined;
  if (header?.some((name) => isUsual(name, "text"))) return false;
  // One row is enough: the reader reports what is wrong with the others.
  return rows.slice(header === undefined ? 0 : 1).some((row) => {
    const label = labelIn(header, row.length, columns);
    return row.length >= 3 && row.every((field, i) => i === label || valueOf(unquoted(field)) !== undefined);
  });
}

const isComment = (line: string): boolean => line.trim() === "" || line.startsWith("#");
const unquoted = (field: string): string => field.trim().replace(/^"(.*)"$/, "$1");
const isUsual = (name: string, role: keyof typeof usualNames): boolean =>
  usualNames[role].some((usual) => usual === name.toLowerCase());

/** The first row is a header if more than one of its fields is not a number: a single one may be the label. */
const isHeader = (fields: readonly string[]): boolean =>
  fields.filter((field) => valueOf(unquoted(field)) === undefined).length > 1;

/** The label's column, or −1. */
function labelIn(
  header: readonly string[] | undefined,
  width: number,
  { label, width: features, features: own = [] }: VectorColumns,
): number {
  const named = header?.indexOf(String(label)) ?? -1;
  if (named >= 0) return named;
  if (label !== undefined) return /^[1-9]\d*$/.test(String(label)) ? Number(label) - 1 : -1;
  // A column that was chosen as a feature is one, whatever its name: "y" need not be the label.
  const chosen = new Set<ColumnName>(own);
  const small = header?.map((name) => (chosen.has(name) ? "" : name.toLowerCase())) ?? [];
  const usual = small.indexOf(usualNames.label.find((name) => small.includes(name)) ?? "no label");
  if (usual >= 0 || features === width) return usual;
  // For prediction, a table with a header need not have labels.
  return features !== undefined && header !== undefined ? -1 : width - 1;
}

/** What a table of vectors holds, while it is read. */
export interface OpenVectors {
  readonly vectors: AsyncIterable<RawVector>;
  /** The features' names, if there is a header and it has been read. */
  readonly names: () => readonly string[] | undefined;
}

/**
 * The vectors of a table. @throws DataError naming the line of a field that is not a number, or of a row that is
 * too short or too long
 */
export function tableVectors(
  source: Source,
  columns: VectorColumns & { readonly format: "csv" | "tsv" },
): OpenVectors {
  let names: readonly string[] | undefined;
  const onColumns = ({ header, features }: Found): void => {
    names = header && features.map((i) => header[i]!);
  };
  return { vectors: vectorRows(source, columns, onColumns), names: () => names };
}

async function* vectorRows(
  source: Source,
  columns: VectorColumns & { readonly format: "csv" | "tsv" },
  onColumns: (found: Found) => void,
): AsyncGenerator<RawVector> {
  const rows = columns.format === "csv" ? csvRows(source) : tsvRows(source);
  let found: Found | undefined;
  for await (const row of rows) {
    if (row.fields.length === 1 && row.fields[0]?.trim() === "") continue;
    if (found === undefined) {
      if (row.fields[0]?.startsWith("#")) continue;
      const header = isHeader(row.fields) ? row.fields.map((name) => name.trim()) : undefined;
      found = findColumns(source, row, header, columns);
      onColumns(found);
      if (header) continue;
    }
    yield vectorOf(source, row, found, columns.separator);
  }
}

/** The vectors of JSON lines: {"vector": [1, 2.5], "label": "x"}. @throws DataError naming the line */
export function jsonVectors(source: Source, columns: VectorColumns): OpenVectors {
  return { vectors: vectorObjects(source, columns), names: () => undefined };
}

async function* vectorObjects(source: Source, columns: VectorColumns): AsyncGenerator<RawVector> {
  let width: number | undefined;
  for await (const { line, value } of jsonlRows(source)) {
    const fail = (problem: string): DataError =>
      new DataError({
        file: source.name,
        line,
        problem,
        remedy: 'A vector is a list of numbers: {"vector": [1, 2.5], "label": "x"}.',
      });
    const { vector } = value;
    if (!Array.isArray(vector))
      throw fail(vector === undefined ? 'has no "vector"' : '"vector" is not a list');
    const odd = vector.find((item) => item !== null && (typeof item !== "number" || !Number.isFinite(item)));
    if (odd !== undefined) throw fail(`"vector" holds ${JSON.stringify(odd)}, which is not a number`);
    width ??= vector.length;
    if (vector.length !== width)
      throw fail(`"vector" has ${vector.length} numbers, but the first has ${width}`);
    const labels = jsonLabels(value, columns, fail);
    const numbers = vector.map((item: number | null) => item ?? Number.NaN);
    yield { file: source.name, line, vector: numbers, ...(labels === undefined ? {} : { labels }) };
  }
}

/** The columns of a table, as indices. */
interface Found {
  readonly header: readonly string[] | undefined;
  readonly width: number;
  readonly label: number;
  readonly features: readonly number[];
}

function findColumns(
  source: Source,
  { line, fields }: Row,
  header: readonly string[] | undefined,
  columns: VectorColumns,
): Found {
  const listed = someOf((header ?? fields).map((name, i) => `${i + 1} ${JSON.stringify(name)}`));
  const places = new Map([...(header ?? []).entries()].reverse().map(([at, name]) => [name, at]));
  const column = (chosen: ColumnName, what: string): number => {
    const named = places.get(String(chosen));
    const at = named !== undefined ? named : /^[1-9]\d*$/.test(String(chosen)) ? Number(chosen) - 1 : -1;
    if (at >= 0 && at < fields.length) return at;
    const problem = `has no column ${JSON.stringify(chosen)} for ${what}`;
    throw new DataError({ file: source.name, line, problem, remedy: `The columns are ${listed}.` });
  };
  const { label: chosen, features } = columns;
  const label = chosen === undefined ? labelIn(header, fields.length, columns) : column(chosen, "the label");
  const all = fields.flatMap((_, i) => (i === label ? [] : [i]));
  const found = features?.map((name) => column(name, "a feature")) ?? all;
  if (found.includes(label)) {
    const problem = `column ${label + 1} is both the label and a feature`;
    throw new DataError({ file: source.name, line, problem, remedy: `The columns are ${listed}.` });
  }
  return { header, width: fields.length, label, features: found };
}

function vectorOf(
  source: Source,
  { line, fields }: Row,
  { header, width, label, features }: Found,
  separator: string | undefined,
): RawVector {
  const fail = (problem: string, remedy: string | Keyed): DataError =>
    new DataError({ file: source.name, line, problem, remedy });
  if (fields.length !== width)
    throw fail(
      `found ${fields.length} columns, expected ${width} as in the first row`,
      "Every row needs a field for each column, even if it is empty.",
    );
  const vector = features.map((column) => {
    const value = valueOf(fields[column]!);
    if (value !== undefined) return value;
    const name = header?.[column] ?? `column ${column + 1}`;
    throw fail(
      `"${name}" is "${fields[column]?.trim()}"`,
      keyed(`${numberRemedy}; choose the columns that are features with {features}.`),
    );
  });
  const text = fields[label]?.trim();
  const labels = text === undefined || separator === undefined ? undefined : partLabels(text, separator);
  return {
    file: source.name,
    line,
    vector,
    ...(text === undefined ? {} : { labels: labels === undefined ? { label: text } : { labels } }),
  };
}
