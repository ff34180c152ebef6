// @ts-check
/**
 * Medians and spread. Ratios are always ratios of medians of one session's interleaved runs.
 */

/** @typedef {{ median: number, low: number, high: number, runs: number }} Summary */

/** The value below which `share` of the sorted values lie, interpolated. @param {number[]} sorted @param {number} share */
function quantile(sorted, share) {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const value = sorted[below] ?? Number.NaN;
  return value + (place - below) * ((sorted[below + 1] ?? value) - value);
}

/** Median with the 10 % and 90 % quantiles. @param {readonly number[]} values @returns {Summary} */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [median, low, high] = [0.5, 0.1, 0.9].map((share) => quantile(sorted, share));
  return { median: median ?? 0, low: low ?? 0, high: high ?? 0, runs: sorted.length };
}
