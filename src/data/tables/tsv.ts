/**
 * Tab-separated values: one row per line, fields parted by tabs, and nothing is quoted. Quotation marks are
 * characters like any other, as in most corpora of text; a field can hold neither a tab nor a line end.
 */

import { lines, type Source } from "../source.js";
import type { Row } from "./row.js";

/** The rows of a .tsv source. @throws DataError when the bytes are no text (see source.ts) */
export async function* tsvRows(source: Source): AsyncGenerator<Row> {
  for await (const { number, text } of lines(source)) yield { line: number, fields: text.split("\t") };
}
