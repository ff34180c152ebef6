/**
 * Insight into a forecaster looks at one window at a time: which series, which row is the first to be forecast, and which
 * target.
 */
import { DataError, type TimeSeries } from "../../data/index.js";
import { exampleLength } from "../../nn/build/index.js";
import type { Network } from "../../nn/index.js";
import { numbered, type ReadInput } from "../shared/insight.js";
import { directExample } from "./direct.js";
import { noWindows, ofSeries } from "./places.js";
import { recursiveExample } from "./recursive.js";
import { type ScaledSeries, scaledSeries } from "./series.js";
import type { ForecastSettings } from "./settings.js";

/** A window of a series whose horizon also lies within it. */
export interface ForecastWindow {
  readonly series: TimeSeries;
  /** The first row that is forecast, from 0. Default: the last one with a whole horizon after it. */
  readonly origin?: number;
  /** What is forecast; default: the first of the forecaster's targets. */
  readonly target?: string;
}

/** Reads windows as the network does; it keeps the last series that it has scaled. */
export function windowReader(
  settings: ForecastSettings,
  net: Network,
): (window: ForecastWindow) => ReadInput {
  const { window: back, horizon, targets, mode } = settings;
  let last: { readonly series: TimeSeries; readonly scaled: ScaledSeries } | undefined;
  return ({ series, origin = series.length - horizon, target = targets[0]! }) => {
    const fail = (problem: string, remedy: string): DataError =>
      new DataError({ file: series.file, problem: problem + ofSeries(series), remedy });
    const number = targets.indexOf(target);
    if (number < 0)
      throw fail(`has no target "${target}"`, `The forecaster forecasts ${targets.join(", ")}.`);
    if (series.length < back + horizon) throw noWindows(settings, [series]);
    if (!(Number.isInteger(origin) && origin >= back && origin + horizon <= series.length))
      throw fail(
        `has ${series.length} rows, and row ${origin + 1} does not have ${back} before it and ${horizon} from it on`,
        `Give an origin from ${back} to ${series.length - horizon}.`,
      );
    if (last?.series !== series) last = { series, scaled: scaledSeries(settings, series, 0) };
    const at = { scaled: last.scaled, target: number, origin };
    const read = mode === "direct" ? directExample : recursiveExample;
    // Read once: an example of a forecaster recomputes its numbers at every access.
    const { input, target: wanted } = read(settings, at, true);
    const example = { input, ...(wanted ? { target: wanted } : {}) };
    return { example, steps: numbered(exampleLength(net, example)) };
  };
}
