/**
 * BLEU by hand, by brute force, and against sacrebleu (test/golden/metrics/bleu-chrf.py).
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BleuOptions,
  bleu,
  bleuOfStatistics,
  bleuSignature,
  bleuStatistics,
  bootstrapStatistic,
  metrics,
  type Smoothing,
  sentenceBleu,
  type TokenizerName,
  tokenize,
} from "./index.js";
import { sumRows } from "./text.js";

/** sacrebleu's options, where they differ from its defaults. */
interface OracleOptions {
  readonly tokenize?: TokenizerName;
  readonly lowercase?: boolean;
  readonly smooth_method?: Smoothing;
  readonly effective_order?: boolean;
}

interface Golden {
  readonly tokens: readonly { text: string; tokens: string[] }[];
  readonly corpora: readonly {
    name: string;
    texts: string[];
    references: string[][];
    bleu: {
      options: OracleOptions;
      score: number;
      precisions: number[];
      bp: number;
      sums: number[];
      signature: string;
    }[];
  }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("../../../test/golden/metrics/bleu-chrf.json", import.meta.url), "utf8"),
);

const optionsOf = ({ tokenize, lowercase, smooth_method, effective_order }: OracleOptions): BleuOptions => ({
  ...(tokenize && { tokenizer: tokenize }),
  ...(lowercase && { lowercase }),
  ...(smooth_method && { smoothing: smooth_method }),
  ...(effective_order && { effectiveOrder: effective_order }),
});

/** A score may differ from sacrebleu's by roundings of exp and log, which differ between libraries in the last place. */
const DIGITS = 10;

describe("13a", () => {
  test.each(golden.tokens)("cuts $text as sacrebleu does", ({ text, tokens }) => {
    expect(tokenize(text)).toEqual(tokens);
  });

  test("cuts symbols off, but neither apostrophes nor inner hyphens", () => {
    expect(tokenize("It's a well-known (old) dog.")).toEqual([
      "It's",
      "a",
      "well-known",
      "(",
      "old",
      ")",
      "dog",
      ".",
    ]);
  });

  test("keeps numbers together, and cuts a hyphen only behind a digit", () => {
    expect(tokenize("1,000.50 in 1990-2000, v.2")).toEqual([
      "1,000.50",
      "in",
      "1990",
      "-",
      "2000",
      ",",
      "v",
      ".",
      "2",
    ]);
  });

  test("has no other words in it than characters that are not spaces, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(!text.includes("&") && !text.includes("<") && !text.includes("-"));
        expect(tokenize(text).join("")).toBe(tokenize(text, "char").join(""));
      }),
    );
  });
});

describe.each(golden.corpora)("as sacrebleu: $name", ({ texts, references, bleu: expected }) => {
  test.each(expected)("$options", ({ options, score, precisions, bp, sums, signature }) => {
    const result = { predicted: texts, references };
    const mine = bleu(result, optionsOf(options));
    expect(mine.score).toBeCloseTo(score, DIGITS);
    expect(mine.brevityPenalty).toBeCloseTo(bp, DIGITS);
    for (const [n, precision] of precisions.entries())
      expect(mine.precisions[n]).toBeCloseTo(precision, DIGITS);
    expect(sumRows(bleuStatistics(result, optionsOf(options)))).toEqual(sums);
    expect(bleuSignature(result, optionsOf(options))).toBe(`${signature}unrolled-1`);
  });
});

describe("by hand", () => {
  test("Papineni's example: the clipped count of seven times the", () => {
    // "the" occurs twice in the first reference and once in the second: 2 of 7 unigrams. No bigram "the the" occurs.
    const result = {
      predicted: ["the the the the the the the"],
      references: [["the cat is on the mat", "there is a cat on the mat"]],
    };
    expect(bleuStatistics(result)).toEqual([[7, 7, 2, 0, 0, 0, 7, 6, 5, 4]]);
    // Lengths 7 and 7: no penalty. exp smoothing: 100 · (2/7 · 1/(2·6) · 1/(4·5) · 1/(8·4))^(1/4)
    expect(bleu(result).score).toBeCloseTo(100 * (2 / 7 / 12 / 20 / 32) ** 0.25, DIGITS);
  });

  test("one word of six is wrong", () => {
    // the cat sat on [the|a] mat: 5 of 6 words, 3 of 5 pairs, 2 of 4 triples, 1 of 3 quadruples.
    const { score, counts, totals } = bleu({
      predicted: ["the cat sat on the mat"],
      references: [["the cat sat on a mat"]],
    });
    expect([counts, totals]).toEqual([
      [5, 3, 2, 1],
      [6, 5, 4, 3],
    ]);
    expect(score).toBeCloseTo(100 * ((5 / 6) * (3 / 5) * (2 / 4) * (1 / 3)) ** 0.25, DIGITS);
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
    // Printed there: 48.53 82.4/50.0/45.5/37.5 (BP = 0.943 ratio = 0.944 hyp_len = 17 ref_len = 18)
    const { score, precisions, brevityPenalty, predictedLength, referenceLength } = bleu(result);
    expect(score.toFixed(2)).toBe("48.53");
    expect(precisions.map((precision) => precision.toFixed(1))).toEqual(["82.4", "50.0", "45.5", "37.5"]);
    expect(brevityPenalty.toFixed(3)).toBe("0.943");
    expect([predictedLength, referenceLength]).toEqual([17, 18]);
  });

  test("a text half as long as its reference is all right and worth exp(1 − 2)", () => {
    const half = { predicted: ["a b c d"], references: [["a b c d e f g h"]] };
    expect(bleu(half)).toMatchObject({ precisions: [100, 100, 100, 100], brevityPenalty: Math.exp(-1) });
    expect(bleu(half).score).toBeCloseTo(100 * Math.exp(-1), DIGITS);
  });

  test("of two references equally close in length the shorter one counts", () => {
    const { referenceLength } = bleu({ predicted: ["a b c d"], references: [["a b c d e", "a b c"]] });
    expect(referenceLength).toBe(3);
  });
});

describe("short and empty texts", () => {
  test("one right word: 0 in a corpus, 100 as a sentence", () => {
    expect(bleu({ predicted: ["cat"], references: [["cat"]] }).score).toBe(0);
    expect(sentenceBleu("cat", ["cat"]).score).toBeCloseTo(100, DIGITS);
    expect(sentenceBleu("cat", ["cat"], { effectiveOrder: false }).score).toBe(0);
  });

  test("empty ones are worth 0", () => {
    expect(bleu({ predicted: [""], references: [["the cat"]] })).toMatchObject({
      score: 0,
      brevityPenalty: 0,
    });
    expect(bleu({ predicted: ["the cat"], references: [[""]] })).toMatchObject({
      score: 0,
      brevityPenalty: 1,
    });
    expect(bleu({ predicted: ["", ""], references: [[""], [""]] })).toMatchObject({
      score: 0,
      brevityPenalty: 1,
    });
  });

  test("an empty line among others costs its reference's length", () => {
    const line = "a b c d e";
    const { score } = bleu({ predicted: [line, ""], references: [[line], ["f g h i j"]] });
    // 5 words for 10: all right, exp(1 − 10/5).
    expect(score).toBeCloseTo(100 * Math.exp(-1), DIGITS);
  });
});

const word = fc.constantFrom("a", "b", "c", "d.", "3,5");
const line = fc.array(word, { maxLength: 9 }).map((list) => list.join(" "));
const corpus = fc.array(fc.tuple(line, fc.array(line, { minLength: 1, maxLength: 3 })), {
  minLength: 1,
  maxLength: 4,
});

describe("for any corpus", () => {
  test("the score lies between 0 and 100", () => {
    fc.assert(
      fc.property(corpus, (pairs) => {
        const result = { predicted: pairs.map(([text]) => text), references: pairs.map(([, list]) => list) };
        for (const smoothing of ["exp", "floor", "add-k", "none"] as const) {
          const { score } = bleu(result, { smoothing });
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(100 + 1e-10); // exp of a mean of logarithms, rounded
        }
      }),
    );
  });

  test("identical text of four words or more is worth 100, in any order of the references", () => {
    const long = fc.array(word, { minLength: 4, maxLength: 9 }).map((list) => list.join(" "));
    fc.assert(
      fc.property(fc.array(long, { minLength: 1 }), long, (lines, other) => {
        expect(bleu({ predicted: lines, references: lines.map((l) => [l]) }).score).toBeCloseTo(100, DIGITS);
        const [some, same] = [lines.map((l) => [l, other]), lines.map((l) => [other, l])];
        const { score } = bleu({ predicted: lines, references: some });
        expect(score).toBe(bleu({ predicted: lines, references: same }).score);
      }),
    );
  });

  test("the counts agree with marking off matches one by one", () => {
    fc.assert(
      fc.property(line, fc.array(line, { minLength: 1, maxLength: 3 }), (text, references) => {
        const cut = tokenize(text);
        const [, , ...counts] = bleuStatistics({ predicted: [text], references: [references] })[0]!;
        for (let n = 1; n <= 4; n++) {
          // An n-gram counts unless it has been seen as often before as any reference has it.
          const grams = (words: string[]): string[] =>
            words
              .map((_, i) => JSON.stringify(words.slice(i, i + n)))
              .slice(0, Math.max(0, words.length - n + 1));
          const occurrences = (list: string[], gram: string): number =>
            list.filter((other) => other === gram).length;
          const own = grams(cut);
          const matched = own.filter((gram, i) =>
            references.some(
              (reference) =>
                occurrences(own.slice(0, i), gram) < occurrences(grams(tokenize(reference)), gram),
            ),
          );
          expect([n, counts[n - 1], counts[n + 3]]).toEqual([n, matched.length, own.length]);
        }
      }),
    );
  });
});

test("an interval for corpus BLEU comes from the lines' statistics", () => {
  const { texts, references } = golden.corpora.find(({ name }) => name === "random 2")!;
  const rows = bleuStatistics({ predicted: texts, references });
  const { low, high } = bootstrapStatistic(rows, (sums) => bleuOfStatistics(sums).score, { seed: 1 });
  const { score } = bleu({ predicted: texts, references });
  expect(low).toBeLessThan(score);
  expect(high).toBeGreaterThan(score);
});

test("the row of the table is corpus BLEU with the defaults", () => {
  const result = { predicted: ["the cat sat on the mat"], references: [["the cat sat on a mat"]] };
  expect(metrics.bleu.of(result)).toBe(bleu(result).score);
  expect(bleuSignature(result)).toBe("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:unrolled-1");
});

test("sums that are no list are refused by name", () => {
  expect(() => bleuOfStatistics(null as never)).toThrow(/^the sums/);
});
