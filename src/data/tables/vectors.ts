/**
 * Vectors from tables: a row of numbers and its label, for data without an order in time. vector-columns.ts finds out which
 * column is which. Comment lines ("#") before the first row are skipped.
 */

import { type Keyed, keyed } from "../../options/error.js";
import { DataError } from "../errors.js";
import { jsonLabels } from "../series/series-tables.js";
import type { Source } from "../source.js";
import { usualNames } from "./columns.js";
import { delimiterIn, fieldsOf } from "./delimiter.js";
import { jsonlRows } from "./jsonl.js";
import { type Labels, partLabels } from "./labels.js";
import {
  isMissing,
  looksNumeric,
  type NumberReader,
  numberProblem,
  numberReader,
  numberRemedy,
} from "./number.js";
import type { Row } from "./row.js";
import { note, rowsOf } from "./rows.js";
import {
  type FoundColumns,
  findVectorColumns,
  isHeader,
  usualLabel,
  type VectorColumns,
} from "./vector-columns.js";

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

/**
 * Whether the first lines of a table look like vectors: at least three columns, all of them numbers but for the label, which
 * is the first or the last; or several that are none, if these are words and no texts: the reader then names what is wrong.
 */
export function holdsVectors(
  first: readonly string[],
  format: "csv" | "tsv",
  columns: VectorColumns,
): boolean {
  if (columns.features !== undefined) return true;
  const lines = first.filter(
    (line, i) =>
      line.trim() !== "" && !(i === 0 && /^sep=.$/.test(line)) && !first.slice(0, i + 1).every(isComment),
  );
  const delimiter = format === "tsv" ? "\t" : delimiterIn(first.join("\n"), columns.delimiter);
  const rows = lines.map((line) => fieldsOf(line, delimiter));
  const header = (columns.header ?? isHeader(rows, columns)) ? rows[0] : undefined;
  if (header?.some((name) => isText(name))) return false;
  const label = labelName(header, columns);
  // One row is enough: the reader reports what is wrong with the others.
  return rows.slice(header === undefined ? 0 : 1).some((row) => {
    if (row.length < 3) return false;
    const words = row.flatMap((field, i) =>
      i === label || looksNumeric(field) || isMissing(field) ? [] : [i],
    );
    if (words.length === 0) return true;
    if (label === undefined && words.length === 1) return words[0] === 0 || words[0] === row.length - 1;
    return row.length - words.length > 2 && words.every((i) => !/\s/.test(row[i]!.trim()));
  });
}

const isComment = (line: string): boolean => line.trim() === "" || line.startsWith("#");
const isText = (name: string): boolean => usualNames.text.some((usual) => usual === name.toLowerCase());

/** The label's column by its name or number, where that is known before the rows are. */
function labelName(header: readonly string[] | undefined, { label }: VectorColumns): number | undefined {
  const at = label === undefined ? usualLabel(header) : (header?.indexOf(String(label)) ?? -1);
  if (at >= 0) return at;
  return label !== undefined && /^[1-9]\d*$/.test(String(label)) ? Number(label) - 1 : undefined;
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
  const onColumns = ({ header, features, isUsual, told }: FoundColumns): void => {
    if (columns.width === undefined) note(columns.notices, told);
    if (header !== undefined) names = features.map((i) => header[i]!);
    // Without names they are found again by their numbers, unless these go without saying.
    else if (!isUsual) names = features.map((i) => String(i + 1));
  };
  return { vectors: vectorRows(source, columns, onColumns), names: () => names };
}

/** How many rows are looked at where the columns are not known. */
const LOOKED_ROWS = 1000;

async function* vectorRows(
  source: Source,
  columns: VectorColumns & { readonly format: "csv" | "tsv" },
  onColumns: (found: FoundColumns) => void,
): AsyncGenerator<RawVector> {
  const numbers = numberReader(columns.decimal);
  // For prediction the first row is enough: it has the features that the model knows, by name or by their number.
  const most = columns.width === undefined ? LOOKED_ROWS : 1;
  let held: Row[] = [];
  let found: FoundColumns | undefined;
  const settle = (): Row[] => {
    found = findVectorColumns(source.name, held, columns);
    onColumns(found);
    const rows = held.slice(found.header === undefined ? 0 : 1);
    held = [];
    return rows;
  };
  for await (const row of rowsOf(source, columns.format, columns, columns.notices)) {
    if (row.fields.length === 1 && row.fields[0]?.trim() === "") continue;
    if (found !== undefined) {
      yield vectorOf(source, row, { ...columns, found, numbers });
      continue;
    }
    if (held.length === 0 && row.fields[0]?.startsWith("#") && row.fields[0] !== "#") continue;
    held.push(row);
    if (held.length < most) continue;
    for (const each of settle()) yield vectorOf(source, each, { ...columns, found: found!, numbers });
  }
  if (held.length > 0)
    for (const each of settle()) yield vectorOf(source, each, { ...columns, found: found!, numbers });
  if (numbers.decimal() === "," && columns.decimal === undefined)
    note(columns.notices, `${source.name}: numbers have a comma before their decimals`);
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

function vectorOf(
  source: Source,
  { line, fields }: Row,
  {
    found: { header, width, label, features },
    numbers,
    separator,
  }: Pick<VectorColumns, "separator"> & { readonly found: FoundColumns; readonly numbers: NumberReader },
): RawVector {
  const fail = (problem: string, remedy: string | Keyed): DataError =>
    new DataError({ file: source.name, line, problem, remedy });
  if (fields.length !== width)
    throw fail(
      `found ${fields.length} columns, expected ${width} as in the first row`,
      "Every row needs a field for each column, even if it is empty.",
    );
  const vector = features.map((column) => {
    const value = numbers.read(fields[column]!);
    if (value !== undefined) return value;
    const { problem, remedy } = numberProblem(
      header?.[column] ?? `column ${column + 1}`,
      fields[column]!,
      keyed(`${numberRemedy}; choose the columns that are features with {features}.`),
    );
    throw fail(problem, remedy);
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
