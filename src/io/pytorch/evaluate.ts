/**
 * PyTorch's modules as its documentation writes them, over the tensors of the file, in float64: what an import is
 * compared with. Slow and plain, and by intention it shares nothing with our networks or with the import's mapping.
 *
 * Source: the documentation of torch.nn.Embedding, LSTM, GRU, RNN and Linear.
 */

import type { ActivationName } from "../../nn/index.js";
import { dtypes, type TensorData, toFloat64 } from "../dtypes.js";
import type { Rows } from "../imported.js";
import type { TorchLayer, TorchPass } from "./modules/types.js";

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

/** The activations that are read, which networks have more of. */
export type TorchActivation = Extract<
  ActivationName,
  "relu" | "tanh" | "sigmoid" | "softplus" | "softsign" | "elu" | "silu" | "hardSigmoid"
>;

/** An activation, element by element. */
export const evaluateActivation =
  (name: TorchActivation) =>
  (rows: Rows): Rows =>
    rows.map((row) => row.map(functions[name]));

/** What torch.nn.functional calls so. */
const functions: Readonly<Record<TorchActivation, (z: number) => number>> = {
  relu: (z) => Math.max(0, z),
  tanh: Math.tanh,
  sigmoid: (z) => sigmoid(z),
  softplus: (z) => (z > 20 ? z : Math.log1p(Math.exp(z))),
  softsign: (z) => z / (1 + Math.abs(z)),
  elu: (z) => (z > 0 ? z : Math.expm1(z)),
  silu: (z) => z * sigmoid(z),
  hardSigmoid: (z) => Math.min(1, Math.max(0, z / 5 + 0.5)),
};

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
