/**
 * How large the weights are: one number for each parameter, kept from the start of a run and of its epoch, so that weights
 * that run away can be told from weights that were large.
 */

/** The largest size of a number of each parameter, by the name of its buffer. */
export type WeightSizes = ReadonlyMap<string, number>;

/** The largest magnitude among numbers; infinite if one is not a number. */
export function largestSize(values: ArrayLike<number>): number {
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    const value = Math.abs(values[i]!);
    if (!(value <= size)) size = Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  }
  return size;
}
