/**
 * Conflicts within the training data, and what of other data stands in it.
 */
import { expect, test } from "vitest";
import { dataQuality, type KeyedExample, labelConflicts, overlap } from "./index.js";

const at = (key: string, label: string, line: number): KeyedExample => ({ key, label, file: "a.tsv", line });
const train = [at("x", "up", 1), at("y", "up", 2), at("x", "down", 3), at("y", "up", 4), at("x", "up", 5)];

test("an input with different labels is a conflict, one that is merely repeated is not", () => {
  expect(labelConflicts(train)).toEqual([
    { key: "x", labels: ["up", "down"], examples: [train[0], train[2], train[4]] },
  ]);
  expect(labelConflicts([])).toEqual([]);
});
test("what stands in training as well overlaps, with the same label or another", () => {
  const other = [at("z", "up", 1), at("y", "down", 2), at("x", "down", 3)];
  expect(overlap(train, other)).toEqual([
    { example: other[1], trained: train[1], sameLabel: false },
    { example: other[2], trained: train[0], sameLabel: true },
  ]);
});
test("both are looked for at once, by the names of the other data", () => {
  const { conflicts, overlaps } = dataQuality(train, { valid: [], test: [at("y", "up", 9)] });
  expect([conflicts.length, overlaps["valid"]?.length, overlaps["test"]?.length]).toEqual([1, 0, 1]);
});
test("keys named like properties of objects are keys", () => {
  expect(overlap([at("__proto__", "a", 1)], [at("constructor", "a", 1)])).toEqual([]);
});
