/**
 * Arithmetic on what flows through the layers: with numbers it scales and shifts features, with another value it joins the two.
 */

import type { Numbers } from "../evaluate/numbers.js";
import { eachPlace, stridesWithin } from "../evaluate/numbers.js";
import { affine, type Item, type Origin, selected } from "./items.js";
import { joined, type Way } from "./joins.js";
import { product, quotient, shifted } from "./patterns.js";
import { Unreadable } from "./unreadable.js";
import {
  alongAxis,
  constantOf,
  type Flow,
  featureIndices,
  featuresOf,
  flowOf,
  nameOf,
  type Read,
  type Reading,
  shapeText,
  sizeOf,
  sizesOf,
  type Value,
} from "./values.js";

/** What numbers do to each feature, in the order of all features. */
interface PerFeature {
  readonly flow: Flow;
  readonly numbers: ArrayLike<number>;
}

/**
 * The numbers of a constant for each feature of a flow.
 *
 * @throws Unreadable if they differ from step to step or from sequence to sequence
 */
function perFeature(given: Flow, constant: Value, reading: Reading): PerFeature {
  const numbers = constantOf(constant, "numbers");
  const decided =
    numbers.data.length > 1 && given.item.over === "raw"
      ? alongAxis(given, given.dims.length - 1, "")
      : given;
  // Numbers of more axes give theirs to the value: sizes of 1, as such numbers must be there.
  const more = Math.max(numbers.dims.length - decided.dims.length, 0);
  const flow = { ...decided, dims: [...new Array<[]>(more).fill([]), ...decided.dims] };
  const sizes = sizesOf(flow);
  if (numbers.data.length === 1) {
    if (constant.kind === "constant" && constant.varies)
      throw new Unreadable("computes with a size that may differ from run to run");
    return { flow, numbers: new Float64Array(flow.item.width).fill(numbers.data[0]!) };
  }
  const first = sizes.length - numbers.dims.length;
  if (numbers.dims.some((n, i) => n !== 1 && n !== sizes[first + i]))
    throw new Unreadable(
      `is given numbers of the shape ${shapeText(numbers.dims, reading.open)} for values of ${shapeText(sizes, reading.open)}`,
    );
  return { flow, numbers: spread(flow, numbers) };
}

/** Numbers in the order of all features. @throws Unreadable if they differ along an open axis */
function spread(flow: Flow, numbers: Numbers): Float64Array {
  const atoms = flow.dims.flat();
  const strides = stridesWithin(numbers.dims, sizesOf(flow));
  // Strides of single atoms: those of an axis lie within each other.
  const own = flow.dims.flatMap((group, axis) =>
    group.map((_, k) => strides[axis]! * sizeOf(group.slice(k + 1))),
  );
  const out = new Float64Array(flow.item.width);
  for (const [i, atom] of atoms.entries())
    if (atom.kind === "open" && own[i] !== 0 && !isSame(numbers, own[i]!, atom.size))
      throw new Unreadable(
        "computes with numbers that differ from step to step, or from sequence to sequence",
      );
  const features = atoms.flatMap((atom, i) => (atom.kind === "feature" ? [{ atom, stride: own[i]! }] : []));
  eachPlace(
    features.map(({ atom }) => atom.size),
    [features.map(({ atom }) => atom.stride), features.map(({ stride }) => stride)],
    (_, [to = 0, from = 0]) => {
      out[to] = numbers.data[from]!;
    },
  );
  return out;
}

/** True if numbers are the same at all places of an axis that has such a stride. */
function isSame({ data }: Numbers, stride: number, size: number): boolean {
  for (let k = 0; k < data.length; k++) {
    const place = Math.floor(k / stride) % size;
    if (data[k] !== data[k - place * stride]) return false;
  }
  return true;
}

const originOf = (reading: Reading, at: number, how: string): Origin => {
  const from = reading.node.inputs[at] ?? "";
  return { nodes: [nameOf(reading)], mapped: [{ from, to: "b_y", how }] };
};

/** γ ∘ x + β with numbers of a constant. */
function withNumbers(way: Way, value: Value, constant: Value, reading: Reading, first: boolean): Value {
  const at = first ? 1 : 0;
  const { flow, numbers } = perFeature(flowOf(value), constant, reading);
  const made = (item: Item): Flow => ({ ...flow, item });
  const negate = (of: ArrayLike<number>): Float64Array => Float64Array.from(of, (v) => -v);
  const minus = new Float64Array(flow.item.width).fill(-1);
  if (flow.item.over === "raw")
    throw new Unreadable("computes with an input of which nothing tells its features");
  if (flow.item.over === "ids") throw new Unreadable("computes with token ids as if they were numbers");
  const bias = (of: ArrayLike<number>, gain?: ArrayLike<number>): Value =>
    made(affine(flow.item, { bias: of, gain }, originOf(reading, at, "as it is")));
  if (way === "add") return bias(numbers);
  if (way === "subtract") return first ? bias(negate(numbers)) : bias(numbers, minus);
  const scaled = (gain: ArrayLike<number>): Value =>
    made(
      affine(
        flow.item,
        { gain },
        {
          nodes: [nameOf(reading)],
          mapped: [{ from: reading.node.inputs[at] ?? "", to: "w_ya", how: "multiplied" }],
        },
      ),
    );
  if (way === "multiply") return scaled(numbers);
  if (way === "divide" && first) return scaled(Float64Array.from(numbers, (v) => 1 / v));
  throw new Unreadable(`takes the ${way} of what flows through the layers and of numbers`);
}

/** Two values of the network, whose features and steps are the same or are repeated. */
function together(way: Way, a: Flow, b: Flow, reading: Reading): Flow {
  const [x, y] = aligned(a, b, reading);
  return { kind: "flow", item: joined(way, [x.item, y.item], reading), dims: x.dims };
}

/** Both values with the axes of the larger one, their features in one order. */
function aligned(a: Flow, b: Flow, reading: Reading): readonly [Flow, Flow] {
  const rank = Math.max(a.dims.length, b.dims.length);
  const wide = ({ dims }: Flow): Flow["dims"] => [...new Array<[]>(rank - dims.length).fill([]), ...dims];
  const [left, right] = [wide(a), wide(b)];
  const dims = left.map((group, i) => (group.length > 0 ? group : right[i]!));
  const fits = (own: Flow["dims"]): boolean =>
    own.every((group, i) => group.length === 0 || sizeOf(group) === sizeOf(dims[i]!));
  if (!fits(left) || !fits(right))
    throw new Unreadable(
      `joins values of the shapes ${shapeText(sizesOf(a), reading.open)} and ${shapeText(sizesOf(b), reading.open)}`,
    );
  const atoms = dims.flat().filter(({ kind }) => kind === "feature");
  const features = (flow: Flow, own: Flow["dims"]): Item => {
    // The features of the value at each place of all features; an axis that it has not is repeated.
    const groups = dims.map((group, i) => ({ group, own: own[i]! }));
    const strided = groups.flatMap(({ group, own: mine }) => {
      const of = group.filter(({ kind }) => kind === "feature");
      if (of.length === 0) return [];
      if (mine.length === 0) return of.map((atom) => ({ ...atom, stride: 0 }));
      if (mine.length === of.length && mine.every((atom, i) => atom.size === of[i]!.size)) return mine;
      if (of.length === 1 && mine.length > 1) return mine;
      throw new Unreadable("joins values whose features are put together otherwise");
    });
    return selected(flow.item, featureIndices(strided), nameOf(reading));
  };
  const fresh = (own: Flow["dims"]): Flow["dims"] => {
    let stride = atoms.reduce((size, atom) => size * atom.size, 1);
    return own.map((group) =>
      group.map((atom) => {
        if (atom.kind !== "feature") return atom;
        stride /= atom.size;
        return { ...atom, stride };
      }),
    );
  };
  const out = fresh(dims);
  if (featuresOf({ dims: left }).length === 0 && featuresOf({ dims: right }).length === 0)
    return [
      { ...a, dims },
      { ...b, dims },
    ];
  return [
    { kind: "flow", item: features(a, left), dims: out },
    { kind: "flow", item: features(b, right), dims: out },
  ];
}

/** A row of an operator on two values or more. */
export const elementwise =
  (way: Way): Read =>
  (reading) => {
    const [first, ...rest] = reading.inputs;
    if (rest.length > 1 && way === "average") {
      const all = reading.inputs.map(flowOf);
      if (!all.every((flow) => flow.dims.every((group, i) => group.length === all[0]!.dims[i]?.length)))
        throw new Unreadable("takes the average of values of different shapes");
      return [
        {
          ...all[0]!,
          item: joined(
            "average",
            all.map(({ item }) => item),
            reading,
          ),
        },
      ];
    }
    return [rest.reduce((value: Value, other) => pair(way, value, other, reading), first!)];
  };

function pair(way: Way, a: Value | undefined, b: Value | undefined, reading: Reading): Value {
  if (!a || !b) throw new Unreadable("reads a value that is left out");
  const special =
    way === "add" || way === "subtract"
      ? shifted(way, a, b, reading)
      : way === "multiply"
        ? product(a, b, reading)
        : way === "divide"
          ? quotient(a, b, reading)
          : undefined;
  if (special) return special;
  if (b.kind === "constant") return withNumbers(way, a, b, reading, true);
  if (a.kind === "constant") return withNumbers(way, b, a, reading, false);
  return together(way, flowOf(a), flowOf(b), reading);
}

/** a / b. */
export const divided: Read = (reading) => [pair("divide", reading.inputs[0], reading.inputs[1], reading)];

/** −a. */
export const negated: Read = (reading) => {
  const flow = flowOf(reading.inputs[0]);
  const gain = new Float64Array(flow.item.width).fill(-1);
  return [{ ...flow, item: affine(flow.item, { gain }, { nodes: [nameOf(reading)], mapped: [] }) }];
};
