/**
 * Texts to predict on, from the text column of a table or from the lines of any other file: all at once, or as they are
 * read. Texts with labels are in examples.ts.
 */
import { keyed } from "../../options/error.js";
import { DataError } from "../errors.js";
import { requireItems, sourceItems } from "../items.js";
import { lines, type Source } from "../source.js";
import type { Streamed } from "../streamed.js";
import { type ColumnName, type ResolvedTable, resolveColumns, showsText } from "./columns.js";
import { note, type TableForm } from "./rows.js";
import {
  emptyFile,
  type Field,
  type TableFormatName,
  type TableRow,
  tableFormatOf,
  tableFormats,
} from "./table.js";

/** A text to predict on. */
export interface TextInput {
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

/** Options of {@link readTexts} and {@link streamTexts}. */
export interface ReadTextsOptions extends TableForm {
  /** "tsv", "csv", "jsonl" or "txt"; default: by the file's name, otherwise "txt". */
  readonly format?: string | undefined;
  /** Name or number (from 1) of the text's column; default: by the header, or the column that is not the label. */
  readonly text?: ColumnName | undefined;
}

/** What {@link readTexts} read. */
export interface Texts {
  /** At least one, in the order of the files. */
  readonly texts: readonly TextInput[];
  /** Sentences about the data that a person should see. */
  readonly notices: readonly string[];
}

/** How many rows of a table are looked at, while it is streamed, to tell which column is the text. */
export const GUESSED_ROWS = 1000;

/**
 * Reads texts to predict on: the text column of a table, or every line of another file, including empty ones.
 *
 * @throws DataError if a file is empty or not of its format, or it is unclear which column is the text
 */
export async function readTexts(sources: readonly Source[], options: ReadTextsOptions = {}): Promise<Texts> {
  const texts: TextInput[] = [];
  const found: string[] = [];
  requireItems(sources, sourceItems);
  for (const source of sources)
    for await (const each of textsOf(source, options, { most: Number.POSITIVE_INFINITY, found }))
      texts.push(each);
  return { texts, notices: [...found, ...emptyNotices(texts.filter(isEmpty).length)] };
}

/**
 * The same of one source, while it is read. Where a table does not say which column is the text, its first 1000 rows
 * must show it, and are read before the first text comes: a column of labels has few different values among them.
 *
 * ```ts
 * import { streamTexts, textSource } from "unrolled/data";
 * for await (const { text, line } of streamTexts(textSource("a.txt", "one\ntwo\n")).items) console.log(line, text);
 * ```
 *
 * @throws DataError as {@link readTexts}, from `items`
 */
export function streamTexts(source: Source, options: ReadTextsOptions = {}): Streamed<TextInput> {
  let empty = 0;
  const found: string[] = [];
  async function* items(): AsyncGenerator<TextInput> {
    for await (const each of textsOf(source, options, { most: GUESSED_ROWS, found })) {
      if (isEmpty(each)) empty++;
      yield each;
    }
  }
  return { items: items(), notices: () => [...found, ...emptyNotices(empty)] };
}

/** How a table is looked at: rows that are held until they show which column is the text, and what gets what was found. */
interface Looking {
  readonly most: number;
  readonly found: string[];
}

function textsOf(source: Source, options: ReadTextsOptions, looking: Looking): AsyncGenerator<TextInput> {
  const format = options.format ?? tableFormatOf(source.name) ?? "txt";
  return format === "txt" ? plainTexts(source) : tableTexts(source, { ...options, format }, looking);
}

async function* plainTexts(source: Source): AsyncGenerator<TextInput> {
  let any = false;
  for await (const { number: line, text } of lines(source)) {
    any = true;
    yield { text, file: source.name, line };
  }
  if (!any) throw emptyFile(source.name);
}

async function* tableTexts(
  source: Source,
  { format, text, header, ...form }: ReadTextsOptions,
  { most, found }: Looking,
): AsyncGenerator<TextInput> {
  const { rows, seen } = tableFormats[formatFor(source, format)].open(source, form, found);
  const inputOf = (table: ResolvedTable, { line, fields }: TableRow): TextInput => ({
    text: textOf(table, line, fields[table.text]),
    file: source.name,
    line,
  });
  const resolved = (): ResolvedTable => {
    const [first] = resolveColumns([seen(head)], { text, header }, "text");
    note(found, first!.told);
    return first!;
  };
  let head: TableRow[] = [];
  let table: ResolvedTable | undefined;
  for await (const row of rows) {
    if (table !== undefined) {
      yield inputOf(table, row);
      continue;
    }
    head.push(row);
    // Looked at after 1, 2, 4, 8, … rows, so that a table of many columns takes no time by the square.
    const isLooked = (head.length & (head.length - 1)) === 0 && showsText(seen(head), { text, header });
    if (!isLooked && head.length < most) continue;
    table = resolved();
    head = [];
    for (const each of table.rows) yield inputOf(table, each);
  }
  if (table !== undefined) return;
  const last = resolved();
  for (const each of last.rows) yield inputOf(last, each);
}

/** The format of a table. @throws DataError if there is none of that name, or the file's name does not show it */
export function formatFor(source: Source, chosen: string | undefined): TableFormatName {
  const format = chosen ?? tableFormatOf(source.name);
  if (format !== undefined && Object.hasOwn(tableFormats, format)) return format as TableFormatName;
  throw new DataError({
    file: source.name,
    problem:
      format === undefined
        ? "its name does not show the format"
        : `there is no format ${JSON.stringify(format)}`,
    remedy: keyed(`Formats of tables are ${Object.keys(tableFormats).join(", ")}; choose one with {format}.`),
  });
}

/** The text in a row's field. @throws DataError if there is none */
export function textOf(table: ResolvedTable, line: number, field: Field): string {
  if (typeof field === "string") return field;
  throw new DataError({
    file: table.file,
    line,
    problem: `${JSON.stringify(table.names.text)} ${field === undefined ? "is missing" : "is a list or an object"}`,
    remedy: "Every row needs a text there, even if it is empty.",
  });
}

/** Whether a text has nothing but blanks. */
export const isEmpty = ({ text }: { readonly text: string }): boolean => text.trim() === "";

/** A sentence about texts that are empty, if there are any. */
export function emptyNotices(count: number): string[] {
  if (count === 0) return [];
  return [count === 1 ? "1 text is empty; it was kept." : `${count} texts are empty; they were kept.`];
}
