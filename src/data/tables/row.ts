/**
 * What the readers of tables share: a row with the line on which it starts.
 */

/** A row of a table whose columns go by position (.csv, .tsv). A blank line is a row of one empty field. */
export interface Row {
  /** The line on which the row starts, from 1. A quoted field may span several lines. */
  readonly line: number;
  readonly fields: readonly string[];
}
