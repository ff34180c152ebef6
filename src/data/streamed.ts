/**
 * Inputs that are read while they are used, so that a file of any length takes little memory, and what comes through a pipe
 * is there as soon as it was written. An error of the data comes at its place, after the inputs before it.
 */

/** Inputs as they are read. */
export interface Streamed<Item> {
  /** One after the other; can be gone through once. */
  readonly items: AsyncIterable<Item>;
  /** Sentences for people about what has been read so far. */
  notices(): readonly string[];
}
