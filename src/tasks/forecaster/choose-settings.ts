/**
 * From options and series to a forecaster's settings: the parts for training and validation, and defaults that depend on
 * the rows. Everything that does not fit is refused here, before training.
 */
import {
  clockTime,
  DataError,
  type Range,
  sameStep,
  seasonOf,
  splitByPosition,
  type TimeSeries,
  type TimeStep,
} from "../../data/index.js";
import { checkNeeds, keyed, OptionError, plain, shown, someOf, withDefaults } from "../../options/index.js";
import { forecasterRows, type SettingOptions } from "./options.js";
import type { CalendarCycle, ForecastSettings, SeriesParts, WindowLevel } from "./settings.js";
import { naiveErrorOf, scalerOf, staticColumn } from "./statistics.js";

/** Parts by position; by default the last tenth of each series validates, but at least one horizon. */
export function partsOf(series: TimeSeries, { split, horizon }: SettingOptions): SeriesParts {
  if (split === undefined) {
    const held = Math.max(horizon, Math.floor(series.length / 10));
    const end = Math.max(0, series.length - held);
    return { series, train: { start: 0, end }, valid: { start: end, end: series.length } };
  }
  const [train, valid, test] = splitByPosition(series.length, split) as [Range, Range, Range?];
  return { series, train, valid, ...(test ? { test } : {}) };
}

/**
 * Settings from options and series.
 *
 * @throws DataError if a column is missing, a series is too short, or it is unclear what to forecast
 * @throws OptionError if options contradict each other or the data
 */
export function settingsOf(options: SettingOptions, parts: readonly SeriesParts[]): ForecastSettings {
  const [first] = parts;
  if (!first)
    throw new DataError({
      file: "data",
      problem: "has no series",
      remedy: "Give at least one series of rows.",
    });
  const facts = { data: first.series.clock ? "rows with times" : "rows without times" };
  checkNeeds(options, forecasterRows, facts);
  const picked = withDefaults(options, forecasterRows, facts);
  const { mode, level, shortcut, calendar } = picked;
  const { horizon, past = [], future = [] } = options;
  const columns = { targets: options.targets ?? [onlyColumn(first.series, options)], past, future };
  checkColumns(columns, parts);
  const steps = parts.map(({ series }) => series.clock?.step);
  const step = steps[0];
  const other = steps.findIndex((each) => !sameStep(each, step));
  if (other >= 0)
    throw new DataError({
      file: parts[other]!.series.file,
      problem: "has series with different time steps",
      remedy: "All series of a forecaster need the same time step.",
    });
  const season = options.season ?? (step ? seasonOf(step) : 1);
  const rows = parts.reduce((most, { train }) => Math.max(most, train.end - train.start), 0);
  const chosen = options.window ?? usualWindow(rows, season, horizon);
  for (const part of parts) checkLength(part, chosen, mode === "recursive" ? 1 : horizon);
  if (mode === "recursive") checkLevel(level);
  const { segment = usualSegment(chosen) } = picked;
  if (chosen % segment !== 0)
    throw new OptionError(
      `a {window} of ${chosen} rows cannot be cut into segments of ${segment}; give a {segment} that divides it`,
    );
  const numbers = [...columns.targets, ...past, ...future];
  const scaler = scalerOf(numbers, parts);
  const { quantiles } = options;
  const ends = parts.flatMap(({ series: { clock }, valid }) =>
    clock ? [clockTime(clock, valid.end - 1)] : [],
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
    shortcut,
    statics: (options.statics ?? []).map((name) => staticColumn(name, parts)),
    calendar: step && calendar ? cyclesOf(step, rows) : [],
    ...(quantiles ? { quantiles: withMedian(quantiles) } : {}),
    ...(step ? { step } : {}),
    naiveError: columns.targets.map((name, i) => naiveErrorOf(name, scaler.deviation[i]!, parts, season)),
    names: options.names ?? {},
    ...(ends.length > 0 ? { seenUntil: ends.reduce((a, b) => Math.max(a, b)) } : {}),
  };
}

function onlyColumn({ file, columns }: TimeSeries, { past = [], future = [] }: SettingOptions): string {
  const told = new Set([...past, ...future]);
  const names = Object.keys(columns).filter((name) => !told.has(name));
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw new DataError({
    file,
    problem:
      names.length === 0 ? "has no column of numbers to forecast" : "does not say which column to forecast",
    remedy: keyed(
      `Name one or several with {targets}${plain(names.length === 0 ? "" : `: ${someOf(names)}`)}.`,
    ),
  });
}

function checkColumns(
  columns: Readonly<Record<"targets" | "past" | "future", readonly string[]>>,
  parts: readonly SeriesParts[],
): void {
  const all = Object.entries(columns).flatMap(([role, names]) => names.map((name) => ({ role, name })));
  const seen = new Set<string>();
  const twice = all.find(({ name }) => seen.size === seen.add(name).size);
  if (twice)
    throw new OptionError(
      `the column ${shown(twice.name)} is named twice; a column is one of {targets}, {past} or {future} (the past of targets is read anyway)`,
    );
  for (const { series } of parts) {
    const missing = all.find(({ name }) => !Object.hasOwn(series.columns, name));
    if (!missing) continue;
    throw new DataError({
      file: series.file,
      problem: `has no column "${missing.name}" of numbers, which is ${missing.role}`,
      remedy: `The columns of numbers are ${someOf(Object.keys(series.columns)) || "none"}.`,
    });
  }
}

function usualWindow(rows: number, season: number, horizon: number): number {
  const rule = forecasterRows.window.derived;
  const room = Math.max(1, Math.min(Math.floor(rows / rule.oneIn), rows - horizon - 1));
  const most = Math.max(1, Math.floor((rows - horizon) / 2));
  if (season === 1) return Math.min(most, Math.max(Math.min(rule.plain, room), 8));
  const seasons = Math.min(rule.seasons, Math.max(rule.least, Math.floor(room / season)));
  return Math.min(seasons * season, most);
}

/** The smallest number of rows per step for which a window takes at most this many steps. */
function usualSegment(rows: number): number {
  const { steps } = forecasterRows.segment.derived;
  for (let segment = 1; segment < rows; segment++)
    if (rows % segment === 0 && rows / segment <= steps) return segment;
  return rows;
}

function checkLength({ series, train: { start, end } }: SeriesParts, window: number, ahead: number): void {
  if (end - start >= window + ahead) return;
  const of = series.name === "" ? "" : ` of "${series.name}"`;
  throw new DataError({
    file: series.file,
    problem: `has ${series.length} rows${of}, of which ${end - start} train; a window of ${window} and a horizon of ${ahead} take ${window + ahead}, and validating a horizon more`,
    remedy: keyed("Give more rows, a shorter {window} or a shorter {horizon}."),
  });
}

/** @throws OptionError for a level that changes nothing: a recursive network reads changes, and at most the value as well */
function checkLevel(level: WindowLevel): void {
  if (level === "mean" || level === "standard")
    throw new OptionError(`{level} ${level} is for {mode} direct, not for recursive; leave it out`);
}

function withMedian(quantiles: readonly number[]): number[] {
  // The median is the point forecast, so it is always included.
  return [...new Set([...quantiles, 0.5])].sort((a, b) => a - b);
}

const DAY = 86_400;

/**
 * The cycles that are longer than a step and that occur at least twice in the training rows: a single one shows no
 * repetition.
 */
function cyclesOf({ unit, count }: TimeStep, rows: number): CalendarCycle[] {
  const lengths = { second: 1, weekday: 1.4 * DAY, month: (365.2425 * DAY) / 12 };
  const seconds = count * lengths[unit];
  const cycles: readonly [CalendarCycle, number][] = [
    ["day", DAY],
    ["week", 7 * DAY],
    ["year", 365 * DAY],
  ];
  return cycles.flatMap(([name, length]) =>
    length > 1.5 * seconds && rows * seconds >= 2 * length ? [name] : [],
  );
}
