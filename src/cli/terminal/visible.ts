/**
 * Text for terminals. What comes from a file or a model (labels, names, fragments in errors) may hold characters that command
 * a terminal or turn the direction of a line. Everything that is printed goes through a sink (`shownSink`), which writes them
 * as JSON would, \u001b, so that no command has to think of it and a line of JSON stays JSON, of the same value.
 */
import type { TextSink } from "./surroundings.js";

/** C0 but for tab and line feed, DEL, and C1: what a terminal may take for a command. */
const controls = /(?![\t\n])\p{Cc}/gu;
/** The same, and what overrides or isolates the direction of writing. Marks that real text needs (U+200E, U+200F) are left. */
const controlsAndDirections = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/**
 * A text whose control characters can be seen; tabs and line feeds stay.
 *
 * @param directions whether those that turn the direction of writing are shown too
 */
export const visible = (text: string, directions = true): string =>
  text.replace(directions ? controlsAndDirections : controls, escaped);

/** The same on one line, as a cell of a table: tabs and line feeds are shown as well. */
export const visibleCell = (text: string): string => visible(text).replace(/[\t\n]/g, escaped);

/** A stream as the process has it. */
export interface RawSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Whether its reader has not yet taken what was written. */
  readonly writableNeedDrain?: boolean;
  on?(event: string, listener: (error?: Error) => void): unknown;
  off?(event: string, listener: (error?: Error) => void): unknown;
}

/**
 * A stream to print on. Directions of writing belong to real texts, in Arabic and Hebrew for example, so they are shown where
 * a person reads, and left as they are in pipes and files; control characters are shown everywhere.
 */
export function shownSink(raw: RawSink): TextSink {
  const shown = (text: string): string => visible(text, raw.isTTY === true);
  return {
    get isTTY() {
      return raw.isTTY === true;
    },
    get columns() {
      return raw.columns;
    },
    write: (text) => raw.write(shown(text)),
    exact: (text) => raw.write(raw.isTTY === true ? shown(text) : text),
    draw: (text) => raw.write(text),
    drained: async () => {
      if (raw.writableNeedDrain === true) await drained(raw);
    },
  };
}

/** Settles when a stream takes more, will never do so, or has failed. */
function drained(raw: RawSink): Promise<void> {
  return new Promise((done, fail) => {
    const settle = (error?: Error): void => {
      for (const event of events) raw.off?.(event, settle);
      if (error) fail(error);
      else done();
    };
    const events = ["drain", "close", "error"];
    for (const event of events) raw.on?.(event, settle);
  });
}
