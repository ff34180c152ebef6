/**
 * ONNX's operators as its documentation writes them, over the tensors of the file, in float64: what an import is compared with.
 * Slow and plain, and by intention it shares nothing with our networks or with the import's mapping.
 * Source: https://onnx.ai/onnx/operators/, LSTM, GRU, RNN, Gather, Gemm, ReduceMean, ReduceMax, Softmax, Sigmoid
 */
import type { Rows } from "../../imported.js";

/** One direction of a recurrent operator: its parts of W, R, B and P, and of the initial states, as they lie in the file. */
export interface DirectionFormula {
  readonly reverse: boolean;
  readonly w: Float32Array;
  readonly r: Float32Array;
  readonly b: Float32Array | undefined;
  readonly p: Float32Array | undefined;
  /** H⟨0⟩ and C⟨0⟩; zeros where absent. */
  readonly starts: readonly (Float32Array | undefined)[];
}

/** A recurrent operator; its directions give their results side by side. */
export interface Formula {
  readonly op: "LSTM" | "GRU" | "RNN";
  readonly H: number;
  readonly linearBeforeReset: boolean;
  readonly relu: boolean;
  readonly directions: readonly DirectionFormula[];
}

/** What an operator gives: Y, and Y_h. */
export interface Evaluated {
  readonly steps: Rows;
  readonly ends: readonly number[];
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** Y and Y_h of one sequence. */
export function evaluateOperator(formula: Formula, input: Rows): Evaluated {
  const all = formula.directions.map((direction) => {
    const step = stepOf(formula, direction);
    const inTime = direction.reverse ? [...input].reverse() : input;
    let [h, c] = [0, 1].map((i) => [...(direction.starts[i] ?? new Float32Array(formula.H))]) as [
      number[],
      number[],
    ];
    const out = inTime.map((x) => {
      [h, c] = step(x, h, c);
      return h;
    });
    return { steps: direction.reverse ? out.reverse() : out, end: h };
  });
  return {
    steps: input.map((_, t) => all.flatMap(({ steps }) => steps[t]!)),
    ends: all.flatMap(({ end }) => end),
  };
}

type Step = (x: readonly number[], h: readonly number[], c: readonly number[]) => [h: number[], c: number[]];

function stepOf({ op, H, linearBeforeReset, relu }: Formula, { w, r, b, p }: DirectionFormula): Step {
  const X = (w.length / r.length) * H;
  const G = r.length / H;
  const dot = (m: Float32Array, row: number, v: readonly number[]): number =>
    v.reduce((sum, value, k) => sum + m[row * v.length + k]! * value, 0);
  const bias = (row: number): number => b?.[row] ?? 0;
  const units = Array.from({ length: H }, (_, j) => j);
  if (X * G * H !== w.length * H) throw new RangeError("W and R have different numbers of gates");
  return (x, h, c) => {
    // Row j of gate k: Wx + Wb, and Rh + Rb.
    const ofInput = (k: number, j: number): number => dot(w, k * H + j, x) + bias(k * H + j);
    const ofState = (k: number, j: number, v = h): number => dot(r, k * H + j, v) + bias(G + k * H + j);
    const both = (k: number, j: number): number => ofInput(k, j) + ofState(k, j);
    if (op === "RNN") {
      const f = relu ? (z: number): number => Math.max(0, z) : Math.tanh;
      return [units.map((j) => f(both(0, j))), []];
    }
    if (op === "GRU") {
      const reset = units.map((j) => sigmoid(both(1, j)));
      const gated = units.map((j) => reset[j]! * h[j]!);
      const next = units.map((j) => {
        const z = sigmoid(both(0, j));
        const inner = linearBeforeReset ? reset[j]! * ofState(2, j) : ofState(2, j, gated);
        return (1 - z) * Math.tanh(ofInput(2, j) + inner) + z * h[j]!;
      });
      return [next, []];
    }
    const peep = (k: number, j: number, v: readonly number[]): number => (p ? p[k * H + j]! * v[j]! : 0);
    const memory = units.map((j) => {
      const [i, f] = [sigmoid(both(0, j) + peep(0, j, c)), sigmoid(both(2, j) + peep(2, j, c))];
      return f * c[j]! + i * Math.tanh(both(3, j));
    });
    return [units.map((j) => sigmoid(both(1, j) + peep(1, j, memory)) * Math.tanh(memory[j]!)), memory];
  };
}

/** Gather: rows of a table [ids, width]. */
export const evaluateGather =
  (table: Float32Array, width: number) =>
  (ids: Rows): Rows =>
    ids.map(([id = 0]) => [...table.subarray(id * width, (id + 1) * width)]);

/** x times a matrix [width, units], plus a bias. */
export const evaluateProduct =
  (matrix: Float32Array, units: number, bias: Float32Array | undefined) =>
  (input: Rows): Rows =>
    input.map((x) =>
      Array.from({ length: units }, (_, j) =>
        x.reduce((sum, v, k) => sum + v * matrix[k * units + j]!, bias?.[j] ?? 0),
      ),
    );

/** ReduceMean over time. */
export const evaluateMean = (rows: Rows): Rows => [
  (rows[0] ?? []).map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length),
];

/** ReduceMax over time. */
export const evaluateMax = (rows: Rows): Rows => [
  (rows[0] ?? []).map((_, k) =>
    rows.reduce((most, row) => Math.max(most, row[k]!), Number.NEGATIVE_INFINITY),
  ),
];

/** Softmax over features. */
export const evaluateSoftmax = (rows: Rows): Rows =>
  rows.map((z) => {
    const most = Math.max(...z);
    const powers = z.map((v) => Math.exp(v - most));
    const total = powers.reduce((sum, v) => sum + v, 0);
    return powers.map((v) => v / total);
  });

/** The activations between layers, of one value. */
export const activationFormulas = {
  Relu: (z: number) => Math.max(0, z),
  Tanh: Math.tanh,
  Sigmoid: sigmoid,
  Softplus: (z: number) => Math.log(Math.exp(z) + 1),
  Softsign: (z: number) => z / (1 + Math.abs(z)),
  Elu: (z: number) => (z < 0 ? Math.exp(z) - 1 : z),
  HardSigmoid: (z: number) => Math.max(0, Math.min(1, 0.2 * z + 0.5)),
} as const;

/** An activation of each value. */
export const evaluateActivation =
  (op: keyof typeof activationFormulas) =>
  (rows: Rows): Rows =>
    rows.map((z) => z.map(activationFormulas[op]));
