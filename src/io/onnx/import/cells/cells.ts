/**
 * The recurrent operators as cells: those of the catalogue where one does the same, else one that is made of the operator's own
 * activations, clipping and coupling. Where its parameters lie in the operator's weights stands here too. The operators' gates stand
 * one under the other; ONNX's update gate keeps the OLD state, the notes' GRU takes the new one.
 * Source: https://onnx.ai/onnx/operators/onnx__LSTM.html, onnx__GRU.html, onnx__RNN.html
 */
import { gru } from "../../../../cell/catalogue/gru/gru.js";
import { gruResetAfter } from "../../../../cell/catalogue/gru/gruResetAfter.js";
import { lstm } from "../../../../cell/catalogue/lstm/lstm.js";
import { lstmPeephole } from "../../../../cell/catalogue/lstm/lstmPeephole.js";
import { rnn, rnnRelu } from "../../../../cell/catalogue/rnn/rnn.js";
import { type Cell, cell } from "../../../../cell/cell.js";
import type { Expr } from "../../../../cell/expr.js";
import { add, max, min, mul, sub } from "../../../../cell/functions.js";
import type { Tensor } from "../../../../nn/index.js";
import { type Activation, activationExpression } from "./activations.js";
import type { CellPlace, GatePlace } from "./cell-place.js";
import type { OperatorSide } from "./operator.js";

const both = (gates: readonly string[], negated: readonly string[] = []): GatePlace[] =>
  gates.map((gate, at) => ({ gate, at, of: "both", sign: negated.includes(gate) ? -1 : 1 }));

/** What of one direction of an operator decides which cell it is. */
export interface OperatorFacts {
  readonly op: "LSTM" | "GRU" | "RNN";
  readonly peepholes: boolean;
  readonly resetAfter: boolean;
  readonly coupled: boolean;
  /** 0: nothing is clipped. */
  readonly clip: number;
  readonly activations: readonly Activation[];
}

/** The cell of a direction. */
export function cellOf(facts: OperatorFacts): CellPlace {
  const usual = facts.clip === 0 && !facts.coupled ? facts.activations.map(({ name }) => name).join() : "";
  if (facts.op === "RNN") {
    if (usual === "tanh" || usual === "relu") return placeOfRnn(usual === "tanh" ? rnn : rnnRelu);
    return placeOfRnn(rnnOf(facts));
  }
  if (facts.op === "LSTM") {
    const { peepholes } = facts;
    const own = usual === "sigmoid,tanh,tanh" ? (peepholes ? lstmPeephole : lstm) : lstmOf(facts);
    return {
      cell: own,
      gates: both(["u", "o", "f", "c"]).filter(({ gate }) => !(facts.coupled && gate === "f")),
      peepholes: peepholes ? ["p_u", "p_o", "p_f"] : [],
      states: ["a", "c"],
    };
  }
  if (usual === "sigmoid,tanh" && !facts.resetAfter)
    return { cell: gru, gates: both(["u", "r", "c"], ["u"]), peepholes: [], states: ["c"] };
  const own = usual === "sigmoid,tanh" ? gruResetAfter : gruOf(facts);
  if (!facts.resetAfter) return { cell: own, gates: both(["z", "r", "n"]), peepholes: [], states: ["h"] };
  const parts = (["input", "state"] as const).map(
    (of): GatePlace => ({ gate: of === "input" ? "nx" : "nh", at: 2, of, sign: 1 }),
  );
  return { cell: own, gates: [...both(["z", "r"]), ...parts], peepholes: [], states: ["h"] };
}

const placeOfRnn = (own: Cell): CellPlace => ({
  cell: own,
  gates: both(["a"]),
  peepholes: [],
  states: ["a"],
});

/** The activations as functions of expressions; what goes into a gate is clipped, as ONNX Runtime does it. */
function functionsOf({ activations, clip }: OperatorFacts): ((z: Expr) => Expr)[] {
  return activations.map((activation, i) => {
    const of = (z: Expr): Expr => activationExpression(activation, z);
    return clip > 0 && i < 2 ? (z) => of(max(min(z, clip), -clip)) : of;
  });
}

/** "rnnHardSigmoid": the operator with its activations. */
function nameOf(facts: OperatorFacts): string {
  const { op, activations, resetAfter, coupled, clip } = facts;
  const upper = (name: string): string => name[0]!.toUpperCase() + name.slice(1);
  const names = [...new Set(activations.map(({ name }) => upper(name)))].join("");
  const more = [
    resetAfter && op === "GRU" ? "ResetAfter" : "",
    coupled ? "Coupled" : "",
    clip > 0 ? "Clipped" : "",
  ];
  return `${op.toLowerCase()}${names}${more.join("")}`;
}

/** a⟨t⟩ = f(w_a [a⟨t−1⟩, x⟨t⟩] + b_a). */
function rnnOf(facts: OperatorFacts): Cell {
  const [f] = functionsOf(facts);
  return cell(nameOf(facts), { states: ["a"], output: "a" }, ({ a, x, affine }) => ({
    a: f!(affine("a", a, x)),
  }));
}

/** The LSTM with other activations f, g and h, clipped, or with Γf = 1 − Γu. */
function lstmOf(facts: OperatorFacts): Cell {
  const [f, g, h] = functionsOf(facts);
  const { peepholes, coupled } = facts;
  return cell(nameOf(facts), { states: ["a", "c"], output: "a" }, ({ a, c, x, affine, vector }) => {
    const peep = (gate: string, of: Expr): Expr => {
      const z = affine(gate, a, x);
      return peepholes ? add(z, mul(vector(`p_${gate}`), of)) : z;
    };
    const u = f!(peep("u", c));
    const forget = coupled ? sub(1, u) : f!(peep("f", c));
    const candidate = g!(affine("c", a, x));
    const memory = add(mul(u, candidate), mul(forget, c));
    const o = f!(peep("o", memory));
    return { gates: { c̃: candidate, Γu: u, Γf: forget, Γo: o }, c: memory, a: mul(o, h!(memory)) };
  });
}

/** The GRU of ONNX with other activations: z keeps the old state. */
function gruOf(facts: OperatorFacts): Cell {
  const [f, g] = functionsOf(facts);
  return cell(nameOf(facts), { states: ["h"], output: "h" }, ({ h, x, affine }) => {
    const r = f!(affine("r", h, x));
    const z = f!(affine("z", h, x));
    const inner = facts.resetAfter
      ? add(affine("nx", x), mul(r, affine("nh", h)))
      : affine("n", mul(r, h), x);
    const n = g!(inner);
    return { gates: { r, z, n }, h: add(mul(sub(1, z), n), mul(z, h)) };
  });
}

/** The weights of one direction of an operator, and its widths. */
export interface OperatorWeights extends OperatorSide {
  readonly X: number;
  readonly H: number;
}

/** The cell's parameters out of them. */
export function cellParameters(
  { cell: own, gates, peepholes }: CellPlace,
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
    out.set(name, {
      shape: [H],
      data: Float32Array.from(p?.slice(i * H, (i + 1) * H) ?? new Float32Array(H)),
    });
  });
  // In the order of the cell's own parameters.
  return new Map(own.equations().parameters.map(({ name }) => [name, out.get(name)!]));
}
