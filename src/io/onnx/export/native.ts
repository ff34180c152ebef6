/**
 * The cells that are operators of ONNX: LSTM (peepholes included), GRU and RNN. A row holds a pattern, the equations that
 * a cell must have under whatever names, and which of its products the operator's gates are. ONNX's update gate keeps the
 * OLD state, so that of the notes' GRU is negated: 1 − σ(z) = σ(−z).
 * Source: https://onnx.ai/onnx/operators/onnx__LSTM.html, onnx__GRU.html, onnx__RNN.html
 */
import { gru } from "../../../cell/catalogue/gru/gru.js";
import { gruResetAfter } from "../../../cell/catalogue/gru/gruResetAfter.js";
import { lstm } from "../../../cell/catalogue/lstm/lstm.js";
import { lstmCoupled } from "../../../cell/catalogue/lstm/lstmCoupled.js";
import { lstmPeephole } from "../../../cell/catalogue/lstm/lstmPeephole.js";
import { rnn, rnnRelu } from "../../../cell/catalogue/rnn/rnn.js";
import { type Cell, cell } from "../../../cell/cell.js";
import type { CellEquations } from "../../../cell/equations.js";
import { add, mul, sigmoid, sub, tanh } from "../../../cell/functions.js";
import type { Attributes } from "../graph.js";
import { type Match, matchCell } from "./match.js";

/** A gate of an operator: the product it is, by the pattern's gate; or two, of the input and of the state. */
export interface NativeGate {
  readonly input: string;
  readonly state: string;
  /** True if the operator's gate is one minus the pattern's. */
  readonly negated: boolean;
}

/** An operator and the cells that it computes. */
export interface NativeRow {
  readonly operator: "LSTM" | "GRU" | "RNN";
  readonly pattern: Cell;
  readonly attributes: Attributes;
  /** In the operator's order: i o f c, z r h, or the only one. */
  readonly gates: readonly NativeGate[];
  /** Vectors of the pattern, in the operator's order i o f. */
  readonly peepholes: readonly string[];
  /** States of the pattern, in the operator's order. */
  readonly states: readonly string[];
}

/** The GRU whose update gate keeps the old state and whose reset gate acts before the product: Keras's reset_after=False. */
const gruKeeping = /* @__PURE__ */ cell("gruKeeping", { states: ["h"], output: "h" }, ({ h, x, affine }) => {
  const r = sigmoid(affine("r", h, x));
  const z = sigmoid(affine("z", h, x));
  const n = tanh(affine("n", mul(r, h), x));
  return { h: add(mul(sub(1, z), n), mul(z, h)) };
});

const gate = (name: string): NativeGate => ({ input: name, state: name, negated: false });
const negated = (name: string): NativeGate => ({ ...gate(name), negated: true });

const LSTM = { operator: "LSTM", attributes: {}, peepholes: [], states: ["a", "c"] } as const;
const GRU = { operator: "GRU", peepholes: [] } as const;
const RNN = { operator: "RNN", peepholes: [], states: ["a"], gates: [gate("a")] } as const;
const before: Attributes = { linear_before_reset: 0 };

const rows: readonly NativeRow[] = [
  { ...LSTM, pattern: lstm, gates: ["u", "o", "f", "c"].map(gate) },
  {
    ...LSTM,
    pattern: lstmPeephole,
    gates: ["u", "o", "f", "c"].map(gate),
    peepholes: ["p_u", "p_o", "p_f"],
  },
  { ...LSTM, pattern: lstmCoupled, gates: [negated("f"), ...["o", "f", "c"].map(gate)] },
  { ...GRU, pattern: gru, attributes: before, gates: [negated("u"), gate("r"), gate("c")], states: ["c"] },
  { ...GRU, pattern: gruKeeping, attributes: before, gates: ["z", "r", "n"].map(gate), states: ["h"] },
  {
    ...GRU,
    pattern: gruResetAfter,
    attributes: { linear_before_reset: 1 },
    gates: [gate("z"), gate("r"), { input: "nx", state: "nh", negated: false }],
    states: ["h"],
  },
  { ...RNN, pattern: rnn, attributes: { activations: ["Tanh"] } },
  { ...RNN, pattern: rnnRelu, attributes: { activations: ["Relu"] } },
];

/** An operator that computes a cell, and what of the cell its parts are. */
export interface Native extends NativeRow {
  readonly match: Match;
}

/** The operator that computes a cell; undefined: none does. */
export function nativeOf(equations: CellEquations): Native | undefined {
  for (const row of rows) {
    const match = matchCell(row.pattern.equations(), equations);
    if (match) return { ...row, match };
  }
  return undefined;
}
