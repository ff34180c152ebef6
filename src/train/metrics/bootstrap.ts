/**
 * Percentile bootstrap intervals: of a mean of scores, and of any statistic of summed counts, such as F1 or corpus
 * BLEU. A metric without an interval says little on a small test set. The draws are counter-based integers, so the
 * same seed draws the same examples on every engine.
 */
import { isList } from "../../options/items.js";
import { fillWords, purposes, wordBelow } from "../../tensor/random.js";
import { requireNumbers } from "./metric.js";

/** An interval that holds the true value with the stated confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Options of {@link bootstrapInterval} and {@link bootstrapStatistic}. */
export interface BootstrapOptions {
  readonly seed: number;
  /** How many times the examples are resampled. Default 1,000. */
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
export function bootstrapInterval(scores: ArrayLike<number>, options: BootstrapOptions): Interval {
  requireNumbers(scores, "the scores");
  const n = scores.length;
  if (n === 0) throw new RangeError("there are no scores; an interval needs at least one");
  return percentiles(options, n, (drawn) => {
    let total = 0;
    for (let i = 0; i < n; i++) total += scores[drawn[i]!]!;
    return total / n;
  });
}

/**
 * Percentile bootstrap of a statistic that is a function of counts summed over the examples: entity F1 of the
 * entities found in each sentence, BLEU of the n-grams matched in each line. What is drawn anew are examples, never
 * the parts of one, because the parts depend on each other (Koehn 2004 for BLEU).
 *
 * ```ts
 * const counts = bleuStatistics(result); // a row per line
 * bootstrapStatistic(counts, (sums) => bleuOfStatistics(sums).score, { seed: 1 }); // { low: 24.1, high: 29.8 }
 * ```
 *
 * @param counts one row per example, all of one length, at least one row
 * @param statistic from the sums of the rows' columns to the value; the array it is given is used again
 * @throws RangeError when there are no rows, one has another length, an option is out of range, or the statistic of
 * some resample is not a number
 */
export function bootstrapStatistic(
  counts: readonly ArrayLike<number>[],
  statistic: (sums: Float64Array) => number,
  options: BootstrapOptions,
): Interval {
  if (!Array.isArray(counts) || !counts.every(isList))
    throw new RangeError("counts must be a list of rows of numbers");
  if (typeof statistic !== "function") throw new RangeError("statistic must be a function of the sums");
  const width = counts[0]?.length;
  if (width === undefined)
    throw new RangeError("there are no rows of counts; an interval needs at least one");
  const odd = counts.findIndex((row) => row.length !== width);
  if (odd >= 0) throw new RangeError(`row ${odd} has ${counts[odd]!.length} counts, and row 0 has ${width}`);
  const sums = new Float64Array(width);
  return percentiles(options, counts.length, (drawn) => {
    sums.fill(0);
    for (let i = 0; i < drawn.length; i++) {
      const row = counts[drawn[i]!]!;
      for (let k = 0; k < width; k++) sums[k]! += row[k]!;
    }
    return statistic(sums);
  });
}

/** The middle of the values that `valueOf` gives for resamples of n examples; it is told the places drawn. */
function percentiles(
  options: BootstrapOptions,
  n: number,
  valueOf: (drawn: Uint32Array) => number,
): Interval {
  const { seed, resamples = 1000, level = 0.95 } = Object(options) as BootstrapOptions;
  if (!(Number.isInteger(resamples) && resamples >= 1 && resamples <= 1e7)) {
    throw new RangeError(`resamples is ${resamples}; give a whole number from 1 to ten million`);
  }
  if (!(level > 0 && level < 1)) throw new RangeError(`level is ${level}; give a number between 0 and 1`);
  const drawn = new Uint32Array(n);
  const values = Float64Array.from({ length: resamples }, (_, step) => {
    fillWords({ seed, purpose: purposes.bootstrap, step }, drawn);
    for (let i = 0; i < n; i++) drawn[i] = wordBelow(drawn[i]!, n);
    const value = valueOf(drawn);
    // Sorting would put it last and silently widen the interval.
    if (Number.isNaN(value)) throw new RangeError(`the statistic of resample ${step} is not a number`);
    return value;
  }).sort();
  return { low: quantile(values, (1 - level) / 2), high: quantile(values, (1 + level) / 2) };
}

/** The value below which a share of sorted values lies, interpolated linearly between neighbours. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  // Equal neighbours are answered as they are: ∞ − ∞ would not be a number.
  return below === above ? below : below + (above - below) * (place - Math.floor(place));
}
