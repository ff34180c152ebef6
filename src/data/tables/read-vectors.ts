/**
 * Vectors from files: read by their formats, all at once and put together, or one after the other; missing values are
 * counted.
 */
import { keyed } from "../../options/error.js";
import { DataError } from "../errors.js";
import type { Source } from "../source.js";
import type { Streamed } from "../streamed.js";
import { inOrder, requireFewClasses } from "./examples.js";
import type { VectorColumns } from "./vector-columns.js";
import {
  jsonVectors,
  type LabelledVector,
  type OpenVectors,
  type RawVector,
  tableVectors,
} from "./vectors.js";

/** A source and the name of its format: "csv", "tsv" or "jsonl". */
export interface FormattedSource {
  readonly source: Source;
  readonly format: string;
}

const readers: Readonly<Record<string, (source: Source, options: VectorColumns) => OpenVectors>> = {
  jsonl: jsonVectors,
  csv: (source, options) => tableVectors(source, { ...options, format: "csv" }),
  tsv: (source, options) => tableVectors(source, { ...options, format: "tsv" }),
};

const open = ({ source, format }: FormattedSource, options: VectorColumns): OpenVectors => {
  const reader = readers[format]!;
  return reader(source, options);
};

const holdsNone = ({ name }: Source): DataError =>
  new DataError({
    file: name,
    problem: "holds no vectors",
    remedy: "Give a file with at least one row of numbers.",
  });

function missingNotices(missing: number): string[] {
  if (missing === 0) return [];
  const are = missing === 1 ? "1 missing value counts" : `${missing} missing values count`;
  return [`${are} as the mean of the feature in training.`];
}

const missingIn = ({ vector }: RawVector): number => vector.filter(Number.isNaN).length;

/** The vectors of one source while it is read; `items` throw a DataError if there are none. */
export function streamVectors(from: FormattedSource, options: VectorColumns): Streamed<RawVector> {
  let [missing, any] = [0, false];
  const found: string[] = [];
  async function* items(): AsyncGenerator<RawVector> {
    for await (const each of open(from, { ...options, notices: found }).vectors) {
      any = true;
      missing += missingIn(each);
      yield each;
    }
    if (!any) throw holdsNone(from.source);
  }
  return { items: items(), notices: () => [...found, ...missingNotices(missing)] };
}

/** The vectors of sources. @throws DataError if one holds none, or vectors of different lengths */
export async function rawVectors(
  sources: readonly FormattedSource[],
  options: VectorColumns,
): Promise<{
  readonly raw: readonly RawVector[];
  readonly notices: readonly string[];
  readonly features: readonly string[] | undefined;
}> {
  const found: string[] = [];
  const tables = await inOrder(sources, async (each) => {
    const { vectors: items, names } = open(each, { ...options, notices: found });
    const vectors: RawVector[] = [];
    for await (const vector of items) vectors.push(vector);
    if (vectors.length === 0) throw holdsNone(each.source);
    return { vectors, names: names() };
  });
  const raw = tables.flatMap((table) => table.vectors);
  const width = raw[0]?.vector.length;
  const odd = raw.find(({ vector }) => vector.length !== width);
  if (odd !== undefined)
    throw new DataError({
      file: odd.file,
      line: odd.line,
      problem: `has ${odd.vector.length} numbers, where ${raw[0]?.file} has ${width}`,
      remedy: "All vectors need the same features, in the same order.",
    });
  return {
    raw,
    notices: [...found, ...missingNotices(raw.reduce((sum, each) => sum + missingIn(each), 0))],
    features: tables[0]?.names,
  };
}

/** The labelled vectors of sources; those without a label are counted. @throws DataError if none has one */
export async function vectorExamples(
  sources: readonly FormattedSource[],
  options: VectorColumns,
): Promise<{
  readonly examples: readonly LabelledVector[];
  readonly notices: readonly string[];
  readonly columns: Readonly<Record<string, never>>;
  readonly skipped: Readonly<Record<string, number>>;
  readonly features?: readonly string[];
}> {
  const { raw, notices, features } = await rawVectors(sources, options);
  const examples = raw.flatMap(({ labels, ...rest }): LabelledVector[] =>
    labels === undefined || labels.label === "" ? [] : [{ ...rest, ...labels }],
  );
  if (examples.length === 0)
    throw new DataError({
      file: sources.map(({ source }) => source.name).join(", "),
      problem: `none of the ${raw.length} vectors has a label`,
      remedy: keyed("Choose its column with {label}."),
    });
  if (options.label === undefined) requireFewClasses(examples);
  const unlabelled = raw.length - examples.length;
  return {
    examples,
    notices,
    columns: {},
    skipped: unlabelled > 0 ? { "no label": unlabelled } : {},
    ...(features === undefined ? {} : { features }),
  };
}
