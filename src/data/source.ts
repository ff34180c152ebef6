/**
 * Where data comes from: a named stream of bytes, from a file, a download, or a text in memory. This file turns
 * sources into texts and lines: gzip is unpacked, UTF-8 is decoded strictly, a byte order mark is dropped, and CRLF
 * becomes LF. Readers of formats build on it. Files come from data/node.ts, the only place that opens them.
 */

import type { ReadLimits } from "../io/limits.js";
import { shown, spelled } from "../options/error.js";
import { isObject } from "../options/items.js";
import { DataError } from "./errors.js";
import { gunzip, isGzip } from "./gzip.js";
import { joined } from "./joined.js";
import { decodeUtf8 } from "./text/utf8.js";

/** A named stream of bytes. It can be read more than once if `stream` can be called more than once. */
export interface Source {
  /** The name for errors; its extension tells the format: "train.tsv", "reviews.csv.gz". */
  readonly name: string;
  /** How much it may unpack to. */
  readonly limits?: ReadLimits;
  /** The bytes from the start, in pieces of any size. */
  stream(): AsyncIterable<Uint8Array>;
}

/** Characters of a text, and of a line: no text in memory is longer than the one, and nothing that is one line than the other. */
const LONGEST_TEXT = 2 ** 29 - 24;
/** @throws DataError if something is no source */
export function requireSource(source: unknown): asserts source is Source {
  if (isObject(source) && typeof source["name"] === "string" && typeof source["stream"] === "function")
    return;
  throw new DataError({
    file: "data",
    problem: `${spelled(shown(source))} is no source`,
    remedy: "Give what textSource() or bytesSource() makes, or in Node fileSource().",
  });
}

/** One line of a text, without its line feed. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** A source from a text in memory. */
export function textSource(name: string, text: string): Source {
  return bytesSource(name, new TextEncoder().encode(text));
}

/** A source from bytes in memory, such as the contents of a file that was dropped on a page. */
export function bytesSource(name: string, bytes: Uint8Array): Source {
  return {
    name,
    async *stream() {
      yield bytes;
    },
  };
}

/**
 * The text of a source in pieces: unpacked if it is gzip, decoded, with LF as the only line end.
 *
 * @param options.times how often the text is kept in memory, for the limits of what it may unpack to; default 1
 * @throws DataError if the bytes are not UTF-8, or a `.gz` source is damaged or not gzip at all
 */
export async function* textPieces(source: Source, { times = 1 } = {}): AsyncGenerator<string> {
  requireSource(source);
  let heldBack = "";
  for await (const piece of decodeUtf8(source.name, unpacked(source, times))) {
    // A carriage return at the end is held back: it may be half of a CRLF.
    const text = heldBack + piece;
    heldBack = text.endsWith("\r") ? "\r" : "";
    const whole = heldBack === "" ? text : text.slice(0, -1);
    if (whole !== "") yield whole.includes("\r") ? whole.replaceAll("\r\n", "\n") : whole;
  }
  if (heldBack !== "") yield heldBack;
}

/** The whole text of a source. @throws DataError as {@link textPieces} */
export async function readText(source: Source): Promise<string> {
  const pieces: string[] = [];
  let length = 0;
  // The pieces, the text, and a number for each of its characters.
  for await (const piece of textPieces(source, { times: 4 })) {
    length += piece.length;
    if (length > LONGEST_TEXT) throw tooLong(source);
    pieces.push(piece);
  }
  return pieces.join("");
}

/** All bytes of a source, unpacked if they are gzip. @throws DataError if a `.gz` source is damaged or not gzip at all */
export async function readBytes(source: Source): Promise<Uint8Array> {
  requireSource(source);
  const pieces: Uint8Array[] = [];
  for await (const piece of unpacked(source, 2)) pieces.push(piece);
  return joined(pieces);
}

/** Characters that a line, or a row of a .csv, may have: a file without line ends, which may never end, is no text. */
export const MOST_IN_LINE = 1 << 26;

/**
 * The lines of a source. A line feed ends a line, so no empty line follows a final one. Nothing else ends a line:
 * U+2028, form feeds and the like occur inside real texts.
 *
 * @throws DataError as {@link textPieces}, or if a line has more than 67,108,864 characters
 */
export async function* lines(source: Source): AsyncGenerator<Line> {
  let number = 1;
  let unended = "";
  for await (const piece of textPieces(source)) {
    const parts = piece.split("\n");
    const last = parts.length - 1;
    for (let i = 0; i <= last; i++) {
      unended += parts[i]!;
      if (unended.length > MOST_IN_LINE) throw tooLong(source, number);
      if (i === last) break;
      yield { number, text: unended };
      unended = "";
      number++;
    }
  }
  if (unended !== "") yield { number, text: unended };
}

/** The error for a line that does not end, or a whole text that is too long for one. */
export const tooLong = ({ name }: Source, line?: number): DataError =>
  new DataError({
    file: name,
    ...(line === undefined ? {} : { line }),
    problem: `has more than ${(line === undefined ? LONGEST_TEXT : MOST_IN_LINE).toLocaleString("en-US")} characters`,
    remedy:
      line === undefined
        ? "Give it in parts, or as a file of lines if it should be one."
        : "Is this a text, and are its lines ended by line feeds?",
  });

/** A source's bytes, unpacked if they are gzip. */
async function* unpacked(source: Source, times: number): AsyncGenerator<Uint8Array> {
  const pieces = source.stream()[Symbol.asyncIterator]();
  // The first bytes decide, and pieces may be as short as one byte.
  const first: Uint8Array[] = [];
  let seen = 0;
  while (seen < 2) {
    const next = await pieces.next();
    if (next.done) break;
    first.push(next.value);
    seen += next.value.length;
  }
  const all = rejoin(first, pieces);
  const magic = Uint8Array.from(first.flatMap((piece) => [...piece.subarray(0, 2)]));
  if (isGzip(magic)) {
    yield* gunzip(source.name, all, source.limits, times);
  } else if (/\.gz$/i.test(source.name)) {
    throw new DataError({
      file: source.name,
      problem: "is called .gz but is not gzip",
      remedy: "Rename it if it is not compressed; otherwise it is damaged and must be fetched again.",
    });
  } else {
    yield* all;
  }
}

/** The pieces that were already taken, then the others. Closes the source if the reader stops early. */
async function* rejoin(
  first: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* first;
    while (true) {
      const next = await rest.next();
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}
