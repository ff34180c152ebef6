/**
 * Tables, whatever their format: rows of texts in columns that have names (.jsonl) or may have them in a first row (.csv,
 * .tsv), row by row or all in memory. columns.ts decides which column is which.
 */

import { requireText } from "../../options/items.js";
import { DataError } from "../errors.js";
import type { Source } from "../source.js";
import { jsonlRows } from "./jsonl.js";
import type { Row } from "./row.js";
import { rowsOf, type TableForm } from "./rows.js";

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

/** A table while it is read. */
export interface OpenTable {
  /** At least one, one after the other. */
  readonly rows: AsyncIterable<TableRow>;
  /** The table as far as it was read, of the rows that are given. */
  readonly seen: (rows: readonly TableRow[]) => Table;
}

/** A format of tables. */
export interface TableFormat {
  /** File name endings, without `.gz`, which may follow any of them. */
  readonly extensions: readonly string[];
  /** Begins to read; errors come from the rows. @param notices get what was found of its form */
  readonly open: (source: Source, form?: TableForm, notices?: string[]) => OpenTable;
  /** Reads all of it. */
  readonly read: (source: Source, form?: TableForm, notices?: string[]) => Promise<Table>;
}

const format = (extensions: readonly string[], open: TableFormat["open"]): TableFormat => ({
  extensions,
  open,
  async read(source, form, notices) {
    const { rows, seen } = open(source, form, notices);
    const all: TableRow[] = [];
    for await (const row of rows) all.push(row);
    return seen(all);
  },
});

/** The formats, by the name that `format` options take. */
export const tableFormats = {
  tsv: format([".tsv", ".tab"], (source, form = {}, notices) =>
    positional(
      source,
      rowsOf(source, "tsv", form, notices),
      "In a .tsv each tab starts a new column, and there is no quoting.",
    ),
  ),
  csv: format([".csv"], (source, form = {}, notices) =>
    positional(
      source,
      rowsOf(source, "csv", form, notices),
      "In a .csv each comma starts a new column, unless the field is in quotation marks.",
    ),
  ),
  jsonl: format([".jsonl", ".ndjson"], (source) => keyed(source)),
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

/** Rows by position; all have as many columns as the first. */
function positional(source: Source, rows: AsyncIterable<Row>, remedy: string): OpenTable {
  const { name: file } = source;
  let first: Row | undefined;
  const isRow = (row: Row): boolean => {
    // With one column, a blank line is an empty text; with several it is not a row.
    if (first?.fields.length !== 1 && isBlank(row)) return false;
    if (row.fields.length === first?.fields.length) return true;
    throw new DataError({
      file,
      line: row.line,
      problem: `found ${columns(row.fields.length)}, expected ${first?.fields.length} as in line ${first?.line}`,
      remedy,
    });
  };
  async function* checked(): AsyncGenerator<TableRow> {
    for await (const row of rows) {
      if (first === undefined && !isBlank(row)) {
        first = row;
        // Only now it is known whether the blank lines before were rows.
        for (let line = 1; line < row.line && row.fields.length === 1; line++) yield { line, fields: [""] };
      }
      if (isRow(row)) yield row;
    }
    if (first === undefined) throw emptyFile(file);
  }
  const seen = (all: readonly TableRow[]): Table => ({
    file,
    keys: undefined,
    width: first?.fields.length ?? 0,
    rows: all,
  });
  return { rows: checked(), seen };
}

/** Rows by key; the columns are all keys that occur, in the order in which they first do. */
function keyed(source: Source): OpenTable {
  const { name: file } = source;
  const keys = new Map<string, number>();
  async function* rows(): AsyncGenerator<TableRow> {
    for await (const { line, value } of jsonlRows(source)) {
      const fields: Field[] = [];
      for (const [key, content] of Object.entries(value)) {
        const column = keys.get(key) ?? keys.size;
        keys.set(key, column);
        fields[column] = fieldOf(content);
      }
      yield { line, fields };
    }
    if (keys.size === 0) throw emptyFile(file);
  }
  const seen = (all: readonly TableRow[]): Table => ({
    file,
    keys: [...keys.keys()],
    width: keys.size,
    rows: all,
  });
  return { rows: rows(), seen };
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
