/**
 * LSTM, GRU and RNN of a foreign graph: a value for each direction, with its weights, and where its states start (at zero, at
 * learned numbers, at what the caller of the graph provides, or at what other layers give).
 */
import type { Tensor } from "../../../nn/index.js";
import type { Mapping } from "../../imported.js";
import type { CellPlace } from "./cells/cell-place.js";
import { cellOf, cellParameters } from "./cells/cells.js";
import { type Operator, operatorOf } from "./cells/operator.js";
import { beside, type Item, type Starts, selected } from "./items.js";
import { Unreadable } from "./unreadable.js";
import {
  type Atom,
  type Axes,
  alongAxis,
  decide,
  type Flow,
  featureAtoms,
  featureIndices,
  featuresOf,
  flowOf,
  isUniform,
  nameOf,
  openOf,
  type Reading,
  shapeText,
  sizesOf,
  type Value,
} from "./values.js";

/** Reads one of the three operators. */
export function readRecurrent(reading: Reading): readonly Value[] {
  const { inputs, axes } = reading;
  const operator = operatorOf(reading);
  const { op, sides, X, H, batchFirst } = operator;
  const D = sides.length;
  const input = flowOf(inputs[0]);
  const outer = placed(input, X, axes, reading, batchFirst);
  const flow = alongAxis(input, 2, nameOf(reading));
  const lengths = inputs[4];
  if (lengths?.kind === "given") axes.lengths = true;
  checkLengths(lengths, outer.T);
  const states = [inputs[5], ...(op === "LSTM" ? [inputs[6]] : [])];
  // A direction that reads steps in the opposite order is the other one, whose results come in that order.
  const turned = flow.item.made.kind === "flip" ? flow.item.made : undefined;
  const source = turned ? turned.of : flow.item;
  const passes = sides.map((side, d): Item => {
    const place = cellOf({
      ...operator,
      peepholes: sides.some(({ p }) => p !== undefined),
      activations: side.activations,
    });
    const starts = startsOf(place, states, reading, { D, H, d, batchFirst });
    return {
      over: "tokens",
      width: H,
      made: {
        kind: "pass",
        place,
        units: H,
        reverse: (operator.direction === "reverse" || d === 1) !== (turned !== undefined),
        parameters: new Map([...cellParameters(place, { X, H, ...side }), ...learned(starts, H)]),
        from: [source],
        starts,
        nodes: [nameOf(reading)],
        mapped: mappedOf(reading, place, operator, starts),
      },
    };
  });
  const values = outputsOf(passes, { D, H, outer, batchFirst, op });
  if (!turned) return values;
  const [steps, ...ends] = values as [Flow, ...Value[]];
  const { over, width } = steps.item;
  return [
    { ...steps, item: { over, width, made: { kind: "flip", of: steps.item, node: turned.node } } },
    ...ends,
  ];
}

/** Time and batch of what the operator reads. */
interface Outer {
  readonly time: readonly Atom[];
  readonly batch: readonly Atom[];
  /** Steps. */
  readonly T: number;
}

function placed(input: Flow, X: number, axes: Axes, { open }: Reading, batchFirst: boolean): Outer {
  const { dims, item } = input;
  if (dims.length !== 3)
    throw new Unreadable(`reads a value of ${dims.length} axes, which is no sequence of vectors`);
  decide(input, 2);
  if (item.over === "sequences") throw new Unreadable("reads a value that is there once for each sequence");
  const sizes = sizesOf(input);
  if (sizes[2] !== X)
    throw new Unreadable(
      `reads features of the size ${shapeText([sizes[2]!], open)} and has weights for ${X}`,
    );
  const [time, batch] = (batchFirst ? [dims[1], dims[0]] : [dims[0], dims[1]]) as [
    readonly Atom[],
    readonly Atom[],
  ];
  const [t, b] = [time[0], batch[0]];
  if ([...time, ...batch].some(({ kind }) => kind !== "open") || time.length > 1 || batch.length > 1)
    throw new Unreadable("reads a value whose first axes are not time and batch");
  // An axis of size 1 is none: there is nothing to be confused with.
  if (
    (t && axes.batch === t) ||
    (b && axes.time === b) ||
    (t && axes.time && axes.time !== t) ||
    (b && axes.batch && axes.batch !== b)
  )
    throw new Unreadable("reads time and batch otherwise than a layer before it");
  axes.time ??= t;
  axes.batch ??= b;
  return { time, batch, T: t?.size ?? 1 };
}

/** Where the operator's tensors went. */
function mappedOf(
  { node }: Reading,
  { gates, peepholes, states }: CellPlace,
  { sides }: Operator,
  starts: Starts,
): Mapping[] {
  const [, w = "", r = "", b = "", , h = "", c = "", p = ""] = node.inputs;
  const names = (letter: string, other: "input" | "state"): string =>
    gates
      .filter(({ of }) => of !== other)
      .map(({ gate }) => `${letter}_${gate}`)
      .join(", ");
  const negated = gates.filter(({ sign }) => sign < 0).map(({ gate }) => gate);
  const sign =
    negated.length > 0 ? `; ${negated.join(", ")} negated, for ONNX's gate keeps the old state` : "";
  const rows = `rows gate by gate${sign}`;
  const initial = starts.kind === "zero" ? [] : [h, c].slice(0, states.length);
  const some = sides.some((side) => side.p !== undefined) && peepholes.length > 0;
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
    ...(some ? [{ from: p, to: peepholes.join(", "), how: "in the order i, o, f" }] : []),
    ...initial.flatMap((from, i) =>
      from === "" ? [] : [{ from, to: `initial_${states[i]}`, how: "where sequences start" }],
    ),
  ];
}

interface Layout {
  readonly D: number;
  readonly H: number;
  readonly outer: Outer;
  readonly batchFirst: boolean;
  readonly op: Operator["op"];
}

/** All outputs: Y, Y_h, and Y_c of an LSTM. */
function outputsOf(
  passes: readonly Item[],
  { D, H, outer: { time, batch }, batchFirst, op }: Layout,
): readonly Value[] {
  const atoms = featureAtoms([D, H]).map((atom) => (atom.size === 1 ? [] : [atom]));
  const [stack = [], feature = []] = atoms;
  const steps = batchFirst ? [batch, time, stack, feature] : [time, stack, batch, feature];
  const ends = batchFirst ? [batch, stack, feature] : [stack, batch, feature];
  const end = (at: number): Item =>
    beside(
      passes.map((of): Item => {
        const state = of.made.kind === "pass" ? of.made.place.states[at]! : "";
        return { over: "sequences", width: H, made: { kind: "end", of, state } };
      }),
    );
  return [
    { kind: "flow", item: beside(passes), dims: steps },
    { kind: "flow", item: end(0), dims: ends },
    ...(op === "LSTM" ? [{ kind: "flow", item: end(1), dims: ends } as const] : []),
  ];
}

/** Lengths of the sequences must come from outside, be left out, or be those of all steps. */
function checkLengths(value: Value | undefined, T: number): void {
  if (value === undefined || value.kind === "given") return;
  if (value.kind === "constant" && value.numbers.data.every((v) => v === T)) return;
  throw new Unreadable(
    value.kind === "constant"
      ? "has sequence lengths that are fixed in the graph; make them an input, or leave them out"
      : "has sequence lengths that are computed in the graph; make them an input, or leave them out",
  );
}

const learned = (starts: Starts, H: number): [string, Tensor][] =>
  starts.kind === "learned"
    ? [...starts.values].map(([state, data]) => [`initial_${state}`, { shape: [H], data }])
    : [];

/** How states lie: [D, batch, H], or [batch, D, H]; and which direction is wanted. */
interface StatePlace {
  readonly D: number;
  readonly H: number;
  readonly d: number;
  readonly batchFirst: boolean;
}

function startsOf(
  { states }: CellPlace,
  values: readonly (Value | undefined)[],
  reading: Reading,
  at: StatePlace,
): Starts {
  const all = states.map((_, i) => startOf(values[i], reading, at));
  const kinds = new Set(
    all.map((start) =>
      start === "zero" || start === "given" ? start : "made" in start ? "states" : "learned",
    ),
  );
  if (kinds.has("given")) {
    if (kinds.size > 1) throw new Unreadable("is given one of its states and not the other");
    return { kind: reading.states };
  }
  if (kinds.has("states")) {
    if (kinds.has("learned"))
      throw new Unreadable("starts one state from a layer and the other from fixed numbers");
    const named = states.flatMap((state, i) => {
      const start = all[i]!;
      return typeof start === "object" && "made" in start ? [[state, start] as const] : [];
    });
    return { kind: "states", values: new Map(named) };
  }
  if (!kinds.has("learned")) return { kind: "zero" };
  const numbers = states.map((state, i) => {
    const start = all[i];
    return [state, start instanceof Float32Array ? start : new Float32Array(at.H)] as const;
  });
  return { kind: "learned", values: new Map(numbers) };
}

function startOf(
  value: Value | undefined,
  reading: Reading,
  at: StatePlace,
): "zero" | "given" | Float32Array | Item {
  const { H, D, d, batchFirst } = at;
  if (value === undefined) return "zero";
  if (value.kind === "given") {
    reading.given.add(value.name);
    return "given";
  }
  if (value.kind === "flow" || value.kind === "partial") return stateFlow(flowOf(value), reading, at);
  if (value.kind !== "constant") throw new Unreadable("starts from states that are not known");
  const { dims, data } = value.numbers;
  const own = reading.axes.batch?.size ?? 1;
  const traced = dims[batchFirst ? 0 : 1] ?? 1;
  // A batch of any size, and states for one of a certain size: the graph works for that one alone.
  const batch = reading.open.has(own) ? traced : own;
  if (batch !== own) reading.pins.set(own, batch);
  const wanted = batchFirst ? [batch, D, H] : [D, batch, H];
  // By its weights alone such an operator would be a layer, and another one than was meant.
  if (dims.length === 3 && dims[2] !== H)
    throw new Unreadable(
      `starts from states of ${dims[2]} numbers and has ${H} units, as PyTorch writes an LSTM with projections (proj_size), without the projection; ONNX has no such LSTM, so import PyTorch's own file (docs/pytorch.md)`,
    );
  if (dims.join() !== wanted.join())
    throw new Unreadable(
      `starts from states of the shape ${shapeText(dims, reading.open)} where ${shapeText(wanted, reading.open)} is right`,
    );
  if (data.length > 0 && isUniform(value.numbers) && data[0] === 0) return "zero";
  const B = batchFirst ? dims[0]! : dims[1]!;
  const from = (b: number): number => (batchFirst ? b * D + d : d * B + b) * H;
  const row = Float32Array.from(data.subarray(from(0), from(0) + H));
  for (let b = 1; b < B; b++)
    for (let j = 0; j < H; j++)
      if (data[from(b) + j] !== data[from(0) + j])
        throw new Unreadable("starts every sequence of the batch from other fixed numbers");
  return row;
}

/** A state that another layer gives: [D, batch, H], of which one direction is wanted. */
function stateFlow(flow: Flow, reading: Reading, { D, H, d, batchFirst }: StatePlace): Item {
  const sizes = sizesOf(flow);
  const features = featuresOf(flow);
  const fits = flow.dims.length === 3 && sizes[2] === H && sizes[batchFirst ? 1 : 0] === D;
  if (flow.item.over !== "sequences" || !fits || openOf(flow).some((atom) => atom === reading.axes.time))
    throw new Unreadable("starts from a value that is no state of its width, there once for each sequence");
  // The directions come before the features, wherever the batch is.
  const offset = D === 1 ? 0 : d * features[0]!.stride;
  const own = featureIndices(D === 1 ? features : features.slice(1)).map((at) => offset + at);
  return selected(flow.item, own, nameOf(reading));
}
