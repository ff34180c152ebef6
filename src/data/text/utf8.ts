/**
 * Strict decoding of UTF-8 that arrives in pieces: characters may straddle two pieces, and the first byte that is
 * not valid UTF-8 is reported with its line and place. A TextDecoder refuses such bytes too, but does not say where they are.
 */
import { DataError } from "../errors.js";

/**
 * Decodes pieces of one file. A byte order mark at the start is dropped.
 *
 * @param name the file's name, for errors
 * @throws DataError naming the line and the byte where the text stops being UTF-8
 */
export async function* decodeUtf8(name: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // ignoreBOM keeps U+FEFF, which a decoder called once per piece would drop at the start of every piece.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let pending = new Uint8Array(0);
  let offset = 0;
  let line = 1;
  let atStart = true;
  const decode = (bytes: Uint8Array): string => {
    const text = decoder.decode(bytes);
    line += countLines(bytes, bytes.length);
    offset += bytes.length;
    if (!atStart || text === "") return text;
    atStart = false;
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  };
  for await (const piece of pieces) {
    const bytes = pending.length === 0 ? piece : concatenate(pending, piece);
    const complete = bytes.length - unfinished(bytes);
    pending = bytes.slice(complete);
    const bad = invalidAt(bytes.subarray(0, complete));
    const at = [offset, line] as const;
    // Also what comes before the fault: whoever reads line by line has those lines.
    const text = decode(bytes.subarray(0, bad ?? complete));
    if (text !== "") yield text;
    if (bad !== undefined) throw notUtf8(name, bytes, bad, ...at);
  }
  // What is left is the beginning of an unfinished character.
  if (pending.length > 0) throw notUtf8(name, pending, 0, offset, line);
}

function notUtf8(name: string, bytes: Uint8Array, at: number, offset: number, firstLine: number): DataError {
  const byte = `0x${bytes[at]!.toString(16).padStart(2, "0")}`;
  const utf16 = offset + at === 0 && (byte === "0xff" || byte === "0xfe");
  return new DataError({
    file: name,
    line: firstLine + countLines(bytes, at),
    problem: utf16
      ? "is not UTF-8 text but looks like UTF-16"
      : `is not UTF-8 text: byte ${offset + at + 1} of the file is ${byte}`,
    remedy: utf16
      ? "Convert it, for instance with `iconv -f UTF-16 -t UTF-8`."
      : "Convert it, for instance with `iconv -f WINDOWS-1252 -t UTF-8` if it was written on Windows.",
  });
}

/** How many bytes at the end begin a character that needs more bytes. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

/** Index of the first byte that does not start a valid character, after RFC 3629; `undefined` if there is none. */
function invalidAt(bytes: Uint8Array): number | undefined {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const length = sequenceLength(lead);
    if (length === 0 || at + length > bytes.length) return at;
    // The second byte's range excludes overlong forms, surrogates, and all above U+10FFFF.
    const second = bytes[at + 1]!;
    const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < lowest || second > highest) return at;
    for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return at;
    at += length;
  }
  return undefined;
}

/** Length of the character that a byte starts; 0 if it cannot start one. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

function countLines(bytes: Uint8Array, end: number): number {
  let count = 0;
  for (let i = 0; i < end; i++) if (bytes[i] === 0x0a) count++;
  return count;
}

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
