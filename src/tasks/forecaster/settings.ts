/**
 * What a forecaster is: which columns it reads and writes, over which window and horizon, on which scale. Plain data, made
 * once (choose-settings.ts) and kept in the model file.
 */
import type { Range, Scaler, TimeSeries, TimeStep } from "../../data/index.js";

/** The ways to forecast a horizon. */
export const forecastModes = ["direct", "recursive"] as const;

/** How a horizon is forecast: all of it at once, or step by step, each step from the forecast before it. */
export type ForecastMode = (typeof forecastModes)[number];

/** What can be taken out of a window. */
export const windowLevels = ["last", "mean", "standard", "none"] as const;

/**
 * What is taken out of a window before the network reads it, and put back into its forecast: its last value, its mean, its
 * mean and deviation, or nothing.
 */
export type WindowLevel = (typeof windowLevels)[number];

/** A cycle of the calendar that is read as two features. */
export type CalendarCycle = "day" | "week" | "year";

/** What is known of a whole series: a number, or one of several texts, each of which is a feature. */
export interface StaticColumn {
  readonly name: string;
  /** The texts that occurred in training; absent: it is a number, standardised by mean and deviation. */
  readonly values?: readonly string[];
  readonly mean?: number;
  readonly deviation?: number;
}

/** What a forecaster is. */
export interface ForecastSettings {
  /** Columns that are forecast. */
  readonly targets: readonly string[];
  /** Columns that are known up to the last row. */
  readonly past: readonly string[];
  /** Columns that are known over the horizon too. */
  readonly future: readonly string[];
  readonly statics: readonly StaticColumn[];
  /** Steps ahead. */
  readonly horizon: number;
  /** Steps back. */
  readonly window: number;
  /** Rows that the recurrent layer reads at a step. */
  readonly segment: number;
  /** Steps after which the series repeats; 1: it does not. */
  readonly season: number;
  readonly mode: ForecastMode;
  readonly level: WindowLevel;
  /** The output reads the window itself as well as what the recurrent layer made of it. */
  readonly shortcut: boolean;
  readonly calendar: readonly CalendarCycle[];
  /** In ascending order, with 0.5 among them; absent: the mean is forecast. */
  readonly quantiles?: readonly number[];
  /** What is added to each quantile so that the right share of validation rows lies below it. Absent: nothing. */
  readonly offsets?: readonly number[];
  /** The time step; absent: rows have no times. */
  readonly step?: TimeStep;
  /** For targets, past and future columns, in this order; fitted on the training part. */
  readonly scaler: Scaler;
  /** For each target, the scaled mean change over a season within the training part: what MASE is relative to. */
  readonly naiveError: readonly number[];
  /**
   * The names of the columns of times and of series names in files; `elapsed`, if rows are not equal steps apart: the column
   * that the seconds between them become.
   */
  readonly names: { readonly time?: string; readonly series?: string; readonly elapsed?: string };
  /** Seconds since 1970 of the last time that training or validation has seen; absent: rows have no times. */
  readonly seenUntil?: number;
}

/** The training, validation and test rows of each series. */
export interface SeriesParts {
  readonly series: TimeSeries;
  readonly train: Range;
  readonly valid: Range;
  readonly test?: Range;
}
