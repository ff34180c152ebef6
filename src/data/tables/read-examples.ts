/**
 * Examples for a classifier from files in any of its formats, with texts, series or vectors, with one label each or several:
 * the file's name and first lines show which. The formats themselves are read in examples.ts (texts),
 * ts-series.ts and series-tables.ts (series), and vectors.ts.
 */

import { keyed } from "../../options/error.js";
import { DataError } from "../errors.js";
import { type Peeked, peek } from "../peek.js";
import { finishSeries, type LabelledSeries, type RawSeries, type Series } from "../series/series.js";
import { jsonlSeries, longSeries, type SeriesColumns, seriesNames } from "../series/series-tables.js";
import { tsSeries } from "../series/ts-series.js";
import type { Source } from "../source.js";
import { type ResolvedTable, usualNames } from "./columns.js";
import { delimiterIn, fieldsOf } from "./delimiter.js";
import {
  type ExampleColumns,
  inOrder,
  type LabelledText,
  labelOf,
  type ReadTextExamplesOptions,
  readLabelledTexts,
} from "./examples.js";
import { eachOnce, haveSeveral, type Labels, partLabels } from "./labels.js";
import { vectorExamples } from "./read-vectors.js";
import { emptyFile, type Field, tableFormatOf } from "./table.js";
import type { VectorColumns } from "./vector-columns.js";
import { holdsVectors, type LabelledVector } from "./vectors.js";

/** An example of a classifier: a text, a series or a vector, with one label or several, and where it comes from. */
export type LabelledExample = LabelledText | LabelledSeries | LabelledVector;

/** Options of {@link readExamples}: those of texts, of series and of vectors, and how labels are written. */
export interface ReadExamplesOptions
  extends Omit<ReadTextExamplesOptions, "label">,
    Pick<SeriesColumns, "series" | "label" | "channels" | "separator" | "time" | "channelCount">,
    Pick<VectorColumns, "features"> {}

/** What an example can be. */
export type ExampleKind = "text" | "series" | "vector";

/** What {@link readExamples} read. */
export interface Examples<Example = LabelledExample> {
  /** What they are. */
  readonly kind: ExampleKind;
  /** True if each has a list of labels. */
  readonly several: boolean;
  /** At least one, in the order of the files. */
  readonly examples: readonly Example[];
  /** How many rows or series were left out, by reason; reasons that did not occur are absent. */
  readonly skipped: Readonly<Record<string, number>>;
  /** The columns of the first source, in the form of options; also those that were detected by their contents or names. */
  readonly columns: Partial<ExampleColumns>;
  /** Names of the features of vectors, if the file has names. */
  readonly features?: readonly string[];
  /** Sentences about the data that a person should see. */
  readonly notices: readonly string[];
}

/** The names that a `format` option takes. */
export const exampleFormats: readonly string[] = ["tsv", "csv", "jsonl", "ts"];

/**
 * Reads labelled examples. `.ts` holds series; `.jsonl` holds series if its first object has the key "series"; a `.csv` or
 * `.tsv` holds series in long form if a column is called "series" or "series_id" or is named by the option. A table of
 * three or more columns with nothing but numbers apart from the label, and JSON lines with the key "vector", hold
 * vectors; anything else holds texts.
 *
 * ```ts
 * import { readExamples, textSource } from "unrolled/data";
 * const lines = '{"series": [[1, 2], [3, 4]], "label": "up"}\n{"series": [[3, 1]], "label": "down"}\n';
 * const { kind, examples } = await readExamples([textSource("moves.jsonl", lines)]); // kind: "series", two examples
 * ```
 *
 * Labels are trimmed, and an example without one is skipped and counted. With `separator` a label's text is split into
 * several; in JSON lines a list does the same. A list of labels may be empty.
 *
 * @throws DataError naming file and line of what does not follow its format, or if texts, series and vectors, or single
 * labels and lists, are mixed
 */
export async function readExamples(
  sources: readonly Source[],
  options: ReadExamplesOptions = {},
): Promise<Examples> {
  const { kind, peeked } = await kindOf(sources, options);
  const readers = { text: texts, series, vector: vectors };
  const read = await readers[kind](peeked, options);
  return { kind, several: haveSeveral(read.examples), ...read };
}

/** Options of {@link readExamples} and, for prediction, how many features vectors have. */
export type InputOptions = ReadExamplesOptions & Pick<VectorColumns, "width">;

/** The source that was looked at. */
export const sourceOf = ({ source }: Peeked): Source => source;

const vectors = (peeked: readonly Peeked[], options: ReadExamplesOptions) =>
  vectorExamples(formatted(peeked, options), options);

/** The sources with their formats. */
export const formatted = (peeked: readonly Peeked[], options: ReadExamplesOptions) =>
  peeked.map(({ source }) => ({ source, format: formatOf(source.name, options)! }));

/** "ts", a format of tables, or another one that was given. */
const formatOf = (name: string, { format }: ReadExamplesOptions): string | undefined =>
  format ?? (/\.ts(\.gz)?$/i.test(name) ? "ts" : tableFormatOf(name));

/** What sources hold, all the same. @throws DataError if one holds something else than the first */
export async function kindOf(
  sources: readonly Source[],
  options: InputOptions,
): Promise<{ readonly kind: ExampleKind; readonly peeked: readonly Peeked[] }> {
  const peeked = await inOrder(sources, async (source) => {
    const most = looked(source, options);
    const seen = await peek(source, most);
    // Otherwise an empty file would be one of texts.
    if (most !== 0 && seen.first.length === 0) throw emptyFile(source.name);
    return seen;
  });
  const kinds = peeked.map((each) => held(each, options));
  const [kind = "text"] = kinds;
  const odd = kinds.findIndex((other) => other !== kind);
  if (odd < 0) return { kind, peeked };
  throw new DataError({
    file: sources[odd]!.name,
    problem: `holds ${plurals[kinds[odd]!]}, and ${sources[0]?.name} ${plurals[kind]}`,
    remedy: "Give files of one kind.",
  });
}

/** The kinds in the plural, for messages. */
export const plurals: Readonly<Record<ExampleKind, string>> = {
  text: "texts",
  series: "series",
  vector: "vectors",
};

/** How many lines show what a source holds. Undefined: those of a table that may have a comment and a header. */
function looked({ name }: Source, options: InputOptions): number | undefined {
  const { series, text, width } = options;
  const format = formatOf(name, options);
  if (format === "jsonl") return 1;
  const isTable = format === "csv" || format === "tsv";
  return isTable && (series ?? text ?? width) === undefined ? undefined : 0;
}

/** What a source holds, judging by its name and first lines. */
function held({ first, source }: Peeked, options: InputOptions): ExampleKind {
  const [line = ""] = first;
  const has = (key: string): boolean => new RegExp(`"${key}"\\s*:`).test(line);
  const format = formatOf(source.name, options);
  switch (format) {
    case "ts":
      return "series";
    case "jsonl":
      if (has("text")) return "text";
      return has("series") ? "series" : has("vector") ? "vector" : "text";
    case "csv":
    case "tsv": {
      if (options.series !== undefined) return "series";
      if (options.text !== undefined) return "text";
      if (options.width !== undefined) return "vector";
      const delimiter = format === "tsv" ? "\t" : delimiterIn(first.join("\n"), options.delimiter);
      const names = fieldsOf(line, delimiter).map((name) => name.toLowerCase());
      if (namesSeries(names)) return "series";
      return holdsVectors(first, format, options) ? "vector" : "text";
    }
    default:
      return "text";
  }
}

/** A table of texts may also have a column "series": of television series, say. */
const namesSeries = (header: readonly string[]): boolean =>
  header.some((name) => seriesNames.includes(name)) &&
  !header.some((name) => usualNames.text.some((usual) => usual === name));

async function texts(
  peeked: readonly Peeked[],
  { format, text, label, separator, header, delimiter }: ReadExamplesOptions,
): Promise<Omit<Examples, "kind" | "several">> {
  const columns = { format, text, label, header, delimiter };
  return readLabelledTexts(peeked.map(sourceOf), columns, (table, line, field) =>
    labelsOf(table, line, field, separator),
  );
}

function labelsOf(table: ResolvedTable, line: number, field: Field, separator: string | undefined): Labels {
  if (Array.isArray(field)) return { labels: eachOnce(field) };
  const label = labelOf(table, line, field);
  return separator === undefined ? { label } : { labels: partLabels(label, separator) };
}

/** How the series of a source are read. @param notices get what a person should know */
export function seriesReader(
  options: ReadExamplesOptions,
  notices: string[],
): (source: Source) => AsyncIterable<RawSeries> {
  const readers: Readonly<Record<string, (source: Source) => AsyncIterable<RawSeries>>> = {
    ts: tsSeries,
    jsonl: (source) => jsonlSeries(source, options),
    csv: (source) => longSeries(source, { ...options, format: "csv", notices }),
    tsv: (source) => longSeries(source, { ...options, format: "tsv", notices }),
  };
  return async function* read(source) {
    const reader = readers[formatOf(source.name, options)!]!;
    let any = false;
    for await (const each of reader(source)) {
      any = true;
      yield each;
    }
    if (!any)
      throw new DataError({
        file: source.name,
        problem: "is empty",
        remedy: "Give a file with at least one series.",
      });
  };
}

/** The series of sources. @throws DataError naming file and line of what is not one, or if a source has none */
export async function rawSeries(
  peeked: readonly Peeked[],
  options: ReadExamplesOptions,
): Promise<{ readonly raw: readonly RawSeries[]; readonly notices: readonly string[] }> {
  const notices: string[] = [];
  const read = seriesReader(options, notices);
  const raw: RawSeries[] = [];
  for (const { source } of peeked) for await (const each of read(source)) raw.push(each);
  return { raw, notices };
}

async function series(
  peeked: readonly Peeked[],
  options: ReadExamplesOptions,
): Promise<Omit<Examples, "kind" | "several">> {
  const { raw, notices } = await rawSeries(peeked, options);
  const labelled = raw.filter(({ labels }) => labels !== undefined && labels.label !== "");
  const unlabelled = raw.length - labelled.length;
  if (labelled.length === 0)
    throw new DataError({
      file: peeked.map(({ source }) => source.name).join(", "),
      problem: `none of the ${unlabelled} series has a label`,
      remedy: keyed(
        "In .ts, @classLabel announces it, and it comes last; in tables, choose its column with {label}.",
      ),
    });
  const { series: finished, notices: more } = finishSeries(labelled);
  if (finished.every(({ length }) => length === 0))
    throw new DataError({
      file: peeked.map(({ source }) => source.name).join(", "),
      problem: `${finished.length === 1 ? "its only series has" : `all ${finished.length} series have`} no steps`,
      remedy: "Series without steps do not even show how many channels there are; give some with values.",
    });
  const examples = labelled.map(
    ({ file, line, labels }, i): LabelledSeries => ({
      series: finished[i] as Series,
      ...labels!,
      file,
      line,
    }),
  );
  return {
    examples,
    skipped: unlabelled > 0 ? { "no label": unlabelled } : {},
    columns: {},
    notices: [...notices, ...more],
  };
}
