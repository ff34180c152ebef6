/**
 * Several labels per example, against numbers worked by hand.
 */
import { describe, expect, test } from "vitest";
import {
  exampleCounts,
  f1OfCounts,
  labelCounts,
  type MultiLabelResult,
  metrics,
  multiLabelReport,
} from "./index.js";

/** Three examples, labels a, b, c: {a, b} -> {a}, {c} -> {c, b}, {} -> {}. */
const result: MultiLabelResult = {
  labels: 3,
  truth: [1, 1, 0, 0, 0, 1, 0, 0, 0],
  predicted: [1, 0, 0, 0, 1, 1, 0, 0, 0],
};

describe("several labels", () => {
  test("are counted by example and by label: hits, false alarms, misses", () => {
    expect(exampleCounts(result)).toEqual([
      [1, 0, 1],
      [1, 1, 0],
      [0, 0, 0],
    ]);
    expect(labelCounts(result)).toEqual([
      [1, 0, 0],
      [0, 1, 1],
      [1, 0, 0],
    ]);
  });
  test("have F1 over all decisions, over labels, and the share of whole sets", () => {
    // 2 hits, 1 false alarm, 1 miss; labels 1, 0, 1; only the empty set is right as a whole.
    expect(metrics.microF1.of(result)).toBeCloseTo(4 / 6, 15);
    const { accuracy, exactMatch, macroF1 } = multiLabelReport(result);
    expect(macroF1).toBeCloseTo(2 / 3, 15);
    expect([accuracy, exactMatch]).toEqual([1 / 3, 1 / 3]);
  });
  test("a label that occurs nowhere is left out of the mean, and F1 of nothing is 0", () => {
    expect(multiLabelReport({ labels: 2, truth: [1, 0], predicted: [1, 0] }).macroF1).toBe(1);
    const nothing = { labels: 2, truth: [0, 0], predicted: [0, 0] };
    expect(multiLabelReport(nothing)).toEqual({ accuracy: 1, exactMatch: 1, macroF1: 0, microF1: 0 });
    expect(f1OfCounts([0, 0, 0])).toBe(0);
  });
  test("of lists that do not fit are refused", () => {
    expect(() => exampleCounts({ ...result, predicted: [1] })).toThrow("9 true decisions and 1 predicted");
    expect(() => labelCounts({ labels: 2, truth: [1, 0, 0], predicted: [1, 0, 0] })).toThrow(
      "multiple of the 2 labels",
    );
    expect(() => exampleCounts({ labels: 2, truth: [], predicted: [] })).toThrow("at least one example");
  });
});
