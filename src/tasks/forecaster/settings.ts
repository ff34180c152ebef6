/**
 * The settings of a forecaster, made once: out of the options, and of the training part of the series alone.
 */

import {
  DataError,
  type Range,
  seasonOf,
  splitByPosition,
  type TimeSeries,
  type TimeStep,
  timeAfter,
} from "../../data/index.js";
import { TrainingError } from "../../train/errors.js";
import {
  type CalendarCycle,
  type ForecastMode,
  type ForecastSettings,
  forecastModes,
  type SeriesParts,
  type WindowLevel,
  windowLevels,
} from "./forecast-settings.js";
import { naiveErrorOf, scalerOf, staticColumn } from "./statistics.js";

/** What can be chosen of the settings. */
export interface SettingOptions {
  readonly targets?: readonly string[];
  readonly past?: readonly string[];
  readonly future?: readonly string[];
  readonly statics?: readonly string[];
  readonly horizon: number;
  readonly window?: number;
  readonly segment?: number;
  readonly season?: number;
  readonly mode?: ForecastMode;
  readonly level?: WindowLevel;
  readonly shortcut?: boolean;
  readonly calendar?: boolean;
  readonly quantiles?: readonly number[];
  readonly split?: string | readonly number[];
  readonly names?: { readonly time?: string; readonly series?: string };
}

/** Parts by position; by default the last tenth of each series validates, and at least a horizon. */
export function partsOf(series: TimeSeries, { split, horizon }: SettingOptions): SeriesParts {
  if (split === undefined) {
    const held = Math.max(horizon, Math.floor(series.length / 10));
    const end = Math.max(0, series.length - held);
    return { series, train: { start: 0, end }, valid: { start: end, end: series.length } };
  }
  const [train, valid, test] = splitByPosition(series.length, split) as [Range, Range, Range?];
  return { series, train, valid, ...(test ? { test } : {}) };
}

/** Steps that the recurrent layer is to take at most where `segment` is not chosen. */
const MOST_STEPS = 32;

/** Seasons that a window holds at most, and shares of the training rows that it takes, where it is not chosen. */
const window = { seasons: 14, plain: 48, share: 20 };

/**
 * Settings out of options and series.
 *
 * @throws DataError if a column is missing, a series too short, or nothing tells what to forecast
 * @throws TrainingError if options contradict each other
 */
export function settingsOf(options: SettingOptions, parts: readonly SeriesParts[]): ForecastSettings {
  const [first] = parts;
  if (!first)
    throw new DataError({
      file: "data",
      problem: "has no series",
      remedy: "Give at least one series of rows.",
    });
  const { horizon, past = [], future = [], mode = "direct", level = "last" } = options;
  whole("horizon", horizon);
  oneOf("mode", mode, forecastModes);
  oneOf("level", level, windowLevels);
  const columns = { targets: options.targets ?? [onlyColumn(first.series, options)], past, future };
  checkColumns(columns, parts);
  const steps = parts.map(({ series }) => series.clock?.step);
  const step = steps[0];
  const other = steps.findIndex((each) => JSON.stringify(each) !== JSON.stringify(step));
  if (other >= 0)
    throw new DataError({
      file: parts[other]!.series.file,
      problem: "has series of different steps of time",
      remedy: "All series of a forecaster need the same step.",
    });
  const season = options.season ?? (step ? seasonOf(step) : 1);
  whole("season", season);
  const rows = Math.max(...parts.map(({ train }) => train.end - train.start));
  const chosen = options.window ?? usualWindow(rows, season, horizon);
  whole("window", chosen);
  for (const part of parts) checkLength(part, chosen, mode === "recursive" ? 1 : horizon);
  if (mode === "recursive") checkRecursive(options);
  const segment = mode === "recursive" ? 1 : (options.segment ?? usualSegment(chosen));
  whole("segment", segment);
  if (chosen % segment !== 0)
    throw new TrainingError(
      `a window of ${chosen} rows does not consist of segments of ${segment}; give a segment that divides it`,
    );
  const numbers = [...columns.targets, ...past, ...future];
  const scaler = scalerOf(numbers, parts);
  const { quantiles } = options;
  const ends = parts.flatMap(({ series: { clock }, valid }) =>
    clock ? [timeAfter(clock.start, clock.step, valid.end - 1)] : [],
  );
  return {
    ...columns,
    horizon,
    window: chosen,
    segment,
    season,
    mode,
    level,
    scaler,
    shortcut: mode === "direct" && (options.shortcut ?? true),
    statics: (options.statics ?? []).map((name) => staticColumn(name, parts)),
    calendar: step && (options.calendar ?? true) ? cyclesOf(step, rows) : [],
    ...(quantiles ? { quantiles: checkedQuantiles(quantiles) } : {}),
    ...(step ? { step } : {}),
    naiveError: columns.targets.map((name, i) => naiveErrorOf(name, scaler.deviation[i]!, parts, season)),
    names: options.names ?? {},
    ...(ends.length > 0 ? { seenUntil: Math.max(...ends) } : {}),
  };
}

function whole(name: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 1))
    throw new TrainingError(`${name} is ${value}; it must be a whole number from 1`);
}

function oneOf(name: string, value: string, of: readonly string[]): void {
  if (!of.includes(value)) throw new TrainingError(`${name} is "${value}"; it can be ${of.join(", ")}`);
}

function onlyColumn({ file, columns }: TimeSeries, { past = [], future = [] }: SettingOptions): string {
  const names = Object.keys(columns).filter((name) => ![...past, ...future].includes(name));
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw new DataError({
    file,
    problem:
      names.length === 0 ? "has no column of numbers to forecast" : "nothing tells which column to forecast",
    remedy: `Name one or several with --target (targets)${names.length === 0 ? "" : `: ${names.join(", ")}`}.`,
  });
}

function checkColumns(
  columns: Readonly<Record<"targets" | "past" | "future", readonly string[]>>,
  parts: readonly SeriesParts[],
): void {
  const all = Object.entries(columns).flatMap(([role, names]) => names.map((name) => ({ role, name })));
  const twice = all.find(({ name }, i) => all.findIndex((each) => each.name === name) !== i);
  if (twice)
    throw new TrainingError(
      `the column "${twice.name}" is named twice; a column is a target, past or future (the past of targets is read anyway)`,
    );
  if (columns.targets.length === 0) throw new TrainingError("targets are empty; name at least one column");
  for (const { series } of parts) {
    const missing = all.find(({ name }) => !Object.hasOwn(series.columns, name));
    if (!missing) continue;
    throw new DataError({
      file: series.file,
      problem: `has no column "${missing.name}" of numbers, which is ${missing.role}`,
      remedy: `The columns of numbers are ${Object.keys(series.columns).join(", ") || "none"}.`,
    });
  }
}

function usualWindow(rows: number, season: number, horizon: number): number {
  const room = Math.max(1, Math.min(Math.floor(rows / window.share), rows - horizon - 1));
  const most = Math.max(1, Math.floor((rows - horizon) / 2));
  if (season === 1) return Math.min(most, Math.max(Math.min(window.plain, room), 8));
  const seasons = Math.min(window.seasons, Math.max(2, Math.floor(room / season)));
  return Math.min(seasons * season, most);
}

/** The smallest number of rows at a step by which a window takes no more than so many steps. */
function usualSegment(rows: number): number {
  for (let segment = 1; segment < rows; segment++)
    if (rows % segment === 0 && rows / segment <= MOST_STEPS) return segment;
  return rows;
}

function checkLength({ series, train: { start, end } }: SeriesParts, window: number, ahead: number): void {
  if (end - start >= window + ahead) return;
  const of = series.name === "" ? "" : ` of "${series.name}"`;
  throw new DataError({
    file: series.file,
    problem: `has ${series.length} rows${of}, of which ${end - start} train; a window of ${window} and a horizon of ${ahead} take ${window + ahead}, and validating a horizon more`,
    remedy: "Give more rows, a shorter window (--window) or a shorter horizon (--horizon).",
  });
}

function checkRecursive({ past = [], quantiles, segment, shortcut }: SettingOptions): void {
  const refused = [
    [
      past.length > 0,
      "past columns: they are not known over the horizon, and a step by step forecast needs them there",
    ],
    [quantiles !== undefined, "quantiles: those of one step do not add up to those of many"],
    [segment !== undefined && segment !== 1, "segments: it goes step by step"],
    [shortcut === true, "shortcut: there is no one output for the whole window"],
  ] as const;
  const found = refused.find(([is]) => is);
  if (found) throw new TrainingError(`the mode recursive has no ${found[1]}; use the mode direct`);
}

function checkedQuantiles(quantiles: readonly number[]): number[] {
  const wrong = quantiles.find((q) => !(q > 0 && q < 1));
  if (wrong !== undefined) throw new TrainingError(`a quantile is ${wrong}; it must lie between 0 and 1`);
  // The median is the point forecast, so it is always there.
  return [...new Set([...quantiles, 0.5])].sort((a, b) => a - b);
}

const DAY = 86_400;

/** The cycles that a step is shorter than, and that the training rows hold twice: once says nothing of what repeats. */
function cyclesOf({ unit, count }: TimeStep, rows: number): CalendarCycle[] {
  const seconds = unit === "second" ? count : (count * 365.2425 * DAY) / 12;
  const cycles: readonly [CalendarCycle, number][] = [
    ["day", DAY],
    ["week", 7 * DAY],
    ["year", 365 * DAY],
  ];
  return cycles.flatMap(([name, length]) =>
    length > 1.5 * seconds && rows * seconds >= 2 * length ? [name] : [],
  );
}
