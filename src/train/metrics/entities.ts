/**
 * Precision, recall and F1 of entities: a predicted span counts only if type, start and end are right. Overall (micro)
 * and by type, from counts that can be summed over sentences, so that intervals can be bootstrapped.
 */
import { isObject, isTexts } from "../../options/items.js";
import { type Metric, requireNumbers, requireSameLength } from "./metric.js";
import { decodeSpans, type Span, type SpanReading } from "./spans.js";

/** The tags of sentences, true and predicted. */
export interface TaggingResult {
  /** A list of tags per sentence; a sentence may be empty. At least one sentence. */
  readonly truth: readonly (readonly string[])[];
  /** As many tags for each sentence. */
  readonly predicted: readonly (readonly string[])[];
  /** How the tags are read, both lists alike. Default "seqeval". */
  readonly reading?: SpanReading;
}

/** How many spans there are and were found. */
export interface SpanCounts {
  /** Predicted spans that are true, with the same type and bounds. */
  readonly correct: number;
  readonly predicted: number;
  readonly actual: number;
}

/** Scores of spans, as fractions. */
export interface SpanScores extends SpanCounts {
  /** correct / predicted; 0 when nothing was predicted. */
  readonly precision: number;
  /** correct / actual; 0 when there is nothing to find. */
  readonly recall: number;
  /** 2 · correct / (predicted + actual): the harmonic mean of both; 0 when there are no spans at all. */
  readonly f1: number;
}

/** Scores of spans, overall and by type. */
export interface EntityReport extends SpanScores {
  /** By the types that occur in either list, in alphabetical order. */
  readonly byType: Readonly<Record<string, SpanScores>>;
}

/** The metric of entities, by the name under which reports give it. */
export const entityMetrics = {
  f1: {
    describes: "F1 of the entities found, all types together (micro); type and both ends must be right",
    better: "higher",
    scale: "fraction",
    source: "Tjong Kim Sang & De Meulder 2003 (CoNLL-2003); computed as seqeval and conlleval do",
    of: (result) => entityReport(result).f1,
  },
} as const satisfies Record<string, Metric<TaggingResult>>;

/**
 * Precision, recall and F1 of the entities in some sentences.
 *
 * ```ts
 * entityReport({ truth: [["B-PER", "I-PER", "O"]], predicted: [["B-PER", "O", "B-LOC"]] });
 * // { correct: 0, predicted: 2, actual: 1, precision: 0, recall: 0, f1: 0, byType: { LOC: …, PER: … } }
 * ```
 *
 * @throws RangeError when there are no sentences, the lists differ in length, or a tag cannot be read
 */
export function entityReport(result: TaggingResult): EntityReport {
  const pairs = decoded(result);
  const types = [
    ...new Set(pairs.flatMap(({ truth, predicted }) => [...truth, ...predicted].map(({ type }) => type))),
  ];
  const byType = new Map<string, SpanCounts[]>();
  for (const { truth, predicted } of pairs) {
    const [own, found] = [spansByType(truth), spansByType(predicted)];
    for (const type of new Set([...own.keys(), ...found.keys()])) {
      const counts = spanCounts(own.get(type) ?? [], found.get(type) ?? []);
      byType.set(type, pushed(byType.get(type), counts));
    }
  }
  const only = (type: string): SpanCounts => sum(byType.get(type)!);
  return {
    ...spanScores(sum(pairs.map(({ truth, predicted }) => spanCounts(truth, predicted)))),
    byType: Object.fromEntries(types.sort().map((type) => [type, spanScores(only(type))])),
  };
}

function spansByType(spans: readonly Span[]): ReadonlyMap<string, Span[]> {
  const all = new Map<string, Span[]>();
  for (const span of spans) all.set(span.type, pushed(all.get(span.type), span));
  return all;
}

/** A list with one more item; a new one if there is none. */
function pushed<T>(list: T[] | undefined, item: T): T[] {
  if (list === undefined) return [item];
  list.push(item);
  return list;
}

/**
 * The counts of each sentence, as rows for `bootstrapStatistic`.
 *
 * ```ts
 * bootstrapStatistic(entityStatistics(result), f1OfStatistics, { seed: 1 });
 * ```
 *
 * @returns a row [correct, predicted, actual] per sentence
 * @throws RangeError as {@link entityReport}
 */
export function entityStatistics(result: TaggingResult): number[][] {
  return decoded(result).map(({ truth, predicted }) => {
    const counts = spanCounts(truth, predicted);
    return [counts.correct, counts.predicted, counts.actual];
  });
}

/** Entity F1, a fraction, of the sums of {@link entityStatistics}. */
export function f1OfStatistics(sums: ArrayLike<number>): number {
  requireNumbers(sums, "the sums");
  return spanScores({ correct: sums[0]!, predicted: sums[1]!, actual: sums[2]! }).f1;
}

/** Counts two lists of spans of one sentence against each other. A span given twice counts once. */
export function spanCounts(truth: readonly Span[], predicted: readonly Span[]): SpanCounts {
  for (const spans of [truth, predicted])
    if (!Array.isArray(spans) || !spans.every(isObject))
      throw new RangeError("spans must be lists of { type, start, end }");
  const keys = (spans: readonly Span[]): Set<string> =>
    new Set(spans.map(({ type, start, end }) => `${start} ${end} ${type}`));
  const [actual, found] = [keys(truth), keys(predicted)];
  let correct = 0;
  for (const key of found) correct += Number(actual.has(key));
  return { correct, predicted: found.size, actual: actual.size };
}

/** Precision, recall and F1 of counts; what has nothing to divide by is 0, as in conlleval and seqeval. */
export function spanScores(given: SpanCounts): SpanScores {
  const { correct, predicted, actual } = Object(given) as SpanCounts;
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    correct,
    predicted,
    actual,
    precision: share(correct, predicted),
    recall: share(correct, actual),
    f1: share(2 * correct, predicted + actual),
  };
}

function decoded(given: TaggingResult): { truth: Span[]; predicted: Span[] }[] {
  const { truth, predicted, reading } = Object(given) as TaggingResult;
  requireSameLength(truth, predicted, "sentences");
  if (truth.length === 0) throw new RangeError("there are no sentences; a metric needs at least one");
  return truth.map((tags, i) => {
    const guess = predicted[i]!;
    if (!isTexts(tags) || !isTexts(guess))
      throw new RangeError(`the tags of sentence ${i} must be lists of texts`);
    if (guess.length !== tags.length) {
      throw new RangeError(`sentence ${i} has ${tags.length} true tags and ${guess.length} predicted ones`);
    }
    return { truth: decodeSpans(tags, reading), predicted: decodeSpans(guess, reading) };
  });
}

function sum(counts: readonly SpanCounts[]): SpanCounts {
  const total = { correct: 0, predicted: 0, actual: 0 };
  for (const { correct, predicted, actual } of counts) {
    total.correct += correct;
    total.predicted += predicted;
    total.actual += actual;
  }
  return total;
}
