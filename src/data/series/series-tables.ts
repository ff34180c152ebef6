/**
 * Series in files that can also hold other things: JSON lines, with one series each; and tables in long form (.csv, .tsv),
 * with one step per row, where one column names the series, one holds its label, and the others are its channels.
 */

import { type Keyed, keyed, plain, someOf } from "../../options/error.js";
import { DataError } from "../errors.js";
import type { Source } from "../source.js";
import type { ColumnName } from "../tables/columns.js";
import { jsonlRows } from "../tables/jsonl.js";
import { eachOnce, type Labels, partLabels } from "../tables/labels.js";
import { type NumberReader, numberProblem, numberReader, numberRemedy, valueOf } from "../tables/number.js";
import type { Row } from "../tables/row.js";
import { note, rowsOf, type TableForm } from "../tables/rows.js";
import type { RawSeries } from "./series.js";
import { parseTime } from "./time.js";

/** Columns of series, as the caller chooses them. */
export interface SeriesColumns extends TableForm {
  /** For a table in long form: the column that names the series. Default: "series" or "series_id". */
  readonly series?: ColumnName | undefined;
  /**
   * For a table in long form: the column by which the rows of a series are sorted. Default: one called time, date, t, step, …,
   * with a different time in each row of a series; otherwise rows come in their order.
   */
  readonly time?: ColumnName | undefined;
  /** The label's column or key. Default: "label". */
  readonly label?: ColumnName | undefined;
  /** For a table in long form: the columns of the channels. Default: all others. */
  readonly channels?: readonly string[] | undefined;
  /** How many channels a model takes: a column of times may be one of them. Default: unknown. */
  readonly channelCount?: number | undefined;
  /** Separates several labels in one text. Default: a text is one label. */
  readonly separator?: string | undefined;
}

/** Names by which the column of series is recognised without being named. */
export const seriesNames: readonly string[] = ["series", "series_id"];

/** The series of JSON lines: {"series": [[1, 2], [3, 4]], "label": "x"}; a series of one channel may be a list of numbers. */
export async function* jsonlSeries(source: Source, columns: SeriesColumns): AsyncGenerator<RawSeries> {
  for await (const { line, value } of jsonlRows(source)) {
    const fail = (problem: string): DataError =>
      new DataError({
        file: source.name,
        line,
        problem,
        remedy:
          'A series is a list of steps, each a list of the same number of numbers: {"series": [[1, 2], [3, 4]], "label": "x"}.',
      });
    const { series } = value;
    if (!Array.isArray(series))
      throw fail(series === undefined ? 'has no "series"' : '"series" is not a list');
    const steps = series.map((step: unknown) => (Array.isArray(step) ? (step as unknown[]) : [step]));
    const width = steps[0]?.length ?? 0;
    const channels: number[][] = Array.from({ length: width }, () => []);
    steps.forEach((step, t) => {
      if (step.length !== width || width === 0)
        throw fail(`step ${t + 1} has ${step.length} numbers, but the first has ${width}`);
      step.forEach((number, channel) => {
        if (number !== null && (typeof number !== "number" || !Number.isFinite(number)))
          throw fail(`step ${t + 1} holds ${JSON.stringify(number)}, which is not a number`);
        channels[channel]?.push(number === null ? Number.NaN : (number as number));
      });
    });
    const labels = jsonLabels(value, columns, fail);
    yield { file: source.name, line, channels, ...(labels === undefined ? {} : { labels }) };
  }
}

/** The labels of a JSON line. @throws whatever `fail` makes if they are not valid */
export function jsonLabels(
  value: Readonly<Record<string, unknown>>,
  { label: key, separator }: Pick<SeriesColumns, "label" | "separator">,
  fail: (problem: string) => DataError,
): Labels | undefined {
  const name = key === undefined ? (value["labels"] === undefined ? "label" : "labels") : String(key);
  const found = value[name];
  if (found === undefined || found === null) return undefined;
  if (Array.isArray(found)) {
    if (found.every((item) => typeof item !== "object")) return { labels: eachOnce(found.map(String)) };
    throw fail(`"${name}" holds something that is not a label`);
  }
  if (typeof found === "object") throw fail(`"${name}" is an object`);
  const text = String(found).trim();
  return separator === undefined ? { label: text } : { labels: partLabels(text, separator) };
}

/** The columns of a table in long form, as indices. */
interface Found {
  readonly names: readonly string[];
  readonly series: number;
  readonly label: number | undefined;
  /** Undefined: rows come in their order. */
  readonly time: number | undefined;
  readonly channels: readonly number[];
}

/** A series being read. */
interface Growing {
  readonly line: number;
  readonly label: string | undefined;
  readonly rows: Row[];
}

/** How a table in long form is read. */
export interface LongForm extends SeriesColumns {
  readonly format: "csv" | "tsv";
  /** Gets what was taken for what. */
  readonly notices?: string[];
}

/** Names of columns by which rows are sorted, in lower case. */
const timeNames: readonly string[] = [
  "time",
  "timestamp",
  "datetime",
  "date",
  "t",
  "step",
  "timestep",
  "tick",
];

/**
 * The series of a table in long form, in the order in which they begin. The rows of a series need not be consecutive; a column
 * of times sorts them.
 *
 * @throws DataError naming the line of a value that is not a number, of a row that is too short or too long, or of a
 * label that differs from the one the series had before
 */
export async function* longSeries(source: Source, columns: LongForm): AsyncGenerator<RawSeries> {
  const { separator, notices } = columns;
  const all = new Map<string, Growing>();
  let found: Found | undefined;
  for await (const row of rowsOf(source, columns.format, columns, notices)) {
    if (row.fields.length === 1 && row.fields[0]?.trim() === "") continue;
    if (found !== undefined) {
      takeRow(source, row, found, all);
      continue;
    }
    const hasHeader = columns.header ?? true;
    const names = row.fields.map((name, i) => (hasHeader ? name.trim() : String(i + 1)));
    found = findColumns(source, row, names, columns);
    if (!hasHeader) takeRow(source, row, found, all);
  }
  if (all.size === 0 || found === undefined)
    throw new DataError({
      file: source.name,
      problem: found === undefined ? "is empty" : "has only a header",
      remedy: "Give a table with a header and a row for each step.",
    });
  const sorting = sortedBy(source, found, columns, all);
  if (notices) tell(source, notices, { ...found, ...sorting }, columns);
  const numbers = numberReader(columns.decimal);
  for (const [, { line, label, rows }] of all) {
    const channels = sorting.channels.map((column) =>
      rows.map((row) => channelOf(source, row, { column, name: found.names[column]!, numbers })),
    );
    const several = separator !== undefined && label !== undefined;
    const labels: Labels | undefined = several
      ? { labels: partLabels(label, separator) }
      : label === undefined
        ? undefined
        : { label };
    yield { file: source.name, line, channels, ...(labels === undefined ? {} : { labels }) };
  }
}

function tell(source: Source, notices: string[], found: Found, columns: LongForm): void {
  const named = (at: number): string => `column ${at + 1}, ${JSON.stringify(found.names[at])}`;
  const told = [
    `series: ${named(found.series)}`,
    ...(found.time === undefined ? [] : [`time: ${named(found.time)}, by which rows are sorted`]),
    ...(found.label === undefined ? [] : [`label: ${named(found.label)}`]),
  ];
  note(notices, `${source.name}: ${told.join("; ")}`);
  if (columns.channels === undefined)
    note(notices, `The channels are ${someOf(found.channels.map((at) => found.names[at]!))}.`);
}

function findColumns(source: Source, { line }: Row, names: readonly string[], wanted: SeriesColumns): Found {
  const listed = someOf(names.map((name, i) => `${i + 1} ${JSON.stringify(name)}`));
  const places = new Map([...names.entries()].reverse().map(([at, name]) => [name, at]));
  const fail = (problem: string, remedy: string | Keyed = `The columns are ${listed}.`): DataError =>
    new DataError({ file: source.name, line, problem, remedy });
  const column = (chosen: ColumnName, what: string): number => {
    const named = places.get(String(chosen));
    const at = named !== undefined ? named : /^[1-9]\d*$/.test(String(chosen)) ? Number(chosen) - 1 : -1;
    if (at >= 0 && at < names.length) return at;
    throw fail(`has no column ${JSON.stringify(chosen)} for ${what}`);
  };
  const usual = (known: readonly string[]): number | undefined => {
    const at = names.findIndex((name) => known.includes(name.toLowerCase()));
    return at < 0 ? undefined : at;
  };
  const series = wanted.series === undefined ? usual(seriesNames) : column(wanted.series, "the series");
  if (series === undefined)
    throw fail(
      "does not say which column names the series",
      keyed(`Name it with {series}; the columns are ${plain(listed)}.`),
    );
  const label =
    wanted.label === undefined ? usual(["label", "labels", "class"]) : column(wanted.label, "the label");
  const chosen = wanted.channels?.map((name) => column(name, "a channel"));
  const time = wanted.time === undefined ? usual(timeNames) : column(wanted.time, "the times");
  const channels = chosen ?? names.flatMap((_, i) => (i === series || i === label ? [] : [i]));
  if (channels.length === 0) throw fail("has no column left for the channels");
  return { names, series, label, channels, time: time === series || time === label ? undefined : time };
}

function takeRow(
  source: Source,
  row: Row,
  { names, series, label: labels }: Found,
  all: Map<string, Growing>,
): void {
  const { line, fields } = row;
  const fail = (problem: string, remedy: string | Keyed): DataError =>
    new DataError({ file: source.name, line, problem, remedy });
  if (fields.length !== names.length)
    throw fail(
      `found ${fields.length} columns, expected ${names.length} as in the header`,
      "Every row needs a field for each column, even if it is empty.",
    );
  const id = fields[series]!.trim();
  if (id === "") throw fail("names no series", `Every row needs a name in the column "${names[series]}".`);
  const label = labels === undefined ? undefined : fields[labels]?.trim();
  const growing: Growing = all.get(id) ?? { line, label, rows: [] };
  if (growing.label !== label)
    throw fail(
      `series "${id}" has the label "${label}" here but "${growing.label}" in line ${growing.line}`,
      "A series has the same label in all of its rows.",
    );
  growing.rows.push(row);
  all.set(id, growing);
}

/**
 * Sorts the rows of each series by their times. A column of times that was not chosen is one only where each row of a series
 * has its own, and where the caller or the model does not have it as a channel.
 */
function sortedBy(
  source: Source,
  { time, channels, names }: Found,
  wanted: LongForm,
  all: ReadonlyMap<string, Growing>,
): Pick<Found, "time" | "channels"> {
  const isChosen = wanted.time !== undefined;
  const others = channels.filter((at) => at !== time);
  if (time === undefined || others.length === 0) return { time: undefined, channels };
  // Whoever names it as a channel, and a model that was trained with it as one, have it as one.
  const isChannel =
    channels.includes(time) && (wanted.channels !== undefined || wanted.channelCount === channels.length);
  if (!isChosen && isChannel) return { time: undefined, channels };
  const series = [...all];
  const times = series.map(([, { rows }]) => rows.map(({ fields }) => timeOf(fields[time]!)));
  for (const [i, [id, { rows }]] of series.entries()) {
    const seen = new Map<number, Row>();
    for (const [t, row] of rows.entries()) {
      const at = times[i]![t];
      const twin = at === undefined ? undefined : seen.get(at);
      if (at !== undefined && twin === undefined) {
        seen.set(at, row);
        continue;
      }
      if (!isChosen) return { time: undefined, channels };
      throw new DataError({
        file: source.name,
        line: row.line,
        problem:
          twin === undefined
            ? `"${names[time]}" is "${row.fields[time]?.trim()}", which is no time`
            : `series "${id}" has the time ${row.fields[time]?.trim()} here and in line ${twin.line}`,
        remedy: "Every row of a series needs its own time: a number, or as in 2016-07-01 14:00.",
      });
    }
  }
  series.forEach(([, { rows }], i) => {
    const order = rows.map((row, t) => [times[i]![t]!, row] as const).sort(([a], [b]) => a - b);
    rows.splice(0, rows.length, ...order.map(([, row]) => row));
  });
  return { time, channels: others };
}

const timeOf = (text: string): number | undefined => {
  const number = valueOf(text);
  return number === undefined ? parseTime(text) : Number.isNaN(number) ? undefined : number;
};

function channelOf(
  source: Source,
  { line, fields }: Row,
  {
    column,
    name,
    numbers,
  }: { readonly column: number; readonly name: string; readonly numbers: NumberReader },
): number {
  const value = numbers.read(fields[column]!);
  if (value !== undefined) return value;
  const usual = keyed(`${numberRemedy}; choose the columns that are channels with {channels}.`);
  throw new DataError({ file: source.name, line, ...numberProblem(name, fields[column]!, usual) });
}
