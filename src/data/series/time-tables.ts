/**
 * Tables over time: a header, a row for each time, and in long form a column that names the series. The caller says which
 * column is which, or they are detected: times by name and contents, the target if only one column holds numbers.
 */
import { type Keyed, keyed, someOf } from "../../options/error.js";
import { DataError } from "../errors.js";
import { requireSource, type Source } from "../source.js";
import {
  isMissing,
  looksNumeric,
  type NumberReader,
  numberProblem,
  numberReader,
  numberRemedy,
  valueOf,
} from "../tables/number.js";
import { note, type TableForm } from "../tables/rows.js";
import {
  type Field,
  type Table,
  type TableFormatName,
  type TableRow,
  tableFormatOf,
  tableFormats,
} from "../tables/table.js";
import { seriesNames } from "./series-tables.js";
import { stepText, type TimeStep } from "./time.js";
import { timeColumns, timeTexts } from "./time-columns.js";
import { formOf } from "./time-forms.js";
import { elapsedColumn, type TimeSeries, timeSeries } from "./time-series.js";

/** What to read of a table over time. */
export interface TimeTableOptions extends TableForm {
  /** Default: by the file's extension. */
  readonly format?: TableFormatName | undefined;
  /**
   * The column of times; or several of which a time is made, "year,month,day,hour" or "date,time"; or "none": rows are then
   * equal steps apart. Default: detected by name (date, time, month, …) or contents; there may be none.
   */
  readonly time?: string | undefined;
  /** Whether rows are not equal steps apart; the seconds since the row before are then a column, "elapsed". Default false. */
  readonly irregular?: boolean | undefined;
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

const isNumber = (text: string): boolean => !Number.isNaN(valueOf(text) ?? Number.NaN);

/** A field as text. */
const textOf = (field: Field): string => (typeof field === "string" ? field.trim() : (field ?? []).join(" "));

interface Header {
  readonly table: Table;
  readonly names: readonly string[];
  readonly rows: readonly TableRow[];
  readonly numbers: NumberReader;
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
  const notices: string[] = [];
  const table = await tableFormats[format].read(source, options, notices);
  const header = headerOf(table, options);
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
  const fieldsOf = header.rows.map(({ fields }) => fields.map(textOf));
  const times = timeColumns({ names: header.names, rows: fieldsOf }, options.time, column);
  const usual = header.names.findIndex((name) => [...seriesNames, "unique_id"].includes(name.toLowerCase()));
  const by = options.series === undefined ? usual : column(options.series, "the series");
  const statics = (options.statics ?? []).map((name) => ({
    name,
    at: column(name, "what is known of a series"),
  }));
  const taken = new Set([...times, by, ...statics.map(({ at }) => at)]);
  const told = options.columns?.filter((name) => !(options.irregular && name === elapsedColumn));
  const counting = told === undefined ? indexOf(header) : -1;
  const index = taken.has(counting) ? -1 : counting;
  settleDecimals(header, taken);
  const chosen =
    told?.map((name) => ({ name, at: column(name, "numbers") })) ??
    header.names.flatMap((name, at) =>
      taken.has(at) || at === index || !isNumeric(header, at) ? [] : [{ name, at }],
    );
  if (chosen.length === 0) throw noNumbers(header, taken);
  const texts = new Map(header.rows.map((row, i) => [row, timeTexts(times, header.names, fieldsOf[i]!)]));
  const form = times.length === 0 ? undefined : formOf([...texts.values()]);
  const groups = groupRows(header, by);
  const missing = new Map<string, number>();
  const series = groups.map(([name, rows]): TimeSeries => {
    const read = chosen.map(({ name: key, at }): [string, Float64Array] => {
      const values = Float64Array.from(rows, (row) => numberOf(row, at, { file, key, header }));
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
      ...(times.length === 0 ? {} : { times: rows.map((row) => texts.get(row)!) }),
      ...(form === undefined ? {} : { form }),
      ...(options.irregular ? { irregular: true } : {}),
      ...(options.step ? { step: options.step } : {}),
    });
  });
  if (header.numbers.decimal() === "," && options.decimal === undefined)
    note(notices, `${file}: numbers have a comma before their decimals`);
  const named = (at: number): string => JSON.stringify(header.names[at]);
  const step = series.find(({ clock }) => clock)?.clock?.step;
  const used = new Set([...taken, index, ...chosen.map(({ at }) => at)]);
  const left = told === undefined ? header.names.flatMap((_, at) => (used.has(at) ? [] : [named(at)])) : [];
  const parts = [
    ...(times.length === 0 ? [] : [`time: ${times.map(named).join(", ")}`]),
    ...(form === undefined || form === "year first" ? [] : [form]),
    ...(step === undefined ? [] : [`step: ${stepText(step)}`]),
    ...(by < 0 ? [] : [`series: ${named(by)}`]),
    ...(index < 0 ? [] : [`index: ${named(index)}, left out`]),
    ...(left.length === 0 ? [] : [`no numbers, left out: ${someOf(left)}`]),
  ];
  if (parts.length > 0) note(notices, `${file}: ${parts.join("; ")}`);
  const holes = [...missing].filter(([, count]) => count > 0);
  return {
    series,
    columns: [...chosen.map(({ name }) => name), ...(options.irregular ? [elapsedColumn] : [])],
    time: times.length === 0 ? undefined : times.map((at) => header.names[at]).join(","),
    seriesColumn: by < 0 ? undefined : header.names[by],
    notices: [
      ...notices,
      ...series.flatMap((each) => each.notices),
      ...(holes.length === 0
        ? []
        : [`${file}: values are missing: ${someOf(holes.map(([key, count]) => `${key} ${count}`))}.`]),
      ...(times.length === 0
        ? [`${file}: no column of times; rows are assumed to be equal steps apart.`]
        : []),
    ],
  };
}

function headerOf(table: Table, { header, decimal }: TableForm): Header {
  const { file } = table;
  const isFirst = table.keys === undefined && header !== false;
  const first = (table.rows[0]?.fields ?? []).map(textOf);
  const names = table.keys ?? (isFirst ? first : first.map((_, i) => String(i + 1)));
  const rows = isFirst ? table.rows.slice(1) : table.rows;
  const fail = (problem: string, remedy: string | Keyed): DataError =>
    new DataError({ file, line: table.keys ? undefined : table.rows[0]?.line, problem, remedy });
  const numbers = names.filter((name) => isNumber(name) || isMissing(name));
  // An index column has no name.
  if (isFirst && header === undefined && numbers.some((name, i) => i > 0 || name !== "") && names[0] !== "")
    throw fail(
      `has the column name ${JSON.stringify(numbers[0])} in its first row`,
      keyed(
        "The first row must be a header with the names of the columns; if it is one, or if there is none, say so with {header}.",
      ),
    );
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw fail(`has two columns named ${JSON.stringify(twice)}`, "Give each its own name.");
  if (rows.length === 0) throw fail("has only a header", "Give a table with one row per time.");
  return { table, names, rows, numbers: numberReader(decimal) };
}

/** Names of first columns that only count the rows, in lower case. */
const indexNames: readonly string[] = ["", "unnamed: 0", "index", "id", "no", "no.", "nr", "nr.", "row", "#"];

/** A first column, or the only one of such a name, whose whole numbers go up by 1; −1 if there is none. */
function indexOf({ names, rows }: Header): number {
  const at = names.findIndex((name) => indexNames.includes(name.toLowerCase()));
  if (at < 0 || rows.length < 2) return -1;
  const values = rows.map(({ fields }) => valueOf(textOf(fields[at])) ?? Number.NaN);
  return values.every((value, i) => Number.isInteger(value) && (i === 0 || value === values[i - 1]! + 1))
    ? at
    : -1;
}

/** Reads all fields once: the first number that shows it tells the sign before decimals. */
function settleDecimals({ rows, numbers }: Header, taken: ReadonlySet<number>): void {
  for (const { fields } of rows)
    for (const [at, field] of fields.entries()) {
      if (numbers.decimal() !== undefined) return;
      if (!taken.has(at)) numbers.read(textOf(field));
    }
}

/**
 * Whether a column holds numbers and nothing else.
 *
 * @throws DataError naming the first other value if most are numbers: silently left out, the column would be missed, or another
 * one taken for the target
 */
function isNumeric({ table, names, rows, numbers: reader }: Header, at: number): boolean {
  const filled = rows.filter(({ fields }) => !isMissing(textOf(fields[at])));
  const other = filled.find(({ fields }) => reader.read(textOf(fields[at])) === undefined);
  const numbers = filled.filter(({ fields }) => looksNumeric(textOf(fields[at]))).length;
  if (other === undefined) return numbers > 0;
  if (2 * numbers <= filled.length) return false;
  const { problem, remedy } = numberProblem(
    names[at]!,
    textOf(other.fields[at]),
    keyed(
      `${numberRemedy}; if this column should not be read, name those that should with {targets}, {past} and {future} (columns).`,
    ),
  );
  const why = problem.endsWith('"') ? `${problem}, in a column of numbers` : problem;
  throw new DataError({ file: table.file, line: other.line, problem: why, remedy });
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
  { file, key, header }: { readonly file: string; readonly key: string; readonly header: Header },
): number {
  const text = textOf(fields[at]);
  const value = header.numbers.read(text);
  if (value !== undefined) return value;
  throw new DataError({ file, line, ...numberProblem(key, text) });
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
