/**
 * What a forecast has to beat: the last value, the value one season earlier, and a linear map to the horizon from the window
 * and from what is known of the horizon, fitted by ridge regression on the training windows. All of it is scaled.
 */
import { aheadInput, targetOf, windowInput } from "./direct.js";
import { applyMap, type LinearMap, ridgeSums } from "./ridge.js";
import type { ForecastSettings } from "./settings.js";
import { levelOf, thinned, type Window } from "./windows.js";

/** A baseline by its name in reports. */
export type BaselineName = "naive" | "seasonalNaive" | "linear";

/** A forecast of a window, scaled, over so many rows. */
export type BaselineForecast = (window: Window, horizon: number) => Float32Array;

/** The last value, repeated. */
export const naive: BaselineForecast = ({ scaled, target, origin }, horizon) =>
  new Float32Array(horizon).fill(scaled.targets[target]!.filled[origin - 1]!);

/** The value one season earlier, or as many seasons earlier as it takes to find a known one. */
export const seasonalNaive =
  (season: number): BaselineForecast =>
  ({ scaled, target, origin }, horizon) => {
    const { filled } = scaled.targets[target]!;
    return Float32Array.from({ length: horizon }, (_, h) => {
      const row = origin + h - season * Math.ceil((h + 1) / season);
      return filled[Math.max(row, 0)]!;
    });
  };

/** What the linear map reads: the window without its level, then the future columns over the horizon. */
export function linearInput(settings: ForecastSettings, window: Window): Float32Array {
  const [back, ahead] = [windowInput(settings, window), aheadInput(settings, window)];
  const all = new Float32Array(back.length + ahead.length);
  all.set(back);
  all.set(ahead, back.length);
  return all;
}

/** The forecast of a linear map for a window. */
export const linearForecast =
  (settings: ForecastSettings, map: LinearMap): BaselineForecast =>
  (window) => {
    const filled = window.scaled.targets[window.target]!.filled;
    const { level, scale } = levelOf(settings, filled, window.origin);
    return Float32Array.from(applyMap(map, linearInput(settings, window)), (v) => v * scale + level);
  };

/** Strengths that are tried on the validation data. */
const strengths = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10];

/** The most multiplications that fitting may take, a few seconds; if there are too many windows, an even sample is used. */
const MOST_PRODUCTS = 3e9;
/** How many windows choose the strength. */
const MOST_JUDGED = 600;

/**
 * The horizon as it is fitted: the normal equations cannot leave values out, so a missing one is replaced by the one
 * before it.
 */
function filledTarget(settings: ForecastSettings, { scaled, target, origin }: Window): Float32Array {
  const { filled } = scaled.targets[target]!;
  const { level, scale } = levelOf(settings, filled, origin);
  return filled.slice(origin, origin + settings.horizon).map((v) => (v - level) / scale);
}

/** The linear map fitted on the training windows, with the strength that does best on the validation windows. */
export function fitLinear(
  settings: ForecastSettings,
  train: readonly Window[],
  valid: readonly Window[],
): LinearMap {
  const { window, horizon, future } = settings;
  const inputs = window + horizon * future.length;
  const sums = ridgeSums(inputs, horizon);
  const most = MOST_PRODUCTS / (inputs * (inputs / 2 + horizon));
  for (const each of thinned(train, most, settings))
    sums.add(linearInput(settings, each), filledTarget(settings, each));
  const judged = thinned(valid, MOST_JUDGED, settings).map((each) => ({
    x: linearInput(settings, each),
    y: targetOf(settings, each),
  }));
  let best: { map: LinearMap; error: number } | undefined;
  for (const strength of strengths) {
    const map = sums.solve(strength);
    let error = 0;
    for (const { x, y } of judged) {
      const found = applyMap(map, x);
      for (let h = 0; h < horizon; h++) if (!Number.isNaN(y[h])) error += (found[h]! - y[h]!) ** 2;
    }
    if (best === undefined || error < best.error) best = { map, error };
  }
  const { map } = best as { map: LinearMap };
  // Rounded as in the model file, so that a loaded model is judged in the same way.
  return { ...map, weights: map.weights.map(Math.fround), bias: map.bias.map(Math.fround) };
}
