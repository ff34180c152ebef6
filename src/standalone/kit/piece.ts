/**
 * The kit: functions that generated modules are made of, as texts of JavaScript. A module gets those that it calls, and
 * those that these call. They are texts, not functions of ours, so that a bundler cannot rename what they rely on.
 */

/** A function of the kit. */
export interface Piece {
  /** Names of other pieces that it calls. Absent: none. */
  readonly needs?: readonly string[];
  readonly code: string;
}
