/**
 * LSTM, GRU and RNN of a foreign graph as recurrent layers: their weights, and where their states start (at zero, at learned
 * numbers, or at what the caller of the graph provides).
 */
import { type InitialState, recurrent, type Tensor } from "../../../nn/index.js";
import type { Mapping } from "../../imported.js";
import { type CellPlace, cellOf, cellParameters } from "./cells.js";
import { plain } from "./dense.js";
import { evaluateOperator, type Formula } from "./evaluate.js";
import { type Operator, operatorOf } from "./operator.js";
import {
  type Axis,
  type Constant,
  constantOf,
  type Flow,
  type Found,
  nameOf,
  type Reading,
  type Row,
  sizesOf,
  Unreadable,
  type Value,
} from "./values.js";

/** Reads one of the three operators. */
export function readRecurrent(reading: Reading): readonly Value[] {
  const { inputs, axes } = reading;
  const input = plain(inputs[0]);
  const operator = operatorOf(reading);
  const { op, sides, X, H, resetAfter, activations, batchFirst } = operator;
  const found = cellOf({ op, peepholes: sides.some(({ p }) => p !== undefined), resetAfter, activations });
  if (!found)
    throw new Unreadable(
      `has the activations ${activations.flat().join(", ")}, which no cell of the catalogue has`,
    );
  const outer = placed(input, X, axes, batchFirst);
  checkLengths(inputs[4], outer.time);
  const states = [inputs[5], op === "LSTM" ? inputs[6] : undefined];
  for (const state of states) if (state?.kind === "given") reading.given.add(state.name);
  const starts = startsOf(found, states, { D: sides.length, H, batchFirst, given: reading.states });
  return outputsOf(input, foundLayer(reading, { operator, found, starts }), { D: sides.length, H, outer });
}

interface Parts {
  readonly operator: Operator;
  readonly found: CellPlace;
  readonly starts: Starts;
}

/** The layer of an operator, and its formula. */
function foundLayer(reading: Reading, { operator, found, starts }: Parts): Found {
  const { op, direction, sides, X, H, resetAfter, activations } = operator;
  const D = sides.length;
  const parameters = new Map<string, Tensor>();
  sides.forEach((side, d) => {
    const prefix = D === 1 ? "" : d === 0 ? "forward." : "reverse.";
    for (const [name, tensor] of cellParameters(found, { X, H, ...side }))
      parameters.set(prefix + name, tensor);
    for (const [state, rows] of starts.learned)
      parameters.set(`${prefix}initial_${state}`, { shape: [H], data: rows[d]! });
  });
  const formula: Formula = {
    op,
    H,
    linearBeforeReset: resetAfter,
    relu: activations.flat().includes("relu"),
    directions: sides.map((side, d) => ({
      ...side,
      reverse: direction === "reverse" || d === 1,
      starts: starts.rows.map((rows) => rows?.[d]),
    })),
  };
  return {
    layer: recurrent({ cell: found.cell, units: H, initialState: starts.initialState, direction }),
    parameters,
    nodes: [nameOf(reading)],
    mapped: mappedOf(reading, found, { D, starts }),
    formula,
    evaluate: (rows) => evaluateOperator(formula, rows).steps,
  };
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

/** Where the operator's tensors went. */
function mappedOf(
  { node }: Reading,
  { gates, peepholes, states }: CellPlace,
  { D, starts }: { readonly D: number; readonly starts: Starts },
): Mapping[] {
  const [, w = "", r = "", b = "", , h = "", c = "", p = ""] = node.inputs;
  const sides = D === 2 ? ["forward.", "reverse."] : [""];
  const names = (letter: string, other: "input" | "state"): string =>
    sides
      .flatMap((side) => gates.filter(({ of }) => of !== other).map(({ gate }) => `${side}${letter}_${gate}`))
      .join(", ");
  const negated = gates.filter(({ sign }) => sign < 0).map(({ gate }) => gate);
  const sign =
    negated.length > 0 ? `; ${negated.join(", ")} negated, for ONNX's gate keeps the old state` : "";
  const rows = `rows gate by gate${sign}`;
  const initial = starts.initialState === "zero" ? [] : [h, c].slice(0, states.length);
  return [
    { from: w, to: names("w", "state"), how: `${rows}; columns of x` },
    { from: r, to: names("w", "input"), how: `${rows}; columns of the state` },
    ...(b === ""
      ? []
      : [
          {
            from: b,
            to: [...new Set([names("b", "state"), names("b", "input")])].join(", "),
            how: `${rows}; both halves added where a gate has one bias`,
          },
        ]),
    ...(peepholes.length > 0
      ? [
          {
            from: p,
            to: sides.flatMap((side) => peepholes.map((v) => side + v)).join(", "),
            how: "in the order i, o, f",
          },
        ]
      : []),
    ...initial.flatMap((from, i) =>
      from === "" ? [] : [{ from, to: `initial_${states[i]}`, how: "where sequences start" }],
    ),
  ];
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

/** Lengths of the sequences must come from outside, be left out, or be those of all steps. */
function checkLengths(value: Value | undefined, [time]: readonly Axis[]): void {
  if (value === undefined || value.kind === "given") return;
  const of = value.kind === "repeated" ? value.of : constantOf(value, "sequence lengths");
  if (Array.from(of.data).every((v) => v === time?.size)) return;
  throw new Unreadable(
    "has sequence lengths that are fixed in the graph; make them an input, or leave them out",
  );
}

interface Starts {
  readonly initialState: InitialState;
  /** By state, for each direction. */
  readonly learned: ReadonlyMap<string, readonly Float32Array[]>;
  /** The same in the operator's order; undefined: zeros. */
  readonly rows: readonly (readonly Float32Array[] | undefined)[];
}

function startsOf(
  { states }: CellPlace,
  values: readonly (Value | undefined)[],
  { given, ...place }: StatePlace & { readonly given: "given" | "zero" },
): Starts {
  const { D, H } = place;
  const starts = states.map((_, i) => startOf(values[i], place));
  const kinds = new Set(starts.map((start) => (Array.isArray(start) ? "learned" : start)));
  const nothing = { learned: new Map(), rows: states.map(() => undefined) };
  if (kinds.has("given")) {
    if (kinds.size > 1) throw new Unreadable("is given one of its states and not the other");
    return { ...nothing, initialState: given };
  }
  if (!kinds.has("learned")) return { ...nothing, initialState: "zero" };
  const zeros = (): Float32Array[] => Array.from({ length: D }, () => new Float32Array(H));
  const rows = starts.map((start) => (Array.isArray(start) ? start : zeros()));
  const learned = states.map((state, i) => [state, rows[i]!] as const);
  return { initialState: "learned", learned: new Map(learned), rows };
}

/** How states lie: [D, batch, H], or [batch, D, H]. */
interface StatePlace {
  readonly D: number;
  readonly H: number;
  readonly batchFirst: boolean;
}

function startOf(value: Value | undefined, place: StatePlace): "zero" | "given" | Float32Array[] {
  if (value === undefined) return "zero";
  if (value.kind === "given") return "given";
  const of = value.kind === "repeated" ? value.of : constantOf(value, "initial states");
  const width = value.kind === "repeated" ? value.width : of.dims[2];
  // By its weights alone such an operator would be a layer, and another one than was meant.
  if (width !== undefined && width !== place.H)
    throw new Unreadable(
      `starts from states of ${width} numbers and has ${place.H} units, as PyTorch writes an LSTM with projections (proj_size), without the projection`,
    );
  const data = Float32Array.from(of.data as readonly number[]);
  if (data.every((v) => v === 0)) return "zero";
  return rowsOf(of, data, place);
}

/** A state of each direction, the same for every sequence of the batch. */
function rowsOf({ dims }: Constant, data: Float32Array, { D, H, batchFirst }: StatePlace): Float32Array[] {
  const B = dims.length === 3 ? dims[batchFirst ? 0 : 1]! : 1;
  const apart = batchFirst ? 1 : B;
  const rows = Array.from({ length: D }, (_, d) => data.slice(d * apart * H, d * apart * H + H));
  const alike = data.every((v, k) => v === rows[Math.floor(k / (apart * H)) % D]?.[k % H]);
  if (data.length === D * B * H && alike) return rows;
  throw new Unreadable("starts every sequence of the batch from other fixed numbers");
}
