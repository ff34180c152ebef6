/** Byte-pair encoding: worked merges, whole graphemes, texts that come back, and files that are wrong. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FileFormatError } from "../../io/index.js";
import {
  buildSubwords,
  decodeSubwords,
  encodeSubwords,
  subwordEncoder,
  subwordsFromJson,
} from "./subwords.js";

describe("training", () => {
  it("merges the most frequent pair first, as in the paper's example", () => {
    // Sennrich et al. 2016, section 3.2: low 5, lower 2, newest 6, widest 3; there words end with a mark, here they begin so.
    const corpus = [
      ["low", 5],
      ["lower", 2],
      ["newest", 6],
      ["widest", 3],
    ] as const;
    const texts = corpus.flatMap(([word, count]) => new Array<string>(count).fill(word));
    const { tokens, merges } = buildSubwords(texts, { size: 17 });
    const made = merges.map(([left, right]) => `${tokens[left]}+${tokens[right]}`);
    // e s 9, then es t 9; then l o 7 and lo w 7 or ▁ l 7: of equals the pair of the commoner characters.
    expect(made.slice(0, 2)).toEqual(["e+s", "es+t"]);
    expect(tokens).toContain("est");
    expect(tokens).toContain("▁low");
    expect(tokens[0]).toBe("<unk>");
    expect(tokens.length).toBe(17);
  });
  it("counts every pair as it stands: the same merges as counting anew each time", () => {
    const text = "the cat that sat on the mat at the bath; that bat, at that hat — aaa aaaa aa";
    const fast = buildSubwords([text], { size: 60 });
    // Byte-pair encoding as it is defined, without an index.
    let words = `▁${text.replaceAll(" ", "▁")}`.match(/▁[^▁]*/g)?.map((w) => [...w]) ?? [];
    const order = new Map(fast.tokens.map((token, i) => [token, i]));
    words = words.map((w) => w.map((c) => (order.has(c) ? c : "<unk>")));
    for (const [left, right] of fast.merges) {
      const counts = new Map<string, number>();
      for (const w of words)
        for (let i = 0; i + 1 < w.length; i++) {
          if (w[i] === "<unk>" || w[i + 1] === "<unk>") continue;
          const key = JSON.stringify([w[i], w[i + 1]]);
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      const [a, b] = [fast.tokens[left]!, fast.tokens[right]!];
      expect(counts.get(JSON.stringify([a, b]))).toBe(Math.max(...counts.values()));
      words = words.map((w) => {
        const out: string[] = [];
        for (let i = 0; i < w.length; i++) {
          if (w[i] === a && w[i + 1] === b) {
            out.push(a + b);
            i++;
          } else out.push(w[i]!);
        }
        return out;
      });
    }
  });
  it("does not depend on the order of the texts, and keeps to its size", () => {
    const texts = ["a rose is a rose", "is a rose", "or is it"];
    expect(buildSubwords([...texts].reverse())).toEqual(buildSubwords(texts));
    for (const size of [1, 2, 5, 9, 100])
      expect(buildSubwords(texts, { size }).tokens.length).toBeLessThanOrEqual(size);
    expect(() => buildSubwords(texts, { size: 0 })).toThrow("size is 0; give a whole number from 1");
  });
  it("puts what people see as one character together before anything else", () => {
    const family = "👩‍👩‍👧";
    const texts = [`${family} e\u0301te\u0301 ${family}x`, `e\u0301 ${family} xe`];
    const { tokens } = buildSubwords(texts, { size: 40 });
    expect(tokens).toContain(family);
    expect(tokens).toContain("e\u0301");
    const encode = subwordEncoder(buildSubwords(texts, { size: 40 }));
    // Whole, also where it was never followed by this.
    const parts = Array.from(encode(`t${family}t`), (n) => tokens[n]);
    expect(parts).toContain(family);
  });
});

describe("a trained set", () => {
  const subwords = buildSubwords(["the lowest of the low, the newest of the new", "two  spaces\tand a tab"], {
    size: 60,
    minimumCount: 1,
  });
  it("gives back the text it was given: white space as spaces, unknown characters as unknown", () => {
    const back = (text: string): string => decodeSubwords(subwords, encodeSubwords(subwords, text));
    expect(back("the newest spaces, low")).toBe("the newest spaces, low");
    expect(back(" two  spaces ")).toBe(" two  spaces ");
    expect(back("a\ttab")).toBe("a tab");
    expect(back("")).toBe("");
    expect(back("Q")).toBe("<unk>");
    expect(() => decodeSubwords(subwords, [999])).toThrow("there is no subword 999");
  });
  it("comes back from JSON, and encodes the same", () => {
    const again = subwordsFromJson(JSON.parse(JSON.stringify(subwords)));
    expect(again).toEqual(subwords);
    expect(encodeSubwords(again, "the lowest tab")).toEqual(encodeSubwords(subwords, "the lowest tab"));
  });
  it.each<[string, unknown]>([
    ["nothing", null],
    ["no unknown token", { tokens: ["a"], merges: [] }],
    ["other things than texts", { tokens: ["<unk>", 3], merges: [] }],
    ["a subword twice", { tokens: ["<unk>", "a", "a"], merges: [] }],
    ["no merges", { tokens: ["<unk>"] }],
    ["a merge of what is not there", { tokens: ["<unk>", "a"], merges: [[1, 7]] }],
    ["a merge that makes nothing", { tokens: ["<unk>", "a", "b"], merges: [[1, 2]] }],
    ["a merge of the unknown", { tokens: ["<unk>", "a", "<unk>a"], merges: [[0, 1]] }],
  ])("that has %s is refused", (_, json) => {
    expect(() => subwordsFromJson(json, "m.safetensors")).toThrow(FileFormatError);
  });
  it("whatever it was trained on, is read again from JSON and gives back its texts", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(letters, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 6, max: 40 }),
        (texts, size) => {
          const made = buildSubwords(texts, { size, minimumCount: 1 });
          expect(subwordsFromJson(JSON.parse(JSON.stringify(made)))).toEqual(made);
          for (const text of texts) expect(decodeSubwords(made, encodeSubwords(made, text))).toBe(text);
        },
      ),
    );
  });
  it("gives back any text of characters that it knows", () => {
    const characters = [..."thelowsfn, ac", "  "];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...characters), { maxLength: 30 }), (list) => {
        const text = list.join("");
        expect(decodeSubwords(subwords, encodeSubwords(subwords, text))).toBe(text);
      }),
    );
  });
});
