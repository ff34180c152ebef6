/** Units: texts come back from their tokens, characters are whole as people see them, and words are counted as is usual. */
import { describe, expect, it } from "vitest";
import { buildTokens, type TextTokens, tokensFromJson } from "./tokens.js";

/** Text out of tokens, as a stream writes it. */
function written(tokens: TextTokens, ids: ArrayLike<number>): string {
  let [text, atStart] = ["", true];
  for (const id of Array.from(ids)) {
    text += tokens.piece(id, atStart);
    atStart = id === tokens.newline;
  }
  return text;
}

const text = "To be, or not to be:\n\nthat is the question.\n  to be\n";

describe("every unit", () => {
  it.each(["character", "subword"] as const)("gives a text back from its tokens: %s", (unit) => {
    const tokens = buildTokens([text], unit, { minimumCount: 1 });
    expect(written(tokens, tokens.encode(text))).toBe(text);
    expect(tokens.encode(text).includes(0)).toBe(false);
    expect(tokens.token(tokens.newline!)).toBe("\n");
  });
  it.each(["character", "word", "subword"] as const)("travels as JSON: %s", (unit) => {
    const tokens = buildTokens([text], unit, { minimumCount: 1, size: 30 });
    const again = tokensFromJson(unit, JSON.parse(JSON.stringify(tokens.json)), "a file");
    expect([again.size, again.newline, again.unit]).toEqual([tokens.size, tokens.newline, unit]);
    expect(again.encode(`${text}?é`)).toEqual(tokens.encode(`${text}?é`));
  });
  it("is refused where it is none", () => {
    expect(() => tokensFromJson("letter", [], "a file")).toThrow("has a vocabulary of letters");
    expect(() => tokensFromJson("word", ["a"], "a file")).toThrow('starts with "a"');
  });
});

describe("characters", () => {
  it("are graphemes: a family is one, and so is a letter with its accents", () => {
    const tokens = buildTokens(["👩‍👩‍👧 e\u0301e\u0301\u0323 e 🇩🇪🇫🇷 각\n"], "character", { minimumCount: 1 });
    expect(Array.from(tokens.encode("👩‍👩‍👧e\u0301e🇫🇷"), tokens.token)).toEqual([
      "👩‍👩‍👧",
      "e\u0301",
      "e",
      "🇫🇷",
    ]);
    // Longest first: the letter with two accents is not the one with the first of them.
    expect(Array.from(tokens.encode("e\u0301\u0323e\u0301"), tokens.token)).toEqual([
      "e\u0301\u0323",
      "e\u0301",
    ]);
  });
  it("that are not known are one token each, whatever code points they are made of", () => {
    const tokens = buildTokens(["ab"], "character", { minimumCount: 1 });
    expect([...tokens.encode("a😀b")]).toEqual([...tokens.encode("a"), 0, ...tokens.encode("b")]);
  });
  it("need no tables of the engine where they are used", () => {
    const tokens = buildTokens(["👩‍👩‍👧 e\u0301 x"], "character", { minimumCount: 1 });
    const { Segmenter } = Intl;
    try {
      Reflect.deleteProperty(Intl, "Segmenter");
      expect(
        Array.from(tokensFromJson("character", tokens.json, "").encode("x👩‍👩‍👧"), tokens.token),
      ).toEqual(["x", "👩‍👩‍👧"]);
    } finally {
      Reflect.set(Intl, "Segmenter", Segmenter);
    }
  });
});

describe("words", () => {
  it("are parted by blanks, and each line feed is a token: the usual reckoning of WikiText-2", () => {
    const lines = [" \n", " = Robert <unk> = \n", " he @-@ was , \u2028in \n"];
    const tokens = buildTokens([lines.join("")], "word", { minimumCount: 1 });
    // split() + ['<eos>'] for every line: 0 + 1, 4 + 1 and 5 + 1.
    expect(tokens.encode(lines.join(""))).toHaveLength(12);
    // =, Robert, he, @-@, was, the comma, U+2028 with "in", the line feed, and <unk>, which is what is not known.
    expect(tokens.size).toBe(9);
    expect(written(tokens, tokens.encode(lines.join("")))).toBe(
      "\n= Robert <unk> =\nhe @-@ was , \u2028in\n",
    );
  });
  it("that are rare are not known", () => {
    const tokens = buildTokens(["a b a b a c\n"], "word", { minimumCount: 2 });
    expect([...tokens.encode("a c b")]).toEqual([1, 0, 2]);
    expect(buildTokens(["a b a b a c\n"], "word", { minimumCount: 2, size: 2 }).size).toBe(2);
  });
});
