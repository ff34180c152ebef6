/**
 * Forecast metrics against hand-worked numbers, and their identities.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mae, mase, metrics, mse, pinball, skill } from "./index.js";

const truth = [3, 5, 2, 8];
const predicted = [2, 5, 4, 4];

test("squared and absolute errors: 1, 0, −2, 4", () => {
  expect(metrics.mse.of({ truth, predicted })).toBe((1 + 0 + 4 + 16) / 4);
  expect(metrics.mae.of({ truth, predicted })).toBe((1 + 0 + 2 + 4) / 4);
});

describe("mase", () => {
  test("without a season: differences of neighbours", () => {
    // |12−10|, |11−12|, |15−11| have the mean 7/3; the MAE is 7/4.
    const result = { truth, predicted, history: [10, 12, 11, 15] };
    expect(metrics.mase.of(result)).toBe(7 / 4 / (7 / 3));
  });

  test("with a season of 2: differences of values two apart", () => {
    // |11−10|, |15−12| have the mean 2.
    expect(mase({ truth, predicted, history: [10, 12, 11, 15], season: 2 })).toBe(0.875);
  });

  test("of the naive forecast of a steady trend is 1 one step ahead", () => {
    expect(mase({ truth: [5], predicted: [4], history: [1, 2, 3, 4] })).toBe(1);
  });

  test("does not depend on the unit", () => {
    const value = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 2 }), value, value, (history, actual, guess) => {
        fc.pre(new Set(history).size > 1);
        const times8 = history.map((v) => 8 * v);
        const scaled = mase({ truth: [8 * actual], predicted: [8 * guess], history: times8 });
        expect(scaled).toBe(mase({ truth: [actual], predicted: [guess], history }));
      }),
    );
  });

  test("is refused where its scale is 0 or cannot be computed", () => {
    expect(() => mase({ truth, predicted, history: [4, 4, 4] })).toThrow("repeats exactly after 1 step,");
    expect(() => mase({ truth, predicted, history: [1, 2, 1, 2], season: 2 })).toThrow(
      "after 2 steps, so the scale",
    );
    expect(() => mase({ truth, predicted, history: [1, 2], season: 2 })).toThrow(
      "a season of 2 needs more than 2",
    );
    expect(() => mase({ truth, predicted, history: [1, 2], season: 0.5 })).toThrow("season is 0.5");
  });
});

test("skill: 1 is perfect, 0 the baseline, below 0 worse", () => {
  expect(metrics.skill.of({ error: 0, baselineError: 4 })).toBe(1);
  expect(skill({ error: 1, baselineError: 4 })).toBe(0.75);
  expect(skill({ error: 4, baselineError: 4 })).toBe(0);
  expect(skill({ error: 8, baselineError: 4 })).toBe(-1);
  expect(() => skill({ error: 1, baselineError: 0 })).toThrow("the baseline's error is 0");
});

describe("pinball", () => {
  test("of a worked example", () => {
    // Errors 1, 0, −2, 4 at q = 0.75: 0.75, 0, 0.5, 3.
    expect(metrics.pinball.of({ truth, predicted, quantile: 0.75 })).toBe(4.25 / 4);
  });

  test("at the median is half the absolute error", () => {
    const pair = fc.tuple(fc.integer(), fc.integer());
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1 }), (pairs) => {
        const result = { truth: pairs.map(([y]) => y), predicted: pairs.map(([, y]) => y) };
        expect(pinball({ ...result, quantile: 0.5 })).toBe(mae(result) / 2);
      }),
    );
  });

  test("is smallest at the quantile", () => {
    // Of 0 to 9, at q = 0.8, every forecast from 7 to 8 is best: the 0.8-quantile.
    const values = Array.from({ length: 10 }, (_, i) => i);
    const at = (forecast: number): number =>
      pinball({ truth: values, predicted: values.map(() => forecast), quantile: 0.8 });
    for (const other of [0, 3, 6, 9]) expect(at(7.5)).toBeLessThan(at(other));
  });

  test("is refused outside 0 and 1", () => {
    for (const quantile of [0, 1, 90]) {
      expect(() => pinball({ truth, predicted, quantile })).toThrow(`quantile is ${quantile}`);
    }
  });
});

test("refused: no values, or lists of different length", () => {
  for (const metric of [mse, mae]) {
    expect(() => metric({ truth: [], predicted: [] })).toThrow("there are no examples");
    expect(() => metric({ truth: [1], predicted: [] })).toThrow("1 true values and 0 predicted");
  }
  expect(() => pinball({ truth: [], predicted: [], quantile: 0.5 })).toThrow("there are no examples");
});
