/**
 * Series in files that can also hold other things: JSON lines, with one series each; and tables in long form (.csv, .tsv),
 * with one step per row, where one column names the series, one holds its label, and the others are its channels.
 */

import { type Keyed, keyed, plain, someOf } from "../../options/error.js";
import { DataError } from "../errors.js";
import type { Source } from "../source.js";
import type { ColumnName } from "../tables/columns.js";
import { csvRows } from "../tables/csv.js";
import { jsonlRows } from "../tables/jsonl.js";
import { eachOnce, type Labels, partLabels } from "../tables/labels.js";
import { numberRemedy, valueOf } from "../tables/number.js";
import type { Row } from "../tables/row.js";
import { tsvRows } from "../tables/tsv.js";
import type { RawSeries } from "./series.js";

/** Columns of series, as the caller chooses them. */
export interface SeriesColumns {
  /** For a table in long form: the column that names the series. Default: "series" or "series_id". */
  readonly series?: ColumnName | undefined;
  /** The label's column or key. Default: "label". */
  readonly label?: ColumnName | undefined;
  /** For a table in long form: the columns of the channels. Default: all others. */
  readonly channels?: readonly string[] | undefined;
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
  readonly series: number;
  readonly label: number | undefined;
  readonly channels: readonly number[];
}

/** A series being read. */
interface Growing {
  readonly line: number;
  readonly label: string | undefined;
  readonly channels: number[][];
}

/** How a table in long form is read. */
export interface LongForm extends SeriesColumns {
  readonly format: "csv" | "tsv";
  /** Called with the names of the columns that became channels. */
  readonly onChannels?: (names: readonly string[]) => void;
}

/**
 * The series of a table in long form, in the order in which they begin. The rows of a series need not be consecutive;
 * their order is the order of its steps.
 *
 * @throws DataError naming the line of a value that is not a number, of a row that is too short or too long, or of a
 * label that differs from the one the series had before
 */
export async function* longSeries(source: Source, columns: LongForm): AsyncGenerator<RawSeries> {
  const rows = columns.format === "csv" ? csvRows(source) : tsvRows(source);
  const all = new Map<string, Growing>();
  let names: readonly string[] | undefined;
  let found: Found | undefined;
  for await (const row of rows) {
    if (row.fields.length === 1 && row.fields[0]?.trim() === "") continue;
    if (names === undefined || found === undefined) {
      names = row.fields.map((name) => name.trim());
      found = findColumns(source, row, names, columns);
      columns.onChannels?.(found.channels.map((i) => names![i]!));
    } else takeStep(source, row, names, found, all);
  }
  if (all.size === 0)
    throw new DataError({
      file: source.name,
      problem: names === undefined ? "is empty" : "has only a header",
      remedy: "Give a table with a header and a row for each step.",
    });
  for (const { line, label, channels } of all.values()) {
    const { separator } = columns;
    const several = separator !== undefined && label !== undefined;
    const labels: Labels | undefined = several
      ? { labels: partLabels(label, separator) }
      : label === undefined
        ? undefined
        : { label };
    yield { file: source.name, line, channels, ...(labels === undefined ? {} : { labels }) };
  }
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
  const channels =
    wanted.channels?.map((name) => column(name, "a channel")) ??
    names.flatMap((_, i) => (i === series || i === label ? [] : [i]));
  if (channels.length === 0) throw fail("has no column left for the channels");
  return { series, label, channels };
}

function takeStep(
  source: Source,
  { line, fields }: Row,
  names: readonly string[],
  found: Found,
  all: Map<string, Growing>,
): void {
  const fail = (problem: string, remedy: string | Keyed): DataError =>
    new DataError({ file: source.name, line, problem, remedy });
  if (fields.length !== names.length)
    throw fail(
      `found ${fields.length} columns, expected ${names.length} as in the header`,
      "Every row needs a field for each column, even if it is empty.",
    );
  const id = fields[found.series]!.trim();
  if (id === "")
    throw fail("names no series", `Every row needs a name in the column "${names[found.series]}".`);
  const label = found.label === undefined ? undefined : fields[found.label]?.trim();
  const growing: Growing = all.get(id) ?? { line, label, channels: found.channels.map(() => []) };
  if (growing.label !== label)
    throw fail(
      `series "${id}" has the label "${label}" here but "${growing.label}" in line ${growing.line}`,
      "A series has the same label in all of its rows.",
    );
  found.channels.forEach((column, channel) => {
    const value = valueOf(fields[column]!);
    if (value === undefined)
      throw fail(
        `"${names[column]}" is "${fields[column]?.trim()}"`,
        keyed(`${numberRemedy}; choose the columns that are channels with {channels}.`),
      );
    growing.channels[channel]?.push(value);
  });
  all.set(id, growing);
}
