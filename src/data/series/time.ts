/**
 * Points in time in ISO 8601, and the steps between them. All of it is arithmetic in UTC: nothing depends on a locale,
 * a time zone or a clock, so a table means the same everywhere.
 */
import { requireText } from "../../options/items.js";

/** The step of a regular series: a number of seconds; of months, which differ in length; or of days from Monday to Friday. */
export interface TimeStep {
  readonly unit: "second" | "month" | "weekday";
  /** A number of seconds, to the microsecond; otherwise a whole number. From 1, but for seconds. */
  readonly count: number;
  /** Of months: true if every time lies on the last day of its month, whatever its number. */
  readonly atEnd?: boolean;
}

const DAY = 86_400;
const shape =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?)?)?$/;

/**
 * A point in time: YYYY, YYYY-MM, YYYY-MM-DD, or a date with HH:MM or HH:MM:SS after a T or a blank, optionally with Z or
 * an offset such as +01:00. Without one it is UTC; fractions of seconds count to the microsecond.
 *
 * @returns seconds since 1970-01-01T00:00:00Z; undefined if the text has none of these forms, or there is no such day
 */
export function parseTime(text: string): number | undefined {
  requireText("parseTime", text);
  return parseZoned(text)?.seconds;
}

/** A point in time and how its clock differs from UTC. */
export interface ZonedTime {
  /** Since 1970 in UTC. */
  readonly seconds: number;
  /** "Z" or "+01:00"; undefined if none is written. */
  readonly zone: string | undefined;
}

/** The same, with the zone as it is written. */
export function parseZoned(text: string): ZonedTime | undefined {
  const found = shape.exec(text.trim());
  if (!found) return undefined;
  const [, year, month = "01", day = "01", hour = "00", minute = "00", second = "00", zone] = found;
  const parts = [year, month, day, hour, minute, second.replace(",", ".")].map(Number) as Parts;
  const [y, mo, d, h, mi, s] = parts;
  if (mo < 1 || mo > 12 || d < 1 || d > daysOf(y, mo) || h > 23 || mi > 59 || s >= 60) return undefined;
  return { seconds: secondsOf(parts) - offsetOf(zone), zone };
}

type Parts = [year: number, month: number, day: number, hour: number, minute: number, second: number];

/** How many seconds a clock is before UTC; 0 for none. */
export function offsetOf(zone: string | undefined): number {
  if (zone === undefined || /^[A-Z]/.test(zone)) return 0;
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
  date.setUTCHours(hour, minute, 0);
  // Dates know milliseconds only.
  return date.getTime() / 1000 + second;
}

/** Seconds to the microsecond: a double holds no more of those since 1970. */
const rounded = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

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

/**
 * A time as text, as precise as the step requires. Years and months: 1960-12; days: 1960-12-31; else 1960-12-31 23:00.
 *
 * @param zone the clock that is read, which follows times of day: "+01:00". Default: UTC, and nothing follows
 */
export function formatTime(seconds: number, step: TimeStep, zone?: string): string {
  const { year, month, day, secondOfDay } = timeParts(rounded(seconds + offsetOf(zone)));
  const two = (n: number): string => String(n).padStart(2, "0");
  const date = `${String(year).padStart(4, "0")}-${two(month)}`;
  if (step.unit === "month" && day === 1 && secondOfDay === 0) return date;
  if (step.unit !== "second" || (step.count % DAY === 0 && secondOfDay === 0)) {
    if (secondOfDay === 0) return `${date}-${two(day)}`;
  }
  const [hour, minute, second] = [secondOfDay / 3600, (secondOfDay / 60) % 60, secondOfDay % 60].map(
    Math.floor,
  );
  const clock = `${two(hour!)}:${two(minute!)}`;
  const fraction = rounded(secondOfDay - Math.floor(secondOfDay))
    .toFixed(6)
    .slice(1)
    .replace(/\.?0+$/, "");
  const rest = second === 0 && fraction === "" ? "" : `:${two(second!)}${fraction}`;
  return `${date}-${two(day)} ${clock}${rest}${zone ?? ""}`;
}

/** The time a number of steps after another one. */
export function timeAfter(seconds: number, step: TimeStep, steps: number): number {
  const { unit, count, atEnd = false } = step;
  if (unit === "second")
    return Number.isInteger(count) ? seconds + steps * count : rounded(seconds + steps * count);
  if (unit === "weekday") {
    // Counted from the Monday of the week.
    const { weekday } = timeParts(seconds);
    const days = weekday + steps * count;
    return seconds + (7 * Math.floor(days / 5) + (((days % 5) + 5) % 5) - weekday) * DAY;
  }
  const { year, month, day, secondOfDay } = timeParts(seconds);
  const months = 12 * year + month - 1 + steps * count;
  const [y, m] = [Math.floor(months / 12), (months % 12) + 1];
  const last = daysOf(y, m);
  return secondsOf([y, m, atEnd ? last : Math.min(day, last), 0, 0, 0]) + secondOfDay;
}

/** Number of steps from one time to another, not necessarily whole. */
export function stepsBetween(from: number, to: number, step: TimeStep): number {
  const { unit, count } = step;
  if (unit === "second") {
    const steps = (to - from) / count;
    const whole = Math.round(steps);
    // Fractions of seconds since 1970 are known to a quarter of a microsecond.
    return Number.isInteger(count) || Math.abs(to - from - whole * count) > 2e-6 ? steps : whole;
  }
  if (unit === "weekday") {
    const [a, b] = [timeParts(from), timeParts(to)];
    const monday = (seconds: number, { weekday }: TimeParts): number => seconds - weekday * DAY;
    const weeks = Math.round((monday(to, b) - monday(from, a)) / (7 * DAY));
    const steps = (5 * weeks + b.weekday - a.weekday) / count;
    return b.weekday < 5 && timeAfter(from, step, steps) === to ? steps : steps + 1e-3;
  }
  const [a, b] = [timeParts(from), timeParts(to)];
  const whole = (12 * (b.year - a.year) + b.month - a.month) / count;
  // Times on different days of the month are not a whole number of months apart, except at the ends of months: 31
  // January, 28 February.
  return timeAfter(from, step, Math.round(whole)) === to ? Math.round(whole) : whole + 1e-3;
}

/**
 * The step of ascending times: the commonest one; in months if all of them are whole months apart, or all at the ends of
 * months; in days from Monday to Friday if no other day occurs in more than two weeks.
 *
 * @returns undefined if there are fewer than two times
 */
export function stepOf(times: ArrayLike<number>): TimeStep | undefined {
  const atEnd = areMonthEnds(times);
  const month: TimeStep = { unit: "month", count: 1, ...(atEnd ? { atEnd } : {}) };
  const months = stepIn(times, (from, to) => stepsBetween(from, to, month));
  if (months !== undefined && Number.isInteger(months) && months >= 1) {
    const step: TimeStep = { ...month, count: months };
    let fits = true;
    for (let i = 1; i < times.length && fits; i++)
      fits = Number.isInteger(stepsBetween(times[0]!, times[i]!, step));
    if (fits) return step;
  }
  const seconds = stepIn(times, (from, to) => rounded(to - from));
  if (seconds === DAY && areWeekdays(times)) return { unit: "weekday", count: 1 };
  return seconds === undefined ? undefined : { unit: "second", count: seconds };
}

/** Whether times lie on the last days of months that end on different days, so that no other day can be meant. */
export function areMonthEnds(times: ArrayLike<number>): boolean {
  const days = new Set<number>();
  for (let i = 0; i < times.length; i++) {
    const { year, month, day } = timeParts(times[i]!);
    if (day !== daysOf(year, month)) return false;
    days.add(day);
  }
  // From 31 January on, steps of months lead to the same days.
  return days.size > 1 && timeParts(times[0]!).day < 31;
}

/** Whether daily times leave out all weekends, at least two of them. */
function areWeekdays(times: ArrayLike<number>): boolean {
  for (let i = 0; i < times.length; i++) if (timeParts(times[i]!).weekday > 4) return false;
  return times[times.length - 1]! - times[0]! >= 13 * DAY;
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
  const { unit, count, atEnd } = Object(given) as TimeStep;
  const units: Readonly<Record<TimeStep["unit"], readonly [number, string][]>> = {
    month: [
      [12, "year"],
      [1, "month"],
    ],
    weekday: [[1, "weekday"]],
    second: [
      [7 * DAY, "week"],
      [DAY, "day"],
      [3600, "hour"],
      [60, "minute"],
    ],
  };
  const [size, name] = units[unit].find(([each]) => count % each === 0) ?? [1, "second"];
  const n = count / size;
  return `${n} ${name}${n === 1 ? "" : "s"}${atEnd ? ", at the end of each month" : ""}`;
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
  if (unit === "weekday") return count === 1 ? 5 : 1;
  const periods = unit === "month" ? [12] : count < DAY ? [DAY, 3600, 60] : [7 * DAY];
  const period = periods.find((each) => each > count && each % count === 0 && each / count <= MOST_SEASON);
  return period === undefined ? 1 : period / count;
}
