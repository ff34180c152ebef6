/**
 * Splits: that they are parts, the same for the same seed, of the size asked for, and refused when they cannot be.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError } from "./errors.js";
import { splitByPosition, splitBySeed, stratifiedHoldOut } from "./split.js";

const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe("by seed", () => {
  test("every row is in one part, in ascending order", () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 300 }), fc.integer(), (n, seed) => {
        const parts = splitBySeed(n, [0.8, 0.1, 0.1], seed);
        expect(parts.map((part) => sorted(part))).toEqual(parts.map((part) => [...part]));
        expect(sorted(parts.flatMap((part) => [...part]))).toEqual(upTo(n));
        const [first, second] = [Math.floor(0.8 * n + 1e-6), Math.floor(0.9 * n + 1e-6)];
        expect(parts.map((part) => part.length)).toEqual([first, second - first, n - second]);
      }),
    );
  });

  test("depends on the seed only", () => {
    expect(splitBySeed(100, [0.5, 0.5], 1)).toEqual(splitBySeed(100, [0.5, 0.5], 1));
    expect(splitBySeed(100, [0.5, 0.5], 1)).not.toEqual(splitBySeed(100, [0.5, 0.5], 2));
  });

  test("is refused", () => {
    expect(() => splitBySeed(100, [0.5, 0.6], 1)).toThrow("split 0.5,0.6: the shares sum to 1.1.");
    expect(() => splitBySeed(3, [0.1, 0.9], 1)).toThrow("of 3 rows, part 1 gets none");
  });
});

describe("by position", () => {
  test.each<[number, string | number[], number[]]>([
    [17420, "8640,2880,2880", [0, 8640, 8640, 11520, 11520, 14400]],
    [1000, "0.9,0.1", [0, 900, 900, 1000]],
    [1115394, "0.9, 0.05, .05", [0, 1003854, 1003854, 1059624, 1059624, 1115394]],
    [100, "0.29,0.71", [0, 29, 29, 100]],
    [10, [0.7, 0.2, 0.1], [0, 7, 7, 9, 9, 10]],
    [10, [5, 4], [0, 5, 5, 9]],
    [10, [0.5, 0.2], [0, 5, 5, 7]],
  ])("%i rows in %j", (n, spec, borders) => {
    expect(splitByPosition(n, spec).flatMap(({ start, end }) => [start, end])).toEqual(borders);
  });

  test("whole numbers of rows are taken exactly", () => {
    const size = fc.integer({ min: 1, max: 1e6 });
    fc.assert(
      fc.property(size, size, size, fc.nat(1e6), (a, b, c, rest) => {
        expect(splitByPosition(a + b + c + rest, [a, b, c])).toEqual([
          { start: 0, end: a },
          { start: a, end: a + b },
          { start: a + b, end: a + b + c },
        ]);
      }),
    );
  });

  test.each<[string, number, string, string]>([
    ["one part", 10, "10", "split 10: is no split"],
    ["four parts", 10, "1,1,1,1", "is no split"],
    ["rows and fractions mixed", 10, "8,0.1", "is no split"],
    ["a part of nothing", 10, "8,0", "is no split"],
    ["no number", 10, "8,x", "is no split"],
    ["an empty number", 10, "8,", "is no split"],
    ["a negative number", 10, "8,-1", "is no split"],
    ["an exponent", 10, "8,1e0", "is no split"],
    ["fractions above 1", 10, "0.9,0.2", "split 0.9,0.2: the fractions sum to 1.1."],
    ["more rows than there are", 10, "8,3", "split 8,3: asks for 11 rows of 10."],
    ["a fraction of too few rows", 3, "0.1,0.9", "of 3 rows, part 1 gets none"],
  ])("%s is refused", (_, n, spec, message) => {
    expect(() => splitByPosition(n, spec)).toThrow(DataError);
    expect(() => splitByPosition(n, spec)).toThrow(message);
  });
});

describe("a stratified hold-out", () => {
  test("takes a tenth of every class", () => {
    const labels = upTo(1000).map((i) => (i % 4 === 0 ? "a" : "b"));
    const { train, held } = stratifiedHoldOut(labels, { seed: 3 });
    expect(sorted([...train, ...held])).toEqual(upTo(1000));
    expect(sorted(held)).toEqual([...held]);
    expect([...held].filter((i) => labels[i] === "a")).toHaveLength(25);
    expect(held).toHaveLength(100);
    expect(stratifiedHoldOut(labels, { seed: 3 })).toEqual({ train, held });
    expect(stratifiedHoldOut(labels, { seed: 4 }).held).not.toEqual(held);
  });

  test("keeps an example of every class in training and holds at least one back", () => {
    const label = fc.constantFrom("a", "b", "c", "d");
    fc.assert(
      fc.property(fc.array(label, { minLength: 5, maxLength: 60 }), fc.integer(), (labels, seed) => {
        const { train, held } = stratifiedHoldOut(labels, { seed });
        expect(new Set([...train].map((i) => labels[i]))).toEqual(new Set(labels));
        expect(held.length).toBeGreaterThan(0);
        expect(held.length).toBeLessThanOrEqual(Math.max(1, Math.round(labels.length / 10)));
        expect(sorted([...train, ...held])).toEqual(upTo(labels.length));
      }),
    );
  });

  test("of examples that all differ is refused", () => {
    expect(() => stratifiedHoldOut(["a", "b"], { seed: 1 })).toThrow(
      "2 examples, each the only one of its class",
    );
    expect(() => stratifiedHoldOut([], { seed: 1 })).toThrow(DataError);
    expect(() => stratifiedHoldOut(["a", "a"], { seed: 1, fraction: 1 })).toThrow("fraction is 1");
  });
});
