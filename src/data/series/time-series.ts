/**
 * Series in time: columns of numbers, in rows that are one step apart. Rows that a table leaves out are inserted as missing,
 * so that a row's place is its time; what is out of order, duplicated or off the grid is refused with its line.
 */

import { type Keyed, keyed } from "../../options/error.js";
import { isObject } from "../../options/items.js";
import { DataError } from "../errors.js";
import { requireOne } from "../items.js";
import { formatTime, parseTime, stepOf, stepsBetween, stepText, type TimeStep, timeAfter } from "./time.js";

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
  /** Seconds since 1970 of the first row, and the step; absent if rows have no times. */
  readonly clock?: { readonly start: number; readonly step: TimeStep };
  /** Line of each row in its file; 0 for an inserted row. Absent if rows have no lines. */
  readonly lines?: Int32Array;
  /** What a person should know: gaps that were filled in, values that are missing. */
  readonly notices: readonly string[];
}

/** What a series is made from. */
export interface TimeSeriesParts {
  /** Default "". */
  readonly name?: string;
  /** For messages; default "series". */
  readonly file?: string;
  /** Columns of the same length; NaN for missing values. */
  readonly columns: Readonly<Record<string, ArrayLike<number>>>;
  /** ISO 8601 (see `parseTime`), in ascending order. Default: rows are equal steps apart and have no times. */
  readonly times?: readonly string[];
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
  const { name = "", file = "series", statics = {}, times, lines } = parts;
  const entries = Object.entries(parts.columns);
  const rows = times?.length ?? entries[0]?.[1].length ?? 0;
  const odd = entries.find(([, values]) => values.length !== rows);
  if (odd)
    throw new DataError({
      file,
      problem: `column "${odd[0]}" has ${odd[1].length} rows, but the series has ${rows}`,
      remedy: "Every column needs a value for each row; NaN if it is missing.",
    });
  const grid = times ? gridOf(times, parts) : undefined;
  const places = grid?.places ?? Int32Array.from({ length: rows }, (_, i) => i);
  const length = rows === 0 ? 0 : places[rows - 1]! + 1;
  const placed = (values: ArrayLike<number>): Float64Array => {
    const out = new Float64Array(length).fill(Number.NaN);
    for (let i = 0; i < rows; i++) out[places[i]!] = values[i]!;
    return out;
  };
  const columns = Object.fromEntries(entries.map(([key, values]) => [key, placed(values)]));
  const lineOf = new Int32Array(length);
  if (lines) for (let i = 0; i < rows; i++) lineOf[places[i]!] = lines[i]!;
  return {
    name,
    file,
    length,
    columns,
    statics,
    ...(grid ? { clock: grid.clock } : {}),
    ...(lines ? { lines: lineOf } : {}),
    notices: grid?.notices ?? [],
  };
}

/** The time of a row as text; its number, from 1, if rows have no times. @param row may lie before or after the series */
export function rowTime({ clock }: Pick<TimeSeries, "clock">, row: number): string {
  return clock ? formatTime(timeAfter(clock.start, clock.step, row), clock.step) : String(row + 1);
}

interface Grid {
  readonly clock: NonNullable<TimeSeries["clock"]>;
  /** For each row, the number of steps after the first. */
  readonly places: Int32Array;
  readonly notices: readonly string[];
}

function gridOf(
  texts: readonly string[],
  { file = "series", name = "", lines, step: told }: TimeSeriesParts,
): Grid {
  const fail = (row: number, problem: string, remedy: string | Keyed): DataError =>
    new DataError({
      file,
      line: lines?.[row],
      remedy,
      problem: lines ? problem : `row ${row + 1} ${problem}`,
    });
  const of = name === "" ? "" : ` of "${name}"`;
  const times = texts.map((text, row) => {
    const time = parseTime(text);
    if (time !== undefined) return time;
    throw fail(
      row,
      `has the time "${text}"`,
      "Times are written 2016-07-01 14:00, 2016-07-01, 2016-07 or 2016.",
    );
  });
  for (let row = 1; row < times.length; row++) {
    const [before, time] = [times[row - 1]!, times[row]!];
    if (time > before) continue;
    throw fail(
      row,
      time === before
        ? `has the time ${texts[row]}${of} a second time`
        : `has the time ${texts[row]}${of}, which is before that of the row above it, ${texts[row - 1]}`,
      time === before
        ? keyed(
            "Each time may occur once in a series; if clocks are set back, write UTC; several series need a column that names them ({series}).",
          )
        : keyed("Sort the rows by time; several series need a column that names them ({series})."),
    );
  }
  const step = told ?? stepOf(times);
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
        "Rows must be equal steps apart; leave out rows, or resample them.",
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
    clock: { start: times[0]!, step },
    places,
    notices: more > 0 ? [...notices.slice(0, shown), `${file}: ${more} more such gaps.`] : notices,
  };
}
