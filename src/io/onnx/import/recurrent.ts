/**
 * LSTM, GRU and RNN of a foreign graph as recurrent layers: their weights, and where their states start (at zero, at learned
 * numbers, or at what whoever runs the graph gives).
 */
import { type InitialState, recurrent, type Tensor } from "../../../nn/index.js";
import { type CellPlace, cellOf, cellParameters } from "./cells.js";
import {
  type Axis,
  type Constant,
  constantOf,
  type Flow,
  type Found,
  flowOf,
  type Reading,
  type Row,
  sizesOf,
  Unreadable,
  type Value,
} from "./values.js";
import { wholeRows } from "./whole.js";

const decoder = new TextDecoder();

/** Attributes that change what an operator computes, which no cell here does. */
const refused = ["clip", "input_forget", "activation_alpha", "activation_beta"];

/** Reads one of the three operators. */
export function readRecurrent(reading: Reading): readonly Value[] {
  const { node, inputs, attribute, int, axes } = reading;
  const op = node.op as string;
  const input = wholeRows(flowOf(inputs[0]));
  if (input.head) throw new Unreadable(`reads what a ${input.head} made`);
  for (const name of refused) {
    const found = attribute(name);
    if (found && (found.int !== 0 || found.floats.length > 0))
      throw new Unreadable(`has the attribute ${name}, which no cell here has`);
  }
  const text = (bytes: Uint8Array): string => decoder.decode(bytes).toLowerCase();
  const direction = text(attribute("direction")?.text ?? new TextEncoder().encode("forward"));
  const D = direction === "bidirectional" ? 2 : 1;
  const [w, r] = [floats(inputs[1], "weights"), floats(inputs[2], "weights")];
  const [, GH = 0, X = 0] = w.dims;
  const H = r.dims[2] as number;
  const p = op === "LSTM" && inputs[7] ? floats(inputs[7], "weights") : undefined;
  const named = (attribute("activations")?.texts ?? []).map(text);
  const each = named.length / D;
  const found = cellOf({
    op,
    peepholes: p?.data.some((v) => v !== 0) ?? false,
    resetAfter: int("linear_before_reset", 0) !== 0,
    activations:
      named.length > 0 ? Array.from({ length: D }, (_, d) => named.slice(d * each, (d + 1) * each)) : [],
  });
  if (!found)
    throw new Unreadable(`has the activations ${named.join(", ")}, which no cell of the catalogue has`);
  const outer = placed(input, X, axes, int("layout", 0) === 1);
  checkLengths(inputs[4]);
  const b = inputs[3] ? floats(inputs[3], "weights") : undefined;
  const part = (of: { readonly data: Float32Array } | undefined, d: number): Float32Array | undefined =>
    of?.data.subarray((d * of.data.length) / D, ((d + 1) * of.data.length) / D);
  const starts = startsOf(found, [inputs[5], op === "LSTM" ? inputs[6] : undefined], { D, H });
  const parameters = new Map<string, Tensor>();
  for (let d = 0; d < D; d++) {
    const prefix = D === 1 ? "" : d === 0 ? "forward." : "reverse.";
    const weights = {
      X,
      H,
      w: part(w, d) as Float32Array,
      r: part(r, d) as Float32Array,
      b: part(b, d),
      p: part(p, d),
    };
    for (const [name, tensor] of cellParameters(found, weights)) parameters.set(prefix + name, tensor);
    for (const [state, rows] of starts.learned)
      parameters.set(`${prefix}initial_${state}`, { shape: [H], data: rows[d] as Float32Array });
  }
  if (GH % H !== 0) throw new Unreadable(`has weights of ${GH} rows for ${H} units`);
  const layer = recurrent({
    ...{ cell: found.cell, units: H, initialState: starts.initialState },
    direction: D === 2 ? "both" : (direction as "forward" | "reverse"),
  });
  const layerFound: Found = { layer, parameters, from: [`${node.name ?? ""} (${op})`] };
  return outputsOf(input, layerFound, { D, H, outer });
}

/** Time and batch of what the operator reads. */
interface Outer {
  readonly time: readonly Axis[];
  readonly batch: readonly Axis[];
  readonly batchFirst: boolean;
}

function placed(input: Flow, X: number, axes: Reading["axes"], batchFirst: boolean): Outer {
  const { dims } = input;
  if (dims.length !== 3 || input.over === "sequences")
    throw new Unreadable("reads a value that is no sequence of vectors");
  if (sizesOf(input)[2] !== X)
    throw new Unreadable(`reads ${sizesOf(input)[2]} features and has weights for ${X}`);
  const [time = [], batch = []] = batchFirst ? [dims[1], dims[0]] : dims;
  const [t, b] = [time[0], batch[0]];
  if (time.length !== 1 || batch.length !== 1 || t?.kind !== "open" || b?.kind !== "open")
    throw new Unreadable("reads a value whose first axes are not time and batch");
  axes.time ??= t;
  axes.batch ??= b;
  if (axes.time !== t || axes.batch !== b)
    throw new Unreadable("reads time and batch otherwise than a layer before it");
  return { time, batch, batchFirst };
}

/** All outputs: Y, Y_h, and Y_c of an LSTM. */
function outputsOf(
  { chain, over }: Flow,
  found: Found,
  { D, H, outer }: { readonly D: number; readonly H: number; readonly outer: Outer },
): readonly Value[] {
  const stack: readonly Axis[] = [{ kind: "stack", size: D }];
  const feature: readonly Axis[] = [{ kind: "feature", size: H }];
  const rows = Array.from({ length: D }, (_, part): Row => ({ found, before: chain, part, of: D }));
  const { time, batch, batchFirst } = outer;
  const base = { kind: "flow", chain, rows } as const;
  const steps = batchFirst ? [batch, time, stack, feature] : [time, stack, batch, feature];
  const ends = batchFirst ? [batch, stack, feature] : [stack, batch, feature];
  const reason = "is the final memory of an LSTM, from which no layer goes on";
  if (over === "sequences") throw new Unreadable("reads a value that is no sequence of vectors");
  return [
    { ...base, over: "tokens", dims: steps },
    { ...base, over: "sequences", dims: ends },
    { kind: "unused", reason },
  ];
}

function floats(
  value: Value | undefined,
  what: string,
): { readonly dims: readonly number[]; readonly data: Float32Array } {
  const { dims, data } = constantOf(value, what);
  if (data instanceof Float32Array) return { dims, data };
  throw new Unreadable(`has ${what} that are no float32 numbers`);
}

/** Lengths of the sequences must come from outside, or be left out: all steps. */
function checkLengths(value: Value | undefined): void {
  if (value === undefined || value.kind === "given" || value.kind === "repeated") return;
  if (value.kind === "constant" && Array.from(value.data).every((v) => v === value.data[0])) return;
  throw new Unreadable(
    "has sequence lengths that are fixed in the graph; make them an input, or leave them out",
  );
}

interface Starts {
  readonly initialState: InitialState;
  /** By state, for each direction. */
  readonly learned: ReadonlyMap<string, readonly Float32Array[]>;
}

function startsOf(
  { states }: CellPlace,
  values: readonly (Value | undefined)[],
  { D, H }: { readonly D: number; readonly H: number },
): Starts {
  const starts = states.map((_, i) => startOf(values[i], D, H));
  const kinds = new Set(starts.map((start) => (Array.isArray(start) ? "learned" : start)));
  if (kinds.has("given")) {
    if (kinds.size > 1) throw new Unreadable("is given one of its states and not the other");
    return { initialState: "given", learned: new Map() };
  }
  if (!kinds.has("learned")) return { initialState: "zero", learned: new Map() };
  const zeros = (): Float32Array[] => Array.from({ length: D }, () => new Float32Array(H));
  const rows = states.map((state, i) => [state, Array.isArray(starts[i]) ? starts[i] : zeros()] as const);
  return { initialState: "learned", learned: new Map(rows) };
}

function startOf(value: Value | undefined, D: number, H: number): "zero" | "given" | Float32Array[] {
  if (value === undefined) return "zero";
  if (value.kind === "given") return "given";
  const of = value.kind === "repeated" ? value.of : constantOf(value, "initial states");
  const data = Float32Array.from(of.data as readonly number[]);
  if (data.every((v) => v === 0)) return "zero";
  return rowsOf(of, data, D, H);
}

/** A state of each direction, the same for every sequence of the batch. */
function rowsOf({ dims }: Constant, data: Float32Array, D: number, H: number): Float32Array[] {
  const B = dims.length === 3 ? (dims[1] as number) : 1;
  const rows = Array.from({ length: D }, (_, d) => data.slice(d * B * H, d * B * H + H));
  const alike = data.every((v, k) => v === rows[Math.floor(k / (B * H))]?.[k % H]);
  if (data.length === D * B * H && alike) return rows;
  throw new Unreadable("starts every sequence of the batch from other fixed numbers");
}
