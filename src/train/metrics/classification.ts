/**
 * How well a classifier does: one row per metric, each a function of the same result, and the matrix of what was
 * taken for what. Whether its probabilities are honest is asked in calibration.ts.
 */
import { type Metric, mean, requireSameLength } from "./metric.js";

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

/** The metrics of a classifier, by the names under which reports give them. */
export const classificationMetrics = {
  accuracy: {
    describes: "fraction of the examples whose predicted class is the true one",
    better: "higher",
    scale: "fraction",
    source: "1 − the error rate; Duda, Hart & Stork 2001, section 2.3",
    of: ({ truth, predicted }) => mean(hits(truth, predicted)),
  },
  macroF1: {
    describes: "F1 of each class, averaged over the classes that occur in truth or prediction",
    better: "higher",
    scale: "fraction",
    source: "the averaged F1 of Opitz & Burst 2019, over the classes that occur",
    of: (result) => macroF1(confusion(result)),
  },
  loss: {
    describes: "mean negative log-likelihood of the true class, in nats",
    better: "lower",
    scale: "nats",
    source: "cross-entropy error per example; Bishop 2006, section 4.3.4",
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
  requireSameLength(truth, predicted, "classes");
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
