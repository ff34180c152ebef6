/**
 * Likelihood metrics against models whose value is known.
 */
import { expect, test } from "vitest";
import { bitsPerCharacter, metrics, nllPerCharacter, nllPerStep, perplexity } from "./index.js";

test("a uniform model over 64 tokens has perplexity 64", () => {
  // 10 tokens, ln 64 nats each. exp and log may round by a unit in the last place each.
  expect(perplexity({ nats: 10 * Math.log(64), tokens: 10 })).toBeCloseTo(64, 10);
});

test("the perplexity of two tokens is the inverse of the geometric mean of their probabilities", () => {
  // 1/2 and 1/8: (1/16)^(−1/2) = 4.
  expect(metrics.perplexity.of({ nats: Math.log(2) + Math.log(8), tokens: 2 })).toBeCloseTo(4, 12);
});

test("a certain model has perplexity 1, a hopeless one Infinity", () => {
  expect(perplexity({ nats: 0, tokens: 3 })).toBe(1);
  expect(perplexity({ nats: 1e6, tokens: 1 })).toBe(Number.POSITIVE_INFINITY);
});

test("per step and per character", () => {
  expect(metrics.nllPerStep.of({ nats: 12, steps: 8 })).toBe(1.5);
  expect(metrics.nllPerCharacter.of({ nats: 12, characters: 48 })).toBe(0.25);
  // A coin per character is one bit.
  expect(bitsPerCharacter({ nats: 7 * Math.LN2, characters: 7 })).toBeCloseTo(1, 15);
});

test("refused: nothing to divide by, or nothing to divide", () => {
  expect(() => perplexity({ nats: 0, tokens: 0 })).toThrow("there are 0 tokens");
  expect(() => nllPerStep({ nats: 0, steps: 0 })).toThrow("there are 0 steps");
  expect(() => nllPerCharacter({ nats: 0, characters: -1 })).toThrow("there are -1 characters");
  expect(() => bitsPerCharacter({ nats: Number.NaN, characters: 1 })).toThrow("is not a number");
});
