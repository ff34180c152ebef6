/**
 * How well a classifier does: one row per metric, each a function of the same result, and the matrix of what was
 * taken for what. Whether its probabilities are honest is asked in calibration.ts.
 */
import { type Metric, mean, requireNumbers, requireSameLength } from "./metric.js";

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
    of: macroF1,
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
  requireSameLength(Object(result).truth, Object(result).predicted, "classes");
  return { accuracy: accuracy.of(result), macroF1: macroF1.of(result), loss: loss.of(result) };
}

/** Classes of which a matrix of counts can be held: it takes 800 MB. */
export const MOST_IN_MATRIX = 10_000;

/**
 * The confusion matrix: `confusion(result)[i][j]` examples of class i were predicted as class j.
 *
 * @throws RangeError when a class is out of range, or the lists differ in length
 */
export function confusion(given: Pick<ClassificationResult, "classes" | "truth" | "predicted">): number[][] {
  const { classes, truth, predicted } = Object(given) as Pick<
    ClassificationResult,
    "classes" | "truth" | "predicted"
  >;
  requireSameLength(truth, predicted, "classes");
  if (!(Number.isInteger(classes) && classes >= 0 && classes <= MOST_IN_MATRIX))
    throw new RangeError(`there are ${classes} classes; a confusion matrix can have 0 to ${MOST_IN_MATRIX}`);
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
  requireNumbers(truth, "the true classes");
  requireNumbers(predicted, "the predicted classes");
  return Float64Array.from({ length: truth.length }, (_, i) => Number(truth[i] === predicted[i]));
}

/**
 * F1 = 2 · hits / (2 · hits + false alarms + misses) of each class. A class that occurs neither in truth nor in
 * prediction has no F1 and is left out; one that occurs in either only has F1 = 0. (scikit-learn's macro average with
 * `zero_division=0` differs only where all labels are passed and some never occur: it counts these as 0.)
 */
function macroF1(result: Pick<ClassificationResult, "classes" | "truth" | "predicted">): number {
  const scores = classCounts(result).flatMap(([right, wrong, missed]) =>
    right + wrong + missed === 0 ? [] : [(2 * right) / (2 * right + wrong + missed)],
  );
  return mean(scores);
}

/**
 * Of each class how many examples were rightly put into it, wrongly put into it, and missed.
 *
 * @throws RangeError as {@link confusion}, but for the number of classes
 */
export function classCounts(
  given: Pick<ClassificationResult, "classes" | "truth" | "predicted">,
): [right: number, wrong: number, missed: number][] {
  const { classes, truth, predicted } = Object(given) as typeof given;
  requireSameLength(truth, predicted, "classes");
  if (!(Number.isInteger(classes) && classes >= 0 && classes <= 2 ** 24))
    throw new RangeError(`there are ${classes} classes; give a whole number from 0 to ${2 ** 24}`);
  const counts = Array.from({ length: classes }, (): [number, number, number] => [0, 0, 0]);
  for (let i = 0; i < truth.length; i++) {
    const [own, other] = [counts[truth[i]!], counts[predicted[i]!]];
    if (!own || !other)
      throw new RangeError(
        `example ${i} has the classes ${truth[i]} and ${predicted[i]}; there are ${classes}`,
      );
    if (own === other) own[0]++;
    else {
      other[1]++;
      own[2]++;
    }
  }
  return counts;
}
