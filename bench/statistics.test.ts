/** The interval of a median: its ranks are those of the tables for the sign test. */
import { describe, expect, it } from "vitest";
import { medianInterval, summary } from "./statistics.mjs";

describe("medianInterval", () => {
  it.each([
    [6, 1, 6],
    [9, 2, 8],
    [15, 4, 12],
    [20, 6, 15],
    [25, 8, 18],
  ])("of %d values goes from value %d to value %d", (n, low, high) => {
    const values = Array.from({ length: n }, (_, i) => ((i * 7) % n) + 1).sort(() => -1);
    const sorted = Array.from({ length: n }, (_, i) => i + 1);
    expect(medianInterval(n % 7 === 0 ? sorted : values)).toEqual({ low, median: (n + 1) / 2, high });
  });
});

it("a summary interpolates its quantiles", () => {
  expect(summary([3, 1, 2])).toEqual({ median: 2, low: 1.2, high: 2.8, runs: 3 });
});
