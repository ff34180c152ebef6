// @ts-check
/**
 * The numbers that everybody is fed, from formulas: the same in every process and, in peers/torch_step.py, in
 * Python. What they are hardly matters; that losses can fall on them does.
 */

/** @typedef {import("./tasks.mjs").Task} Task */

/** Steps of vectors of sequence i, T × X. @param {number} i @param {number} T @param {number} X */
export const inputs = (i, T, X) => Float32Array.from({ length: T * X }, (_, k) => Math.sin(i + k));

/** Target vectors of sequence i, T × H. @param {number} i @param {number} T @param {number} H */
export const targets = (i, T, H) => Float32Array.from({ length: T * H }, (_, k) => 0.5 * Math.cos(i + k));

/** Ids of sequence i below `size`: words, or classes. @param {number} i @param {number} T @param {number} size */
export const ids = (i, T, size) => Int32Array.from({ length: T }, (_, t) => (i * 7919 + t * 104_729) % size);

/**
 * The batch as one list of numbers per sequence: what goes in, and what should come out.
 * @param {Task} task @param {number} width the output's
 */
export function batch({ lengths, vocabulary, X, Y }, width) {
  return lengths.map((T, i) => ({
    input: vocabulary > 0 ? ids(i, T, vocabulary) : inputs(i, T, X),
    target: Y > 0 ? ids(i + 1, T, Y) : targets(i, T, width),
  }));
}

/** A weight matrix, small and unlike its neighbours, the same for everybody. @param {number} n @param {number} [scale] */
export const weights = (n, scale = 0.1) =>
  Float32Array.from({ length: n }, (_, k) => scale * Math.sin(1 + k * 0.7));
