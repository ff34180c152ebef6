/**
 * Tables in memory, whatever their format: rows of texts in columns that have names (.jsonl) or may have them in
 * a first row (.csv, .tsv). columns.ts decides which column is which.
 */

import { requireText } from "../../options/items.js";
import { DataError } from "../errors.js";
import type { Source } from "../source.js";
import { csvRows } from "./csv.js";
import { jsonlRows } from "./jsonl.js";
import type { Row } from "./row.js";
import { tsvRows } from "./tsv.js";

/**
 * A field: a text, `undefined` if the row has no such key, texts if it holds a list of texts, numbers, true or false,
 * `null` if it holds any other list or an object.
 */
export type Field = string | readonly string[] | null | undefined;

/** A row of a table: `fields[column]` for each column, from 0. */
export interface TableRow {
  readonly line: number;
  readonly fields: readonly Field[];
}

/** A table as it was read. */
export interface Table {
  readonly file: string;
  /** The columns' names if the format has them; `undefined` if the first row may hold them. */
  readonly keys: readonly string[] | undefined;
  /** The number of columns. */
  readonly width: number;
  /** At least one. */
  readonly rows: readonly TableRow[];
}

/** A format of tables. */
export interface TableFormat {
  /** File name endings, without `.gz`, which may follow any of them. */
  readonly extensions: readonly string[];
  readonly read: (source: Source) => Promise<Table>;
}

/** The formats, by the name that `format` options take. */
export const tableFormats = {
  tsv: {
    extensions: [".tsv", ".tab"],
    read: (source) =>
      positional(source, tsvRows(source), "In a .tsv each tab starts a new column, and there is no quoting."),
  },
  csv: {
    extensions: [".csv"],
    read: (source) =>
      positional(
        source,
        csvRows(source),
        "In a .csv each comma starts a new column, unless the field is in quotation marks.",
      ),
  },
  jsonl: { extensions: [".jsonl", ".ndjson"], read: keyed },
} as const satisfies Record<string, TableFormat>;

/** "tsv", "csv" or "jsonl". */
export type TableFormatName = keyof typeof tableFormats;

/** The format that a file's name shows, if it is that of a table. */
export function tableFormatOf(fileName: string): TableFormatName | undefined {
  requireText("tableFormatOf", fileName);
  const name = fileName.toLowerCase().replace(/\.gz$/, "");
  const names = Object.keys(tableFormats) as TableFormatName[];
  return names.find((format) => tableFormats[format].extensions.some((ending) => name.endsWith(ending)));
}

/** Reads rows by position, and makes sure that all have as many columns as the first. */
async function positional(source: Source, rows: AsyncIterable<Row>, remedy: string): Promise<Table> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  const first = all.find((row) => !isBlank(row));
  if (first === undefined) throw emptyFile(source.name);
  const width = first.fields.length;
  // With one column, a blank line is an empty text; with several it is not a row.
  const kept = width === 1 ? all : all.filter((row) => !isBlank(row));
  for (const { line, fields } of kept) {
    if (fields.length === width) continue;
    throw new DataError({
      file: source.name,
      line,
      problem: `found ${columns(fields.length)}, expected ${width} as in line ${first.line}`,
      remedy,
    });
  }
  return { file: source.name, keys: undefined, width, rows: kept };
}

/** Reads rows by key; the columns are all keys that occur, in the order in which they first do. */
async function keyed(source: Source): Promise<Table> {
  const keys = new Map<string, number>();
  const rows: { line: number; fields: Field[] }[] = [];
  for await (const { line, value } of jsonlRows(source)) {
    const fields: Field[] = [];
    for (const [key, content] of Object.entries(value)) {
      const column = keys.get(key) ?? keys.size;
      keys.set(key, column);
      fields[column] = fieldOf(content);
    }
    rows.push({ line, fields });
  }
  if (keys.size === 0) throw emptyFile(source.name);
  return { file: source.name, keys: [...keys.keys()], width: keys.size, rows };
}

function fieldOf(value: unknown): Field {
  if (value === null) return "";
  if (typeof value !== "object") return String(value);
  return Array.isArray(value) && value.every((item) => item !== null && typeof item !== "object")
    ? value.map(String)
    : null;
}

function isBlank(row: Row): boolean {
  return row.fields.length === 1 && row.fields[0] === "";
}

/** The error for a file without a single row. */
export function emptyFile(file: string): DataError {
  return new DataError({ file, problem: "is empty", remedy: "Give a file with at least one row of data." });
}

/** "1 column", "3 columns". */
export function columns(count: number): string {
  return count === 1 ? "1 column" : `${count} columns`;
}
