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

/**
 * The median with a 95 % interval for it, from the order of the values alone: of nine values the second and the eighth.
 * @param {readonly number[]} values at least six
 */
export function medianInterval(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  // How likely it is that at most k of n values lie below the median: sums of binomials with 1/2.
  let [k, term, below] = [0, 0.5 ** n, 0.5 ** n];
  while (below <= 0.025) {
    term = (term * (n - k)) / (k + 1);
    below += term;
    k++;
  }
  const rank = Math.max(k - 1, 0);
  return {
    low: sorted[rank] ?? Number.NaN,
    median: quantile(sorted, 0.5),
    high: sorted[n - 1 - rank] ?? Number.NaN,
  };
}
