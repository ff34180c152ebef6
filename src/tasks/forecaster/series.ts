/**
 * A series ready to be cut into a forecaster's windows: every column scaled, missing values filled with the value before
 * them and marked, the calendar as numbers, also for the rows after the last.
 */
import { clockTime, DataError, sameStep, type TimeSeries, timeParts } from "../../data/index.js";
import { someOf } from "../../options/index.js";
import type { CalendarCycle, ForecastSettings, StaticColumn } from "./settings.js";

/** A column, scaled. */
export interface ScaledColumn {
  /** NaN where it is missing. */
  readonly values: Float32Array;
  /** A missing value is filled with the last one before it, or with 0, the mean, if there is none. */
  readonly filled: Float32Array;
}

/** A series, ready to be cut into windows. */
export interface ScaledSeries {
  readonly series: TimeSeries;
  readonly length: number;
  readonly targets: readonly ScaledColumn[];
  readonly past: readonly ScaledColumn[];
  readonly future: readonly ScaledColumn[];
  /** Features of each row, and of `ahead` rows after the last. */
  readonly calendar: readonly Float32Array[];
  /** Features of the whole series. */
  readonly statics: readonly number[];
}

/**
 * Scales a series.
 *
 * @param ahead how many rows after the last need a calendar
 * @throws DataError if a column or a static is missing, or rows have no times although the calendar is read
 */
export function scaledSeries(settings: ForecastSettings, series: TimeSeries, ahead: number): ScaledSeries {
  const { targets, past, future, calendar, scaler, statics, step } = settings;
  const names = [...targets, ...past, ...future];
  const columns = names.map((name, i): ScaledColumn => {
    const raw = series.columns[name];
    if (raw) return scaledColumn(raw, scaler.mean[i]!, scaler.deviation[i]!);
    throw new DataError({
      file: series.file,
      problem: `has no column "${name}" of numbers`,
      remedy: `The forecaster reads ${someOf(names)}.`,
    });
  });
  const { clock } = series;
  if (calendar.length > 0 && !sameStep(clock?.step, step))
    throw new DataError({
      file: series.file,
      problem: clock ? "has a different time step from the training data" : "has no column of times",
      remedy: "The forecaster reads the calendar; give rows at the times and steps that it was trained with.",
    });
  const rows = series.length + ahead;
  return {
    series,
    length: series.length,
    targets: columns.slice(0, targets.length),
    past: columns.slice(targets.length, targets.length + past.length),
    future: columns.slice(targets.length + past.length),
    calendar: calendar.flatMap((cycle) => calendarColumns(cycle, series, rows)),
    statics: statics.flatMap((column) => staticFeatures(column, series)),
  };
}

function scaledColumn(raw: Float64Array, mean: number, deviation: number): ScaledColumn {
  const values = Float32Array.from(raw, (v) => (v - mean) / deviation);
  let last = 0;
  const filled = values.map((v) => {
    if (!Number.isNaN(v)) last = v;
    return last;
  });
  return { values, filled };
}

const DAY = 86_400;

/** How far a time is through a cycle, from 0 to below 1. */
const phases: Readonly<Record<CalendarCycle, (seconds: number) => number>> = {
  day: (seconds) => timeParts(seconds).secondOfDay / DAY,
  week: (seconds) => {
    const { weekday, secondOfDay } = timeParts(seconds);
    return (weekday + secondOfDay / DAY) / 7;
  },
  year: (seconds) => {
    const { month, day } = timeParts(seconds);
    return (month - 1 + (day - 1) / 31) / 12;
  },
};

/** From −1 up to 1 and down again. As good as a cosine, with the same bits on every engine. */
const wave = (phase: number): number => 4 * Math.abs(phase - Math.floor(phase) - 0.5) - 1;

/** Two waves a quarter apart, which together give the phase. */
function calendarColumns(cycle: CalendarCycle, { clock }: TimeSeries, rows: number): Float32Array[] {
  if (!clock) return [];
  const columns = [new Float32Array(rows), new Float32Array(rows)] as const;
  for (let row = 0; row < rows; row++) {
    const phase = phases[cycle](clockTime(clock, row));
    columns[0][row] = wave(phase);
    columns[1][row] = wave(phase + 0.25);
  }
  return [...columns];
}

function staticFeatures(
  { name, values, mean = 0, deviation = 1 }: StaticColumn,
  series: TimeSeries,
): number[] {
  const value = series.statics[name];
  const fail = (problem: string, remedy: string): DataError =>
    new DataError({ file: series.file, problem, remedy });
  if (value === undefined)
    throw fail(`has no static "${name}"`, "The forecaster reads it; every series needs it.");
  if (!values) {
    if (typeof value === "number") return [(value - mean) / deviation];
    throw fail(`has the static "${name}" of "${value}"`, "In training it was a number.");
  }
  if (!values.includes(String(value)))
    throw fail(`has the static "${name}" of "${value}"`, `In training it was one of ${someOf(values)}.`);
  return values.map((each) => (each === String(value) ? 1 : 0));
}
