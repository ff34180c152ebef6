/**
 * Inputs that are read while they are used are those that are read at once, in any format; each is there as soon as it is
 * written, and an error comes after the inputs before it.
 */
import { describe, expect, test } from "vitest";
import { bytesSource, type Source, streamTagged, textSource } from "../index.js";
import { type InputStream, readInputs, streamInputs } from "./inputs.js";
import { GUESSED_ROWS, type ReadTextsOptions, readTexts, streamTexts } from "./texts.js";

/** A source of which each piece is written when all before it has been read. */
function piecewise(name: string, pieces: readonly string[]): { source: Source; written: () => number } {
  let written = 0;
  const source: Source = {
    name,
    async *stream() {
      for (const piece of pieces) {
        written++;
        yield new TextEncoder().encode(piece);
      }
    },
  };
  return { source, written: () => written };
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const rows = (count: number, row: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${row(i)}\n`).join("");

describe("streamed texts", () => {
  test.each<[string, string, string, ReadTextsOptions?]>([
    ["lines", "a.txt", "one\n\n  \nfour"],
    ["a table with a header", "a.csv", "label,text\ngood,one\nbad,two\n"],
    ["a header of one usual name", "a.tsv", "id\ttext\n1\tone\n2\ttwo\n"],
    ["a usual name that is a value", "a.tsv", "text\nother\ntext\n"],
    ["two columns, told by their values", "a.tsv", rows(60, (i) => `${i % 3}\ttext ${i}`)],
    ["the same in more rows than are looked at", "a.tsv", rows(2500, (i) => `text ${i}\t${i % 3}`)],
    ["a column by number", "a.csv", "x,one\ny,two\n", { text: "2" }],
    ["a column by name", "a.csv", "a,b,c\n1,one,2\n3,two,4\n", { text: "b" }],
    ["a word over texts", "a.tsv", `said\n${rows(20, (i) => `it is ${i}`)}`],
    ["one column with blank lines", "a.tsv", "\n\none\n\ntwo\n\n"],
    ["blank lines between rows", "a.tsv", "\n\nlabel\ttext\n\n1\tone\n\n"],
    ["JSON lines", "a.jsonl", '{"text": "one", "n": 1}\n\n{"n": 2, "text": "two"}\n'],
    ["JSON lines with a key of their own", "a.jsonl", '{"said": "one"}\n{"said": "two"}\n', { text: "said" }],
    ["a single key", "a.jsonl", '{"said": "one"}\n{"said": "two"}\n'],
  ])("are those that are read at once: %s", async (_, name, text, options = {}) => {
    const whole = await readTexts([textSource(name, text)], options);
    for (const size of [1, 7, text.length]) {
      const pieces = text.match(new RegExp(`.{1,${size}}`, "gs")) ?? [];
      const streamed = streamTexts(piecewise(name, pieces).source, options);
      expect(await all(streamed.items)).toEqual(whole.texts);
      expect(streamed.notices()).toEqual(whole.notices);
    }
  });

  test.each<[string, string, string[], number[], ReadTextsOptions?]>([
    ["lines", "a.txt", ["one\n", "two\n"], [1, 2]],
    ["JSON lines", "a.jsonl", ['{"text": "one"}\n', '{"text": "two"}\n'], [1, 2]],
    ["a table with a header", "a.csv", ["label,text\n", "x,one\n", "y,two\n"], [2, 3]],
    ["a column by number", "a.csv", ["x,one\n", "y,two\n"], [1, 2], { text: 2 }],
    // A first word over texts would be a name: the second row shows that it is none.
    ["a single column", "a.tsv", ["one\n", "two\n"], [2, 2]],
  ])("are there as soon as they are written: %s", async (_, name, pieces, pieceOf, options = {}) => {
    const { source, written } = piecewise(name, pieces);
    const when: number[] = [];
    for await (const { text } of streamTexts(source, options).items) {
      expect(text).toBe(["one", "two"][when.length]);
      when.push(written());
    }
    expect(when).toEqual(pieceOf);
  });

  test("need no more than the first rows to tell the columns", async () => {
    // Later values make the other column the one of few.
    const text = rows(GUESSED_ROWS, (i) => `${i % 9}\ttext ${i}`) + rows(5000, (i) => `${i}\tsame`);
    const texts = await all(streamTexts(textSource("a.tsv", text)).items);
    expect([texts[0]?.text, texts.at(-1)?.text]).toEqual(["text 0", "same"]);
    const { source, written } = piecewise(
      "a.tsv",
      Array.from({ length: 3000 }, (_, i) => `${i % 9}\ttext ${i}\n`),
    );
    for await (const _ of streamTexts(source).items) break;
    expect(written()).toBe(GUESSED_ROWS);
  });

  test.each([
    ["a row of another width", "a.csv", "x,one\ny,two\nz\n", { text: 2 }, "a.csv:3: found 1 column"],
    [
      "a line that is not JSON",
      "a.jsonl",
      '{"text": "one"}\n{"text": "two"}\n{\n',
      {},
      "a.jsonl:3: is not JSON",
    ],
    [
      "a text that is missing",
      "a.jsonl",
      '{"text": "one"}\n{"text": "two"}\n{"n": 1}\n',
      {},
      'a.jsonl:3: "text" is missing',
    ],
  ])("come before an error: %s", async (_, name, text, options, says) => {
    const seen: string[] = [];
    const work = async (): Promise<void> => {
      for await (const each of streamTexts(textSource(name, text), options).items) seen.push(each.text);
    };
    await expect(work()).rejects.toThrow(says);
    expect(seen).toEqual(["one", "two"]);
  });

  test("come before bytes that are not text, also of the same piece", async () => {
    const bytes = Uint8Array.of(...new TextEncoder().encode("one\ntwo\nthr"), 0xff, 0x0a);
    const seen: string[] = [];
    const work = async (): Promise<void> => {
      for await (const { text } of streamTexts(bytesSource("a.txt", bytes)).items) seen.push(text);
    };
    await expect(work()).rejects.toThrow("a.txt:3: is not UTF-8 text: byte 12 of the file is 0xff");
    expect(seen).toEqual(["one", "two"]);
  });

  test("are refused where there are none", async () => {
    for (const [name, text, says] of [
      ["a.txt", "", "is empty"],
      ["a.csv", "\n\n", "is empty"],
      ["a.csv", "label,text\n", "has only a header"],
      ["a.csv", "a,b,c\n1,2,3\n", "does not say which of its 3 columns holds the text"],
    ] as const)
      await expect(all(streamTexts(textSource(name, text)).items)).rejects.toThrow(says);
  });
});

describe("streamed inputs", () => {
  test.each(["a.csv", "a.tsv", "a.jsonl"])("are refused as empty, not as texts: %s", async (name) => {
    for (const text of ["", "\n\n", "\ufeff"])
      await expect(streamInputs(textSource(name, text))).rejects.toThrow(`${name}: is empty`);
  });

  const ts = "@univariate true\n@classLabel false\n@data\n1,2,?\n3,4\n";
  test.each([
    ["series of .ts", "a.ts", ts, {}],
    ["series of JSON lines", "a.jsonl", '{"series": []}\n{"series": [[1, 2], [null, 3]]}\n', {}],
    ["series in long form", "a.csv", "series,x\nb,1\na,2\nb,3\n", {}],
    ["vectors", "a.csv", "x,y\n1,2\n3,NA\n", { width: 2 }],
    ["vectors with comments", "a.tsv", "# made today\n1\t2\t3\n4\t5\t6\n", {}],
    ["vectors of JSON lines", "a.jsonl", '{"vector": [1, null]}\n{"vector": [3, 4]}\n', {}],
    ["texts", "a.csv", "label,text\ngood,one\nbad,two\n", {}],
  ])("are those that are read at once: %s", async (_, name, text, options) => {
    const { inputs, ...whole } = await readInputs([textSource(name, text)], options);
    const pieces = text.match(/.{1,5}/gs) ?? [];
    const { items, ...streamed } = await streamInputs(piecewise(name, pieces).source, options);
    expect(await all<unknown>(items as InputStream["items"])).toEqual(inputs);
    expect({ ...streamed, notices: streamed.notices() }).toEqual(whole);
  });

  test.each([
    ["series of .ts", "a.ts", ["@univariate true\n@classLabel false\n@data\n1,2\n", "3,4\n"], {}],
    ["JSON lines", "a.jsonl", ['{"series": [1]}\n', '{"series": [2]}\n'], {}],
    ["vectors", "a.csv", ["1,2\n", "3,4\n"], { width: 2 }],
  ])("are there as soon as they are written: %s", async (_, name, pieces, options) => {
    const { source, written } = piecewise(name, pieces);
    const when: number[] = [];
    for await (const _input of (await streamInputs(source, options)).items) when.push(written());
    expect(when).toEqual([1, 2]);
  });

  test("sentences come with the blank line after them", async () => {
    const { source, written } = piecewise("a.conll", ["Ada\tB\nsaid\tO\n", "\n", "so\tO\n"]);
    const seen: [string, number][] = [];
    for await (const { tokens } of streamTagged(source)) seen.push([tokens.join(" "), written()]);
    expect(seen).toEqual([
      ["Ada said", 2],
      ["so", 3],
    ]);
    await expect(all(streamTagged(textSource("a.conll", "\n\n")))).rejects.toThrow("holds no sentences");
  });
});
