/**
 * Means of steps that a softmax over the steps weighs, as attention pools them. No operator stands for it: a softmax, a product and a
 * sum do. Here it is a recurrent layer whose cell keeps the largest score m, the sum s of e^(e − m) and the weighted sum a (Milakov and
 * Gimelshein 2018), so that nothing overflows:
 *
 *   m⟨t⟩ = max(m⟨t−1⟩, e⟨t⟩),  s⟨t⟩ = s⟨t−1⟩ e^(m⟨t−1⟩ − m⟨t⟩) + e^(e⟨t⟩ − m⟨t⟩),  a⟨t⟩ likewise of v⟨t⟩,  o⟨t⟩ = a⟨t⟩ / s⟨t⟩
 */
import { cell } from "../../../cell/cell.js";
import { add, div, exp, max, mul, sub } from "../../../cell/functions.js";
import type { Tensor } from "../../../nn/index.js";
import type { CellPlace } from "./cells/cell-place.js";
import { beside, type Item, selected } from "./items.js";
import { Unreadable } from "./unreadable.js";
import {
  type Flow,
  featuresOf,
  flowOf,
  inOrder,
  nameOf,
  type Partial,
  type Reading,
  type Value,
} from "./values.js";

const weightedMean = /* @__PURE__ */ cell(
  "weightedMean",
  { states: ["m", "s", "a", "o"], output: "o" },
  ({ m, s, a, x, linear }) => {
    const e = linear("e", x);
    const highest = max(m, e);
    const kept = exp(sub(m, highest));
    const weight = exp(sub(e, highest));
    const total = add(mul(s, kept), weight);
    const sum = add(mul(a, kept), mul(weight, linear("v", x)));
    return { m: highest, s: total, a: sum, o: div(sum, total) };
  },
);

const place: CellPlace = { cell: weightedMean, gates: [], peepholes: [], states: ["m", "s", "a", "o"] };

/** Below every score: of e^(m − e) nothing is left. */
const LOWEST = -1e30;

/** The name of a partial value: a softmax over the steps. */
export const WEIGHTS = "weights of steps";

const isWeights = (value: Value | undefined): value is Partial =>
  value?.kind === "partial" && value.name === WEIGHTS;

/** Σ α⟨t⟩ v⟨t⟩ with α the softmax of scores over the steps. */
function attended(scores: Item, values: Item, reading: Reading): Item {
  const H = values.width;
  const wide = scores.width === H ? scores : selected(scores, new Array<number>(H).fill(0), nameOf(reading));
  const X = 2 * H;
  const picks = (from: number): Tensor => {
    const data = new Float32Array(H * X);
    for (let i = 0; i < H; i++) data[i * X + from + i] = 1;
    return { shape: [H, X], data };
  };
  const start = (value: number): Tensor => ({ shape: [H], data: new Float32Array(H).fill(value) });
  const starts = { m: LOWEST, s: 0, a: 0, o: 0 };
  const pass: Item = {
    over: "tokens",
    width: H,
    made: {
      kind: "pass",
      place,
      units: H,
      reverse: false,
      parameters: new Map([
        ["w_e", picks(0)],
        ["w_v", picks(H)],
        ...Object.entries(starts).map(([state, value]) => [`initial_${state}`, start(value)] as const),
      ]),
      from: [beside([wide, values])],
      starts: {
        kind: "learned",
        values: new Map(
          Object.entries(starts).map(([state, value]) => [state, new Float32Array(H).fill(value)]),
        ),
      },
      nodes: [nameOf(reading)],
      mapped: [],
    },
  };
  return { over: "sequences", width: H, made: { kind: "end", of: pass, state: "o" } };
}

/** A product of weights of steps with the steps, of which the sum is wanted. */
export function weighted(a: Value, b: Value, reading: Reading): Value | undefined {
  const [weights, other] = isWeights(a) ? [a, b] : isWeights(b) ? [b, a] : [];
  if (!weights || !other || other.kind === "constant") return undefined;
  const values = inOrder(flowOf(other), nameOf(reading));
  const rank = Math.max(weights.dims.length, values.dims.length);
  const wide = (dims: Flow["dims"]): Flow["dims"] => [...new Array<[]>(rank - dims.length).fill([]), ...dims];
  const [left, right] = [wide(weights.dims), wide(values.dims)];
  const scores = weights.of.item.width;
  const fits = left.every((group, i) =>
    group.every((atom) => atom.kind === "feature" || right[i]!.includes(atom)),
  );
  if (!fits || values.item.over !== "tokens" || (scores !== 1 && scores !== values.item.width))
    throw new Unreadable("weighs steps by a softmax of others");
  return {
    kind: "partial",
    name: "weighted steps",
    of: values,
    other: weights.of,
    dims: right,
    flow() {
      throw new Unreadable("weighs steps by a softmax over the steps, of which only the sum can be imported");
    },
  };
}

/** The sum of weighted steps over time. */
export function weightedSum({ of, other }: Partial, dims: Flow["dims"], reading: Reading): Flow {
  return { kind: "flow", item: attended(other!.item, of.item, reading), dims };
}

/** [.., 1, time] times [.., time, features], or [.., features, time] times [.., time, 1]. */
export function weightedProduct(
  a: Value | undefined,
  b: Value | undefined,
  reading: Reading,
): Flow | undefined {
  const [weights, other, first] = isWeights(a)
    ? [a, b, true]
    : isWeights(b)
      ? [b, a, false]
      : [undefined, undefined, false];
  if (!weights || !other) return undefined;
  const values = inOrder(flowOf(other), nameOf(reading));
  const rank = values.dims.length;
  const { time } = reading.axes;
  // Which axis of each is summed over, and which stays.
  const [sum, stay] = first ? [rank - 2, rank - 1] : [rank - 1, rank - 2];
  const own = weights.dims.length - rank;
  const isTime = (group: Flow["dims"][number] | undefined): boolean =>
    group?.length === 1 && (time === undefined || group[0] === time) && group[0]?.kind === "open";
  const fits =
    isTime(values.dims[sum]) &&
    isTime(weights.dims[own + (first ? rank - 1 : rank - 2)]) &&
    weights.dims[own + (first ? rank - 2 : rank - 1)]?.length === 0;
  if (!fits || weights.of.item.width !== 1 || values.dims[stay]!.length !== featuresOf(values).length)
    throw new Unreadable("multiplies a softmax over the steps by something else than the steps");
  const dims = values.dims.map((group, i) => (i === stay ? group : i === sum ? [] : group));
  const placed = first ? dims : dims;
  return { kind: "flow", item: attended(weights.of.item, values.item, reading), dims: placed };
}

/** A move of weights of steps, which stay what they are. */
export function movedWeights(value: Partial, move: (flow: Flow) => Flow): Partial {
  const { dims } = move({ ...value.of, dims: value.dims });
  return { ...value, dims };
}
