/**
 * Classification metrics against hand-worked numbers.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classificationMetrics, classificationReport, confusion } from "./index.js";

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
});
