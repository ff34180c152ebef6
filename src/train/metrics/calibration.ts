/**
 * Whether a classifier's probabilities can be taken at their word: of all predictions made with 80 % confidence, 80 %
 * should be right. The reliability table shows it bin by bin, and the expected calibration error (Guo et al. 2017)
 * sums it up. The Brier score (1950) looks at all probabilities of an example and needs no bins.
 */
import { type Metric, mean, requireNumbers, requireSameLength } from "./metric.js";

/** How sure a classifier was of its predictions, and how often rightly so. The lists are of one length, at least 1. */
export interface CalibrationResult {
  /** The probability of the predicted class of each example, 0 to 1. */
  readonly confidences: ArrayLike<number>;
  /** 1 for each example that was predicted right, 0 for the others: what `hits` gives. */
  readonly correct: ArrayLike<number>;
  /** Number of bins of equal width. Default 15. */
  readonly bins?: number;
}

/** One row of a reliability table: the examples whose confidence is above `low` and at most `high`. */
export interface ReliabilityBin {
  /** Exclusive, except that a confidence of 0 belongs to the first bin. */
  readonly low: number;
  /** Inclusive. */
  readonly high: number;
  /** Number of examples. */
  readonly count: number;
  /** Their mean confidence; 0 in an empty bin. */
  readonly confidence: number;
  /** The fraction of them that is right; 0 in an empty bin. */
  readonly accuracy: number;
}

/** What a classifier made of a data set, as the probabilities of all classes. */
export interface ProbabilityResult {
  /** Y, the number of classes. */
  readonly classes: number;
  /** The true class of each example, 0 to Y − 1; N of them, at least 1. */
  readonly truth: ArrayLike<number>;
  /** N × Y, the examples one after the other. */
  readonly probabilities: ArrayLike<number>;
}

/** The metric of calibration, by the name under which reports give it. */
export const calibrationMetrics = {
  calibrationError: {
    describes: "mean distance between confidence and accuracy, over 15 equally wide bins of confidence",
    better: "lower",
    scale: "fraction",
    source: "Guo, Pleiss, Sun & Weinberger 2017, equation 3 (ECE)",
    of: calibrationError,
  },
} as const satisfies Record<string, Metric<CalibrationResult>>;

/**
 * Expected calibration error: Σ over bins of count / N · |accuracy − confidence|. 0 for a classifier whose confidence
 * is its accuracy in every bin. It depends on the number of bins, so give both together.
 *
 * @throws RangeError as {@link reliability}
 */
export function calibrationError(result: CalibrationResult): number {
  const bins = reliability(result);
  const n = result.confidences.length;
  let error = 0;
  for (const { count, confidence, accuracy } of bins) {
    error += (count / n) * Math.abs(accuracy - confidence);
  }
  return error;
}

/**
 * The reliability table: bin m of M holds the examples whose confidence lies in ((m − 1) / M, m / M].
 *
 * ```ts
 * reliability({ confidences: [0.9, 0.8, 0.3], correct: [1, 0, 1], bins: 2 });
 * // [{ low: 0, high: 0.5, count: 1, confidence: 0.3, accuracy: 1 },
 * //  { low: 0.5, high: 1, count: 2, confidence: 0.85, accuracy: 0.5 }]
 * ```
 *
 * @returns M rows, by rising confidence
 * @throws RangeError when there are no examples, the lists differ in length, a confidence is not within 0 and 1, or
 * the number of bins is not a whole number from 1
 */
export function reliability(given: CalibrationResult): ReliabilityBin[] {
  const { confidences, correct, bins = 15 } = Object(given) as CalibrationResult;
  requireSameLength(correct, confidences, "outcomes");
  if (confidences.length === 0) throw new RangeError("there are no examples; a metric needs at least one");
  if (!Number.isInteger(bins) || bins < 1)
    throw new RangeError(`bins is ${bins}; give a whole number from 1`);
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (let i = 0; i < confidences.length; i++) {
    const confidence = confidences[i]!;
    if (!(confidence >= 0 && confidence <= 1)) {
      throw new RangeError(`example ${i} has the confidence ${confidence}; give a probability from 0 to 1`);
    }
    const sum = sums[binOf(confidence, bins)]!;
    sum.count++;
    sum.confidence += confidence;
    sum.right += correct[i]!;
  }
  return sums.map(({ count, confidence, right }, m) => ({
    low: m / bins,
    high: (m + 1) / bins,
    count,
    confidence: count === 0 ? 0 : confidence / count,
    accuracy: count === 0 ? 0 : right / count,
  }));
}

/** The bin as the table's own bounds have it: the product alone may round across one. */
function binOf(confidence: number, bins: number): number {
  const near = Math.max(0, Math.ceil(confidence * bins) - 1);
  if (near > 0 && confidence <= near / bins) return near - 1;
  return near + 1 < bins && confidence > (near + 1) / bins ? near + 1 : near;
}

/**
 * Brier score (Brier 1950): the mean over the examples of Σ over classes of (probability − 1 or 0)², 1 for the true
 * class. From 0, certain and right, to 2, certain and wrong. With two classes it is twice the score that counts only
 * one of them.
 *
 * @throws RangeError when there are no examples, a class is out of range, or the lengths do not fit
 */
export function brierScore(given: ProbabilityResult): number {
  const { classes, truth, probabilities } = Object(given) as ProbabilityResult;
  requireNumbers(truth, "the true classes");
  requireNumbers(probabilities, "the probabilities");
  if (probabilities.length !== truth.length * classes) {
    throw new RangeError(
      `${probabilities.length} probabilities; ${truth.length} examples of ${classes} classes have ${truth.length * classes}`,
    );
  }
  return mean(
    Float64Array.from({ length: truth.length }, (_, i) => {
      const actual = truth[i]!;
      if (!(Number.isInteger(actual) && actual >= 0 && actual < classes)) {
        throw new RangeError(`example ${i} has the class ${actual}; there are ${classes}`);
      }
      let total = 0;
      for (let k = 0; k < classes; k++) {
        total += (probabilities[i * classes + k]! - Number(k === actual)) ** 2;
      }
      return total;
    }),
  );
}
