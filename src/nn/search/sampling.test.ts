/** Sampling against brute force: which tokens each option leaves, how often each is drawn, and what is refused. */
import { describe, expect, it } from "vitest";
import { createSampler, type SamplingOptions } from "./sampling.js";

const row = Float32Array.of(0.4, 0.05, 0.25, 0.1, 0.2);

/** How often each token comes in `count` draws of one sequence. */
function shares(
  options: SamplingOptions,
  { count = 4000, recent = [] as number[], never = [] as number[] } = {},
) {
  const sample = createSampler(options, never);
  const hits = new Array<number>(row.length).fill(0);
  for (let step = 0; step < count; step++) {
    const { token } = sample(row, { seed: 3, sequence: 0, step }, recent);
    hits[token] = hits[token]! + 1;
  }
  return hits.map((n) => n / count);
}

/** Four standard errors of a share of 4,000 draws; the draws are fixed, so this holds or it does not. */
const near = (p: number): number => 4 * Math.sqrt((p * (1 - p)) / 4000) + 1e-9;
function expectShares(found: readonly number[], weights: readonly number[]): void {
  const sum = weights.reduce((a, b) => a + b);
  weights.forEach((weight, i) => {
    const p = weight / sum;
    expect(Math.abs(found[i]! - p)).toBeLessThanOrEqual(near(p));
  });
}

describe("a draw", () => {
  it("gives each token its probability", () => expectShares(shares({}), [0.4, 0.05, 0.25, 0.1, 0.2]));
  it("is of p^(1 / T)", () => {
    for (const temperature of [0.5, 2])
      expectShares(
        shares({ temperature }),
        Array.from(row, (p) => p ** (1 / temperature)),
      );
  });
  it("is of the k most probable", () => expectShares(shares({ topK: 3 }), [0.4, 0, 0.25, 0, 0.2]));
  it("is of the fewest that reach the share of top-p", () => {
    expectShares(shares({ topP: 0.6 }), [0.4, 0, 0.25, 0, 0]);
    expectShares(shares({ topP: 0.66 }), [0.4, 0, 0.25, 0, 0.2]);
    expect(shares({ topP: 0.01 })).toEqual([1, 0, 0, 0, 0]);
  });
  it("is of those whose information is nearest to the mean", () => {
    // Entropy 1.415 nats; distances: 0.499, 1.581, 0.029, 0.888, 0.194.
    expect(shares({ typical: 0.2 })).toEqual([0, 0, 1, 0, 0]);
    expectShares(shares({ typical: 0.4 }), [0, 0, 0.25, 0, 0.2]);
    expectShares(shares({ typical: 0.8 }), [0.4, 0, 0.25, 0, 0.2]);
  });
  it("makes what stands among the last tokens rarer", () => {
    expectShares(shares({ repetitionPenalty: 2 }, { recent: [0, 0, 2] }), [0.16, 0.05, 0.0625, 0.1, 0.2]);
    const options = { repetitionPenalty: 2, repetitionWindow: 1 };
    expectShares(shares(options, { recent: [0, 0, 2] }), [0.4, 0.05, 0.0625, 0.1, 0.2]);
  });
  it("never takes what is never to be drawn", () =>
    expectShares(shares({}, { never: [0, 3] }), [0, 0.05, 0.25, 0, 0.2]));
  it("narrows in turn: penalty, temperature, top-k, top-p", () => {
    const options = { repetitionPenalty: 3, temperature: 0.5, topK: 3, topP: 0.7 };
    // 0.4³ = 0.064 falls behind; squares of 0.25, 0.2 and 0.1 are left, of which two make up 0.7.
    expectShares(shares(options, { recent: [0] }), [0, 0, 0.0625, 0, 0.04]);
  });
  it("is a function of seed, sequence and step, and of nothing else", () => {
    const sample = createSampler({ topK: 4, temperature: 0.9 });
    const again = createSampler({ topK: 4, temperature: 0.9 });
    const places = Array.from({ length: 60 }, (_, i) => ({ seed: i % 3, sequence: i % 5, step: i }));
    const first = places.map((place) => sample(row, place, []));
    const backwards = [...places].reverse().map((place) => again(row, place, []));
    expect(backwards.reverse()).toEqual(first);
    expect(new Set(first.map(({ token }) => token)).size).toBe(4);
  });
});

describe("the greedy choice", () => {
  it("is that of temperature 0 and of top-k 1, the first of equal ones", () => {
    const equal = Float32Array.of(0.1, 0.45, 0.45);
    for (const options of [{ temperature: 0 }, { topK: 1 }]) {
      expect(shares(options, { count: 50 })).toEqual([1, 0, 0, 0, 0]);
      expect(createSampler(options)(equal, { seed: 1, sequence: 0, step: 0 }, []).token).toBe(1);
    }
  });
  it("says the model's own probability, whatever the options", () => {
    const { logProbability } = createSampler({ topK: 1 })(row, { seed: 1, sequence: 0, step: 0 }, []);
    // The row is in float32.
    expect(logProbability).toBeCloseTo(Math.log(0.4), 6);
  });
});

describe("what sampling refuses", () => {
  it.each([
    [{ temperature: -1 }, "temperature is -1; it must be a number from 0"],
    [{ temperature: Number.NaN }, "temperature is NaN"],
    [{ topK: 0 }, "topK is 0; it must be a whole number from 1"],
    [{ topP: 0 }, "topP is 0; it must be a number above 0 and at most 1"],
    [{ typical: 1.5 }, "typical is 1.5"],
    [{ repetitionPenalty: 0.5 }, "repetitionPenalty is 0.5; it must be a number from 1"],
    [{ repetitionWindow: 0 }, "repetitionWindow is 0"],
  ])("%j", (options, message) => expect(() => createSampler(options)).toThrow(message));
});
