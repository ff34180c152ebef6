/**
 * A trained or loaded forecaster: predicts, evaluates, saves. Training is in forecaster.ts.
 */
import { DataError, rowTime, type TimeSeries } from "../../data/index.js";
import { requireItems } from "../../data/items.js";
import type { OpenHome } from "../../exec/home.js";
import { type Resource, resource } from "../../exec/resource.js";
import { writeModel } from "../../io/index.js";
import { createPredictor, type Network, type Parameters, parameterCount } from "../../nn/index.js";
import type { FitReport } from "../../train/run/options.js";
import { type Insight, insightOf } from "../shared/insight.js";
import { seriesItems } from "../shared/items.js";
import { linearForecast, naive, seasonalNaive } from "./baselines.js";
import { directExample } from "./direct.js";
import { linearTensors, settingsToJson } from "./file.js";
import { type ForecastEvaluation, forecastJudge } from "./judge.js";
import { type ForecastWindow, windowReader } from "./look.js";
import { type EvaluatedSeries, evaluatedPlaces, noWindows, ofSeries } from "./places.js";
import { recursiveForecasts } from "./recursive.js";
import type { LinearMap } from "./ridge.js";
import { type ScaledSeries, scaledSeries } from "./series.js";
import type { ForecastSettings } from "./settings.js";
import { levelOf, type Window, windowsAt } from "./windows.js";

/** What comes after the last row of a series, in the units of the data. */
export interface Forecast {
  /** The series' name; "" if it is the only one. */
  readonly series: string;
  /** The time of each step ahead; the row's number, from 1, if rows have no times. */
  readonly times: readonly string[];
  /** For each target, a value per step ahead: the mean, or with quantiles the median. */
  readonly forecast: Readonly<Record<string, readonly number[]>>;
  /** For each target, the values of each quantile, "0.1". Absent if the mean was trained. */
  readonly quantiles?: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

/** A trained forecaster. Its insight looks at one window at a time. */
export interface Forecaster extends Insight<ForecastWindow, ForecastWindow>, Resource {
  readonly settings: ForecastSettings;
  readonly network: Network;
  readonly parameters: Parameters;
  /** Number of weights. */
  readonly parameterCount: number;
  /** What training did; absent for a loaded model. */
  readonly training?: FitReport;
  /**
   * Forecasts what comes after the last row of each series, or, with columns known ahead, after the last row in which
   * a target has a value.
   *
   * @param options.horizon steps ahead, for the mode `recursive` only; default: as trained
   * @throws DataError if a series is shorter than the window, or lacks a column, a value to start from, or what
   * should be known ahead
   */
  predict(
    series: TimeSeries | readonly TimeSeries[],
    options?: { readonly horizon?: number },
  ): Promise<Forecast[]>;
  /**
   * Forecasts from every origin in turn and compares with what came (rolling-origin evaluation). For series given without
   * rows, the rows after the data that the forecaster has seen; if there are none, all rows.
   *
   * @param options.stride from one origin to the next; default 1
   * @throws DataError if there is no row with a whole window before and a whole horizon after it
   */
  evaluate(
    series: EvaluatedSeries | readonly EvaluatedSeries[],
    options?: { readonly stride?: number },
  ): Promise<ForecastEvaluation>;
  /** The model as the bytes of one safetensors file. */
  save(): Uint8Array;
  /** Gives its memory back, and the executor if it was made for this model. */
  dispose(): void;
}

/** What a forecaster is made of. */
export interface ForecasterParts {
  readonly settings: ForecastSettings;
  readonly net: Network;
  readonly parameters: Parameters;
  readonly home: OpenHome;
  readonly training?: FitReport;
  /** The linear baseline; checkpoints of a run have none. */
  readonly linear?: LinearMap;
}

/** How many windows are forecast before yielding to the event loop. */
const CHUNK = 256;

/** A forecaster around its parts. Its session takes the parameters when it first predicts. */
export function forecasterOf(parts: ForecasterParts): Forecaster {
  const { settings, net, parameters, home, training, linear } = parts;
  const { session } = home;
  const { forecasts, dispose } = forecastsBy(parts);
  return resource({
    settings,
    network: net,
    parameters,
    parameterCount: parameterCount(net),
    ...(training ? { training } : {}),
    ...insightOf({ net, session, parameters, read: windowReader(settings, net) }),
    async predict(series, { horizon = settings.horizon } = {}) {
      checkHorizon(settings, horizon);
      const all = listOf(series).map((each) => {
        const scaled = scaledSeries(settings, each, horizon);
        return { scaled, origin: originOf(settings, scaled, horizon) };
      });
      const windows = all.map(({ scaled, origin }) => targetsAt(settings, scaled, origin));
      const found = await forecasts(windows.flat(), horizon);
      return all.map(({ scaled, origin }, i) => {
        const own = found.slice(i * settings.targets.length, (i + 1) * settings.targets.length);
        return answer(settings, { scaled, origin, horizon }, own);
      });
    },
    async evaluate(series, { stride = 1 } = {}) {
      const baselines = {
        naive,
        ...(settings.season > 1 ? { seasonalNaive: seasonalNaive(settings.season) } : {}),
        ...(linear ? { linear: linearForecast(settings, linear) } : {}),
      };
      const judge = forecastJudge(settings, baselines);
      const { places, notices } = evaluatedPlaces(settings, listOf(series), stride);
      let count = 0;
      for (const { scaled, origins } of places) {
        const windows = windowsAt(scaled, origins, { ...settings, wanted: true });
        count += new Set(windows.map(({ origin }) => origin)).size;
        for (let from = 0; from < windows.length; from += CHUNK) {
          const part = windows.slice(from, from + CHUNK);
          const found = await forecasts(part, settings.horizon);
          found.forEach((values, i) => judge.add(part[i]!, values));
          await new Promise((resolve) => setTimeout(resolve));
        }
      }
      if (count === 0) throw noWindows(settings, listOf(series));
      return judge.result(count, notices);
    },
    save: () =>
      writeModel({
        task: "forecaster",
        network: net,
        parameters,
        data: settingsToJson(settings),
        ...(linear ? { own: linearTensors(linear) } : {}),
      }),
    dispose() {
      dispose();
      home.dispose();
    },
  });
}

/** One series or several. @throws DataError if one is none */
function listOf<T extends EvaluatedSeries>(one: T | readonly T[]): readonly T[] {
  const all = Array.isArray(one) ? (one as readonly T[]) : [one as T];
  const bare = all.map((each) => (each && typeof each === "object" && "series" in each ? each.series : each));
  requireItems(bare, seriesItems, "series");
  return all;
}

/** How windows are forecast. */
interface Forecasts {
  /** Scaled: the horizon, or each quantile's one after the other, sorted so that none lies below a smaller one. */
  readonly forecasts: (windows: readonly Window[], steps: number) => Promise<ArrayLike<number>[]>;
  readonly dispose: () => void;
}

function forecastsBy({ settings, net, parameters, home }: ForecasterParts): Forecasts {
  const { mode, horizon, quantiles, offsets = [] } = settings;
  const { session } = home;
  if (mode === "recursive")
    return {
      forecasts: async (windows, steps) =>
        recursiveForecasts({ settings, net, session, parameters }, windows, steps),
      dispose: () => {},
    };
  const predictor = createPredictor(net, session, { parameters, batchSize: 64 });
  const forecasts = async (windows: readonly Window[]): Promise<ArrayLike<number>[]> => {
    const examples = windows.map((window) => directExample(settings, window, false));
    const predictions = await predictor.predictAsync(examples);
    return predictions.map(({ rows }, i) => {
      const { scaled, target, origin } = windows[i]!;
      const { filled } = scaled.targets[target]!;
      const { level, scale } = levelOf(settings, filled, origin);
      const moved = (v: number, i: number): number => v + (offsets[Math.floor(i / horizon)] ?? 0);
      const values = Float64Array.from(rows[0]!, (v, i) => moved(v, i) * scale + level);
      if (!quantiles) return values;
      for (let h = 0; h < horizon; h++) {
        const sorted = quantiles.map((_, q) => values[q * horizon + h]!).sort((a, b) => a - b);
        sorted.forEach((v, q) => {
          values[q * horizon + h] = v;
        });
      }
      return values;
    });
  };
  return { forecasts, dispose: () => predictor.dispose() };
}

function checkHorizon({ mode, horizon }: ForecastSettings, wanted: number): void {
  if (!(Number.isInteger(wanted) && wanted >= 1))
    throw new RangeError(`horizon is ${wanted}; it must be a whole number from 1`);
  if (mode === "direct" && wanted !== horizon)
    throw new RangeError(
      `horizon is ${wanted}, but a direct forecaster predicts the ${horizon} steps it was trained for; the mode recursive takes any number`,
    );
}

/** The first row to be forecast. @throws DataError if the series lacks what that takes */
function originOf(
  settings: ForecastSettings,
  { series, future, targets, length }: ScaledSeries,
  horizon: number,
): number {
  let origin = length;
  if (future.length > 0)
    while (origin > 0 && targets.every(({ values }) => Number.isNaN(values[origin - 1]))) origin--;
  if (origin < settings.window)
    throw new DataError({
      file: series.file,
      problem: `has ${origin} rows${ofSeries(series)} to look back on, but the window takes ${settings.window}`,
      remedy: "Give more rows, or train with a shorter window.",
    });
  future.forEach(({ values }, i) => {
    for (let row = origin; row < origin + horizon; row++) {
      if (row < length && !Number.isNaN(values[row])) continue;
      throw new DataError({
        file: series.file,
        line: series.lines?.[row] || undefined,
        problem: `has no "${settings.future[i]}" at ${rowTime(series, row)}${ofSeries(series)}, which is ${row - origin + 1} of ${horizon} steps ahead`,
        remedy: `Columns known ahead need values for ${horizon} rows after the last value of ${settings.targets.join(", ")}.`,
      });
    }
  });
  return origin;
}

/** The windows of all targets at an origin. @throws DataError if one has no value to start from */
function targetsAt(settings: ForecastSettings, scaled: ScaledSeries, origin: number): Window[] {
  const windows = windowsAt(scaled, [origin], { ...settings, wanted: false });
  const missing = settings.targets.findIndex((_, i) => !windows.some(({ target }) => target === i));
  if (missing < 0) return windows;
  throw new DataError({
    file: scaled.series.file,
    problem: `has no value of "${settings.targets[missing]}" in the last ${settings.window} rows${ofSeries(scaled.series)}`,
    remedy: "A forecast needs at least one value to start from.",
  });
}

function answer(
  { targets, quantiles, scaler }: ForecastSettings,
  {
    scaled,
    origin,
    horizon,
  }: { readonly scaled: ScaledSeries; readonly origin: number; readonly horizon: number },
  found: readonly ArrayLike<number>[],
): Forecast {
  const { series } = scaled;
  const values = (target: number, quantile: number): number[] =>
    Array.from({ length: horizon }, (_, h) => {
      const value = found[target]![quantile * horizon + h]!;
      return value * scaler.deviation[target]! + scaler.mean[target]!;
    });
  const point = quantiles ? quantiles.indexOf(0.5) : 0;
  const each = <T>(of: (target: number) => T): Record<string, T> =>
    Object.fromEntries(targets.map((name, i) => [name, of(i)]));
  return {
    series: series.name,
    times: Array.from({ length: horizon }, (_, h) => rowTime(series, origin + h)),
    forecast: each((target) => values(target, point)),
    ...(quantiles
      ? {
          quantiles: each((target) =>
            Object.fromEntries(quantiles.map((q, i) => [String(q), values(target, i)])),
          ),
        }
      : {}),
  };
}
