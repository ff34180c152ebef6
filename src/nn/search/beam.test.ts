/** Beam search against the greedy choice and against all sequences of a small vocabulary. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { purposes, uniform } from "../../tensor/random.js";
import { type BeamModel, beamSearch, type Following } from "./beam.js";

const END = 0;

/** A model of `tokens` tokens whose probabilities are a function of the beginning. */
function model(seed: number, tokens: number, sources = 0): BeamModel<readonly number[]> {
  const following = (beginning: readonly number[]): Following => {
    const layer = beginning.reduce((hash, token) => (hash * 7 + token + 1) % 60000, 3);
    const place = { seed, purpose: purposes.synthetic, layer };
    const scores = Array.from({ length: tokens }, (_, k) => 3 * uniform(place, k));
    const total = Math.log(scores.reduce((sum, s) => sum + Math.exp(s), 0));
    const weights = Array.from({ length: sources }, (_, j) => uniform(place, 100 + j));
    const sum = weights.reduce((a, b) => a + b, 0);
    const logProbabilities = scores.map((s) => s - total);
    return sources > 0 ? { logProbabilities, attention: weights.map((w) => w / sum) } : { logProbabilities };
  };
  return {
    end: END,
    start: [],
    follow: (beginnings) =>
      beginnings.map(({ state, token }) => {
        const tokens = token === undefined ? state : [...state, token];
        return { state: tokens, following: following(tokens) };
      }),
  };
}

const logP = (m: BeamModel<readonly number[]>, beginning: readonly number[], token: number): number =>
  m.follow([{ state: beginning, token: undefined }])[0]!.following.logProbabilities[token]!;

/** Every sequence of up to `most` tokens with its log-probability, the end included. */
function all(
  m: BeamModel<readonly number[]>,
  tokens: number,
  most: number,
): { tokens: number[]; p: number }[] {
  const out: { tokens: number[]; p: number }[] = [];
  const grow = (beginning: number[], p: number): void => {
    out.push({ tokens: beginning, p: p + logP(m, beginning, END) });
    if (beginning.length === most) return;
    for (let k = 1; k < tokens; k++) grow([...beginning, k], p + logP(m, beginning, k));
  };
  grow([], 0);
  return out;
}

describe("beam search", () => {
  it("of width 1 is the greedy choice", () => {
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const m = model(seed, 6);
        const greedy: number[] = [];
        for (;;) {
          const values = m.follow([{ state: greedy, token: undefined }])[0]?.following
            .logProbabilities as number[];
          // At the greatest length only the end is left.
          const best = greedy.length === 8 ? END : values.indexOf(Math.max(...values));
          if (best === END) break;
          greedy.push(best);
        }
        const [found] = beamSearch(m, { width: 1, maximumLength: 8 });
        expect(found?.tokens).toEqual(greedy);
        expect(found?.ended).toBe(true);
      }),
    );
  });
  it.each([0, 0.6, 1])("as wide as the space finds the true best, with a length penalty of %d", (alpha) => {
    for (let seed = 0; seed < 40; seed++) {
      const m = model(seed, 4);
      const score = ({ tokens, p }: { tokens: number[]; p: number }): number =>
        p / ((5 + tokens.length) / 6) ** alpha;
      const wanted = all(m, 4, 4).sort((a, b) => score(b) - score(a));
      const found = beamSearch(m, { width: 400, count: 3, maximumLength: 4, lengthPenalty: alpha });
      expect(found.map((f) => f.tokens)).toEqual(wanted.slice(0, 3).map((w) => w.tokens));
      found.forEach((f, i) => {
        expect(f.score).toBeCloseTo(score(wanted[i]!), 10);
      });
    }
  });
  it("keeps to the least and the greatest length", () => {
    for (let seed = 0; seed < 20; seed++) {
      const [found] = beamSearch(model(seed, 5), { width: 3, minimumLength: 3, maximumLength: 6 });
      expect(found?.tokens.length).toBeGreaterThanOrEqual(3);
      expect(found?.tokens.length).toBeLessThanOrEqual(6);
    }
  });
  it("repeats no two tokens in a row where that is blocked", () => {
    let repeats = 0;
    for (let seed = 0; seed < 60; seed++) {
      const pairs = (tokens: readonly number[] = []): number => {
        const seen = tokens.slice(1).map((token, i) => `${tokens[i]} ${token}`);
        return seen.length - new Set(seen).size;
      };
      const search = (blockRepeats: number): readonly number[] | undefined =>
        beamSearch(model(seed, 3), { width: 2, minimumLength: 6, maximumLength: 7, blockRepeats })[0]?.tokens;
      repeats += pairs(search(0));
      expect(pairs(search(2))).toBe(0);
    }
    expect(repeats).toBeGreaterThan(0);
  });
  it("returns the weights of every token, and prefers sequences that look at all of the source", () => {
    const m = model(4, 5, 3);
    const results = beamSearch(m, { width: 5, count: 5, maximumLength: 5, coveragePenalty: 4 });
    for (const { tokens, attention, logProbability, score } of results) {
      expect(attention).toHaveLength(tokens.length);
      for (const weights of attention) expect(Array.from(weights).reduce((a, b) => a + b)).toBeCloseTo(1, 10);
      expect(score).toBeLessThanOrEqual(logProbability / ((5 + tokens.length) / 6) ** 0.6 + 1e-12);
    }
  });
  it("says when it had to stop", () => {
    const endless: BeamModel<number> = {
      end: END,
      start: 0,
      follow: (beginnings) =>
        beginnings.map(() => ({
          state: 0,
          following: { logProbabilities: [Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY] },
        })),
    };
    expect(beamSearch(endless, { maximumLength: 3 })).toMatchObject([{ tokens: [1, 1, 1], ended: false }]);
  });
  it.each([
    [{ width: 0 }, "width is 0; it must be a whole number from 1"],
    [{ width: 2, count: 3 }, "count is 3, and a beam of width 2 finds no more than that"],
    [{ minimumLength: 9 }, "minimumLength is 9, and maximumLength is 5"],
    [{ lengthPenalty: -1 }, "lengthPenalty is -1; it must be a number from 0"],
  ])("refuses %j", (options, message) => {
    expect(() => beamSearch(model(1, 3), { maximumLength: 5, ...options })).toThrow(message);
  });
});
