/** How forecasts are judged, on numbers worked out by hand, and what becomes of forecasts that are the last value. */
import { describe, expect, it } from "vitest";
import { timeSeries } from "../../data/index.js";
import { naive, seasonalNaive } from "./baselines.js";
import { partsOf, settingsOf } from "./choose-settings.js";
import { forecastJudge } from "./judge.js";
import { scaledSeries } from "./series.js";
import type { ForecastSettings } from "./settings.js";
import type { Window } from "./windows.js";

// Mean 2 and deviation 1 within the eight rows that train: scaled, the values are −1, 1, −1, 1, …
const values = [1, 3, 1, 3, 1, 3, 1, 3, 1, 4, Number.NaN, 3];
const series = timeSeries({ columns: { v: values } });
const options = { horizon: 2, window: 2, split: [8, 2, 2] };
const settings: ForecastSettings = settingsOf(options, [partsOf(series, options)]);
const scaled = scaledSeries(settings, series, 0);
const at = (origin: number): Window => ({ scaled, target: 0, origin });
const judge = (of: ForecastSettings = settings) =>
  forecastJudge(of, { naive, seasonalNaive: seasonalNaive(2) });

describe("a judge", () => {
  it("takes errors over what is there, in units and scaled, and skills over the baselines", () => {
    const each = judge();
    // Forecasts 0, 1.5 where −1, 2 came: errors 1 and −0.5. Then 0 where 1 came, beside a value that is missing.
    each.add(at(8), [0, 1.5]);
    each.add(at(10), [5, 0]);
    const { metrics, baselines, count } = each.result(2, []);
    expect(count).toBe(2);
    expect(metrics.mse).toBeCloseTo((1 + 0.25 + 1) / 3, 6);
    expect(metrics.mseScaled).toBeCloseTo(0.75, 6);
    expect(metrics.mae).toBeCloseTo(2.5 / 3, 6);
    // From row to row the training part changes by 2.
    expect(metrics.mase).toBeCloseTo(2.5 / 3 / 2, 6);
    // The last value is 1 where −1, 2 came and 2 where 1 came; a season of 2 before were −1, 1, and 2.
    expect(baselines.naive?.mse).toBeCloseTo((4 + 1 + 1) / 3, 6);
    expect(baselines.seasonalNaive?.mse).toBeCloseTo((0 + 1 + 1) / 3, 6);
    expect(metrics.skillNaive).toBeCloseTo(1 - 2.25 / 6, 6);
    expect(metrics.skill).toBeCloseTo(1 - 2.25 / 2, 6);
  });
  it("sees forecasts that are the last value, or noise on top of it, for what they are", () => {
    const still = judge();
    still.add(at(8), [1, 1]);
    expect(still.result(1, [])).toMatchObject({ foresight: 0, movement: 0 });
    const perfect = judge();
    perfect.add(at(8), [-1, 2]);
    const { foresight, movement, metrics } = perfect.result(1, []);
    expect([foresight, movement, metrics.skill]).toEqual([1, 1, 1]);
    // True changes −2 and 1; those of 1 and 2 have nothing to do with them.
    const noise = judge();
    noise.add(at(8), [2, 3]);
    expect(noise.result(1, []).foresight).toBeCloseTo(0, 6);
  });
  it("weighs quantiles by the pinball loss, and counts what lies between the outermost", () => {
    const each = judge({ ...settings, quantiles: [0.25, 0.5, 0.75] });
    each.add(at(8), [-2, 0, -1, 1, 0, 1.5]);
    const { metrics } = each.result(1, []);
    // Truth −1, 2. Errors 1, 2 at 0.25; 0, 1 at 0.5; −1, 0.5 at 0.75.
    expect(metrics.pinball).toBeCloseTo((0.25 + 0.5 + 0 + 0.5 + 0.25 + 0.375) / 6, 6);
    expect(metrics.coverage).toBe(0.5);
    expect(metrics.mse).toBeCloseTo(0.5, 6);
  });
});
