/**
 * Standardising series, by numbers worked by hand.
 */
import { expect, test } from "vitest";
import { FileFormatError } from "../../io/index.js";
import { fitScaler, scaled, scalerFromJson } from "../index.js";

const series = [
  [
    [1, 5],
    [3, 5],
  ],
  [],
  [
    [5, 5],
    [7, 5],
  ],
];

test("mean and deviation are those of all steps, and a channel that never changes has deviation 1", () => {
  const scaler = fitScaler(series);
  // Of 1, 3, 5, 7: mean 4, squares of 3, 1, 1, 3 over 4.
  expect(scaler).toEqual({ mean: [4, 5], deviation: [Math.sqrt(5), 1] });
  expect(Array.from(scaled(scaler, series[0]!))).toEqual([
    Math.fround(-3 / Math.sqrt(5)),
    0,
    Math.fround(-1 / Math.sqrt(5)),
    0,
  ]);
  expect(scaled(scaler, [])).toEqual(new Float32Array(0));
});
test("a channel whose changes are rounding alone counts as one that never changes", () => {
  expect(fitScaler([[[0.1], [0.1], [0.1]]]).deviation).toEqual([1]);
});
test("of no steps there is none", () => {
  expect(() => fitScaler([[]])).toThrow("at least one");
});
test("travels as JSON, and what is no scaler is refused", () => {
  const scaler = fitScaler(series);
  expect(scalerFromJson(JSON.parse(JSON.stringify(scaler)), 2)).toEqual(scaler);
  for (const wrong of [undefined, {}, { mean: [1], deviation: [1] }, { mean: [1, 2], deviation: [1, 0] }])
    expect(() => scalerFromJson(wrong, 2)).toThrow(FileFormatError);
});
