/** The checksum of zip archives against the standard's own check value and those of Python's zlib.crc32. */
import { expect, it } from "vitest";
import { crc32 } from "./crc32.js";

it.each([
  ["123456789", 0xcbf43926],
  ["", 0],
  ["a", 0xe8b7be43],
  ["The quick brown fox jumps over the lazy dog", 0x414fa339],
])("of %j", (text, checksum) => expect(crc32(new TextEncoder().encode(text))).toBe(checksum));
