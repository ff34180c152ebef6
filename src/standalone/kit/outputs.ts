/** What makes predictions of the last layer's scores z, as texts of JavaScript. */
import type { Piece } from "./piece.js";

/** The pieces. */
export const outputPieces: Readonly<Record<string, Piece>> = {
  sigmoids: { needs: ["sigmoid"], code: `const sigmoids = (z) => Array.from(z, sigmoid);` },
  asTheyAre: { code: `const asTheyAre = (z) => Array.from(z);` },
  softmax: {
    code: `
/** e^z over the sum of all. */
function softmax(z) {
  const highest = z.reduce((a, score) => Math.max(a, score), -Infinity);
  const powers = Array.from(z, (score) => Math.exp(score - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}`,
  },
  logSumExp: {
    code: `
/** log of the sum of e^value. */
function logSumExp(values) {
  const highest = values.reduce((a, value) => Math.max(a, value), -Infinity);
  return highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}`,
  },
  marginals: {
    needs: ["logSumExp"],
    code: `
/** The probability of every tag at every step in a conditional random field: the forward-backward algorithm. */
function marginals(rows, { transitions, start, end }) {
  const tags = Array.from(start, (_, k) => k);
  const T = rows.length;
  if (T === 0) return [];
  const to = (k, before) => transitions[k * tags.length + before];
  const forward = [tags.map((k) => rows[0][k] + start[k])];
  for (let t = 1; t < T; t++)
    forward.push(tags.map((k) => rows[t][k] + logSumExp(tags.map((b) => forward[t - 1][b] + to(k, b)))));
  const backward = new Array(T);
  backward[T - 1] = Array.from(end);
  for (let t = T - 2; t >= 0; t--)
    backward[t] = tags.map((b) => logSumExp(tags.map((k) => to(k, b) + rows[t + 1][k] + backward[t + 1][k])));
  const all = logSumExp(tags.map((k) => forward[T - 1][k] + end[k]));
  return forward.map((row, t) => row.map((score, k) => Math.exp(score + backward[t][k] - all)));
}`,
  },
  greatest: {
    code: `
/** The number of the greatest value; of equals the first. */
const greatest = (values) => values.reduce((at, value, i) => (value > values[at] ? i : at), 0);`,
  },
  bestTags: {
    needs: ["greatest"],
    code: `
/** The sequence of tags of the greatest score in a conditional random field: Viterbi's algorithm. */
function bestTags(rows, { transitions, start, end }) {
  if (rows.length === 0) return [];
  const tags = Array.from(start, (_, k) => k);
  const from = [];
  let best = tags.map((k) => rows[0][k] + start[k]);
  for (const z of rows.slice(1)) {
    const came = tags.map((k) => greatest(best.map((score, b) => score + transitions[k * tags.length + b])));
    best = tags.map((k) => best[came[k]] + transitions[k * tags.length + came[k]] + z[k]);
    from.push(came);
  }
  const path = [greatest(best.map((score, k) => score + end[k]))];
  for (const came of from.reverse()) path.push(came[path[path.length - 1]]);
  return path.reverse();
}`,
  },
};
