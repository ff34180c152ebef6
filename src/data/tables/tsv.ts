/**
 * Tab-separated values: one row per line, fields separated by tabs, without quoting. Quotation marks are
 * characters like any other, as in most text corpora; a field can contain neither tabs nor line ends.
 */

import { lines, type Source } from "../source.js";
import type { Row } from "./row.js";

/** The rows of a .tsv source. @throws DataError if the bytes are not text (see source.ts) */
export async function* tsvRows(source: Source): AsyncGenerator<Row> {
  for await (const { number, text } of lines(source)) yield { line: number, fields: text.split("\t") };
}
