/** Tagged sentences: what the formats hold, and one test for each way in which a file can be wrong. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../errors.js";
import { bytesSource, textSource } from "../source.js";
import { readTagged, type TaggedOptions } from "./tagged.js";

const read = (name: string, text: string, options?: TaggedOptions) =>
  readTagged(textSource(name, text), options);
const plain = async (name: string, text: string, options?: TaggedOptions) =>
  (await read(name, text, options)).sentences.map(({ tokens, tags, line }) => ({ tokens, tags, line }));

describe("columns", () => {
  it("are set apart by tabs or blanks; the first is the token and the last the tag", async () => {
    const text = "EU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\nPeter NNP I-NP I-PER\n";
    expect(await plain("a.conll", text)).toEqual([
      { tokens: ["EU", "rejects"], tags: ["B-ORG", "O"], line: 1 },
      { tokens: ["Peter"], tags: ["I-PER"], line: 4 },
    ]);
    expect((await plain("a.conll", text, { tagColumn: 2 }))[0]?.tags).toEqual(["NNP", "VBZ"]);
    expect((await plain("a.conll", text, { tagColumn: -2 }))[0]?.tags).toEqual(["B-NP", "B-VP"]);
  });
  it("sentences end with blank lines, also several, of a tab, with carriage returns, or with the file", async () => {
    const text = "\n\na\tO\r\n\t\nb\tO\n \n\n\nc\tB-x";
    expect((await plain("a.bio", text)).map(({ tokens, line }) => [...tokens, line])).toEqual([
      ["a", 3],
      ["b", 5],
      ["c", 9],
    ]);
  });
  it("of CoNLL-2003 have lines between documents, which are counted and passed over", async () => {
    const text = "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\n";
    expect(await read("eng.testa", text)).toMatchObject({
      format: "conll",
      skipped: 1,
      sentences: [{ tokens: ["EU"] }],
    });
  });
  it("may start with a hash, as tweets do", async () => {
    expect((await plain("a.annotated", "#now\tO\n#\tO\n"))[0]?.tokens).toEqual(["#now", "#"]);
  });
});

const udLine = (id: string, form: string, upos: string, xpos = "_"): string =>
  [id, form, "_", upos, xpos, "_", "0", "root", "_", "_"].join("\t");

describe("CoNLL-U", () => {
  const text = [
    "# sent_id = 1",
    "# text = Vámonos al mar",
    udLine("1-2", "Vámonos", "_"),
    udLine("1", "Vamos", "VERB", "V"),
  ]
    .concat([
      udLine("2", "nos", "PRON"),
      udLine("2.1", "no", "ADV"),
      udLine("3", "al mar", "NOUN"),
      "",
      "# end",
      "",
    ])
    .join("\n");
  it("gives forms and universal tags; comments, joined and empty tokens are passed over", async () => {
    const { sentences, skipped, format } = await read("es.conllu", text);
    expect(sentences).toEqual([
      { tokens: ["Vamos", "nos", "al mar"], tags: ["VERB", "PRON", "NOUN"], file: "es.conllu", line: 4 },
    ]);
    expect([skipped, format]).toEqual([2, "conllu"]);
  });
  it("is told by its contents where the name says nothing, behind comments too; another column may be asked for", async () => {
    expect(await read("x", text)).toMatchObject({ format: "conllu" });
    const plainText = `${udLine("1", "a", "X", "Y")}\n`;
    expect((await plain("x", plainText, { tagColumn: 5 }))[0]?.tags).toEqual(["Y"]);
    expect(await read("x.txt", "a\tO\n")).toMatchObject({ format: "conll" });
  });
});

describe("what is wrong is said by file and line", () => {
  it.each<[string, string, string, TaggedOptions?]>([
    ["a.conll", "a\tO\nb\n", "a.conll:2: has one column. A line of conll reads London<TAB>B-location."],
    [
      "a.conll",
      "a\tN\tO\nb\tO\n",
      "a.conll:2: has 2 columns, but the first token has 3. All lines need the same number.",
    ],
    ["a.conllu", "1\ta\tX\n", "a.conllu:1: has 3 columns. A line of conllu reads 1<TAB>London"],
    ["a.conllu", `${udLine("1", "", "X")}\n`, "a.conllu:1: has an empty column"],
    ["a.conll", "a\tO\n", "a.conll:1: has no column 3. Columns count from 1 to 2", { tagColumn: 3 }],
    ["a.conll", "a\tO\n", "a.conll:1: has no column 0", { tagColumn: 0 }],
    ["a.conll", "", "a.conll: holds no sentences. It should have a token and its tag on each line"],
    ["a.conllu", "# only comments\n", "a.conllu: holds no sentences"],
  ])("%s %j", async (name, text, says, options) => {
    const error = await read(name, text, options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect((error as Error).message).toContain(says);
  });
  it("bytes that are no text", async () => {
    await expect(readTagged(bytesSource("a.conll", Uint8Array.of(0xff, 0xfe, 0x41)))).rejects.toThrow(
      DataError,
    );
  });
});

it("what was written is read again, and mutated files give sentences or a DataError", async () => {
  const word = fc.stringMatching(/^[^\s#-][^\s]{0,5}$/);
  const corpus = fc.array(fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(corpus, fc.nat(), fc.nat(255), async (sentences, at, byte) => {
      const text = sentences.map((s) => s.map(([token, tag]) => `${token}\t${tag}\n`).join("")).join("\n");
      const found = await plain("a.conll", text);
      expect(found.map(({ tokens, tags }) => tokens.map((token, i) => [token, tags[i]]))).toEqual(sentences);
      const bytes = new TextEncoder().encode(text);
      bytes[at % bytes.length] = byte;
      await readTagged(bytesSource("a.conll", bytes)).catch((error) =>
        expect(error).toBeInstanceOf(DataError),
      );
    }),
    { numRuns: 200 },
  );
});
