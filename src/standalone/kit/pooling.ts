/** Pooling as texts of JavaScript: from a vector for every step to one. Nothing at all gives zeros. */
import type { Piece } from "./piece.js";

/** The pieces. */
export const poolingPieces: Readonly<Record<string, Piece>> = {
  poolLast: {
    code: `
/** Where a recurrent layer ends, or else the vector of the last step. */
const poolLast = (width) => ({
  run: ({ steps, last }) => ({ vector: last ?? steps[steps.length - 1] ?? new Float64Array(width) }),
});`,
  },
  poolEnds: {
    code: `
/** The vector of the last step. */
const poolEnds = (width) => ({
  run: ({ steps }) => ({ vector: steps[steps.length - 1] ?? new Float64Array(width) }),
});`,
  },
  mean: {
    code: `
/** The mean over the steps. */
function mean(steps, width) {
  const sum = new Float64Array(width);
  for (const step of steps) for (let i = 0; i < width; i++) sum[i] += step[i];
  return sum.map((value) => value / Math.max(steps.length, 1));
}`,
  },
  largest: {
    code: `
/** The maximum over the steps, feature by feature. */
function largest(steps, width) {
  const found = new Float64Array(width).fill(steps.length === 0 ? 0 : -Infinity);
  for (const step of steps) for (let i = 0; i < width; i++) found[i] = Math.max(found[i], step[i]);
  return found;
}`,
  },
  poolMean: {
    needs: ["mean"],
    code: `const poolMean = (width) => ({ run: ({ steps }) => ({ vector: mean(steps, width) }) });`,
  },
  poolMax: {
    needs: ["largest"],
    code: `const poolMax = (width) => ({ run: ({ steps }) => ({ vector: largest(steps, width) }) });`,
  },
  poolMeanMax: {
    needs: ["mean", "largest", "joined"],
    code: `
const poolMeanMax = (width) => ({
  run: ({ steps }) => ({ vector: joined([mean(steps, width), largest(steps, width)]) }),
});`,
  },
  poolAttention: {
    needs: ["product"],
    code: `
/** A mean with weights: the softmax over the steps of v tanh(w h + b). */
const poolAttention = (w, b, v) => ({
  run({ steps }) {
    const hidden = new Float64Array(b.length);
    const scores = steps.map((h) => {
      product(hidden, w, b, [h], [h.length]);
      return hidden.reduce((sum, z, i) => sum + v[i] * Math.tanh(z), 0);
    });
    const highest = scores.reduce((a, score) => Math.max(a, score), -Infinity);
    const weights = scores.map((score) => Math.exp(score - highest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const vector = new Float64Array(b.length);
    steps.forEach((h, t) => h.forEach((value, i) => (vector[i] += (weights[t] / total) * value)));
    return { vector };
  },
});`,
  },
};
