/**
 * What a forecast has to beat: the last value, the value a season before, and a linear map from the window, and from what is
 * known of the horizon, to the horizon, fitted by ridge regression on the windows that train. All of it is scaled.
 */
import { aheadInput, targetOf, windowInput } from "./direct.js";
import { applyMap, type LinearMap, ridgeSums } from "./ridge.js";
import type { ForecastSettings } from "./settings.js";
import { levelOf, thinned, type Window } from "./windows.js";

/** A baseline by its name in reports. */
export type BaselineName = "naive" | "seasonalNaive" | "linear";

/** A forecast of a window, scaled, over so many rows. */
export type BaselineForecast = (window: Window, horizon: number) => Float32Array;

/** The last value, for ever. */
export const naive: BaselineForecast = ({ scaled, target, origin }, horizon) =>
  new Float32Array(horizon).fill(scaled.targets[target]!.filled[origin - 1]!);

/** What was there one season before, or as many seasons before as it takes to know it. */
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

/** What a linear map makes of a window. */
export const linearForecast =
  (settings: ForecastSettings, map: LinearMap): BaselineForecast =>
  (window) => {
    const filled = window.scaled.targets[window.target]!.filled;
    const { level, scale } = levelOf(settings, filled, window.origin);
    return Float32Array.from(applyMap(map, linearInput(settings, window)), (v) => v * scale + level);
  };

/** Strengths that are tried on the validation data. */
const strengths = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10];

/** Products that fitting may take, which bounds it to seconds: of more windows an even share is taken. */
const MOST_PRODUCTS = 3e9;
/** Windows that choose the strength. */
const MOST_JUDGED = 600;

/** The horizon as it is to be fitted: the normal equations have no place for what is missing, so it is the value before it. */
function filledTarget(settings: ForecastSettings, { scaled, target, origin }: Window): Float32Array {
  const { filled } = scaled.targets[target]!;
  const { level, scale } = levelOf(settings, filled, origin);
  return filled.slice(origin, origin + settings.horizon).map((v) => (v - level) / scale);
}

/** The linear map of the windows that train, of the strength that does best on those that validate. */
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
  // As the model file keeps it, so that it is judged alike when that is loaded.
  return { ...map, weights: map.weights.map(Math.fround), bias: map.bias.map(Math.fround) };
}
