/**
 * What a metric is: a row that says what it measures, on which scale, which way is better and who defined it, beside
 * the function that computes it. The rows themselves stand with their functions; table.ts lists them all.
 */
import { shown, spelled } from "../../options/error.js";
import { isList } from "../../options/items.js";

/**
 * How to read a metric's values. "fraction": 0 to 1. "0 to 100": a score printed without a percent sign. "nats":
 * natural logarithms of probabilities. "ratio": a pure number without an upper bound, 1 where both sides are equal
 * (perplexity: an effective number of choices). "unit of the data" and its square: as the series' own values.
 */
export type Scale =
  | "fraction"
  | "0 to 100"
  | "nats"
  | "ratio"
  | "unit of the data"
  | "squared unit of the data";

/** A metric: what it measures, which way is better, its scale and source, and its value. */
export interface Metric<Result> {
  readonly describes: string;
  readonly better: "higher" | "lower";
  readonly scale: Scale;
  /** Where the definition is published. */
  readonly source: string;
  /** @throws RangeError when there are no examples, or what is given contradicts itself */
  readonly of: (result: Result) => number;
}

/** The mean of some numbers. @throws RangeError if there are none */
export function mean(values: ArrayLike<number>): number {
  requireNumbers(values, "the values");
  if (values.length === 0) throw new RangeError("there are no examples; a metric needs at least one");
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total / values.length;
}

/** @throws RangeError if something is no list, typed or not */
export function requireNumbers(values: unknown, what: string): void {
  if (!isList(values)) throw new RangeError(`${what} are ${spelled(shown(values))}; they must be a list`);
}

/** Refuses lists that should pair up and do not. @throws RangeError naming both lengths */
export function requireSameLength(
  truth: ArrayLike<unknown>,
  predicted: ArrayLike<unknown>,
  what: string,
): void {
  requireNumbers(truth, `the true ${what}`);
  requireNumbers(predicted, `the predicted ${what}`);
  if (truth.length === predicted.length) return;
  throw new RangeError(
    `${truth.length} true ${what} and ${predicted.length} predicted ones; give as many of each`,
  );
}
