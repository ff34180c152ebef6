/**
 * Standardising: each channel of a series minus its mean, divided by its deviation, both from the training data. The scaler
 * is a plain record of numbers that the model file keeps, so that a model sees new series as it saw its training data.
 */

import { FileFormatError } from "../../io/errors.js";
import { checkArguments } from "../../options/check.js";
import type { Series } from "./series.js";

/** Mean and standard deviation of each channel, over all steps of the training series. */
export interface Scaler {
  readonly mean: readonly number[];
  /** Above 0: for a channel that never changes it is 1, so that the channel becomes zeros. */
  readonly deviation: readonly number[];
}

/**
 * Fits a scaler to series, with sums in float64 in two passes. Every step counts equally; missing values (NaN) do not
 * count.
 *
 * @throws RangeError if no series has a step
 */
export function fitScaler(all: readonly Series[]): Scaler {
  checkArguments(
    "fitScaler",
    { all },
    { all: { kind: "list", of: { kind: "list", of: { kind: "numbers" }, least: 0 }, least: 0 } },
  );
  const width = all.find((series) => series.length > 0)?.[0]?.length;
  if (width === undefined) throw new RangeError("there are no steps; a scaler needs at least one");
  const average = (of: (value: number, channel: number) => number): number[] => {
    const sums = new Array<number>(width).fill(0);
    const counts = new Array<number>(width).fill(0);
    for (const series of all)
      for (const step of series)
        for (let c = 0; c < width; c++) {
          const value = step[c]!;
          if (Number.isNaN(value)) continue;
          sums[c]! += of(value, c);
          counts[c]!++;
        }
    return sums.map((sum, c) => sum / Math.max(counts[c]!, 1));
  };
  const mean = average((value) => value);
  const deviation = average((value, c) => (value - mean[c]!) ** 2).map((variance, c) => {
    const found = Math.sqrt(variance);
    // For a constant channel, rounding may leave a tiny deviation; dividing by it would produce noise.
    return found > 1e-12 * Math.max(1, Math.abs(mean[c]!)) ? found : 1;
  });
  return { mean, deviation };
}

/** A standardised series as one list, step after step, as a network takes it. Missing values (NaN) become the mean: 0. */
export function scaled({ mean, deviation }: Scaler, series: Series): Float32Array {
  const width = mean.length;
  const values = new Float32Array(series.length * width);
  series.forEach((step, t) => {
    for (let c = 0; c < width; c++) {
      const value = step[c]!;
      values[t * width + c] = Number.isNaN(value) ? 0 : (value - mean[c]!) / deviation[c]!;
    }
  });
  return values;
}

/**
 * A scaler from its JSON form.
 *
 * @param channels how many it must have
 * @param file the name to report
 * @throws FileFormatError if it is not a scaler for that many channels
 */
export function scalerFromJson(json: unknown, channels: number, file = "scaler"): Scaler {
  const { mean, deviation } = (json ?? {}) as Record<string, unknown>;
  const fits = (list: unknown, holds: (value: number) => boolean): list is number[] =>
    Array.isArray(list) &&
    list.length === channels &&
    list.every((value) => typeof value === "number" && Number.isFinite(value) && holds(value));
  if (fits(mean, () => true) && fits(deviation, (value) => value > 0)) return { mean, deviation };
  throw new FileFormatError({
    file,
    where: "scaler",
    problem: `holds no mean and deviation for each of ${channels} channels`,
    remedy: "Save the model again.",
  });
}
