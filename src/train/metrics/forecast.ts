/**
 * How far a forecast of numbers is off: squared and absolute errors, errors relative to a naive forecast (MASE) or to
 * any baseline (skill), and the pinball loss of forecast quantiles.
 */
import { type Metric, mean, requireNumbers, requireSameLength } from "./metric.js";

/** Numbers and their forecast: two lists of one length, at least 1. */
export interface ForecastResult {
  readonly truth: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
}

/** A forecast of one series with the series it continues. */
export interface ScaledForecastResult extends ForecastResult {
  /** The series as the forecaster saw it, in order of time: more than `season` values. Never the forecast horizon. */
  readonly history: ArrayLike<number>;
  /** Steps after which the series repeats: 12 for months, 24 for hours. Default 1: no season. */
  readonly season?: number;
}

/** A forecast of one quantile. */
export interface QuantileResult extends ForecastResult {
  /** The quantile that was forecast, between 0 and 1: 0.9 for a value that should rarely be exceeded. */
  readonly quantile: number;
}

/** An error, and the same error of a baseline on the same data. */
export interface SkillResult {
  /** Any error that is 0 when all is right: MSE, MAE, pinball. */
  readonly error: number;
  /** Above 0. */
  readonly baselineError: number;
}

/** The metrics of forecasts, by the names under which reports give them. */
export const forecastMetrics = {
  mse: {
    describes: "mean of the squared errors",
    better: "lower",
    scale: "squared unit of the data",
    source: "Hyndman & Koehler 2006, section 2.1",
    of: mse,
  },
  mae: {
    describes: "mean of the absolute errors",
    better: "lower",
    scale: "unit of the data",
    source: "Hyndman & Koehler 2006, section 2.1",
    of: mae,
  },
  mase: {
    describes: "mean absolute error over that of the seasonal naive forecast within the history",
    better: "lower",
    scale: "ratio",
    source: "Hyndman & Koehler 2006, section 3; with a season Hyndman & Athanasopoulos 2021, section 5.8",
    of: mase,
  },
  skill: {
    describes: "1 − error / error of a baseline: 1 is perfect, 0 as good as the baseline, below 0 worse",
    better: "higher",
    scale: "ratio",
    source: "Murphy 1988, for the mean squared error",
    of: skill,
  },
  pinball: {
    describes: "mean loss of a forecast quantile q: q per unit too low, 1 − q per unit too high",
    better: "lower",
    scale: "unit of the data",
    source: "Koenker & Bassett 1978: what quantile regression minimises",
    of: pinball,
  },
} as const satisfies Record<string, Metric<never>>;

/** Mean squared error: mean of (truth − predicted)². @throws RangeError when the lists are empty or differ in length */
export function mse(result: ForecastResult): number {
  return mean(errors(result).map((error) => error * error));
}

/** Mean absolute error: mean of |truth − predicted|. @throws RangeError when the lists are empty or differ in length */
export function mae(result: ForecastResult): number {
  return mean(errors(result).map(Math.abs));
}

/**
 * Mean absolute scaled error of one series: the MAE of the forecast, divided by the mean of |y_t − y_(t−m)| over the
 * history, t from m + 1, m the season. Below 1, the forecast errs less than the seasonal naive one-step forecast did
 * within the history. For several series, average their values.
 *
 * @throws RangeError when the lists are empty or differ in length, the history is not longer than a season, or it
 * repeats exactly, so that the scale is 0
 */
export function mase(given: ScaledForecastResult): number {
  const { truth, predicted, history, season = 1 } = Object(given) as ScaledForecastResult;
  if (!Number.isInteger(season) || season < 1)
    throw new RangeError(`season is ${season}; give a whole number from 1`);
  requireNumbers(history, "the values of the history");
  if (history.length <= season) {
    throw new RangeError(
      `the history has ${history.length} values; a season of ${season} needs more than ${season}`,
    );
  }
  const past = history.length - season;
  const scale = mean(
    Float64Array.from({ length: past }, (_, t) => Math.abs(history[t + season]! - history[t]!)),
  );
  if (scale === 0) {
    throw new RangeError(
      `the history repeats exactly after ${season} ${season === 1 ? "step" : "steps"}, so the scale of MASE is 0; give mae instead`,
    );
  }
  return mae({ truth, predicted }) / scale;
}

/**
 * Skill score: 1 − error / baselineError. How much of the baseline's error a model removes; also below 0 when it adds
 * some. With MSE and the mean of the truth as baseline it is R².
 *
 * @throws RangeError when the baseline's error is not above 0
 */
export function skill(given: SkillResult): number {
  const { error, baselineError } = Object(given) as SkillResult;
  if (!(baselineError > 0)) {
    throw new RangeError(
      `the baseline's error is ${baselineError}; skill is defined only where it is above 0`,
    );
  }
  return 1 - error / baselineError;
}

/**
 * Pinball (quantile) loss: the mean of max(q · (truth − predicted), (q − 1) · (truth − predicted)). Its expectation is
 * smallest at the q-quantile of the truth. At q = 0.5 it is half the MAE.
 *
 * @throws RangeError when the lists are empty or differ in length, or the quantile is not between 0 and 1
 */
export function pinball(given: QuantileResult): number {
  const { truth, predicted, quantile } = Object(given) as QuantileResult;
  if (!(quantile > 0 && quantile < 1)) {
    throw new RangeError(
      `quantile is ${quantile}; give a number between 0 and 1, such as 0.9 for the 90th percentile`,
    );
  }
  return mean(
    errors({ truth, predicted }).map((error) => Math.max(quantile * error, (quantile - 1) * error)),
  );
}

function errors(given: ForecastResult): Float64Array {
  const { truth, predicted } = Object(given) as ForecastResult;
  requireSameLength(truth, predicted, "values");
  return Float64Array.from({ length: truth.length }, (_, i) => truth[i]! - predicted[i]!);
}
