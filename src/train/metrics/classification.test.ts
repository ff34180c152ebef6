// Classification metrics against hand-worked numbers, and the bootstrap against the normal approximation.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fillUniform, purposes } from "../../tensor/random.js";
import { bootstrapInterval, classificationMetrics, classificationReport, confusion, hits } from "./index.js";

// Class 0: 2 of 3 right, 1 false alarm; class 1: 1 of 2 right, 1 false alarm; class 2: predicted once, never true.
const result = {
  classes: 4,
  truth: [0, 0, 0, 1, 1, 0],
  predicted: [0, 0, 1, 1, 0, 2],
  losses: [0.5, 0.5, 1, 0, 2, 2],
};

test("the metrics of a worked example", () => {
  // F1 of class 0: 4 / (4 + 3), of class 1: 2 / (2 + 2), of class 2: 0; class 3 does not occur.
  expect(classificationReport(result)).toEqual({ accuracy: 0.5, macroF1: (4 / 7 + 0.5 + 0) / 3, loss: 1 });
  expect(confusion(result)).toEqual([
    [2, 1, 1, 0],
    [1, 1, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ]);
});

test("all right is 1, all wrong is 0", () => {
  const right = { classes: 3, truth: [0, 1, 2], predicted: [0, 1, 2], losses: [0, 0, 0] };
  expect(classificationReport(right)).toEqual({ accuracy: 1, macroF1: 1, loss: 0 });
  expect(classificationReport({ ...right, predicted: [1, 2, 0] })).toMatchObject({ accuracy: 0, macroF1: 0 });
});

test("accuracy and macro F1 lie between 0 and 1 for any result", () => {
  const label = fc.nat(3);
  fc.assert(
    fc.property(fc.array(fc.tuple(label, label), { minLength: 1 }), (pairs) => {
      const any = {
        classes: 4,
        truth: pairs.map(([truth]) => truth),
        predicted: pairs.map(([, predicted]) => predicted),
        losses: [0],
      };
      for (const name of ["accuracy", "macroF1"] as const) {
        const value = classificationMetrics[name].of(any);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
    }),
  );
});

describe("refused", () => {
  test("no examples", () => {
    const none = { classes: 2, truth: [], predicted: [], losses: [] };
    for (const metric of Object.values(classificationMetrics)) {
      expect(() => metric.of(none)).toThrow("there are no examples");
    }
    expect(() => bootstrapInterval([], { seed: 1 })).toThrow("there are no scores");
  });

  test("classes out of range, and lists of different length", () => {
    expect(() => confusion({ classes: 2, truth: [2], predicted: [0] })).toThrow(
      "example 0 has the classes 2 and 0",
    );
    expect(() => confusion({ classes: 2, truth: [0], predicted: [-1] })).toThrow("there are 2");
    expect(() => confusion({ classes: 2, truth: [0], predicted: [0, 1] })).toThrow(
      "1 true classes and 2 predicted",
    );
  });

  test("options out of range", () => {
    expect(() => bootstrapInterval([1], { seed: 1, resamples: 0 })).toThrow("resamples is 0");
    expect(() => bootstrapInterval([1], { seed: 1, level: 1 })).toThrow("level is 1");
  });
});

describe("the bootstrap interval", () => {
  test("of equal scores is their value", () => {
    expect(bootstrapInterval([1, 1, 1], { seed: 1 })).toEqual({ low: 1, high: 1 });
  });

  test("is the same for the same seed", () => {
    const scores = hits(result.truth, result.predicted);
    expect(bootstrapInterval(scores, { seed: 1 })).toEqual(bootstrapInterval(scores, { seed: 1 }));
  });

  test("agrees with the normal approximation on a large sample", () => {
    const uniform = new Float64Array(2000);
    fillUniform({ seed: 9, purpose: purposes.synthetic }, uniform);
    const scores = uniform.map((value) => Number(value < 0.8));
    const accuracy = scores.reduce((sum, value) => sum + value, 0) / 2000;
    const half = 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / 2000);
    const { low, high } = bootstrapInterval(scores, { seed: 1 });
    // An end is the 25th of 1,000 means: its own standard error is about 0.085 half-widths; three of these.
    expect(Math.abs(low - (accuracy - half))).toBeLessThan(0.26 * half);
    expect(Math.abs(high - (accuracy + half))).toBeLessThan(0.26 * half);
  });

  test("is wider at a higher level", () => {
    const scores = [0, 1, 1, 0, 1, 1, 1, 0, 1, 1];
    const narrow = bootstrapInterval(scores, { seed: 1, level: 0.5 });
    const wide = bootstrapInterval(scores, { seed: 1, level: 0.95 });
    expect(wide.low).toBeLessThan(narrow.low);
    expect(wide.high).toBeGreaterThan(narrow.high);
  });
});
