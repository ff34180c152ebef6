/**
 * The generator against its published vectors, the mapping of places, and the draws built on top of it.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { multiplyHigh, philox4x32 } from "./philox.js";
import {
  fillNormalLike,
  fillUniform,
  fillWords,
  normalLike,
  permutation,
  purposes,
  type RandomPlace,
  randomWord,
  uniform,
  wordBelow,
} from "./random.js";

const place: RandomPlace = { seed: 7, purpose: purposes.sample };

describe("philox4x32", () => {
  // The three vectors for philox4x32, 10 rounds, of Random123's tests/kat_vectors (counter, key, result).
  const vectors = [
    {
      counter: [0, 0, 0, 0],
      key: [0, 0],
      words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ] as const;

  test.each(vectors)("gives the published words for counter $counter", ({ counter, key, words }) => {
    const out = new Uint32Array(4);
    philox4x32(counter[0], counter[1], counter[2], counter[3], key[0], key[1], out);
    expect([...out]).toEqual(words);
  });

  test("multiplies 32 by 32 bits exactly", () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(multiplyHigh(a, b)).toBe(Number((BigInt(a) * BigInt(b)) >> 32n));
      }),
    );
  });
});

describe("a place", () => {
  test("maps onto key and counter as the header of random.ts says", () => {
    const out = new Uint32Array(4);
    philox4x32(5, 44, 33, 22, 99, 3 * 65536 + 11, out);
    const where: RandomPlace = {
      seed: 99,
      purpose: purposes.dropout,
      layer: 11,
      step: 22,
      sequence: 33,
      time: 44,
    };
    expect([20, 21, 22, 23].map((element) => randomWord(where, element))).toEqual([...out]);
  });

  test("takes what is left out as 0, and the seed modulo 2^32", () => {
    const full: RandomPlace = { ...place, layer: 0, step: 0, sequence: 0, time: 0 };
    expect(randomWord(place, 3)).toBe(randomWord(full, 3));
    expect(randomWord({ ...place, seed: 2 ** 32 + 7 }, 3)).toBe(randomWord(place, 3));
    expect(randomWord({ ...place, seed: 7 - 2 ** 32 }, 3)).toBe(randomWord(place, 3));
  });

  test("every coordinate changes the word", () => {
    const others: RandomPlace[] = [
      { ...place, seed: 8 },
      { ...place, purpose: purposes.split },
      { ...place, layer: 1 },
      { ...place, step: 1 },
      { ...place, sequence: 1 },
      { ...place, time: 1 },
    ];
    expect(new Set([place, ...others].map((each) => randomWord(each, 0))).size).toBe(7);
  });

  test.each([
    ["seed", { ...place, seed: 1.5 }],
    ["layer", { ...place, layer: 65536 }],
    ["step", { ...place, step: -1 }],
    ["sequence", { ...place, sequence: 2 ** 32 }],
    ["time", { ...place, time: Number.NaN }],
  ])("refuses a bad %s by name", (name, bad) => {
    expect(() => randomWord(bad, 0)).toThrow(new RegExp(`^${name} is .*; give an integer`));
  });

  test("refuses a bad element", () => {
    expect(() => randomWord(place, -1)).toThrow("element is -1");
    expect(() => uniform(place, 2 ** 34)).toThrow(RangeError);
  });
});

describe("filling", () => {
  test.each([0, 1, 3, 4, 5, 11])("%i elements gives the elements one by one", (n) => {
    const elements = Array.from({ length: n }, (_, i) => i);
    const words = new Uint32Array(n);
    fillWords(place, words);
    expect([...words]).toEqual(elements.map((i) => randomWord(place, i)));
    const values = new Float32Array(n);
    fillUniform(place, values);
    expect([...values]).toEqual(elements.map((i) => uniform(place, i)));
    const normals = new Float64Array(n);
    fillNormalLike(place, normals);
    expect([...normals]).toEqual(elements.map((i) => normalLike(place, i)));
  });

  test("uniform values have the mean and variance of [0, 1)", () => {
    const values = new Float64Array(1e5);
    fillUniform(place, values);
    expect(Math.max(...values.subarray(0, 1000))).toBeLessThan(1);
    expect(Math.min(...values.subarray(0, 1000))).toBeGreaterThanOrEqual(0);
    // Five standard errors: sqrt(1 / 12 / n) for the mean, sqrt(1 / 180 / n) for the variance.
    expect(Math.abs(mean(values) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / 1e5));
    expect(Math.abs(variance(values) - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / 1e5));
  });

  test("normal-like values have mean 0, variance 1 and the tail of a normal", () => {
    const values = new Float64Array(1e5);
    fillNormalLike(place, values);
    expect(Math.abs(mean(values))).toBeLessThan(5 / Math.sqrt(1e5));
    // Five standard errors of a variance of 1 are at most 5 · sqrt(2 / n).
    expect(Math.abs(variance(values) - 1)).toBeLessThan(5 * Math.sqrt(2 / 1e5));
    // A normal has 4.55 % beyond two deviations, the sum of twelve 4.63 %.
    const beyond = values.filter((value) => Math.abs(value) > 2).length / 1e5;
    expect(Math.abs(beyond - 0.0459)).toBeLessThan(0.004);
  });
});

describe("permutation", () => {
  test("is an order of 0 to n - 1, the same every time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.maxSafeInteger(), (n, seed) => {
        const order = permutation({ seed, purpose: purposes.shuffle }, n);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        expect(permutation({ seed, purpose: purposes.shuffle }, n)).toEqual(order);
      }),
    );
  });

  test("gives all 24 orders of four equally often", () => {
    const counts = new Map<string, number>();
    for (let step = 0; step < 24_000; step++) {
      const key = permutation({ seed: 1, purpose: purposes.shuffle, step }, 4).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // Chi-squared with 23 degrees of freedom exceeds 49.7 in one case of a thousand; the seed is fixed.
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi).toBeLessThan(49.7);
  });

  test("refuses a length that is none", () => {
    expect(() => permutation(place, -1)).toThrow("n is -1");
  });
});

test("wordBelow stays below n", () => {
  expect(wordBelow(0, 10)).toBe(0);
  expect(wordBelow(0xffffffff, 10)).toBe(9);
  expect(wordBelow(0x80000000, 10)).toBe(5);
});

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: Float64Array): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length;
}
