/**
 * What the readers of tables have in common: a row with the line it started on.
 */

/** A row of a table whose columns stand by position (.csv, .tsv). A blank line is a row of one empty field. */
export interface Row {
  /** The line on which the row starts, from 1. A quoted field may reach over several lines. */
  readonly line: number;
  readonly fields: readonly string[];
}
