/**
 * Tables over time: a header, a row for each time, and in long form a column that names the series. The caller says which
 * column is which, or they are detected: times by name and contents, the target if only one column holds numbers.
 */
import { keyed, someOf } from "../../options/error.js";
import { DataError } from "../errors.js";
import { requireSource, type Source } from "../source.js";
import { isMissing, numberRemedy, valueOf } from "../tables/number.js";
import {
  type Field,
  type Table,
  type TableFormatName,
  type TableRow,
  tableFormatOf,
  tableFormats,
} from "../tables/table.js";
import { seriesNames } from "./series-tables.js";
import { parseTime, type TimeStep } from "./time.js";
import { type TimeSeries, timeSeries } from "./time-series.js";

/** What to read of a table over time. */
export interface TimeTableOptions {
  /** Default: by the file's extension. */
  readonly format?: TableFormatName | undefined;
  /** The column of times. Default: detected by name (date, time, month, …) or contents; there may be none. */
  readonly time?: string | undefined;
  /** The column that names the series. Default: "series", "series_id" or "unique_id"; without one the table is one series. */
  readonly series?: string | undefined;
  /** Columns of numbers to read. Default: all that hold only numbers; one that mostly does is refused, not left out. */
  readonly columns?: readonly string[] | undefined;
  /** Columns that hold one value for each series, a number or a text. Default: none. */
  readonly statics?: readonly string[] | undefined;
  /** The time step; default: detected. */
  readonly step?: TimeStep | undefined;
}

/** A table over time as it was read. */
export interface TimeTable {
  readonly series: readonly TimeSeries[];
  /** The columns that were found. */
  readonly columns: readonly string[];
  readonly time: string | undefined;
  readonly seriesColumn: string | undefined;
  /** Gaps that were filled, values that are missing. */
  readonly notices: readonly string[];
}

/** Names by which a column of times is recognised, in upper or lower case. */
const timeNames = [
  "date",
  "time",
  "datetime",
  "timestamp",
  "ds",
  "period",
  "year",
  "month",
  "week",
  "day",
  "hour",
  "index",
];

const isNumber = (text: string): boolean => !Number.isNaN(valueOf(text) ?? Number.NaN);

/** A field as text. */
const textOf = (field: Field): string => (typeof field === "string" ? field.trim() : (field ?? []).join(" "));

interface Header {
  readonly table: Table;
  readonly names: readonly string[];
  readonly rows: readonly TableRow[];
}

/**
 * Reads a table over time: .csv, .tsv or .jsonl, with a header (the keys of .jsonl).
 *
 * @throws DataError naming the line of a value that is not a number, and whatever `timeSeries` refuses
 */
export async function readTimeTable(source: Source, options: TimeTableOptions = {}): Promise<TimeTable> {
  requireSource(source);
  const { name: file } = source;
  const format = options.format ?? tableFormatOf(file) ?? "csv";
  const table = await tableFormats[format].read(source);
  const header = headerOf(table);
  const places = new Map(header.names.map((name, at) => [name, at]));
  const column = (name: string, what: string): number => {
    const at = places.get(name);
    if (at !== undefined) return at;
    throw new DataError({
      file,
      line: table.keys ? undefined : header.table.rows[0]?.line,
      problem: `has no column ${JSON.stringify(name)} for ${what}`,
      remedy: `The columns are ${someOf(header.names)}.`,
    });
  };
  const time = options.time === undefined ? findTime(header) : column(options.time, "the times");
  const usual = header.names.findIndex((name) => [...seriesNames, "unique_id"].includes(name.toLowerCase()));
  const by = options.series === undefined ? usual : column(options.series, "the series");
  const statics = (options.statics ?? []).map((name) => ({
    name,
    at: column(name, "what is known of a series"),
  }));
  const taken = new Set([time, by, ...statics.map(({ at }) => at)]);
  const chosen =
    options.columns?.map((name) => ({ name, at: column(name, "numbers") })) ??
    header.names.flatMap((name, at) => (taken.has(at) || !isNumeric(header, at) ? [] : [{ name, at }]));
  if (chosen.length === 0) throw noNumbers(header, taken);
  const groups = groupRows(header, by);
  const missing = new Map<string, number>();
  const series = groups.map(([name, rows]): TimeSeries => {
    const read = chosen.map(({ name: key, at }): [string, Float64Array] => {
      const values = Float64Array.from(rows, (row) => numberOf(row, at, { file, key }));
      missing.set(key, (missing.get(key) ?? 0) + values.filter(Number.isNaN).length);
      return [key, values];
    });
    return timeSeries({
      name,
      file,
      columns: Object.fromEntries(read),
      statics: Object.fromEntries(
        statics.map(({ name: key, at }) => [key, staticOf(rows, at, { file, key })]),
      ),
      lines: rows.map(({ line }) => line),
      ...(time === undefined ? {} : { times: rows.map((row) => textOf(row.fields[time])) }),
      ...(options.step ? { step: options.step } : {}),
    });
  });
  const holes = [...missing].filter(([, count]) => count > 0);
  return {
    series,
    columns: chosen.map(({ name }) => name),
    time: time === undefined ? undefined : header.names[time],
    seriesColumn: by < 0 ? undefined : header.names[by],
    notices: [
      ...series.flatMap(({ notices }) => notices),
      ...(holes.length === 0
        ? []
        : [`${file}: values are missing: ${someOf(holes.map(([key, count]) => `${key} ${count}`))}.`]),
      ...(time === undefined
        ? [`${file}: no column of times; rows are assumed to be equal steps apart.`]
        : []),
    ],
  };
}

function headerOf(table: Table): Header {
  const { file } = table;
  const names = table.keys ?? (table.rows[0]?.fields ?? []).map(textOf);
  const rows = table.keys ? table.rows : table.rows.slice(1);
  const fail = (problem: string, remedy: string): DataError =>
    new DataError({ file, line: table.keys ? undefined : table.rows[0]?.line, problem, remedy });
  const numbers = names.filter((name) => isNumber(name) || isMissing(name));
  if (!table.keys && numbers.length > 0)
    throw fail(
      `has the column name ${JSON.stringify(numbers[0])} in its first row`,
      "The first row must be a header with the names of the columns.",
    );
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw fail(`has two columns named ${JSON.stringify(twice)}`, "Give each its own name.");
  if (rows.length === 0) throw fail("has only a header", "Give a table with one row per time.");
  return { table, names, rows };
}

/**
 * The column of times: by name, if its first field is a time; otherwise the first column whose fields are all written
 * as dates.
 */
function findTime({ names, rows }: Header): number | undefined {
  const first = rows.slice(0, 20);
  const areTimes = (at: number, dashed: boolean): boolean =>
    first.every(({ fields }) => {
      const text = textOf(fields[at]);
      return parseTime(text) !== undefined && (!dashed || text.includes("-"));
    });
  const named = names.findIndex((name, at) => timeNames.includes(name.toLowerCase()) && areTimes(at, false));
  if (named >= 0) return named;
  const found = names.findIndex((_, at) => areTimes(at, true));
  return found < 0 ? undefined : found;
}

/**
 * Whether a column holds numbers and nothing else.
 *
 * @throws DataError naming the first other value if most are numbers: silently left out, the column would be missed, or another
 * one taken for the target
 */
function isNumeric({ table, names, rows }: Header, at: number): boolean {
  const filled = rows.filter(({ fields }) => !isMissing(textOf(fields[at])));
  const other = filled.find(({ fields }) => valueOf(textOf(fields[at])) === undefined);
  const numbers = filled.filter(({ fields }) => isNumber(textOf(fields[at]))).length;
  if (other === undefined) return numbers > 0;
  if (2 * numbers <= filled.length) return false;
  throw new DataError({
    file: table.file,
    line: other.line,
    problem: `"${names[at]}" is "${textOf(other.fields[at])}", in a column of numbers`,
    remedy: keyed(
      `${numberRemedy}; if this column should not be read, name those that should with {targets}, {past} and {future} (columns).`,
    ),
  });
}

/** The error about a table without a column of numbers: its first values show why. */
function noNumbers({ table, names, rows }: Header, taken: ReadonlySet<number | undefined>): DataError {
  const [first] = rows;
  const values = names.flatMap((name, at) =>
    taken.has(at) ? [] : [`"${name}" is "${textOf(first?.fields[at] ?? null)}"`],
  );
  return new DataError({
    file: table.file,
    line: first?.line,
    problem: "the table has no columns of numbers",
    remedy: `Numbers are written as in 1234.5${values.length > 0 ? `; here ${someOf(values)}` : ""}.`,
  });
}

function groupRows({ rows, table, names }: Header, by: number): [string, TableRow[]][] {
  if (by < 0) return [["", [...rows]]];
  const groups = new Map<string, TableRow[]>();
  for (const row of rows) {
    const name = textOf(row.fields[by]);
    if (name === "")
      throw new DataError({
        file: table.file,
        line: row.line,
        problem: "names no series",
        remedy: `Every row needs a name in the column "${names[by]}".`,
      });
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  return [...groups];
}

function numberOf(
  { line, fields }: TableRow,
  at: number,
  { file, key }: { readonly file: string; readonly key: string },
): number {
  const text = textOf(fields[at]);
  const value = valueOf(text);
  if (value !== undefined) return value;
  throw new DataError({ file, line, problem: `"${key}" is "${text}"`, remedy: `${numberRemedy}.` });
}

function staticOf(
  rows: readonly TableRow[],
  at: number,
  { file, key }: { readonly file: string; readonly key: string },
): string | number {
  const texts = rows.map(({ fields }) => textOf(fields[at]));
  const other = texts.findIndex((text) => text !== texts[0]);
  if (other >= 0)
    throw new DataError({
      file,
      line: rows[other]?.line,
      problem: `"${key}" is "${texts[other]}", but "${texts[0]}" in the rows before`,
      remedy: keyed(
        "A static column has one value in all rows of a series; a column that changes belongs to {past} or {future}.",
      ),
    });
  const [text = ""] = texts;
  return isNumber(text) ? Number(text) : text;
}
