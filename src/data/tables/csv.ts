/**
 * Comma-separated values after RFC 4180, read by csv-parse: a field in quotation marks may hold commas, line ends and
 * doubled quotation marks. What ends fields may be another character (delimiter.ts). Strict: a quotation mark anywhere else is an error, because guessing would shift columns.
 * csv-parse is loaded only when a .csv is read: a page that predicts does not need it. "imports" in package.json
 * selects its build, Node's or the browser's.
 */
import { DataError } from "../errors.js";
import { MOST_IN_LINE, type Source, textPieces, tooLong } from "../source.js";
import { type Delimited, delimited, delimiterName } from "./delimiter.js";
import type { Row } from "./row.js";

/** The errors of csv-parse that can occur here, in our words. */
const problems: Readonly<Record<string, (delimiter: string) => string>> = {
  INVALID_OPENING_QUOTE: () => "a quotation mark inside an unquoted field",
  CSV_INVALID_CLOSING_QUOTE: (delimiter) =>
    `text between a closing quotation mark and the next ${delimiterName(delimiter)}`,
  CSV_QUOTE_NOT_CLOSED: () => "a quotation mark that is never closed",
};

/** How rows are told apart. */
export interface CsvOptions {
  /** What ends a field: a character, or its name (see `delimiterNames`). Default: found in the first rows. */
  readonly delimiter?: string | undefined;
  /** Called with the character before the first row. */
  readonly onDelimiter?: (delimiter: string) => void;
}

/**
 * The rows of a .csv source. Fields end with a comma, or where the first rows show it with a semicolon, a tab or a bar.
 *
 * @throws DataError if a quotation mark is out of place or never closed, naming the line on which the row starts, or
 * if the bytes are not text (see source.ts)
 */
export async function* csvRows(source: Source, options: CsvOptions = {}): AsyncGenerator<Row> {
  let found: Delimited | undefined;
  let line = 1;
  let rows: Row[] = [];
  const take = (fields: readonly string[]): null => {
    rows.push({ line, fields });
    line += 1 + fields.reduce((sum, field) => sum + countOf("\n", field), 0);
    return null;
  };
  let parser: CsvParser | undefined;
  let quotes = 0;
  try {
    found = await delimited(source.name, textPieces(source), options.delimiter);
    options.onDelimiter?.(found.delimiter);
    line += found.skipped;
    for await (const piece of found.pieces) {
      // Created only at the first piece: csv-parse's browser build cannot end an empty text.
      parser ??= await csvParser(found.delimiter, take);
      await parser.write(piece);
      quotes += countOf('"', piece);
      // A parser waits for the character after a line end; through a pipe that may be long in coming. Outside of quotation
      // marks a row ends here, whatever follows.
      if (piece.endsWith("\n") && quotes % 2 === 0) {
        await parser.end();
        [parser, quotes] = [undefined, 0];
      }
      yield* rows;
      rows = [];
    }
    await parser?.end();
    yield* rows;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "CSV_MAX_RECORD_SIZE") throw tooLong(source, line);
    const problem = problems[String(code)]?.(found?.delimiter ?? ",");
    if (problem === undefined) throw error;
    throw new DataError({ file: source.name, line, problem, remedy });
  }
}

const remedy =
  "In a .csv, a field with quotation marks must itself be quoted, with the inner ones doubled: " +
  '"she said ""yes""". A .tsv needs no quoting.';

interface CsvParser {
  /** Parses a piece of text. @throws a CsvError */
  write(piece: string): Promise<void>;
  /** Parses the rest. @throws a CsvError */
  end(): Promise<void>;
}

/**
 * csv-parse's stream, used only for writing: `onRow` takes each row while it is parsed. If it is never ended, there is
 * nothing to free.
 */
async function csvParser(delimiter: string, onRow: (fields: readonly string[]) => null): Promise<CsvParser> {
  const { parse } = await import("#csv-parse");
  // Line ends are already LF (source.ts). table.ts checks the number of columns.
  const parser = parse({
    delimiter,
    record_delimiter: "\n",
    relax_column_count: true,
    on_record: onRow,
    max_record_size: MOST_IN_LINE,
  });
  // In both builds errors come as events, which would end the process without a listener.
  const failed = new Promise<never>((_, reject) => parser.on("error", reject));
  failed.catch(() => undefined);
  parser.resume();
  return {
    write: (piece) =>
      Promise.race([
        failed,
        new Promise<void>((done, fail) => parser.write(piece, (error) => (error ? fail(error) : done()))),
      ]),
    end: () => Promise.race([failed, new Promise<void>((done) => parser.on("finish", done).end())]),
  };
}

function countOf(character: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count++;
  return count;
}
