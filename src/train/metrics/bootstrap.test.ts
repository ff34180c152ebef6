/**
 * Bootstrap intervals against the normal approximation, against each other, and to the bit.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fillUniform, permutation, purposes, randomWord } from "../../tensor/random.js";
import { bootstrapInterval, bootstrapStatistic } from "./index.js";

describe("the interval of a mean", () => {
  test("of equal scores is their value", () => {
    expect(bootstrapInterval([1, 1, 1], { seed: 1 })).toEqual({ low: 1, high: 1 });
  });

  test("is the same for the same seed", () => {
    const scores = [1, 1, 0, 1, 0, 0];
    expect(bootstrapInterval(scores, { seed: 1 })).toEqual(bootstrapInterval(scores, { seed: 1 }));
  });

  test("agrees with the normal approximation on a large sample", () => {
    const uniform = new Float64Array(2000);
    fillUniform({ seed: 9, purpose: purposes.synthetic }, uniform);
    const scores = uniform.map((value) => Number(value < 0.8));
    const accuracy = scores.reduce((sum, value) => sum + value, 0) / 2000;
    const half = 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / 2000);
    const { low, high } = bootstrapInterval(scores, { seed: 1 });
    // An end is the 25th of 1,000 means: its own standard error is about 0.085 half-widths; three of these.
    expect(Math.abs(low - (accuracy - half))).toBeLessThan(0.26 * half);
    expect(Math.abs(high - (accuracy + half))).toBeLessThan(0.26 * half);
  });

  test("is wider at a higher level", () => {
    const scores = [0, 1, 1, 0, 1, 1, 1, 0, 1, 1];
    const narrow = bootstrapInterval(scores, { seed: 1, level: 0.5 });
    const wide = bootstrapInterval(scores, { seed: 1, level: 0.95 });
    expect(wide.low).toBeLessThan(narrow.low);
    expect(wide.high).toBeGreaterThan(narrow.high);
  });
});

describe("the interval of a statistic of sums", () => {
  const scores = [0.5, 1, 0.25, 0, 2, 1.5, 0.75];

  test("is that of the mean, to the bit, where the statistic is a mean", () => {
    const rows = scores.map((score) => [score, 1]);
    const mean = (sums: Float64Array): number => sums[0]! / sums[1]!;
    expect(bootstrapStatistic(rows, mean, { seed: 3 })).toEqual(bootstrapInterval(scores, { seed: 3 }));
  });

  test("draws example floor(word · n / 2³²) by the words of purpose bootstrap, step by step", () => {
    const rows = [
      [3, 4],
      [0, 2],
      [5, 5],
      [1, 3],
    ];
    const ratios = Array.from({ length: 101 }, (_, step) => {
      const place = { seed: 7, purpose: purposes.bootstrap, step };
      const drawn = rows.map((_, i) => rows[Math.floor((randomWord(place, i) * 4) / 2 ** 32)]!);
      return drawn.reduce((sum, [part]) => sum + part!, 0) / drawn.reduce((sum, [, all]) => sum + all!, 0);
    }).sort((a, b) => a - b);
    const share = (sums: Float64Array): number => sums[0]! / sums[1]!;
    // Of 101 sorted values the 5 % and 95 % points are the 6th and the 96th. 1 − 0.9 is not exact, hence the digits.
    const { low, high } = bootstrapStatistic(rows, share, { seed: 7, resamples: 101, level: 0.9 });
    expect(low).toBeCloseTo(ratios[5]!, 12);
    expect(high).toBeCloseTo(ratios[95]!, 12);
  });

  test("agrees with the delta method for a ratio on a large sample", () => {
    const [n, draws] = [2000, new Float64Array(4000)];
    fillUniform({ seed: 5, purpose: purposes.synthetic }, draws);
    // Of each example 1 to 5 parts, each right with probability 0.7 or 0.5, by example: the parts depend on each other.
    const rows = Array.from({ length: n }, (_, i) => {
      const parts = 1 + Math.floor(5 * draws[2 * i]!);
      return [draws[2 * i + 1]! < 0.6 ? parts : 0, parts];
    });
    const [right, all] = [0, 1].map((k) => rows.reduce((sum, row) => sum + row[k]!, 0));
    const ratio = right! / all!;
    const residual = rows.reduce((sum, row) => sum + (row[0]! - ratio * row[1]!) ** 2, 0);
    const half = (1.96 * Math.sqrt(residual)) / all!;
    const { low, high } = bootstrapStatistic(rows, (sums) => sums[0]! / sums[1]!, { seed: 1 });
    // As above: three standard errors of an end.
    expect(Math.abs(low - (ratio - half))).toBeLessThan(0.26 * half);
    expect(Math.abs(high - (ratio + half))).toBeLessThan(0.26 * half);
  });

  test("holds the values that equal rows can give, and lies in order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 12 }), fc.nat(1000), (values, seed) => {
        const rows = values.map((value) => [value]);
        const n = values.length;
        const { low, high } = bootstrapStatistic(rows, (sums) => sums[0]! / n, { seed, resamples: 50 });
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
        expect(low).toBeLessThanOrEqual(high);
      }),
    );
  });

  test("draws other examples for another seed", () => {
    const rows = Array.from(permutation({ seed: 1, purpose: purposes.synthetic }, 50), (value) => [value]);
    const of = (seed: number) => bootstrapStatistic(rows, (sums) => sums[0]!, { seed });
    expect(of(1)).not.toEqual(of(2));
  });
});

describe("refused", () => {
  test("nothing to draw from", () => {
    expect(() => bootstrapInterval([], { seed: 1 })).toThrow("there are no scores");
    expect(() => bootstrapStatistic([], () => 0, { seed: 1 })).toThrow("there are no rows of counts");
    expect(() => bootstrapStatistic([[1]], 1 as never, { seed: 1 })).toThrow("statistic must be a function");
  });

  test("rows of different length", () => {
    expect(() => bootstrapStatistic([[1, 2], [1]], () => 0, { seed: 1 })).toThrow(
      "row 1 has 1 counts, and row 0 has 2",
    );
  });

  test("a statistic that is not a number for some resample", () => {
    const rows = [
      [0, 0],
      [1, 1],
    ];
    expect(() => bootstrapStatistic(rows, (sums) => sums[0]! / sums[1]!, { seed: 1 })).toThrow(
      "is not a number",
    );
  });

  test("options out of range", () => {
    expect(() => bootstrapInterval([1], { seed: 1, resamples: 0 })).toThrow("resamples is 0");
    expect(() => bootstrapInterval([1], { seed: 1, level: 1 })).toThrow("level is 1");
    expect(() => bootstrapStatistic([[1]], () => 0, { seed: 1, level: 0 })).toThrow("level is 0");
  });
});
