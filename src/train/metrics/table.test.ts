/**
 * The table of metrics: which there are, and that every row says what it must.
 */
import { expect, test } from "vitest";
import { classificationMetrics, type Metric, metrics } from "./index.js";

test("the names, and which way is better on which scale", () => {
  const rows = Object.entries(metrics).map(([name, { better, scale }]) => `${name}: ${better}, ${scale}`);
  expect(rows.sort()).toEqual([
    "accuracy: higher, fraction",
    "bleu: higher, 0 to 100",
    "calibrationError: lower, fraction",
    "chrf: higher, 0 to 100",
    "exactMatch: higher, fraction",
    "f1: higher, fraction",
    "loss: lower, nats",
    "macroF1: higher, fraction",
    "mae: lower, unit of the data",
    "mase: lower, ratio",
    "microF1: higher, fraction",
    "mse: lower, squared unit of the data",
    "nllPerCharacter: lower, nats",
    "nllPerStep: lower, nats",
    "perplexity: lower, ratio",
    "pinball: lower, unit of the data",
    "skill: higher, ratio",
  ]);
});

test.each(Object.entries(metrics))(
  "%s says what it measures and who defined it",
  (_name, row: Metric<never>) => {
    expect(row.describes.length).toBeGreaterThan(15);
    // A published definition has a year, or an edition.
    expect(row.source).toMatch(/\b(19|20)\d\d\b/);
  },
);

test("the rows of a classifier are those of the table", () => {
  for (const name of ["accuracy", "macroF1", "loss"] as const) {
    expect(metrics[name]).toBe(classificationMetrics[name]);
  }
});
