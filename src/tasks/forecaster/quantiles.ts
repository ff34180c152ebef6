/**
 * How quantiles start and end: they start from the residuals of the linear map, and after training they are corrected on the
 * validation windows, as in conformal prediction (Romano, Patterson and Candès 2019).
 */

import type { Session } from "../../exec/executor.js";
import { used } from "../../exec/resource.js";
import { createPredictor, type Network, type Parameters } from "../../nn/index.js";
import { linearInput } from "./baselines.js";
import { directExample, targetOf } from "./direct.js";
import { applyMap, type LinearMap } from "./ridge.js";
import type { ForecastSettings } from "./settings.js";
import { thinned, type Window } from "./windows.js";

/** How many windows' residuals give the initial quantiles. */
const MOST_RESIDUALS = 500;

/** The quantiles of a linear map's residuals at each step ahead, one quantile after the other. */
export function residualQuantiles(
  settings: ForecastSettings,
  map: LinearMap,
  windows: readonly Window[],
): Float64Array {
  const { horizon, quantiles = [] } = settings;
  const out = new Float64Array(quantiles.length * horizon);
  const left = Array.from({ length: horizon }, (): number[] => []);
  for (const window of thinned(windows, MOST_RESIDUALS, settings)) {
    const found = applyMap(map, linearInput(settings, window));
    targetOf(settings, window).forEach((y, h) => {
      if (!Number.isNaN(y)) left[h]?.push(y - found[h]!);
    });
  }
  left.forEach((values, h) => {
    values.sort((a, b) => a - b);
    quantiles.forEach((q, i) => {
      out[i * horizon + h] = values[Math.floor(q * (values.length - 1))] ?? 0;
    });
  });
  return out;
}

/**
 * What to add to each quantile so that, over all steps ahead of these windows, its share of values lies below it; nothing for
 * the median, which is the forecast.
 */
export async function quantileOffsets(
  settings: ForecastSettings,
  {
    net,
    parameters,
    session,
    windows,
  }: {
    readonly net: Network;
    readonly parameters: Parameters;
    readonly session: Session;
    readonly windows: readonly Window[];
  },
): Promise<number[]> {
  const { horizon, quantiles = [] } = settings;
  const predictor = createPredictor(net, session, { parameters, batchSize: 64 });
  const left = quantiles.map((): number[] => []);
  const examples = windows.map((window) => directExample(settings, window, false));
  const predictions = await used(predictor, () => predictor.predictAsync(examples));
  predictions.forEach(({ rows }, n) => {
    const row = rows[0]!;
    targetOf(settings, windows[n]!).forEach((y, h) => {
      if (!Number.isNaN(y)) for (const [i, all] of left.entries()) all.push(y - row[i * horizon + h]!);
    });
  });
  return quantiles.map((q, i) => {
    const sorted = Float64Array.from(left[i]!).sort();
    return q === 0.5 ? 0 : (sorted[Math.floor(q * (sorted.length - 1))] ?? 0);
  });
}
