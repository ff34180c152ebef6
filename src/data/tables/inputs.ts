/**
 * Texts, series or vectors to predict on, from files in any of their formats: all at once, or as they are read.
 */
import { finishSeries, type Series, seriesFinisher } from "../series/series.js";
import type { Source } from "../source.js";
import type { Streamed } from "../streamed.js";
import {
  type ExampleKind,
  type Examples,
  formatted,
  type InputOptions,
  kindOf,
  rawSeries,
  seriesReader,
  sourceOf,
} from "./read-examples.js";
import { rawVectors, streamVectors } from "./read-vectors.js";
import { readTexts, streamTexts, type TextInput } from "./texts.js";
import type { RawVector } from "./vectors.js";

/** A series to predict on. */
export interface SeriesInput {
  readonly series: Series;
  readonly file: string;
  readonly line: number;
}

/** For each kind of input what one is, with its place. */
interface InputOf {
  readonly text: TextInput;
  readonly series: SeriesInput;
  readonly vector: RawVector;
}

/** What {@link readInputs} read. */
export type Inputs = Pick<Examples, "notices"> &
  { [Kind in ExampleKind]: { readonly kind: Kind; readonly inputs: readonly InputOf[Kind][] } }[ExampleKind];

/** What {@link streamInputs} reads. */
export type InputStream = {
  [Kind in ExampleKind]: { readonly kind: Kind } & Streamed<InputOf[Kind]>;
}[ExampleKind];

/**
 * Reads texts, series or vectors to predict on, as `readExamples` reads examples; labels are ignored. Files of any other
 * format are texts, one per line.
 *
 * @param options as for `readExamples`; with `width`, the number of features of vectors, tables hold vectors
 *
 * @throws DataError as `readExamples`
 */
export async function readInputs(sources: readonly Source[], options: InputOptions = {}): Promise<Inputs> {
  const { kind, peeked } = await kindOf(sources, options);
  if (kind === "vector") {
    const { raw, notices } = await rawVectors(formatted(peeked, options), options);
    return { kind, inputs: raw, notices };
  }
  if (kind === "text") {
    const { texts: inputs, notices } = await readTexts(peeked.map(sourceOf), options);
    return { kind, inputs, notices };
  }
  const { raw, notices } = await rawSeries(peeked, options);
  const { series, notices: more } = finishSeries(raw);
  const inputs = raw.map(({ file, line }, i) => ({ series: series[i] as Series, file, line }));
  return { kind, inputs, notices: [...notices, ...more] };
}

/**
 * The same of one source, while it is read. Of a table with a step of a series on each row, whose rows may come in any order,
 * all of it is read first.
 *
 * @throws DataError as {@link readInputs}, also from `items`
 */
export async function streamInputs(source: Source, options: InputOptions = {}): Promise<InputStream> {
  const { kind, peeked } = await kindOf([source], options);
  if (kind === "vector") return { kind, ...streamVectors(formatted(peeked, options)[0]!, options) };
  if (kind === "text") return { kind, ...streamTexts(sourceOf(peeked[0]!), options) };
  const notices: string[] = [];
  const read = seriesReader(options, notices);
  const finisher = seriesFinisher();
  async function* items(): AsyncGenerator<SeriesInput> {
    for await (const raw of read(sourceOf(peeked[0]!)))
      yield { series: finisher.finish(raw), file: raw.file, line: raw.line };
  }
  return { kind, items: items(), notices: () => [...notices, ...finisher.notices()] };
}
