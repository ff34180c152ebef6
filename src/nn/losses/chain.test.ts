/** What a chain of tags says, against all sequences of tags one by one, for random scores. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { type ChainScores, chainProbability, viterbi } from "./chain.js";

const number = fc.double({ min: -4, max: 4, noNaN: true });
const numbers = (count: number): fc.Arbitrary<number[]> =>
  fc.array(number, { minLength: count, maxLength: count });

/** Scores of up to three tags, and what the network says of up to five steps. */
const chains = fc.integer({ min: 1, max: 3 }).chain((Y) =>
  fc.record({
    scores: fc.record({ transitions: numbers(Y * Y), start: numbers(Y), end: numbers(Y) }),
    z: fc.array(numbers(Y), { minLength: 1, maxLength: 5 }),
    allowed: fc.array(fc.array(fc.boolean(), { minLength: Y, maxLength: Y }), { minLength: 5, maxLength: 5 }),
  }),
);

/** s(y) as it is written. */
function score(
  z: readonly number[][],
  y: readonly number[],
  { transitions, start, end }: ChainScores,
): number {
  let sum = start[y[0]!]! + end[y.at(-1)!]!;
  y.forEach((tag, t) => {
    sum += z[t]![tag]!;
    if (t > 0) sum += transitions[tag * start.length + y[t - 1]!]!;
  });
  return sum;
}

const sequences = (Y: number, length: number): number[][] =>
  length === 0
    ? [[]]
    : sequences(Y, length - 1).flatMap((head) => Array.from({ length: Y }, (_, tag) => [...head, tag]));

it("viterbi finds a sequence than which none scores more", () => {
  fc.assert(
    fc.property(chains, ({ scores, z }) => {
      const found = viterbi(z, scores);
      expect(found).toHaveLength(z.length);
      const best = Math.max(...sequences(scores.start.length, z.length).map((y) => score(z, y, scores)));
      // The same few numbers, added in another order.
      expect(score(z, found, scores)).toBeCloseTo(best, 10);
    }),
    { seed: 1 },
  );
});

it("a probability is the share of the sequences of allowed tags", () => {
  fc.assert(
    fc.property(chains, ({ scores, z, allowed }) => {
      const weigh = (list: number[][]): number =>
        list.reduce((sum, y) => sum + Math.exp(score(z, y, scores)), 0);
      const all = sequences(scores.start.length, z.length);
      const some = all.filter((y) => y.every((tag, t) => allowed[t]![tag]));
      // Logarithms and exponentials of sums of up to 243 terms, which portable arithmetic computes to 1e-15.
      expect(chainProbability(z, scores, (t, tag) => allowed[t]![tag]!)).toBeCloseTo(
        weigh(some) / weigh(all),
        10,
      );
    }),
    { seed: 1 },
  );
});

it("nothing has no tags, and all of no steps is sure", () => {
  const scores = { transitions: [0], start: [0], end: [0] };
  expect(viterbi([], scores)).toEqual([]);
  expect(chainProbability([], scores, () => false)).toBe(1);
  // Scores that no exponential holds.
  expect(chainProbability([[1e4], [1e4]], scores, () => true)).toBe(1);
  const forbidden = { transitions: [0, 0, 0, 0], start: [0, -1e4], end: [0, 0] };
  expect(chainProbability([[0, 0]], forbidden, (_t, tag) => tag === 1)).toBe(0);
});

it("refuses what are no scores, naming the function and the list", () => {
  const scores = { transitions: [0], start: [0], end: [0] };
  const wrong = { ...scores, start: 1 } as unknown as ChainScores;
  expect(() => viterbi([[1]], wrong)).toThrow(/^start is 1.*\(the scores of viterbi\)/);
  expect(() => chainProbability([[1]], wrong, () => true)).toThrow(
    /^start is 1.*\(the scores of chainProbability\)/,
  );
  expect(() => chainProbability(1 as never, scores, () => true)).toThrow(/^emissions is 1.*chainProbability/);
});
