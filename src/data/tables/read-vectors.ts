/**
 * Vectors out of several files: read by their formats, held together, and what is missing in them counted.
 */
import { keyed } from "../../options/error.js";
import { DataError } from "../errors.js";
import type { Source } from "../source.js";
import { inOrder } from "./examples.js";
import {
  type LabelledVector,
  type RawVector,
  readJsonVectors,
  readVectorTable,
  type VectorColumns,
  type VectorTable,
} from "./vectors.js";

/** A source and the name of its format: "csv", "tsv" or "jsonl". */
export interface FormattedSource {
  readonly source: Source;
  readonly format: string;
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
  const readers: Readonly<Record<string, (source: Source) => Promise<VectorTable>>> = {
    jsonl: (source) => readJsonVectors(source, options),
    csv: (source) => readVectorTable(source, { ...options, format: "csv" }),
    tsv: (source) => readVectorTable(source, { ...options, format: "tsv" }),
  };
  const tables = await inOrder(sources, async ({ source, format }) => {
    const reader = readers[format]!;
    const table = await reader(source);
    if (table.vectors.length > 0) return table;
    const remedy = "Give a file with at least one row of numbers.";
    throw new DataError({ file: source.name, problem: "holds no vectors", remedy });
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
  const missing = raw.reduce((sum, { vector }) => sum + vector.filter(Number.isNaN).length, 0);
  const are = missing === 1 ? "1 missing value counts" : `${missing} missing values count`;
  return {
    raw,
    notices: missing === 0 ? [] : [`${are} as the mean of the feature in training.`],
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
      remedy: keyed("Its column is chosen with {label}."),
    });
  const unlabelled = raw.length - examples.length;
  return {
    examples,
    notices,
    columns: {},
    skipped: unlabelled > 0 ? { "no label": unlabelled } : {},
    ...(features === undefined ? {} : { features }),
  };
}
