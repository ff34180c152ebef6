/**
 * The recurrent cells of Keras, one form each: which columns of its kernels become which weights of ours, the cell of
 * ours, and Keras' own step in float64 for the certificate. Kernels have shape (X, gates · H), recurrent kernels
 * (H, gates · H), gates side by side; rows are features. Where a layer has the usual activations its cell is the
 * catalogue's; otherwise it is a cell of the same equations with the layer's activations in it.
 * Source: keras/src/layers/rnn/{simple_rnn,lstm,gru}.py, GRU in both forms of `reset_after`.
 */
import {
  add,
  type Cell,
  cell,
  type Expr,
  gru,
  gruResetAfter,
  lstm,
  mul,
  rnn,
  rnnRelu,
  sub,
} from "../../../cell/index.js";
import type { Activation } from "./activations.js";

/** Weights `w_ours` and bias `b_ours` of ours. */
export interface Gate {
  readonly ours: string;
  /** Keras' letter for its columns. */
  readonly letter: string;
  /** Which of the side-by-side blocks. */
  readonly block: number;
  /** Absent: both. */
  readonly reads?: "state" | "input";
  /** Rows of the bias that are summed; a bias of one row has row 0 only. */
  readonly bias: readonly number[];
  /** True where ours is 1 − theirs: weights and bias change their sign. */
  readonly negated?: true;
}

/** What Keras' step multiplies with: one row of features at a time. */
export interface StepWeights {
  /** x → x · kernel. */
  readonly input: (x: readonly number[]) => number[];
  /** h → h · recurrent_kernel. */
  readonly state: (h: readonly number[]) => number[];
  /** Rows of the bias, zeros without one. */
  readonly bias: readonly (readonly number[])[];
}

/** The activations of a layer. */
export interface CellActivations {
  readonly activation: Activation & { readonly expression: (z: Expr) => Expr };
  readonly recurrent: Activation & { readonly expression: (z: Expr) => Expr };
}

/** A form. */
export interface CellForm {
  readonly cell: Cell;
  /** Blocks in the kernels. */
  readonly blocks: number;
  /** 2 where the input's products and the state's have biases of their own. */
  readonly biasRows: 1 | 2;
  readonly gates: readonly Gate[];
  /** States start as this many vectors of zeros; the first is the output. */
  readonly states: number;
  /** Keras' step. */
  readonly step: (x: readonly number[], states: readonly number[][], w: StepWeights) => number[][];
}

/** The name of a cell with activations of its own: "lstm_tanh_hard_sigmoid". */
const named = (base: string, { activation, recurrent }: CellActivations): string =>
  `${base}_${activation.name}_${recurrent.name}`;

const usual = ({ activation, recurrent }: CellActivations): boolean =>
  activation.name === "tanh" && recurrent.name === "sigmoid";

/** The block-th of the vectors of width H that lie side by side. */
const part = (z: readonly number[], block: number, H: number): number[] =>
  z.slice(block * H, (block + 1) * H);
const sum = (...all: readonly (readonly number[])[]): number[] =>
  all[0]!.map((_, i) => all.reduce((total, v) => total + v[i]!, 0));

/** SimpleRNN: h = act(x · kernel + h · recurrent_kernel + bias). */
export function simpleRnnForm({ activation }: CellActivations): CellForm {
  const own = (): Cell =>
    cell(`rnn_${activation.name}`, { states: ["a"], output: "a" }, ({ a, x, affine }) => ({
      a: activation.expression(affine("a", a, x)),
    }));
  return {
    cell: activation.name === "tanh" ? rnn : activation.name === "relu" ? rnnRelu : own(),
    blocks: 1,
    biasRows: 1,
    gates: [{ ours: "a", letter: "h", block: 0, bias: [0] }],
    states: 1,
    step: (x, [h = []], w) => [activation.evaluate(sum(w.input(x), w.state(h), w.bias[0] ?? []))],
  };
}

/** LSTM, gates i, f, c, o: c = f ∘ c + i ∘ act(…), h = o ∘ act(c). */
export function lstmForm(activations: CellActivations): CellForm {
  const { activation, recurrent } = activations;
  const own = (): Cell =>
    cell(
      named("lstm", activations),
      { states: ["a", "c"], output: "a", bias: { f: 1 } },
      ({ a, c, x, affine }) => {
        const candidate = activation.expression(affine("c", a, x));
        const u = recurrent.expression(affine("u", a, x));
        const f = recurrent.expression(affine("f", a, x));
        const o = recurrent.expression(affine("o", a, x));
        const memory = add(mul(u, candidate), mul(f, c));
        const gates = { c̃: candidate, Γu: u, Γf: f, Γo: o };
        return { gates, c: memory, a: mul(o, activation.expression(memory)) };
      },
    );
  return {
    cell: usual(activations) ? lstm : own(),
    blocks: 4,
    biasRows: 1,
    gates: [
      { ours: "u", letter: "i", block: 0, bias: [0] },
      { ours: "f", letter: "f", block: 1, bias: [0] },
      { ours: "c", letter: "c", block: 2, bias: [0] },
      { ours: "o", letter: "o", block: 3, bias: [0] },
    ],
    states: 2,
    step(x, [h = [], c = []], w) {
      const z = sum(w.input(x), w.state(h), w.bias[0] ?? []);
      const [zi, zf, zc, zo] = [0, 1, 2, 3].map((block) => part(z, block, h.length)) as [
        number[],
        number[],
        number[],
        number[],
      ];
      const [i, f, o] = [zi, zf, zo].map(recurrent.evaluate) as [number[], number[], number[]];
      const candidate = activation.evaluate(zc);
      const memory = c.map((v, k) => f[k]! * v + i[k]! * candidate[k]!);
      const squashed = activation.evaluate(memory);
      return [o.map((v, k) => v * squashed[k]!), memory];
    },
  };
}

/** GRU, gates z, r, h: h = z ∘ h + (1 − z) ∘ hh; the reset gate acts on the product (`reset_after`) or before it. */
export function gruForm(activations: CellActivations, resetAfter: boolean): CellForm {
  return { ...(resetAfter ? resetAfterForm : resetBeforeForm)(activations), blocks: 3, states: 1 };
}

type GruForm = (activations: CellActivations) => Omit<CellForm, "blocks" | "states">;

const resetAfterForm: GruForm = (activations) => {
  const { activation, recurrent } = activations;
  const own = (): Cell =>
    cell(named("gruResetAfter", activations), { states: ["h"], output: "h" }, ({ h, x, affine }) => {
      const r = recurrent.expression(affine("r", h, x));
      const z = recurrent.expression(affine("z", h, x));
      const n = activation.expression(add(affine("nx", x), mul(r, affine("nh", h))));
      return { gates: { r, z, n }, h: add(mul(sub(1, z), n), mul(z, h)) };
    });
  return {
    cell: usual(activations) ? gruResetAfter : own(),
    biasRows: 2,
    gates: [
      { ours: "z", letter: "z", block: 0, bias: [0, 1] },
      { ours: "r", letter: "r", block: 1, bias: [0, 1] },
      { ours: "nx", letter: "h", block: 2, reads: "input", bias: [0] },
      { ours: "nh", letter: "h", block: 2, reads: "state", bias: [1] },
    ],
    step(x, [h = []], w) {
      const fromInput = sum(w.input(x), w.bias[0] ?? []);
      const fromState = sum(w.state(h), w.bias[1] ?? []);
      const [z, r] = [0, 1].map((block) =>
        recurrent.evaluate(sum(part(fromInput, block, h.length), part(fromState, block, h.length))),
      ) as [number[], number[]];
      const reset = part(fromState, 2, h.length).map((v, k) => r[k]! * v);
      return [mixed(h, z, activation.evaluate(sum(part(fromInput, 2, h.length), reset)))];
    },
  };
};

const resetBeforeForm: GruForm = (activations) => {
  const { activation, recurrent } = activations;
  const own = (): Cell =>
    cell(named("gruResetBefore", activations), { states: ["h"], output: "h" }, ({ h, x, affine }) => {
      const r = recurrent.expression(affine("r", h, x));
      const z = recurrent.expression(affine("z", h, x));
      const n = activation.expression(affine("n", mul(r, h), x));
      return { gates: { r, z, n }, h: add(mul(sub(1, z), n), mul(z, h)) };
    });
  const isUsual = usual(activations);
  const gates: readonly Gate[] = [
    // The notes' gate keeps the new state: u = 1 − z, and 1 − σ(v) = σ(−v).
    isUsual
      ? { ours: "u", letter: "z", block: 0, bias: [0], negated: true }
      : { ours: "z", letter: "z", block: 0, bias: [0] },
    { ours: "r", letter: "r", block: 1, bias: [0] },
    { ours: isUsual ? "c" : "n", letter: "h", block: 2, bias: [0] },
  ];
  return {
    cell: isUsual ? gru : own(),
    biasRows: 1,
    gates,
    step(x, [h = []], w) {
      const fromInput = sum(w.input(x), w.bias[0] ?? []);
      const fromState = w.state(h);
      const [z, r] = [0, 1].map((block) =>
        recurrent.evaluate(sum(part(fromInput, block, h.length), part(fromState, block, h.length))),
      ) as [number[], number[]];
      const reset = w.state(h.map((v, k) => r[k]! * v));
      return [mixed(h, z, activation.evaluate(sum(part(fromInput, 2, h.length), part(reset, 2, h.length))))];
    },
  };
};

const mixed = (h: readonly number[], z: readonly number[], candidate: readonly number[]): number[] =>
  h.map((v, k) => z[k]! * v + (1 - z[k]!) * candidate[k]!);
