/**
 * Sources as texts and lines: pieces of any size, line ends, byte order marks, gzip, and every way bytes can fail
 * to be text.
 */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError } from "./errors.js";
import { bytesSource, lines, readText, type Source, textPieces, textSource } from "./source.js";

/** The bytes in pieces of the given sizes, over and over. */
function inPieces(name: string, bytes: Uint8Array, sizes: readonly number[]): Source {
  return {
    name,
    async *stream() {
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length]!;
        yield bytes.subarray(at, at + size);
        at += size;
      }
    },
  };
}

async function linesOf(source: Source): Promise<[number, string][]> {
  const all: [number, string][] = [];
  for await (const { number, text } of lines(source)) all.push([number, text]);
  return all;
}

async function failureOf(source: Source): Promise<DataError> {
  const error = await readText(source).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("lines", () => {
  test.each<[string, string, string[]]>([
    ["no text", "", []],
    ["one line without an end", "a", ["a"]],
    ["one line with an end", "a\n", ["a"]],
    ["an empty line", "\n", [""]],
    ["empty lines between and at the end", "a\n\nb\n\n", ["a", "", "b", ""]],
    ["CRLF", "a\r\nb\r\n", ["a", "b"]],
    ["a carriage return alone", "a\rb\r", ["a\rb\r"]],
    ["a byte order mark", "\ufeffa\n\ufeffb", ["a", "\ufeffb"]],
    ["other line separators, which end nothing", "a\u2028b\u0085c\fd\n", ["a\u2028b\u0085c\fd"]],
  ])("%s", async (_, text, expected) => {
    const numbered = expected.map((line, i) => [i + 1, line]);
    expect(await linesOf(textSource("t", text))).toEqual(numbered);
    expect(await linesOf(inPieces("t", bytesOf(text), [1]))).toEqual(numbered);
  });

  test("do not depend on how the bytes come in, packed or not", async () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "é", "€", "😀", "\n", "\r", "\r\n", "\ufeff"),
      maxLength: 30,
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(text, sizes, async (content, pieces) => {
        const plain = await linesOf(textSource("t", content));
        expect(await linesOf(inPieces("t", bytesOf(content), pieces))).toEqual(plain);
        expect(await linesOf(inPieces("t.gz", gzipSync(bytesOf(content)), pieces))).toEqual(plain);
      }),
    );
  });

  test("can be left early, also of a packed source", async () => {
    let closed = 0;
    const content = gzipSync(bytesOf("line\n".repeat(100_000)));
    const source: Source = {
      name: "t.gz",
      async *stream() {
        try {
          for (let at = 0; at < content.length; at += 64) yield content.subarray(at, at + 64);
        } finally {
          closed++;
        }
      },
    };
    for await (const { text } of lines(source)) {
      expect(text).toBe("line");
      break;
    }
    expect(closed).toBe(1);
  });
});

describe("UTF-8", () => {
  test.each<[string, number[], number, number]>([
    ["a stray continuation byte", [0x61, 0x0a, 0x80, 0x0a], 2, 3],
    ["a Latin-1 letter", [0x63, 0x61, 0x66, 0xe9, 0x0a], 1, 4],
    ["a Latin-1 letter at the end", [0x63, 0x61, 0x66, 0xe9], 1, 4],
    ["a character cut off by the end", [0x0a, 0x0a, 0xe2, 0x82], 3, 3],
    ["an overlong form of two bytes", [0xc0, 0x80], 1, 1],
    ["an overlong form of three bytes", [0xe0, 0x80, 0x80], 1, 1],
    ["an overlong form of four bytes", [0xf0, 0x80, 0x80, 0x80], 1, 1],
    ["a surrogate", [0xed, 0xa0, 0x80], 1, 1],
    ["a code point above U+10FFFF", [0xf4, 0x90, 0x80, 0x80], 1, 1],
    ["a byte that never occurs", [0x0a, 0xff], 2, 2],
    ["a missing third byte", [0x61, 0xe2, 0x82, 0x61], 1, 2],
  ])("refuses %s and says where it is", async (_, content, line, byte) => {
    for (const size of [1, 2, 3, 100]) {
      const error = await failureOf(inPieces("t.tsv", Uint8Array.from(content), [size]));
      expect(error.line).toBe(line);
      expect(error.message).toContain(`t.tsv:${line}: is not UTF-8 text: byte ${byte} of the file is 0x`);
    }
  });

  test.each([[[0xff, 0xfe, 0x61, 0x00]], [[0xfe, 0xff, 0x00, 0x61]]])(
    "recognises UTF-16: %j",
    async (content) => {
      const error = await failureOf(bytesSource("t.csv", Uint8Array.from(content)));
      expect(error.message).toContain("looks like UTF-16");
    },
  );

  test("accepts and refuses what TextDecoder does", async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.array(fc.constantFrom(0x0a, 0x61, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf4), {
        maxLength: 12,
      }),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 4 }), async (content, size) => {
        const array = Uint8Array.from(content);
        if (array[0] === 0x1f && array[1] === 0x8b) return;
        let expected: string | undefined;
        try {
          expected = new TextDecoder("utf-8", { fatal: true }).decode(array);
        } catch {
          expected = undefined;
        }
        if (expected === undefined) await failureOf(inPieces("t", array, [size]));
        else expect(await readText(inPieces("t", array, [size]))).toBe(expected.replaceAll("\r\n", "\n"));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("gzip", () => {
  const packed = gzipSync(bytesOf("first line\nsecond line\n".repeat(50)));

  test("is told by its bytes, whatever the name", async () => {
    expect(await readText(bytesSource("t.tsv", packed))).toContain("second line");
  });

  test("of several members is one text", async () => {
    const joined = Uint8Array.from([...gzipSync(bytesOf("a\n")), ...gzipSync(bytesOf("b\n"))]);
    expect(await readText(bytesSource("t.gz", joined))).toBe("a\nb\n");
  });

  test("cut off anywhere is refused", async () => {
    for (let length = 3; length < packed.length; length++) {
      const error = await failureOf(bytesSource("t.gz", packed.subarray(0, length)));
      expect(error.message).toContain("t.gz: is not a whole gzip file");
    }
  });

  test("with a wrong checksum is refused", async () => {
    const damaged = Uint8Array.from(packed);
    damaged[damaged.length - 8]! ^= 1;
    expect((await failureOf(bytesSource("t.gz", damaged))).message).toContain("is not a whole gzip file");
  });

  test("by name only is refused", async () => {
    expect((await failureOf(textSource("t.gz", "plain"))).message).toContain("is called .gz but is not gzip");
    expect((await failureOf(textSource("t.GZ", ""))).message).toContain("is called .gz but is not gzip");
  });

  test("with any bytes changed gives a text or a DataError", async () => {
    const change = fc.record({ at: fc.nat(packed.length - 1), to: fc.integer({ min: 0, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const damaged = Uint8Array.from(packed);
        for (const { at, to } of changes) damaged[at] = to;
        await readText(bytesSource("t.tsv", damaged)).catch((error: unknown) => {
          expect(error).toBeInstanceOf(DataError);
        });
      }),
      { numRuns: 500 },
    );
  });

  test("an error of the source itself comes out as it is", async () => {
    const broken: Source = {
      name: "t.gz",
      async *stream() {
        yield packed.subarray(0, 20);
        throw new Error("the disk is gone");
      },
    };
    await expect(readText(broken)).rejects.toThrow("the disk is gone");
  });
});

test("textPieces never ends a piece within a CRLF", async () => {
  const pieces: string[] = [];
  for await (const piece of textPieces(inPieces("t", bytesOf("a\r\n\r\r\n"), [1]))) pieces.push(piece);
  expect(pieces.join("")).toBe("a\n\r\n");
});

test("a line that does not end is refused before it fills the memory", async () => {
  const piece = new TextEncoder().encode("x".repeat(2 ** 20));
  let given = 0;
  const endless: Source = {
    name: "endless",
    async *stream() {
      yield new TextEncoder().encode("one\n");
      for (; ; given++) yield piece;
    },
  };
  await expect(linesOf(endless)).rejects.toThrow("endless:2: has more than 67,108,864 characters");
  expect(given).toBe(64);
});
