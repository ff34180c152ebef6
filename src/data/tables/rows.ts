/**
 * Rows of .csv and .tsv, as the caller says that they are written or as they are found to be; and the one line that tells a
 * person what was found.
 */
import type { Source } from "../source.js";
import { csvRows } from "./csv.js";
import { delimiterName, delimiterNames } from "./delimiter.js";
import type { DecimalSign } from "./number.js";
import type { Row } from "./row.js";
import { tsvRows } from "./tsv.js";

/** How a table is written; what is left out is found. */
export interface TableForm {
  /** What ends a field of a .csv: a character, or comma, semicolon, tab, bar, space. Default: found in the first rows. */
  readonly delimiter?: string | undefined;
  /** The sign before decimals; the other one may then part thousands. Default: found, and nothing parts thousands. */
  readonly decimal?: DecimalSign | undefined;
  /** Whether the first row holds the columns' names. Default: found. */
  readonly header?: boolean | undefined;
}

/** The rows of a table by position. @param notices get what was found, if it is not what the format's name says */
export function rowsOf(
  source: Source,
  format: "csv" | "tsv",
  { delimiter }: TableForm,
  notices?: string[],
): AsyncGenerator<Row> {
  const isTabs = delimiter === undefined || delimiterNames[delimiter] === "\t" || delimiter === "\t";
  if (format === "tsv" && isTabs) return tsvRows(source);
  const onDelimiter = (found: string): void => {
    if (found !== "," && delimiter === undefined)
      note(notices, `${source.name}: fields end with a ${delimiterName(found)}`);
  };
  return csvRows(source, { delimiter, onDelimiter });
}

/** Adds a sentence once. */
export function note(notices: string[] | undefined, text: string): void {
  if (notices && !notices.includes(text)) notices.push(text);
}
