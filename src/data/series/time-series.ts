/**
 * Series in time: columns of numbers, in rows that are one step apart. Rows that a table leaves out are inserted as missing,
 * so that a row's place is its time; what is out of order, duplicated or off the grid is refused with its line.
 */

import { type Keyed, keyed } from "../../options/error.js";
import { isObject } from "../../options/items.js";
import { DataError } from "../errors.js";
import { requireOne } from "../items.js";
import {
  areMonthEnds,
  formatTime,
  offsetOf,
  stepOf,
  stepsBetween,
  stepText,
  type TimeStep,
  timeAfter,
} from "./time.js";
import { formOf, type TimeForm, timeIn } from "./time-forms.js";

/** A regular series: named columns of numbers over equal steps. */
export interface TimeSeries {
  /** Its name if there are several; "" for the only one. */
  readonly name: string;
  /** Where it comes from, for messages. */
  readonly file: string;
  /** Number of rows. */
  readonly length: number;
  /** Columns of numbers, each as long as the series; NaN for missing values. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  /** Values that hold for the whole series. */
  readonly statics: Readonly<Record<string, string | number>>;
  /** Absent if rows have no times. */
  readonly clock?: SeriesClock;
  /** Line of each row in its file; 0 for an inserted row. Absent if rows have no lines. */
  readonly lines?: Int32Array;
  /** What a person should know: gaps that were filled in, values that are missing. */
  readonly notices: readonly string[];
}

/** When the rows of a series are. */
export interface SeriesClock {
  /** Seconds since 1970 in UTC of the first row. */
  readonly start: number;
  readonly step: TimeStep;
  /** The zone of the last row as it is written, "+01:00": times are told in it. Absent if none is written. */
  readonly zone?: string;
}

/** Seconds since 1970 in UTC of a row. @param row may lie before or after the series */
export function clockTime({ start, step, zone }: SeriesClock, row: number): number {
  // Days and months are those of the zone.
  const offset = offsetOf(zone);
  return timeAfter(start + offset, step, row) - offset;
}

/** What a series is made from. */
export interface TimeSeriesParts {
  /** Default "". */
  readonly name?: string;
  /** For messages; default "series". */
  readonly file?: string;
  /** Columns of the same length; NaN for missing values. */
  readonly columns: Readonly<Record<string, ArrayLike<number>>>;
  /**
   * ISO 8601 (see `parseTime`), or dates with the day or the month first, in ascending order or newest first. Default: rows are
   * equal steps apart and have no times.
   */
  readonly times?: readonly string[];
  /** The order in which dates are written; default: as all of them show. */
  readonly form?: TimeForm;
  /** Whether rows are not equal steps apart: the series has no clock then, but a column "elapsed". Default false. */
  readonly irregular?: boolean;
  /** Default: none. */
  readonly statics?: Readonly<Record<string, string | number>>;
  /** Line of each row; default: none. */
  readonly lines?: ArrayLike<number>;
  /** The step; default: the commonest one between the times. */
  readonly step?: TimeStep;
}

/** The largest share of missing rows that is filled in: a larger one is more likely another series, or a wrong time. */
const MOST_MISSING = 0.5;

/**
 * A series from columns and times.
 *
 * ```ts
 * timeSeries({ times: ["1949-01", "1949-02"], columns: { passengers: [112, 118] } });
 * ```
 *
 * @throws DataError naming the row or line whose time cannot be read, is not after the one before it, or is off the grid,
 * or a column of another length
 */
export function timeSeries(parts: TimeSeriesParts): TimeSeries {
  const takes = (item: unknown): boolean => isObject(item) && isObject(item["columns"]);
  requireOne(
    parts,
    { what: "series", one: "the parts of a series, { times, columns }", takes },
    "timeSeries",
  );
  const { file = "series", irregular = false } = parts;
  const entries = Object.entries(parts.columns);
  const rows = parts.times?.length ?? entries[0]?.[1].length ?? 0;
  const odd = entries.find(([, values]) => values.length !== rows);
  if (odd)
    throw new DataError({
      file,
      problem: `column "${odd[0]}" has ${odd[1].length} rows, but the series has ${rows}`,
      remedy: "Every column needs a value for each row; NaN if it is missing.",
    });
  if (!parts.times) return placedSeries(parts, undefined);
  const read = readTimes(parts.times, parts);
  const isFalling = rows > 1 && read.seconds.every((time, row) => row === 0 || time < read.seconds[row - 1]!);
  const [inOrder, times] = isFalling ? [turned(parts), turnedTimes(read)] : [parts, read];
  requireRising(inOrder.times!, times, inOrder);
  const notices = isFalling
    ? [`${file}: rows are newest first; they are read from the last to the first.`]
    : [];
  if (irregular) {
    const series = placedSeries(withElapsed(inOrder, times), undefined);
    return { ...series, notices };
  }
  const series = placedSeries(inOrder, gridOf(inOrder.times!, times, inOrder));
  return { ...series, notices: [...notices, ...series.notices] };
}

/** Columns in the places of their rows. */
function placedSeries(parts: TimeSeriesParts, grid: Grid | undefined): TimeSeries {
  const { name = "", file = "series", statics = {}, times, lines } = parts;
  const entries = Object.entries(parts.columns);
  const rows = times?.length ?? entries[0]?.[1].length ?? 0;
  const places = grid?.places ?? Int32Array.from({ length: rows }, (_, i) => i);
  const length = rows === 0 ? 0 : places[rows - 1]! + 1;
  const placed = (values: ArrayLike<number>): Float64Array => {
    const out = new Float64Array(length).fill(Number.NaN);
    for (let i = 0; i < rows; i++) out[places[i]!] = values[i]!;
    return out;
  };
  const lineOf = new Int32Array(length);
  if (lines) for (let i = 0; i < rows; i++) lineOf[places[i]!] = lines[i]!;
  return {
    name,
    file,
    length,
    columns: Object.fromEntries(entries.map(([key, values]) => [key, placed(values)])),
    statics,
    ...(grid ? { clock: grid.clock } : {}),
    ...(lines ? { lines: lineOf } : {}),
    notices: grid?.notices ?? [],
  };
}

/** The column that holds how many seconds passed since the row before, where rows are not equal steps apart. */
export const elapsedColumn = "elapsed";

function withElapsed(parts: TimeSeriesParts, { seconds }: Times): TimeSeriesParts {
  if (Object.hasOwn(parts.columns, elapsedColumn))
    throw new DataError({
      file: parts.file ?? "series",
      problem: `has a column "${elapsedColumn}" of its own`,
      remedy: "The seconds since the row before would have this name; call the column otherwise.",
    });
  // Nothing is known of the time before the first row.
  const elapsed = seconds.map((time, row) => (row === 0 ? Number.NaN : time - seconds[row - 1]!));
  return { ...parts, columns: { ...parts.columns, [elapsedColumn]: elapsed } };
}

/** The same from the last row to the first. */
function turned(parts: TimeSeriesParts): TimeSeriesParts {
  const { columns, times, lines } = parts;
  const reversed = <T>(values: ArrayLike<T>): T[] => Array.from(values).reverse();
  return {
    ...parts,
    columns: Object.fromEntries(Object.entries(columns).map(([key, values]) => [key, reversed(values)])),
    ...(times ? { times: reversed(times) } : {}),
    ...(lines ? { lines: reversed(lines) } : {}),
  };
}

const turnedTimes = ({ seconds, zones }: Times): Times => ({
  seconds: [...seconds].reverse(),
  zones: [...zones].reverse(),
});

/** The time of a row as text; its number, from 1, if rows have no times. @param row may lie before or after the series */
export function rowTime({ clock }: Pick<TimeSeries, "clock">, row: number): string {
  return clock ? formatTime(clockTime(clock, row), clock.step, clock.zone) : String(row + 1);
}

interface Grid {
  readonly clock: NonNullable<TimeSeries["clock"]>;
  /** For each row, the number of steps after the first. */
  readonly places: Int32Array;
  readonly notices: readonly string[];
}

/** Times of rows. */
interface Times {
  /** Since 1970 in UTC. */
  readonly seconds: readonly number[];
  readonly zones: readonly (string | undefined)[];
}

/** The error about a row. */
const failing =
  ({ file = "series", lines }: TimeSeriesParts) =>
  (row: number, problem: string, remedy: string | Keyed): DataError =>
    new DataError({
      file,
      line: lines?.[row],
      remedy,
      problem: lines ? problem : `row ${row + 1} ${problem}`,
    });

const nameOf = ({ name = "" }: TimeSeriesParts): string => (name === "" ? "" : ` of "${name}"`);

function readTimes(texts: readonly string[], parts: TimeSeriesParts): Times {
  const fail = failing(parts);
  const form = parts.form ?? formOf(texts);
  if (form === undefined)
    throw fail(
      0,
      `has the time "${texts[0]}", and nothing shows whether the day or the month comes first`,
      "Write dates as 2016-07-01.",
    );
  const times = texts.map((text, row) => {
    const time = timeIn(form, text);
    if (time !== undefined) return time;
    throw fail(
      row,
      `has the time "${text}"${form === "year first" ? "" : `, in a column with the ${form}`}`,
      "Times are written 2016-07-01 14:00, 2016-07-01, 2016-07 or 2016.",
    );
  });
  return { seconds: times.map(({ seconds }) => seconds), zones: times.map(({ zone }) => zone) };
}

function requireRising(texts: readonly string[], { seconds }: Times, parts: TimeSeriesParts): void {
  const [fail, of] = [failing(parts), nameOf(parts)];
  for (let row = 1; row < seconds.length; row++) {
    const [before, time] = [seconds[row - 1]!, seconds[row]!];
    if (time > before) continue;
    throw fail(
      row,
      time === before
        ? `has the time ${texts[row]}${of} a second time`
        : `has the time ${texts[row]}${of}, which is before that of the row above it, ${texts[row - 1]}`,
      time === before
        ? keyed(
            "Each time may occur once in a series; if clocks are set back, write UTC or the offset; several series need a column that names them ({series}).",
          )
        : keyed("Sort the rows by time; several series need a column that names them ({series})."),
    );
  }
}

/**
 * Times on the clock by which they are equal steps apart: that of their zone, if there is one; where clocks are set forward and
 * back, UTC, or what clocks on the wall show.
 */
function onClock({ seconds, zones }: Times): {
  readonly times: readonly number[];
  readonly zone: string | undefined;
  readonly offset: number;
} {
  const zone = zones.at(-1);
  const offsets = zones.map(offsetOf);
  const [offset] = offsets;
  const onWall = (): number[] => seconds.map((time, row) => time + offsets[row]!);
  if (offsets.every((each) => each === offset)) return { times: onWall(), zone, offset: offset ?? 0 };
  const isRegular = (times: readonly number[]): boolean => {
    const step = stepOf(times);
    return step !== undefined && times.every((time) => Number.isInteger(stepsBetween(times[0]!, time, step)));
  };
  if (isRegular(seconds) || !isRegular(onWall())) return { times: seconds, zone, offset: 0 };
  return { times: onWall(), zone: undefined, offset: 0 };
}

function gridOf(texts: readonly string[], read: Times, parts: TimeSeriesParts): Grid {
  const { file = "series", lines, step: told } = parts;
  const [fail, of] = [failing(parts), nameOf(parts)];
  const { times, zone, offset } = onClock(read);
  const step = told === undefined ? stepOf(times) : stepAsIn(told, times);
  if (step === undefined)
    throw fail(0, "is the only row, so the time step is unknown", "Give a series with more rows.");
  const places = new Int32Array(times.length);
  const notices: string[] = [];
  let filled = 0;
  for (let row = 1; row < times.length; row++) {
    const place = stepsBetween(times[0]!, times[row]!, step);
    if (!Number.isInteger(place))
      throw fail(
        row,
        `has the time ${texts[row]}${of}, which is not a whole number of steps after ${texts[row - 1]}: the step is ${stepText(step)}`,
        keyed(
          "Rows must be equal steps apart: resample them, or say with {irregular} that they are not; the time between them is then read as a column.",
        ),
      );
    places[row] = place;
    const missing = place - places[row - 1]! - 1;
    if (missing === 0) continue;
    filled += missing;
    const where = lines ? `${file}:${lines[row]}` : `${file}, row ${row + 1}`;
    notices.push(
      `${where}: ${missing === 1 ? "1 row is" : `${missing} rows are`} missing${of} between ${texts[row - 1]} and ${texts[row]}; taken as missing values.`,
    );
  }
  if (filled > MOST_MISSING * times.length)
    throw fail(
      0,
      `begins a series${of} of ${times.length} rows with ${filled} missing, at a step of ${stepText(step)}`,
      "A forecast needs most of the rows; resample the table to a longer step, or cut it at the gap.",
    );
  const shown = 5;
  const more = notices.length - shown;
  return {
    clock: { start: times[0]! - offset, step, ...(zone === undefined ? {} : { zone }) },
    places,
    notices: more > 0 ? [...notices.slice(0, shown), `${file}: ${more} more such gaps.`] : notices,
  };
}

/** A step that is told: in months, whether they end where the times do. */
function stepAsIn({ unit, count }: TimeStep, times: readonly number[]): TimeStep {
  return unit === "month" && areMonthEnds(times) ? { unit, count, atEnd: true } : { unit, count };
}

/** Whether series go by the same step. */
export const sameStep = (a: TimeStep | undefined, b: TimeStep | undefined): boolean =>
  a?.unit === b?.unit && a?.count === b?.count;
