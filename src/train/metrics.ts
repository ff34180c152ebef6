// How well a classifier does: one row per metric, each a function of the same result. The confidence interval of a
// mean stands beside them, because a metric without one says little on a small test set.
import { fillWords, purposes, wordBelow } from "../tensor/random.js";

/** What a classifier made of a data set. The three lists are of one length, at least 1. */
export interface ClassificationResult {
  /** Y, the number of classes. */
  readonly classes: number;
  /** The true class of each example, 0 to Y − 1. */
  readonly truth: ArrayLike<number>;
  /** The predicted class of each example, 0 to Y − 1. */
  readonly predicted: ArrayLike<number>;
  /** The loss of each example, in nats. */
  readonly losses: ArrayLike<number>;
}

/** A metric: what it measures, which way is better, and its value. */
export interface Metric<Result> {
  readonly describes: string;
  readonly better: "higher" | "lower";
  /** @throws RangeError when there are no examples, or a class is out of range */
  readonly of: (result: Result) => number;
}

/** The metrics of a classifier, by the names under which reports give them. */
export const classificationMetrics = {
  accuracy: {
    describes: "fraction of the examples whose predicted class is the true one",
    better: "higher",
    of: ({ truth, predicted }) => mean(hits(truth, predicted)),
  },
  macroF1: {
    describes: "F1 of each class, averaged over the classes that occur in truth or prediction",
    better: "higher",
    of: (result) => macroF1(confusion(result)),
  },
  loss: {
    describes: "mean negative log-likelihood of the true class, in nats",
    better: "lower",
    of: ({ losses }) => mean(losses),
  },
} as const satisfies Record<string, Metric<ClassificationResult>>;

/** "accuracy", "macroF1" or "loss". */
export type ClassificationMetricName = keyof typeof classificationMetrics;

/** All of a classifier's metrics. @throws RangeError when there are no examples, or a class is out of range */
export function classificationReport(result: ClassificationResult): Record<ClassificationMetricName, number> {
  const { accuracy, macroF1, loss } = classificationMetrics;
  return { accuracy: accuracy.of(result), macroF1: macroF1.of(result), loss: loss.of(result) };
}

/**
 * The confusion matrix: `confusion(result)[i][j]` examples of class i were predicted as class j.
 *
 * @throws RangeError when a class is out of range, or the lists differ in length
 */
export function confusion({
  classes,
  truth,
  predicted,
}: Pick<ClassificationResult, "classes" | "truth" | "predicted">): number[][] {
  if (truth.length !== predicted.length) {
    throw new RangeError(
      `${truth.length} true classes and ${predicted.length} predicted ones; give as many of each`,
    );
  }
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) {
    const row = matrix[truth[i]!];
    const column = predicted[i]!;
    if (row?.[column] === undefined) {
      throw new RangeError(`example ${i} has the classes ${truth[i]} and ${column}; there are ${classes}`);
    }
    row[column]!++;
  }
  return matrix;
}

/** 1 for each example that was predicted right, 0 for the others: the scores whose mean is the accuracy. */
export function hits(truth: ArrayLike<number>, predicted: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: truth.length }, (_, i) => Number(truth[i] === predicted[i]));
}

/** An interval that holds the true value with the stated confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Options of {@link bootstrapInterval}. */
export interface BootstrapOptions {
  readonly seed: number;
  /** How often the examples are drawn anew. Default 1,000. */
  readonly resamples?: number;
  /** Confidence, between 0 and 1. Default 0.95. */
  readonly level?: number;
}

/**
 * Percentile bootstrap (Efron 1979) of a mean: the mean over as many examples as there are, drawn with replacement,
 * again and again; the interval is what the middle 95 % of these means cover.
 *
 * ```ts
 * bootstrapInterval(hits(truth, predicted), { seed: 1 }); // { low: 0.741, high: 0.792 }: of the accuracy
 * ```
 *
 * @param scores one number per example
 * @throws RangeError when there are no scores, or an option is out of range
 */
export function bootstrapInterval(
  scores: ArrayLike<number>,
  { seed, resamples = 1000, level = 0.95 }: BootstrapOptions,
): Interval {
  const n = scores.length;
  if (n === 0) throw new RangeError("there are no scores; an interval needs at least one");
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new RangeError(`resamples is ${resamples}; give a whole number from 1`);
  }
  if (!(level > 0 && level < 1)) throw new RangeError(`level is ${level}; give a number between 0 and 1`);
  const words = new Uint32Array(n);
  const means = Float64Array.from({ length: resamples }, (_, step) => {
    fillWords({ seed, purpose: purposes.bootstrap, step }, words);
    let total = 0;
    for (let i = 0; i < n; i++) total += scores[wordBelow(words[i]!, n)]!;
    return total / n;
  }).sort();
  return { low: quantile(means, (1 - level) / 2), high: quantile(means, (1 + level) / 2) };
}

/**
 * F1 = 2 · hits / (2 · hits + false alarms + misses) of each class. A class that occurs neither in truth nor in
 * prediction has no F1 and is left out; one that occurs in either only has F1 = 0. (scikit-learn's macro average with
 * `zero_division=0` differs only where all labels are passed and some never occur: it counts these as 0.)
 */
function macroF1(matrix: readonly (readonly number[])[]): number {
  const scores = matrix.flatMap((row, i) => {
    const actual = row.reduce((sum, count) => sum + count, 0);
    const predicted = matrix.reduce((sum, other) => sum + other[i]!, 0);
    return actual + predicted === 0 ? [] : [(2 * row[i]!) / (actual + predicted)];
  });
  return mean(scores);
}

function mean(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError("there are no examples; a metric needs at least one");
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total / values.length;
}

/** The value below which a share of sorted values lies, interpolated linearly between neighbours. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}
