/**
 * Calibration against hand-worked tables, and what holds for any classifier.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { brierScore, calibrationError, metrics, reliability } from "./index.js";

test("the reliability table of a worked example", () => {
  const table = reliability({ confidences: [0.25, 0.5, 0.75, 1, 0.625], correct: [0, 1, 1, 1, 0], bins: 4 });
  // (0, 0.25]: 0.25. (0.25, 0.5]: 0.5. (0.5, 0.75]: 0.75 and 0.625, one right. (0.75, 1]: 1.
  expect(table).toEqual([
    { low: 0, high: 0.25, count: 1, confidence: 0.25, accuracy: 0 },
    { low: 0.25, high: 0.5, count: 1, confidence: 0.5, accuracy: 1 },
    { low: 0.5, high: 0.75, count: 2, confidence: 0.6875, accuracy: 0.5 },
    { low: 0.75, high: 1, count: 1, confidence: 1, accuracy: 1 },
  ]);
});

test("the expected calibration error of the same example", () => {
  // 1/5 · 0.25 + 1/5 · 0.5 + 2/5 · 0.1875 + 1/5 · 0 = 0.05 + 0.1 + 0.075 = 0.225
  const result = { confidences: [0.25, 0.5, 0.75, 1, 0.625], correct: [0, 1, 1, 1, 0], bins: 4 };
  // Five additions of rounded quotients.
  expect(calibrationError(result)).toBeCloseTo(0.225, 14);
  expect(metrics.calibrationError.of(result)).toBe(calibrationError(result));
});

test("15 bins unless told otherwise; the empty ones are in the table", () => {
  const table = reliability({ confidences: [0.99], correct: [1] });
  expect(table).toHaveLength(15);
  expect(table[0]).toEqual({ low: 0, high: 1 / 15, count: 0, confidence: 0, accuracy: 0 });
  expect(table[14]!.count).toBe(1);
});

test("a confidence on a bound belongs below it, whatever the product rounds to", () => {
  for (const bins of [1, 3, 7, 10, 15, 49, 100]) {
    for (let m = 1; m <= bins; m++) {
      const table = reliability({ confidences: [m / bins], correct: [1], bins });
      expect(table.findIndex(({ count }) => count === 1)).toBe(m - 1);
    }
  }
  expect(reliability({ confidences: [0], correct: [0], bins: 10 })[0]!.count).toBe(1);
});

test("every example is in one bin that holds its confidence", () => {
  const confidence = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(confidence, fc.integer({ min: 1, max: 50 }), (value, bins) => {
      const full = reliability({ confidences: [value], correct: [1], bins }).filter(({ count }) => count > 0);
      expect(full).toHaveLength(1);
      expect(value === 0 || value > full[0]!.low).toBe(true);
      expect(value).toBeLessThanOrEqual(full[0]!.high);
    }),
  );
});

test("the error lies between 0 and 1, and with one bin is |accuracy − mean confidence|", () => {
  const example = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean());
  fc.assert(
    fc.property(fc.array(example, { minLength: 1 }), (examples) => {
      const confidences = examples.map(([value]) => value);
      const correct = examples.map(([, right]) => Number(right));
      const error = calibrationError({ confidences, correct });
      expect(error).toBeGreaterThanOrEqual(0);
      // Rounding of the sums can pass 1 by a few units in the last place.
      expect(error).toBeLessThanOrEqual(1 + 1e-12);
      const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
      const whole = calibrationError({ confidences, correct, bins: 1 });
      expect(whole).toBeCloseTo(Math.abs(mean(correct) - mean(confidences)), 12);
    }),
  );
});

describe("the Brier score", () => {
  test("of a worked example", () => {
    // (0.25² + 0.25²) = 0.125 for the first; (0.5² + 0.5²) = 0.5 for the second.
    expect(brierScore({ classes: 2, truth: [0, 1], probabilities: [0.75, 0.25, 0.5, 0.5] })).toBe(0.3125);
  });

  test("is 0 when certain and right, 2 when certain and wrong", () => {
    const probabilities = [0, 1, 0];
    expect(brierScore({ classes: 3, truth: [1], probabilities })).toBe(0);
    expect(brierScore({ classes: 3, truth: [2], probabilities })).toBe(2);
  });
});

describe("refused", () => {
  test("no examples, or lists that do not pair up", () => {
    expect(() => calibrationError({ confidences: [], correct: [] })).toThrow("there are no examples");
    expect(() => calibrationError({ confidences: [1], correct: [] })).toThrow(
      "0 true outcomes and 1 predicted",
    );
    expect(() => brierScore({ classes: 2, truth: [], probabilities: [] })).toThrow("there are no examples");
    expect(() => brierScore({ classes: 2, truth: [0], probabilities: [1] })).toThrow(
      "1 examples of 2 classes have 2",
    );
  });

  test("what is out of range", () => {
    expect(() => reliability({ confidences: [1.5], correct: [1] })).toThrow(
      "example 0 has the confidence 1.5",
    );
    expect(() => reliability({ confidences: [Number.NaN], correct: [1] })).toThrow("the confidence NaN");
    expect(() => reliability({ confidences: [1], correct: [1], bins: 0 })).toThrow("bins is 0");
    expect(() => brierScore({ classes: 2, truth: [2], probabilities: [1, 0] })).toThrow(
      "has the class 2; there are 2",
    );
  });
});
