/**
 * Bars of text, for plots in a terminal: in eighths of a character, so that thirty characters can show 240 lengths.
 */

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar that fills a share of `width` characters, padded with blanks. */
export function bar(share: number, width: number): string {
  const parts = Math.round(8 * width * Math.min(1, Math.max(0, share)));
  return `${"█".repeat(parts >> 3)}${eighths[parts % 8]!}`.padEnd(width);
}

/**
 * Bars of numbers above zero on a logarithmic scale, from the power of ten at or below the smallest (at most a thousandth) to
 * the one at or above the largest (at least one): a straight fall is a constant factor.
 */
export function logarithmicBars(values: readonly number[], width: number): string[] {
  const powers = values.map(Math.log10);
  const low = Math.floor(Math.min(-3, ...powers));
  const high = Math.ceil(Math.max(0, ...powers));
  return powers.map((power) => bar((power - low) / (high - low), width));
}
