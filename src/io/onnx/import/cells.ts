/**
 * The recurrent operators as cells of the catalogue: which cell, and where its parameters lie in the operator's weights. The
 * operators' gates stand one under the other; ONNX's update gate keeps the OLD state, the notes' GRU takes the new one.
 * Source: https://onnx.ai/onnx/operators/onnx__LSTM.html, onnx__GRU.html, onnx__RNN.html
 */
import { gru } from "../../../cell/catalogue/gru/gru.js";
import { gruResetAfter } from "../../../cell/catalogue/gru/gruResetAfter.js";
import { lstm } from "../../../cell/catalogue/lstm/lstm.js";
import { lstmPeephole } from "../../../cell/catalogue/lstm/lstmPeephole.js";
import { rnn, rnnRelu } from "../../../cell/catalogue/rnn/rnn.js";
import type { Cell } from "../../../cell/cell.js";
import type { Tensor } from "../../../nn/index.js";
import type { OperatorSide } from "./operator.js";

/** A product of the cell in the operator's weights. */
export interface GatePlace {
  /** The cell's gate: "u" of w_u and b_u. */
  readonly gate: string;
  /** Number of the operator's gate. */
  readonly at: number;
  /** Which columns and biases it has: of the input, of the state, or both, whose biases are added. */
  readonly of: "input" | "state" | "both";
  /** −1 where the operator's gate is one minus the cell's. */
  readonly sign: 1 | -1;
}

/** An operator's cell. */
export interface CellPlace {
  readonly cell: Cell;
  readonly gates: readonly GatePlace[];
  /** Vectors of the cell, in the order in which the operator's peepholes lie. */
  readonly peepholes: readonly string[];
  /** States in the operator's order. */
  readonly states: readonly string[];
}

const both = (gates: readonly string[], negated: readonly string[] = []): GatePlace[] =>
  gates.map((gate, at) => ({ gate, at, of: "both", sign: negated.includes(gate) ? -1 : 1 }));

const lstmGates = both(["u", "o", "f", "c"]);

/** What of an operator decides which cell it is. */
export interface OperatorFacts {
  readonly op: string;
  readonly peepholes: boolean;
  readonly resetAfter: boolean;
  /** Of each direction, in lower case. */
  readonly activations: readonly (readonly string[])[];
}

/** The activations that an operator has where it names none. */
const usual: Readonly<Record<string, readonly string[]>> = {
  LSTM: ["sigmoid", "tanh", "tanh"],
  GRU: ["sigmoid", "tanh"],
  RNN: ["tanh"],
};

/** The cell of an operator; undefined: none computes it. */
export function cellOf({ op, peepholes, resetAfter, activations }: OperatorFacts): CellPlace | undefined {
  const names = activations.length > 0 ? activations : [usual[op] ?? []];
  const kinds = new Set(names.map((list) => list.join()));
  if (kinds.size > 1) return undefined;
  const [kind] = kinds;
  if (op === "RNN" && (kind === "tanh" || kind === "relu"))
    return { cell: kind === "tanh" ? rnn : rnnRelu, gates: both(["a"]), peepholes: [], states: ["a"] };
  if (kind !== usual[op]?.join()) return undefined;
  if (op === "LSTM")
    return {
      cell: peepholes ? lstmPeephole : lstm,
      gates: lstmGates,
      peepholes: peepholes ? ["p_u", "p_o", "p_f"] : [],
      states: ["a", "c"],
    };
  if (!resetAfter) return { cell: gru, gates: both(["u", "r", "c"], ["u"]), peepholes: [], states: ["c"] };
  const parts = (["input", "state"] as const).map(
    (of): GatePlace => ({ gate: of === "input" ? "nx" : "nh", at: 2, of, sign: 1 }),
  );
  return { cell: gruResetAfter, gates: [...both(["z", "r"]), ...parts], peepholes: [], states: ["h"] };
}

/** The weights of one direction of an operator, and its widths. */
export interface OperatorWeights extends OperatorSide {
  readonly X: number;
  readonly H: number;
}

/** The cell's parameters out of them. */
export function cellParameters(
  { cell, gates, peepholes }: CellPlace,
  { X, H, w, r, b, p }: OperatorWeights,
): Map<string, Tensor> {
  const out = new Map<string, Tensor>();
  const count = w.length / (H * X);
  for (const { gate, at, of, sign } of gates) {
    const [x, s] = [of === "state" ? 0 : X, of === "input" ? 0 : H];
    const data = new Float32Array(H * (s + x));
    // The catalogue's products have the state's columns before the input's.
    for (let row = 0; row < H; row++) {
      const from = at * H + row;
      for (let k = 0; k < s; k++) data[row * (s + x) + k] = sign * r[from * H + k]!;
      for (let k = 0; k < x; k++) data[row * (s + x) + s + k] = sign * w[from * X + k]!;
    }
    out.set(`w_${gate}`, { shape: [H, s + x], data });
    const bias = new Float32Array(H);
    for (let row = 0; row < H && b; row++) {
      const [ofInput, ofState] = [b[at * H + row]!, b[(count + at) * H + row]!];
      bias[row] = sign * ((of === "state" ? 0 : ofInput) + (of === "input" ? 0 : ofState));
    }
    out.set(`b_${gate}`, { shape: [H], data: bias });
  }
  peepholes.forEach((name, i) => {
    // Where one direction of two has peepholes, those of the other are zeros.
    out.set(name, { shape: [H], data: p?.slice(i * H, (i + 1) * H) ?? new Float32Array(H) });
  });
  // In the order of the cell's own parameters.
  return new Map(cell.equations().parameters.map(({ name }) => [name, out.get(name)!]));
}
