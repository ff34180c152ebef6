/**
 * Points in time in ISO 8601, and the steps between them. All of it is arithmetic in UTC: nothing depends on a locale,
 * a time zone or a clock, so a table means the same everywhere.
 */
import { requireText } from "../../options/items.js";

/** The step of a regular series: a number of seconds, or of months, which differ in length. */
export interface TimeStep {
  readonly unit: "second" | "month";
  /** A whole number from 1. */
  readonly count: number;
}

const DAY = 86_400;
const shape =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?$/;

/**
 * A point in time: YYYY, YYYY-MM, YYYY-MM-DD, or a date with HH:MM or HH:MM:SS after a T or a blank, optionally with Z or
 * an offset such as +01:00. Without one it is UTC; fractions of seconds are ignored.
 *
 * @returns seconds since 1970-01-01T00:00:00Z; undefined if the text has none of these forms, or there is no such day
 */
export function parseTime(text: string): number | undefined {
  requireText("parseTime", text);
  const found = shape.exec(text.trim());
  if (!found) return undefined;
  const [, year, month = "01", day = "01", hour = "00", minute = "00", second = "00", zone = "Z"] = found;
  const parts = [year, month, day, hour, minute, second].map(Number) as Parts;
  const [y, mo, d, h, mi, s] = parts;
  if (mo < 1 || mo > 12 || d < 1 || d > daysOf(y, mo) || h > 23 || mi > 59 || s > 59) return undefined;
  return secondsOf(parts) - offsetOf(zone);
}

type Parts = [year: number, month: number, day: number, hour: number, minute: number, second: number];

function offsetOf(zone: string): number {
  if (zone === "Z") return 0;
  const digits = zone.replace(":", "");
  const seconds = 60 * (60 * Number(digits.slice(1, 3)) + Number(digits.slice(3)));
  return zone.startsWith("-") ? -seconds : seconds;
}

const daysOf = (year: number, month: number): number =>
  (secondsOf([month === 12 ? year + 1 : year, (month % 12) + 1, 1, 0, 0, 0]) -
    secondsOf([year, month, 1, 0, 0, 0])) /
  DAY;

function secondsOf([year, month, day, hour, minute, second]: Parts): number {
  const date = new Date(0);
  // Not Date.UTC, which maps the years 0 to 99 to the last century.
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return date.getTime() / 1000;
}

/** A time by its parts, in UTC. */
export interface TimeParts {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  /** 0, Monday, to 6. */
  readonly weekday: number;
  /** 0 to 86,399. */
  readonly secondOfDay: number;
}

/** The parts of a time in UTC. @param seconds since 1970 */
export function timeParts(seconds: number): TimeParts {
  const date = new Date(1000 * seconds);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: (date.getUTCDay() + 6) % 7,
    secondOfDay: seconds - DAY * Math.floor(seconds / DAY),
  };
}

/** A time as text, as precise as the step requires. Years and months: 1960-12; days: 1960-12-31; else 1960-12-31 23:00. */
export function formatTime(seconds: number, step: TimeStep): string {
  const { year, month, day, secondOfDay } = timeParts(seconds);
  const two = (n: number): string => String(n).padStart(2, "0");
  const date = `${String(year).padStart(4, "0")}-${two(month)}`;
  if (step.unit === "month" && day === 1 && secondOfDay === 0) return date;
  if (step.unit === "month" || (step.count % DAY === 0 && secondOfDay === 0)) {
    if (secondOfDay === 0) return `${date}-${two(day)}`;
  }
  const [hour, minute, second] = [secondOfDay / 3600, (secondOfDay / 60) % 60, secondOfDay % 60].map(
    Math.floor,
  );
  const clock = `${two(hour!)}:${two(minute!)}`;
  return `${date}-${two(day)} ${clock}${second === 0 ? "" : `:${two(second!)}`}`;
}

/** The time a number of steps after another one. */
export function timeAfter(seconds: number, step: TimeStep, steps: number): number {
  if (step.unit === "second") return seconds + steps * step.count;
  const { year, month, day, secondOfDay } = timeParts(seconds);
  const months = 12 * year + month - 1 + steps * step.count;
  const [y, m] = [Math.floor(months / 12), (months % 12) + 1];
  return secondsOf([y, m, Math.min(day, daysOf(y, m)), 0, 0, 0]) + secondOfDay;
}

/** Number of steps from one time to another, not necessarily whole. */
export function stepsBetween(from: number, to: number, step: TimeStep): number {
  if (step.unit === "second") return (to - from) / step.count;
  const [a, b] = [timeParts(from), timeParts(to)];
  const whole = (12 * (b.year - a.year) + b.month - a.month) / step.count;
  // Times on different days of the month are not a whole number of months apart, except at the ends of months: 31
  // January, 28 February.
  return timeAfter(from, step, Math.round(whole)) === to ? Math.round(whole) : whole + 1e-3;
}

/**
 * The step of ascending times: the commonest one; in months if all of them are whole months apart.
 *
 * @returns undefined if there are fewer than two times
 */
export function stepOf(times: ArrayLike<number>): TimeStep | undefined {
  const months = stepIn(times, (from, to) => stepsBetween(from, to, { unit: "month", count: 1 }));
  if (months !== undefined && Number.isInteger(months) && months >= 1) {
    const step: TimeStep = { unit: "month", count: months };
    let fits = true;
    for (let i = 1; i < times.length && fits; i++)
      fits = Number.isInteger(stepsBetween(times[0]!, times[i]!, step));
    if (fits) return step;
  }
  const seconds = stepIn(times, (from, to) => to - from);
  return seconds === undefined ? undefined : { unit: "second", count: seconds };
}

/** The commonest distance between neighbours; of several, the smallest. */
function stepIn(
  times: ArrayLike<number>,
  distance: (from: number, to: number) => number,
): number | undefined {
  const counts = new Map<number, number>();
  for (let i = 1; i < times.length; i++) {
    const d = distance(times[i - 1]!, times[i]!);
    counts.set(d, (counts.get(d) ?? 0) + 1);
  }
  let best: number | undefined;
  for (const [d, count] of counts) {
    const before = best === undefined ? -1 : counts.get(best)!;
    if (count > before || (count === before && d < best!)) best = d;
  }
  return best;
}

/** "1 hour", "15 minutes", "3 months". */
export function stepText(given: TimeStep): string {
  const { unit, count } = Object(given) as TimeStep;
  const units: readonly [number, string][] =
    unit === "month"
      ? [
          [12, "year"],
          [1, "month"],
        ]
      : [
          [7 * DAY, "week"],
          [DAY, "day"],
          [3600, "hour"],
          [60, "minute"],
          [1, "second"],
        ];
  const [size, name] = units.find(([each]) => count % each === 0)!;
  const n = count / size;
  return `${n} ${name}${n === 1 ? "" : "s"}`;
}

/** The most steps in a season: for minutes the season is the hour, not the day. */
const MOST_SEASON = 300;

/**
 * The number of steps after which such a series most likely repeats: a day of hours, a week of days, a year of weeks or months,
 * an hour of minutes.
 */
export function seasonOf(given: TimeStep): number {
  const { unit, count } = Object(given) as TimeStep;
  if (unit === "second" && count === 7 * DAY) return 52;
  const periods = unit === "month" ? [12] : count < DAY ? [DAY, 3600, 60] : [7 * DAY];
  const period = periods.find((each) => each > count && each % count === 0 && each / count <= MOST_SEASON);
  return period === undefined ? 1 : period / count;
}
