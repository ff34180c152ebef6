/**
 * chrF by hand, by its bounds, and against sacrebleu (test/golden/metrics/bleu-chrf.py).
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bootstrapStatistic,
  type ChrfOptions,
  chrf,
  chrfOfStatistics,
  chrfSignature,
  chrfStatistics,
  metrics,
  sentenceChrf,
} from "./index.js";

/** sacrebleu's options, where they differ from its defaults. */
interface OracleOptions {
  readonly char_order?: number;
  readonly word_order?: number;
  readonly beta?: number;
  readonly lowercase?: boolean;
  readonly whitespace?: boolean;
}

interface Golden {
  readonly corpora: readonly {
    name: string;
    texts: string[];
    references: string[][];
    chrf: { options: OracleOptions; score: number; signature: string }[];
  }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("../../../test/golden/metrics/bleu-chrf.json", import.meta.url), "utf8"),
);

const optionsOf = ({ char_order, word_order, beta, lowercase, whitespace }: OracleOptions): ChrfOptions => ({
  ...(char_order && { characterOrder: char_order }),
  ...(word_order && { wordOrder: word_order }),
  ...(beta && { beta }),
  ...(lowercase && { lowercase }),
  ...(whitespace && { whitespace }),
});

describe.each(golden.corpora)("as sacrebleu: $name", ({ texts, references, chrf: expected }) => {
  test.each(expected)("$options", ({ options, score, signature }) => {
    const result = { predicted: texts, references };
    // The same quotients, summed in the same order; only the last product is grouped differently.
    expect(chrf(result, optionsOf(options))).toBeCloseTo(score, 10);
    expect(chrfSignature(result, optionsOf(options))).toBe(`${signature}unrolled-1`);
  });
});

describe("by hand", () => {
  test("ab against abc", () => {
    // Characters: 2 of 2 and 2 of 3. Pairs: 1 of 1 and 1 of 2. No triples in "ab", so orders 3 to 6 are left out.
    expect(chrfStatistics({ predicted: ["ab"], references: [["abc"]] })).toEqual([
      [2, 3, 2, 1, 2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]);
    // P = 1, R = (2/3 + 1/2) / 2 = 7/12; F2 = 5 · 7/12 / (4 + 7/12) = 35/55
    expect(sentenceChrf("ab", ["abc"])).toBeCloseTo((100 * 35) / 55, 10);
  });

  test("chrF++ adds words, punctuation cut off: a b. against a c.", () => {
    // Without spaces "ab." and "ac.": 2 of 3 characters match, 0 of 2 pairs, 0 of 1 triples.
    // Words a, b, . and a, c, .: 2 of 3; pairs 0 of 2. P = R = F = (2/3 + 0 + 0 + 2/3 + 0) / 5 = 4/15
    expect(sentenceChrf("a b.", ["a c."], { wordOrder: 2 })).toBeCloseTo(400 / 15, 10);
  });

  test("the example in sacrebleu's documentation", () => {
    const result = {
      predicted: ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."],
      references: [
        ["The dog bit the man.", "The dog had bit the man."],
        ["It was not unexpected.", "No one was surprised."],
        ["The man bit him first.", "The man had bitten the dog."],
      ],
    };
    expect(chrf(result).toFixed(2)).toBe("59.73");
    expect(chrfSignature(result, { wordOrder: 2 })).toBe(
      "nrefs:2|case:mixed|eff:yes|nc:6|nw:2|space:no|version:unrolled-1",
    );
  });

  test("of several references the best one counts, wherever it stands", () => {
    expect(sentenceChrf("abc", ["xyz", "abc"])).toBe(100);
    expect(sentenceChrf("abc", ["abc", "xyz"])).toBe(100);
  });

  test("characters are code points", () => {
    expect(chrfStatistics({ predicted: ["😀"], references: [["😁"]] })[0]!.slice(0, 3)).toEqual([1, 1, 0]);
  });
});

describe("short and empty texts", () => {
  test("one letter is enough", () => {
    expect(sentenceChrf("a", ["a"])).toBe(100);
  });

  test("empty ones are worth 0, and add to the corpus what their references have", () => {
    expect(sentenceChrf("", ["abc"])).toBe(0);
    expect(sentenceChrf("abc", [""])).toBe(0);
    expect(sentenceChrf("", [""])).toBe(0);
    const both = chrf({ predicted: ["abc", ""], references: [["abc"], ["abc"]] });
    // P = 1, R = 1/2 at every order: F2 = 5 · 1/2 / (4 + 1/2)
    expect(both).toBeCloseTo(250 / 4.5, 10);
  });
});

const text = fc.string({ unit: fc.constantFrom("a", "b", " ", ".", "é") });

describe("for any texts", () => {
  test("the score lies between 0 and 100", () => {
    fc.assert(
      fc.property(
        text,
        fc.array(text, { minLength: 1, maxLength: 3 }),
        fc.nat(2),
        (predicted, references, wordOrder) => {
          const score = sentenceChrf(predicted, references, { wordOrder });
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(100 + 1e-10); // a quotient of rounded products
        },
      ),
    );
  });

  test("text and reference can change places when beta is 1", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        // Sums of the same quotients; the products are rounded in another order.
        expect(sentenceChrf(a, [b], { beta: 1 })).toBeCloseTo(sentenceChrf(b, [a], { beta: 1 }), 10);
      }),
    );
  });

  test("identical text is worth 100, if there is a letter in it, and white space does not matter", () => {
    fc.assert(
      fc.property(text, (any) => {
        fc.pre(any.trim() !== "");
        expect(sentenceChrf(any, [any])).toBeCloseTo(100, 10);
        expect(sentenceChrf(any.replaceAll(" ", ""), [any])).toBeCloseTo(100, 10);
      }),
    );
  });

  test("a larger beta moves the score towards recall", () => {
    // A text that is a prefix: precision 1, recall below.
    const at = (beta: number): number => sentenceChrf("abcdef", ["abcdefghij"], { beta });
    expect(at(1)).toBeGreaterThan(at(2));
    expect(at(2)).toBeGreaterThan(at(3));
  });
});

test("an interval for corpus chrF comes from the texts' statistics", () => {
  const { texts, references } = golden.corpora.find(({ name }) => name === "random 2")!;
  const rows = chrfStatistics({ predicted: texts, references });
  const { low, high } = bootstrapStatistic(rows, (sums) => chrfOfStatistics(sums), { seed: 1 });
  const score = metrics.chrf.of({ predicted: texts, references });
  expect(low).toBeLessThan(score);
  expect(high).toBeGreaterThan(score);
});

test("refused: orders and beta out of range", () => {
  expect(() => sentenceChrf("a", ["a"], { characterOrder: 0 })).toThrow("characterOrder is 0");
  expect(() => sentenceChrf("a", ["a"], { wordOrder: 1.5 })).toThrow("wordOrder is 1.5");
  expect(() => sentenceChrf("a", ["a"], { beta: 0 })).toThrow("beta is 0");
});
