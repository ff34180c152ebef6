/** N-grams: probabilities worked out by hand, and sums over the vocabulary; counts against a brute force. */
import { describe, expect, it } from "vitest";
import { countNGrams } from "./n-grams.js";

describe("a bigram model", () => {
  // 0 a b a b a c, where 0 is read alone: a = 1, b = 2, c = 3; vocabulary of 4.
  const grams = countNGrams([[0, 1, 2, 1, 2, 1, 3]], { order: 2, vocabulary: 4 });
  it("interpolates as Kneser and Ney do, worked out by hand", () => {
    // Bigrams: 0a 1, ab 2, ba 2, ac 1. n₁ = 2, n₂ = 2: D₂ = 2 / 6 = 1/3.
    // Unigrams by different tokens before them: a 2 (after 0, b), b 1, c 1; n₁ = 2, n₂ = 1: D₁ = 2 / 4 = 1/2.
    const unigram = (c: number): number => (Math.max(c - 0.5, 0) + (0.5 * 3) / 4) / 4;
    const afterA = (c: number, p: number): number => (Math.max(c - 1 / 3, 0) + (2 / 3) * p) / 3;
    expect(grams.probability(2, [1])).toBeCloseTo(afterA(2, unigram(1)), 14);
    expect(grams.probability(3, [1])).toBeCloseTo(afterA(1, unigram(1)), 14);
    expect(grams.probability(1, [1])).toBeCloseTo(afterA(0, unigram(2)), 14);
    // Nothing was seen after c.
    expect(grams.probability(1, [3])).toBeCloseTo(unigram(2), 14);
    expect(grams.probability(0, [3])).toBeCloseTo(unigram(0), 14);
  });
  it("scores what it predicts, which is all but the first of each sequence", () => {
    const { loss, steps } = grams.score([
      [0, 1, 2],
      [0, 3],
    ]);
    const p = grams.probability;
    expect(steps).toBe(3);
    expect(loss).toBeCloseTo(-Math.log(p(1, [0])) - Math.log(p(2, [0, 1])) - Math.log(p(3, [0])), 12);
  });
});

describe("models of any order", () => {
  const ids = Array.from({ length: 3000 }, (_, i) => (i * i + (i >> 3)) % 13);
  it.each([1, 2, 3, 5])("give probabilities that sum to one, order %i", (order) => {
    const grams = countNGrams([ids.slice(0, 2000), ids.slice(2000)], { order, vocabulary: 14 });
    for (let at = 0; at < 40; at++) {
      const before = ids.slice(at * 7, at * 7 + 6);
      let sum = 0;
      for (let token = 0; token < 14; token++) {
        const p = grams.probability(token, before);
        expect(p).toBeGreaterThan(0);
        sum += p;
      }
      expect(sum).toBeCloseTo(1, 12);
    }
  });
  it("are better on their own text the longer they are, and score it as their probabilities say", () => {
    const losses = [1, 2, 4].map((order) => {
      const grams = countNGrams([ids], { order, vocabulary: 14 });
      const { loss } = grams.score([ids]);
      const direct = ids.slice(1).reduce((sum, id, i) => {
        return sum - Math.log(grams.probability(id, ids.slice(Math.max(0, i + 1 - order), i + 1)));
      }, 0);
      // Sums of 3,000 float64 in the same order.
      expect(loss).toBeCloseTo(direct, 8);
      return loss;
    });
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
  });
});
