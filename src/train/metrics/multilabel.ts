/**
 * How well a classifier does that gives an input any number of labels: every pair of an example and a label is one
 * decision, yes or no. What would be divided by zero is 0, as for entities.
 */
import { type Metric, mean, requireSameLength } from "./metric.js";

/** What a classifier of several labels made of a data set. */
export interface MultiLabelResult {
  /** Y, the number of labels. */
  readonly labels: number;
  /** N × Y, the examples one after the other: 1 where the label is an example's, else 0. */
  readonly truth: ArrayLike<number>;
  /** N × Y: 1 where the label was predicted, else 0. */
  readonly predicted: ArrayLike<number>;
}

/** Decisions of one label, or of all: labels rightly given, wrongly given, and missed. */
export type LabelCounts = readonly [hits: number, falseAlarms: number, misses: number];

/** The metric that only several labels have, by the name under which reports give it. */
export const multiLabelMetrics = {
  microF1: {
    describes: "F1 over all decisions of all labels together: 2 · hits / (2 · hits + false alarms + misses)",
    better: "higher",
    scale: "fraction",
    source: "micro-averaged F1; Tsoumakas, Katakis & Vlahavas 2010, section 34.2.5",
    of: (result) => f1OfCounts(sumColumns(exampleCounts(result))),
  },
} as const satisfies Record<string, Metric<MultiLabelResult>>;

/** F1 = 2 · hits / (2 · hits + false alarms + misses); 0 where there is nothing to find and nothing was found. */
export function f1OfCounts(counts: ArrayLike<number>): number {
  const [hits, falseAlarms, misses] = [counts[0]!, counts[1]!, counts[2]!];
  const all = 2 * hits + falseAlarms + misses;
  return all === 0 ? 0 : (2 * hits) / all;
}

/** The decisions of each example: rows for `bootstrapStatistic`. @throws RangeError when the lists do not fit */
export function exampleCounts(result: MultiLabelResult): LabelCounts[] {
  const { labels } = result;
  checkLengths(result);
  return Array.from({ length: result.truth.length / labels }, (_, i) =>
    countsOf(result, i * labels, i * labels + labels, 1),
  );
}

/** The decisions of each label. @throws RangeError when the lists do not fit */
export function labelCounts(result: MultiLabelResult): LabelCounts[] {
  const { labels, truth } = result;
  checkLengths(result);
  return Array.from({ length: labels }, (_, k) => countsOf(result, k, truth.length, labels));
}

/** All metrics of several labels but the loss; `accuracy` is the fraction of examples whose whole set is right. */
export function multiLabelReport(
  result: MultiLabelResult,
): Record<"accuracy" | "exactMatch" | "macroF1" | "microF1", number> {
  const examples = exampleCounts(result);
  const right = mean(examples.map(([, falseAlarms, misses]) => Number(falseAlarms + misses === 0)));
  // As for one label: a label that occurs in neither truth nor prediction has no F1.
  const scores = labelCounts(result).flatMap((counts) =>
    counts.some((count) => count > 0) ? [f1OfCounts(counts)] : [],
  );
  return {
    accuracy: right,
    exactMatch: right,
    macroF1: scores.length === 0 ? 0 : mean(scores),
    microF1: multiLabelMetrics.microF1.of(result),
  };
}

function countsOf(
  { truth, predicted }: MultiLabelResult,
  from: number,
  to: number,
  stride: number,
): LabelCounts {
  const counts: [number, number, number] = [0, 0, 0];
  for (let i = from; i < to; i += stride) {
    if (truth[i] && predicted[i]) counts[0]++;
    else if (predicted[i]) counts[1]++;
    else if (truth[i]) counts[2]++;
  }
  return counts;
}

function sumColumns(rows: readonly LabelCounts[]): number[] {
  return [0, 1, 2].map((k) => rows.reduce((sum, row) => sum + row[k]!, 0));
}

function checkLengths({ labels, truth, predicted }: MultiLabelResult): void {
  requireSameLength(truth, predicted, "decisions");
  if (Number.isInteger(labels) && labels >= 1 && truth.length > 0 && truth.length % labels === 0) return;
  throw new RangeError(
    `${truth.length} decisions; give a multiple of the ${labels} labels, and at least one example`,
  );
}
