/**
 * What the text metrics share: exact match, white space and n-gram counts.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { exactMatches, metrics } from "./index.js";
import { ngramCounts, ngramTotal, sharedNgrams, splitAtSpaces } from "./text.js";

test("exact match: any reference, character for character", () => {
  const result = {
    predicted: ["2009-12-25", "2009-1-5", "a", ""],
    references: [["2009-12-25"], ["2009-01-05"], ["A", "a"], [""]],
  };
  expect([...exactMatches(result)]).toEqual([1, 0, 1, 1]);
  expect(metrics.exactMatch.of(result)).toBe(0.75);
});

test("white space is what Python's str.split takes for it", () => {
  expect(splitAtSpaces(" a\t\n b\u00a0c\u3000d\u0085e\u001cf\u2028g ")).toEqual([
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "g",
  ]);
  // Neither the byte order mark nor the zero-width space separates.
  expect(splitAtSpaces("a\ufeffb\u200bc")).toEqual(["a\ufeffb\u200bc"]);
  expect(splitAtSpaces(" \t")).toEqual([]);
});

test("n-grams of a worked example", () => {
  expect([...ngramCounts(["a", "b", "a", "b"], 2, " ")]).toEqual([
    ["a b", 2],
    ["b a", 1],
  ]);
  expect(ngramCounts(["a"], 2, " ").size).toBe(0);
});

test("n-gram counts agree with comparing every pair of places", () => {
  const units = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
  const same = (a: string[], i: number, b: string[], j: number, n: number): boolean =>
    a.slice(i, i + n).every((unit, k) => unit === b[j + k]);
  const places = (list: string[], n: number): number[] =>
    Array.from({ length: Math.max(0, list.length - n + 1) }, (_, i) => i);
  fc.assert(
    fc.property(units, units, fc.integer({ min: 1, max: 4 }), (a, b, n) => {
      // Pair each n-gram of a with an equal one of b that has no partner yet.
      const free = new Set(places(b, n));
      let pairs = 0;
      for (const i of places(a, n)) {
        const partner = [...free].find((j) => same(a, i, b, j, n));
        if (partner === undefined) continue;
        free.delete(partner);
        pairs++;
      }
      const [ofA, ofB] = [ngramCounts(a, n, " "), ngramCounts(b, n, " ")];
      expect(sharedNgrams(ofA, ofB)).toBe(pairs);
      expect(ngramTotal(ofA)).toBe(places(a, n).length);
    }),
  );
});

test("refused: no texts, texts without references, lists that do not pair up", () => {
  for (const metric of [metrics.exactMatch, metrics.bleu, metrics.chrf]) {
    expect(() => metric.of({ predicted: [], references: [] })).toThrow("there are no texts");
    expect(() => metric.of({ predicted: ["a", "b"], references: [["a"], []] })).toThrow(
      "text 1 has no reference",
    );
    expect(() => metric.of({ predicted: ["a"], references: [] })).toThrow("1 texts and references for 0");
  }
});
