/**
 * PyTorch's modules as its documentation writes them, over the tensors of the file, in float64: what an import is
 * compared with. Slow and plain, and by intention it shares nothing with our networks or with the import's mapping.
 *
 * Source: the documentation of torch.nn.Embedding, LSTM, GRU, RNN and Linear.
 */

import type { ActivationName } from "../../nn/index.js";
import { dtypes, type TensorData, toFloat64 } from "../dtypes.js";
import type { Rows } from "../imported.js";
import type { JoinWay } from "./modules/items.js";
import type { NormModule, TorchLayer, TorchPass } from "./modules/types.js";

/** Row i of a matrix, without turning all of it into float64. */
function rowOf({ dtype, shape, data, name }: TensorData, i: number): Float64Array {
  const columns = shape[1]!;
  const bytes = columns * dtypes[dtype].bytes;
  return toFloat64({ name, dtype, shape: [columns], data: data.subarray(i * bytes, (i + 1) * bytes) });
}

/** nn.Embedding: the rows of the ids. */
export const evaluateEmbedding =
  (weight: TensorData) =>
  (ids: Rows): Rows =>
    ids.map(([id]) => Array.from(rowOf(weight, id!)));

/** nn.Linear: y = x Aᵀ + b. */
export const evaluateLinear =
  (weight: TensorData, bias: TensorData | undefined) =>
  (input: Rows): Rows => {
    const out = input.map((): number[] => []);
    const b = bias && toFloat64(bias);
    for (let j = 0; j < weight.shape[0]!; j++) {
      const row = rowOf(weight, j);
      input.forEach((x, t) => out[t]?.push(dot(row, x, 0) + (b?.[j] ?? 0)));
    }
    return out;
  };

/** A layer of nn.LSTM, GRU or RNN: the output of each step, of two directions side by side. */
export function evaluateRecurrent(
  layer: TorchLayer,
  kind: { readonly gates: number; readonly nonlinearity: "tanh" | "relu" },
): (input: Rows) => Rows {
  const steps = layer.map((pass) => stepOf(pass, kind));
  return (input) => {
    const [forward = [], reverse] = steps.map((start, direction) => {
      const step = start();
      const inTime = direction === 0 ? input : [...input].reverse();
      const out = inTime.map((x) => [...step(x)]);
      return direction === 0 ? out : out.reverse();
    });
    return reverse ? forward.map((h, t) => [...h, ...reverse[t]!]) : forward;
  };
}

/** The last step; of two directions each at its own end. */
export const evaluateLast =
  (directions: number) =>
  (rows: Rows): Rows => {
    const [first = [], last = []] = [rows[0], rows.at(-1)];
    const H = last.length / directions;
    return [directions === 1 ? last : [...last.slice(0, H), ...first.slice(H)]];
  };

/** out[:, -1]: the last step. */
export const evaluateEnds = (rows: Rows): Rows => [rows.at(-1) ?? []];

/** An activation, element by element; softmax of whole rows. */
export const evaluateActivation = (name: ActivationName, alpha?: number): ((rows: Rows) => Rows) =>
  name === "softmax"
    ? evaluateSoftmax
    : (rows) => rows.map((row) => row.map((z) => functions[name](z, alpha)));

/** What torch.nn.functional calls so. */
const functions: Readonly<Record<Exclude<ActivationName, "softmax">, (z: number, alpha?: number) => number>> =
  {
    relu: (z) => Math.max(0, z),
    tanh: Math.tanh,
    sigmoid: (z) => sigmoid(z),
    softplus: (z) => (z > 20 ? z : Math.log1p(Math.exp(z))),
    softsign: (z) => z / (1 + Math.abs(z)),
    elu: (z, alpha = 1) => (z > 0 ? z : alpha * Math.expm1(z)),
    selu: (z) => 1.0507009873554805 * (z > 0 ? z : 1.6732632423543772 * Math.expm1(z)),
    leakyRelu: (z, slope = 0.01) => (z > 0 ? z : slope * z),
    silu: (z) => z * sigmoid(z),
    gelu: (z) => 0.5 * z * (1 + erf(z / Math.SQRT2)),
    geluTanh: (z) => 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3))),
    hardSigmoid: (z, slope = 0.2) => Math.min(1, Math.max(0, slope * z + 0.5)),
  };

/** The error function: 2/√π ∫ e^(−t²), by Simpson's rule on a fine grid. */
function erf(x: number): number {
  const [steps, end] = [4000, Math.min(Math.abs(x), 7)];
  const h = end / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++)
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp(-((i * h) ** 2));
  return (Math.sign(x) * (2 / Math.sqrt(Math.PI)) * h * sum) / 3;
}

/** Sum, product, and side by side. */
export const evaluateJoin =
  (by: JoinWay) =>
  (values: readonly Rows[]): Rows => {
    const [first = [], ...others] = values;
    if (by === "concatenate") return first.map((_, t) => values.flatMap((rows) => rows[t]!));
    return first.map((row, t) =>
      others.reduce((sum: readonly number[], other) => {
        const next = other[t] ?? [];
        return sum.map((x, k) =>
          by === "add" ? x + next[k]! : by === "subtract" ? x - next[k]! : x * next[k]!,
        );
      }, row),
    );
  };

/** Of rows that begin with a score: at each step the sum so far of the rest, weighted by a softmax of the scores so far. */
export const evaluateAttention = (rows: Rows): Rows =>
  rows.map((_, end) => {
    const seen = rows.slice(0, end + 1);
    const most = Math.max(...seen.map(([score]) => score!));
    const weights = seen.map(([score]) => Math.exp(score! - most));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return seen[0]!
      .slice(1)
      .map((_, k) => seen.reduce((sum, row, t) => sum + (weights[t]! / total) * row[k + 1]!, 0));
  });

/** γ, β and ε of a normalisation. */
interface Affine {
  readonly gamma: Float64Array | undefined;
  readonly beta: Float64Array | undefined;
  readonly epsilon: number;
}

/** nn.LayerNorm: y = (x − E[x]) / √(Var[x] + ε) γ + β, over the features of each vector, with the variance of all of them. */
export const evaluateNormalise =
  ({ gamma, beta, epsilon }: Affine) =>
  (rows: Rows): Rows =>
    rows.map((row) => {
      const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
      const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
      return row.map(
        (x, k) => ((x - mean) / Math.sqrt(variance + epsilon)) * (gamma?.[k] ?? 1) + (beta?.[k] ?? 0),
      );
    });

/** nn.BatchNorm1d in inference: the same with the running mean and variance of each feature. */
export const evaluateScale =
  ({ gamma, beta, epsilon, mean, variance }: Affine & Pick<NormModule, "mean" | "variance">) =>
  (rows: Rows): Rows =>
    rows.map((row) =>
      row.map(
        (x, k) =>
          ((x - mean![k]!) / Math.sqrt(variance![k]! + epsilon)) * (gamma?.[k] ?? 1) + (beta?.[k] ?? 0),
      ),
    );

/** The mean of all steps. */
export const evaluateMean = (rows: Rows): Rows => [
  (rows[0] ?? []).map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length),
];

/** The maximum over all steps. */
export const evaluateMax = (rows: Rows): Rows => [
  (rows[0] ?? []).map((_, k) => Math.max(...rows.map((row) => row[k]!))),
];

/** softmax of each row. */
export const evaluateSoftmax = (rows: Rows): Rows =>
  rows.map((z) => {
    const most = z.reduce((a, b) => Math.max(a, b));
    const powers = z.map((value) => Math.exp(value - most));
    const total = powers.reduce((sum, value) => sum + value, 0);
    return powers.map((value) => value / total);
  });

/** σ of each value. */
export const evaluateSigmoid = (rows: Rows): Rows => rows.map((z) => z.map(sigmoid));

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** Makes a sequence's step from zero states: x⟨t⟩ in, h⟨t⟩ out. */
function stepOf(
  { weightIh, weightHh, biases }: TorchPass,
  { gates, nonlinearity }: { readonly gates: number; readonly nonlinearity: "tanh" | "relu" },
): () => (x: readonly number[]) => number[] {
  const [wIh, wHh] = [toFloat64(weightIh), toFloat64(weightHh)];
  const [rows = 0, H = 0] = weightHh.shape;
  const bIh = biases ? toFloat64(biases.ih) : new Float64Array(rows);
  const bHh = biases ? toFloat64(biases.hh) : new Float64Array(rows);
  const X = weightIh.shape[1]!;
  return () => {
    let h: number[] = new Array(H).fill(0);
    let c: number[] = new Array(H).fill(0);
    return (x) => {
      // Block k of unit j of W_i x + b_i, and of W_h h + b_h.
      const ofInput = (k: number, j: number): number => dot(wIh, x, (k * H + j) * X) + bIh[k * H + j]!;
      const old = h;
      const ofState = (k: number, j: number): number => dot(wHh, old, (k * H + j) * H) + bHh[k * H + j]!;
      const both = (k: number, j: number): number => ofInput(k, j) + ofState(k, j);
      if (gates === 4) {
        const next = c.map(
          (before, j) => sigmoid(both(1, j)) * before + sigmoid(both(0, j)) * Math.tanh(both(2, j)),
        );
        h = next.map((value, j) => sigmoid(both(3, j)) * Math.tanh(value));
        c = next;
      } else if (gates === 3) {
        h = old.map((before, j) => {
          const [r, z] = [sigmoid(both(0, j)), sigmoid(both(1, j))];
          const n = Math.tanh(ofInput(2, j) + r * ofState(2, j));
          return (1 - z) * n + z * before;
        });
      } else
        h = old.map((_, j) => (nonlinearity === "relu" ? Math.max(0, both(0, j)) : Math.tanh(both(0, j))));
      return h;
    };
  };
}

/** Σ_k w[from + k] · x[k]. */
function dot(w: Float64Array, x: readonly number[], from: number): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += w[from + k]! * x[k]!;
  return sum;
}
