/**
 * What a node of LSTM, GRU or RNN says: its weights, direction by direction, its activations, and which way it reads. What it
 * computes stands in cells.ts.
 */
import type { Numbers } from "../../evaluate/numbers.js";
import { Unreadable } from "../unreadable.js";
import { type Reading, weightsOf } from "../values.js";
import { type Activation, activationsOf } from "./activations.js";

/** One of the three operators. */
export interface Operator {
  readonly op: "LSTM" | "GRU" | "RNN";
  readonly direction: "forward" | "reverse" | "both";
  /** Widths of the input and of the state. */
  readonly X: number;
  readonly H: number;
  /** The parts of W, R, B and P of each direction. */
  readonly sides: readonly OperatorSide[];
  readonly resetAfter: boolean;
  /** True if the input gate of an LSTM is one minus the forget gate. */
  readonly coupled: boolean;
  /** 0: nothing is clipped. */
  readonly clip: number;
  /** True if the batch comes before time. */
  readonly batchFirst: boolean;
}

/** [G·H, X], [G·H, H], [2·G·H] and the peepholes [3·H] of a direction, and its activations. */
export interface OperatorSide {
  readonly w: ArrayLike<number>;
  readonly r: ArrayLike<number>;
  readonly b: ArrayLike<number> | undefined;
  readonly p: Float32Array | Float64Array | undefined;
  readonly activations: readonly Activation[];
}

const kinds = {
  LSTM: { gates: 4, usual: ["sigmoid", "tanh", "tanh"] },
  GRU: { gates: 3, usual: ["sigmoid", "tanh"] },
  RNN: { gates: 1, usual: ["tanh"] },
} as const;

const directions = { forward: "forward", reverse: "reverse", bidirectional: "both" } as const;

const decoder = new TextDecoder();

/** Reads an operator's node. @throws Unreadable saying what no cell here has, or what does not fit */
export function operatorOf({ node, inputs, attribute, int, float }: Reading): Operator {
  const op = node.op as keyof typeof kinds;
  const text = (bytes: Uint8Array): string => decoder.decode(bytes).toLowerCase();
  const said = attribute("direction")?.text;
  const way = said ? text(said) : "forward";
  if (!Object.hasOwn(directions, way)) throw new Unreadable(`reads in the direction "${way}"`);
  const direction = directions[way as keyof typeof directions];
  const D = direction === "both" ? 2 : 1;
  const [w, r] = [weightsOf(inputs[1]), weightsOf(inputs[2])];
  const [X, H] = [w.dims[2] ?? 0, r.dims[2] ?? 0];
  const { gates: G, usual } = kinds[op];
  checkShape(w, [D, G * H, X]);
  checkShape(r, [D, G * H, int("hidden_size", H)]);
  const b = inputs[3] && checkShape(weightsOf(inputs[3]), [D, 2 * G * H]);
  const p = op === "LSTM" && inputs[7] ? checkShape(weightsOf(inputs[7]), [D, 3 * H]) : undefined;
  const part = (of: Numbers, d: number): Float32Array | Float64Array =>
    of.data.subarray((d * of.data.length) / D, ((d + 1) * of.data.length) / D);
  const texts = (attribute("activations")?.texts ?? []).map(text);
  const names = texts.length > 0 ? texts : Array.from({ length: D }, () => usual).flat();
  if (names.length !== D * usual.length)
    throw new Unreadable(`has ${names.length} activations where ${D * usual.length} are right`);
  const activations = activationsOf(names, {
    alphas: attribute("activation_alpha")?.floats ?? [],
    betas: attribute("activation_beta")?.floats ?? [],
  });
  return {
    op,
    direction,
    X,
    H,
    batchFirst: int("layout", 0) === 1,
    sides: Array.from({ length: D }, (_, d) => ({
      w: part(w, d),
      r: part(r, d),
      b: b && part(b, d),
      p: p?.data.some((v) => v !== 0) ? part(p, d) : undefined,
      activations: activations.slice(d * usual.length, (d + 1) * usual.length),
    })),
    resetAfter: op === "GRU" && int("linear_before_reset", 0) !== 0,
    coupled: op === "LSTM" && int("input_forget", 0) !== 0,
    clip: float("clip", 0),
  };
}

function checkShape(of: Numbers, wanted: readonly number[]): Numbers {
  if (of.dims.join() === wanted.join() && of.data.length > 0) return of;
  throw new Unreadable(
    `has weights of the shape (${of.dims.join(", ")}) where (${wanted.join(", ")}) is right`,
  );
}
