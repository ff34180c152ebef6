/**
 * What a node of LSTM, GRU or RNN says: its weights, direction by direction, its activations, and which way it reads. What it
 * computes stands in cells.ts, and as a formula in evaluate.ts.
 */
import { type Constant, constantOf, type Reading, Unreadable, type Value } from "./values.js";

/** One of the three operators. */
export interface Operator {
  readonly op: "LSTM" | "GRU" | "RNN";
  readonly direction: "forward" | "reverse" | "both";
  /** Widths of the input and of the state. */
  readonly X: number;
  readonly H: number;
  /** The parts of W, R, B and P of each direction. */
  readonly sides: readonly OperatorSide[];
  /** Of each direction, in lower case; empty: the usual ones. */
  readonly activations: readonly (readonly string[])[];
  readonly resetAfter: boolean;
  /** True if the batch comes before time. */
  readonly batchFirst: boolean;
}

/** [G·H, X], [G·H, H], [2·G·H] and the peepholes [3·H] of a direction. */
export interface OperatorSide {
  readonly w: Float32Array;
  readonly r: Float32Array;
  readonly b: Float32Array | undefined;
  readonly p: Float32Array | undefined;
}

/** Attributes that change what an operator computes, as no cell here does. */
const refused = ["clip", "input_forget", "activation_alpha", "activation_beta"];

const gates = { LSTM: 4, GRU: 3, RNN: 1 } as const;

const directions = { forward: "forward", reverse: "reverse", bidirectional: "both" } as const;

const decoder = new TextDecoder();

/** Reads an operator's node. @throws Unreadable saying what no cell here has, or what does not fit */
export function operatorOf({ node, inputs, attribute, int }: Reading): Operator {
  const op = node.op as keyof typeof gates;
  for (const name of refused) {
    const found = attribute(name);
    if (found && (found.int !== 0 || found.floats.length > 0))
      throw new Unreadable(`has the attribute ${name}, which no cell here has`);
  }
  const text = (bytes: Uint8Array): string => decoder.decode(bytes).toLowerCase();
  const said = attribute("direction")?.text;
  const way = said ? text(said) : "forward";
  if (!Object.hasOwn(directions, way)) throw new Unreadable(`reads in the direction "${way}"`);
  const direction = directions[way as keyof typeof directions];
  const D = direction === "both" ? 2 : 1;
  const [w, r] = [floats(inputs[1]), floats(inputs[2])];
  const [X, H] = [w.dims[2] ?? 0, r.dims[2] ?? 0];
  const G = gates[op];
  checkShape(w, [D, G * H, X]);
  checkShape(r, [D, G * H, int("hidden_size", H)]);
  const b = inputs[3] && checkShape(floats(inputs[3]), [D, 2 * G * H]);
  const p = op === "LSTM" && inputs[7] ? checkShape(floats(inputs[7]), [D, 3 * H]) : undefined;
  const part = <T extends Floats | undefined>(of: T, d: number): Float32Array =>
    of!.data.subarray((d * of!.data.length) / D, ((d + 1) * of!.data.length) / D);
  const named = (attribute("activations")?.texts ?? []).map(text);
  const each = named.length / D;
  const sides = Array.from({ length: D }, (_, d) => d);
  return {
    op,
    direction,
    X,
    H,
    batchFirst: int("layout", 0) === 1,
    sides: sides.map((d) => ({
      w: part(w, d),
      r: part(r, d),
      b: b && part(b, d),
      p: p?.data.some((v) => v !== 0) ? part(p, d) : undefined,
    })),
    activations: named.length > 0 ? sides.map((d) => named.slice(d * each, (d + 1) * each)) : [],
    resetAfter: int("linear_before_reset", 0) !== 0,
  };
}

type Floats = Pick<Constant, "dims"> & { readonly data: Float32Array };

function floats(value: Value | undefined): Floats {
  const { dims, data } = constantOf(value, "weights");
  if (data instanceof Float32Array) return { dims, data };
  throw new Unreadable("has weights that are not float32 numbers");
}

function checkShape(of: Floats, wanted: readonly number[]): Floats {
  if (of.dims.join() === wanted.join() && of.data.length > 0) return of;
  throw new Unreadable(
    `has weights of the shape (${of.dims.join(", ")}) where (${wanted.join(", ")}) is right`,
  );
}
