/** Tagged sentences: what the formats hold, and one test for each way in which a file can be wrong. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../errors.js";
import { bytesSource, textSource } from "../source.js";
import { readTagged, streamTagged, type TaggedOptions } from "./tagged.js";

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
      {
        tokens: ["Vamos", "nos", "al mar"],
        tags: ["VERB", "PRON", "NOUN"],
        file: "es.conllu",
        line: 4,
        lines: [4, 5, 7],
      },
    ]);
    expect([skipped, format]).toEqual([2, "conllu"]);
  });
  it("is told by its contents where the name says nothing, behind comments too; another column may be asked for", async () => {
    expect(await read("x", text)).toMatchObject({ format: "conllu" });
    const plainText = `${udLine("1", "a", "X", "Y")}\n`;
    expect((await plain("x", plainText, { tagColumn: 5 }))[0]?.tags).toEqual(["Y"]);
    expect(await read("x.txt", "a\tO\n")).toMatchObject({ format: "conll" });
    expect(await plain("x.conll", `${udLine("1", "a", "X")}\n${udLine("2", "b", "Y")}\n`)).toMatchObject([
      { tokens: ["a", "b"], tags: ["X", "Y"] },
    ]);
  });
  it("Plus names its columns in its first line", async () => {
    const plus =
      "# global.columns = ID FORM UPOS NE\n# text = a b\n1\ta\tX\tB-PER\n1-2\tab\t_\t_\n2\tb c\tY\tO\n";
    expect(await plain("x.conll", plus)).toMatchObject([{ tokens: ["a", "b c"], tags: ["X", "Y"] }]);
    expect(await plain("x", plus, { tagColumn: 4 })).toMatchObject([{ tags: ["B-PER", "O"] }]);
    const bare = "# global.columns = FORM NE\na\tO\nb\tB-PER\n";
    expect(await plain("x.conllup", bare)).toMatchObject([{ tokens: ["a", "b"], tags: ["O", "B-PER"] }]);
    await expect(read("x.conllup", "a\tO\n")).rejects.toThrow("x.conllup:1: does not name its columns");
    await expect(read("x", "# global.columns = ID NE\n1\tO\n")).rejects.toThrow("names no column FORM");
  });
});

describe("what stands where is found", () => {
  const both = async (text: string, options?: TaggedOptions) => {
    const whole = await plain("a.conll", text, options);
    const streamed: unknown[] = [];
    for await (const { tokens, tags, line } of streamTagged(textSource("a.conll", text), options))
      streamed.push({ tokens, tags, line });
    expect(streamed).toEqual(whole);
    return whole.map(({ tokens }) => tokens.join(" "));
  };
  it("comments at the head of a sentence, whatever their number of words; and tokens that are hashes", async () => {
    const text = "# id 1 x=y\na _ _ O\nb _ _ B-x\n\n# id 2\n# a # b\nc _ _ O\n\n# _ _ O\nd _ _ O\n";
    expect(await both(text)).toEqual(["a b", "c", "# d"]);
    expect((await read("a.conll", text)).notices).toEqual([
      "a.conll: token: column 1; tag: column 4, the last; comments: 3 lines, left out",
    ]);
    expect(await both("#\na\n\n# id = 5\nb\n", { tokensOnly: true })).toEqual(["# a", "b"]);
  });
  it("a first column that numbers the tokens of a sentence", async () => {
    const text = "#\thttp://a.b/0 [2009]\n1\ta\tB-x\tO\n2\tb\tO\tO\n\n1\tc\tO\tO\n2\t4\tO\tO\n";
    expect(await both(text)).toEqual(["a b", "c 4"]);
    const found = await read("a.tsv", text, { tagColumn: 3 });
    expect([found.sentences[0]!.tags, found.others]).toEqual([["B-x", "O"], [{ column: 4, values: 1 }]]);
    expect(await both(text, { tokenColumn: 1 })).toEqual(["1 2", "1 2"]);
    expect(await both("1 O x\n7 O x\n", {})).toEqual(["1 7"]);
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
