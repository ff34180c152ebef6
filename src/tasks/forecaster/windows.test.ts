/** Where windows lie, which of them remain when there are too many, and what is taken out of them. */
import { describe, expect, it } from "vitest";
import { partsOf, settingsOf } from "./choose-settings.js";
import { salesSeries } from "./forecaster.cases.js";
import { scaledSeries } from "./series.js";
import { levelOf, originsIn, thinned, windowsAt } from "./windows.js";

const series = salesSeries(400);
const options = { targets: ["sales", "promo"], horizon: 6, window: 24, split: [300, 50, 50] };
const settings = settingsOf(options, [partsOf(series, options)]);
const scaled = scaledSeries(settings, series, 0);

describe("windows", () => {
  it("forecast rows of their range alone, and look back before it", () => {
    expect(originsIn(scaled, { start: 0, end: 40 }, { ...settings, stride: 1 })).toEqual(
      Array.from({ length: 11 }, (_, i) => 24 + i),
    );
    expect(originsIn(scaled, { start: 300, end: 350 }, { ...settings, stride: 20 })).toEqual([300, 320, 340]);
    expect(originsIn(scaled, { start: 390, end: 999 }, { ...settings, stride: 1 })).toEqual([
      390, 391, 392, 393, 394,
    ]);
  });
  it("that are too many are thinned to all targets and all places in the season", () => {
    const all = windowsAt(scaled, originsIn(scaled, { start: 0, end: 400 }, { ...settings, stride: 1 }), {
      ...settings,
      wanted: true,
    });
    expect(thinned(all, all.length, settings)).toBe(all);
    for (const most of [240, 190, 120]) {
      const kept = thinned(all, most, settings);
      expect(kept.length).toBeLessThanOrEqual(most + 2);
      for (const target of [0, 1]) {
        const own = kept.filter((window) => window.target === target);
        expect(own.length).toBe(kept.length / 2);
        expect(new Set(own.map(({ origin }) => origin % 24)).size).toBe(24);
      }
    }
  });
  it.each([
    ["none", 0, 1],
    ["last", 3, 1],
    ["mean", 2, 1],
    // Deviations −1, 0, 1 about 2.
    ["standard", 2, Math.sqrt(2 / 3)],
  ] as const)("have the level %s", (level, wanted, scale) => {
    const found = levelOf({ level, window: 3 }, Float32Array.of(9, 1, 2, 3, 9), 4);
    expect(found.level).toBeCloseTo(wanted, 12);
    expect(found.scale).toBeCloseTo(scale, 12);
  });
});

describe("the calendar", () => {
  it("tells each hour of the day by two waves", () => {
    // Of 300 hours, no two weeks.
    expect(settings.calendar).toEqual(["day"]);
    const [a, b] = scaled.calendar as [Float32Array, Float32Array];
    const seen = new Set(Array.from({ length: 24 }, (_, hour) => `${a[hour]} ${b[hour]}`));
    expect(seen.size).toBe(24);
    expect([a[0], a[12], a[24], b[6], b[18]]).toEqual([1, -1, 1, -1, 1]);
  });
});
