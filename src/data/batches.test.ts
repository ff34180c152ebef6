/**
 * Batches of an epoch: complete, of like lengths, and the same for the same seed and epoch.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { epochBatches } from "./batches.js";

const flat = (batches: Int32Array[]): number[] => batches.flatMap((batch) => [...batch]);

/** Rows that padding to each batch's longest sequence would add, as a share of all rows. */
function padding(batches: Int32Array[], lengths: number[]): number {
  const rows = lengths.reduce((sum, length) => sum + length, 0);
  const padded = batches.reduce(
    (sum, batch) => sum + batch.length * Math.max(...[...batch].map((i) => lengths[i]!)),
    0,
  );
  return padded / rows - 1;
}

const lengths = Array.from({ length: 5000 }, (_, i) => 1 + ((i * 7919) % 50));
const options = { lengths, batchSize: 32, seed: 5, epoch: 0 };

test("every sequence is in one batch, and at most one batch is short", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(40)),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(),
      fc.boolean(),
      (some, batchSize, epoch, shuffle) => {
        const batches = epochBatches({ lengths: some, batchSize, seed: 1, epoch, shuffle });
        expect(flat(batches).sort((a, b) => a - b)).toEqual(some.map((_, i) => i));
        expect(batches.length).toBe(Math.ceil(some.length / batchSize));
        expect(batches.filter((batch) => batch.length !== batchSize).length).toBeLessThanOrEqual(1);
      },
    ),
  );
});

test("is a function of seed and epoch", () => {
  expect(epochBatches(options)).toEqual(epochBatches(options));
  expect(flat(epochBatches({ ...options, epoch: 1 }))).not.toEqual(flat(epochBatches(options)));
  expect(flat(epochBatches({ ...options, seed: 6 }))).not.toEqual(flat(epochBatches(options)));
});

test("puts sequences of like length together without sorting the epoch", () => {
  const batches = epochBatches(options);
  // In the order of the data set, padding would add about 95 %; pools of 1,600 sequences of 50 lengths, about 3 %.
  expect(padding(batches, lengths)).toBeLessThan(0.05);
  const first = batches.slice(0, 10).map((batch) => lengths[batch[0]!]!);
  expect(first).not.toEqual([...first].sort((a, b) => b - a));
  expect(first).not.toEqual([...first].sort((a, b) => a - b));
});

test("without shuffling, the longest come first and ties keep their order", () => {
  const batches = epochBatches({ lengths: [1, 3, 2, 3, 0], batchSize: 2, seed: 1, epoch: 4, shuffle: false });
  expect(batches.map((batch) => [...batch])).toEqual([[1, 3], [2, 0], [4]]);
});

test("refuses a batch size that is none", () => {
  for (const batchSize of [0, 1.5, Number.NaN]) {
    expect(() => epochBatches({ ...options, batchSize })).toThrow("batchSize is");
  }
});
