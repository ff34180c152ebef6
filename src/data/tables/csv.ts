/**
 * Comma-separated values after RFC 4180, read by csv-parse: a field in quotation marks may hold commas, line ends and,
 * doubled, quotation marks. Strict: a quotation mark anywhere else is an error, because guessing would shift columns.
 * csv-parse is loaded when a .csv is read, and not before: a page that predicts does not need it. Which of its builds
 * that is, Node's or the browser's, is told by "imports" in package.json.
 */
import { DataError } from "../errors.js";
import { type Source, textPieces } from "../source.js";
import type { Row } from "./row.js";

/** The ways in which csv-parse refuses what it reads here, in our words. */
const problems: ReadonlyMap<unknown, string> = new Map([
  ["INVALID_OPENING_QUOTE", "a quotation mark inside a field without quotes"],
  ["CSV_INVALID_CLOSING_QUOTE", "text between a closing quotation mark and the next comma"],
  ["CSV_QUOTE_NOT_CLOSED", "a quotation mark that is never closed"],
]);

/**
 * The rows of a .csv source.
 *
 * @throws DataError when a quotation mark is out of place or never closed, naming the line on which the row starts, or
 * when the bytes are no text (see source.ts)
 */
export async function* csvRows(source: Source): AsyncGenerator<Row> {
  let line = 1;
  let rows: Row[] = [];
  const take = (fields: readonly string[]): null => {
    rows.push({ line, fields });
    line += 1 + fields.reduce((sum, field) => sum + countLines(field), 0);
    return null;
  };
  let parser: CsvParser | undefined;
  try {
    for await (const piece of textPieces(source)) {
      // Made for the first piece only: csv-parse's browser build cannot end an empty text.
      parser ??= await csvParser(take);
      await parser.write(piece);
      yield* rows;
      rows = [];
    }
    await parser?.end();
    yield* rows;
  } catch (error) {
    const problem = error instanceof Error && "code" in error ? problems.get(error.code) : undefined;
    if (problem === undefined) throw error;
    throw new DataError({ file: source.name, line, problem, remedy });
  }
}

const remedy =
  "In a .csv, a field that holds quotation marks is itself in quotation marks, with those inside doubled: " +
  '"she said ""yes""". A .tsv needs no quoting.';

interface CsvParser {
  /** Parses a piece of text. @throws a CsvError */
  write(piece: string): Promise<void>;
  /** Parses what is left. @throws a CsvError */
  end(): Promise<void>;
}

/**
 * csv-parse's stream, of which only the writing side is used: `onRow` takes each row while it is parsed. Left unended,
 * it holds nothing that would have to be freed.
 */
async function csvParser(onRow: (fields: readonly string[]) => null): Promise<CsvParser> {
  const { parse } = await import("#csv-parse");
  // Line ends are LF by now (source.ts). How many columns a row should have is for table.ts to say.
  const parser = parse({ record_delimiter: "\n", relax_column_count: true, on_record: onRow });
  // Errors come as events, in both builds; with nobody listening, they would end the process.
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

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
