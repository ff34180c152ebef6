/**
 * Operators on known numbers: what exporters write to find the shapes of states and reshapes. Sizes that may differ from run to
 * run go through as names.
 */
import { MOST_DIMENSIONS, readTensor } from "./tensors.js";
import {
  type Constant,
  constantOf,
  numbersOf,
  orderOf,
  place,
  product,
  type Reading,
  type Repeated,
  type Size,
  Unreadable,
  type Value,
} from "./values.js";

/** Strides of a shape, row-major. */
function strides(dims: readonly number[]): number[] {
  return dims.map((_, i) => dims.slice(i + 1).reduce((a, b) => a * b, 1));
}

/** Numbers that are computed while reading: far more than any shape needs, and no more than a machine has room for. */
const MOST = 2 ** 24;

/** Numbers that can be a shape, or axes of one. */
const MOST_SIZES = 1024;

/** @throws Unreadable if a shape is none, or holds more numbers than are computed while reading */
function sizeOf(dims: readonly number[]): number {
  const size = dims.reduce((a, b) => a * b, 1);
  if (dims.length <= MOST_DIMENSIONS && dims.every((n) => Number.isInteger(n) && n >= 0) && size <= MOST)
    return size;
  throw new Unreadable(`makes numbers of the shape (${dims.join(", ")})`);
}

/** Whole numbers that are computed: sizes and places, never weights. */
const MOST_WHOLE = 2 ** 20;

/** Room for so many numbers of the kind that others are. @throws Unreadable if they are whole numbers, and too many */
function roomLike(others: readonly Constant[], length: number): Size[] | Float32Array {
  if (others.every(({ data }) => data instanceof Float32Array)) return new Float32Array(length);
  if (length <= MOST_WHOLE) return new Array<Size>(length).fill(0);
  throw new Unreadable(`computes ${length} whole numbers, which are more than sizes and places`);
}

/**
 * A constant whose element at each place of `dims` is that of the other at the sum of offsets, one for each axis.
 *
 * @param offset of a place of an axis in the other's numbers; axes of `groups` are counted as if they were `dims`
 */
function gathered(
  of: Constant,
  dims: readonly number[],
  offset: (axis: number, place: number) => number,
  groups: readonly number[] = dims,
): Constant {
  const length = sizeOf(dims);
  if (length === 0) return constant(dims, [], of);
  const offsets = groups.map((size, axis) => Array.from({ length: size }, (_, p) => offset(axis, p)));
  const data = roomLike([of], length);
  const at = new Array<number>(groups.length).fill(0);
  let from = offsets.reduce((sum, own) => sum + (own[0] ?? 0), 0);
  for (let k = 0; k < length; k++) {
    data[k] = of.data[from]!;
    // One place further, as an odometer goes.
    for (let axis = groups.length - 1; axis >= 0; axis--) {
      const own = offsets[axis]!;
      const [before, after] = [at[axis]!, at[axis]! + 1 === groups[axis] ? 0 : at[axis]! + 1];
      at[axis] = after;
      from += own[after]! - own[before]!;
      if (after !== 0) break;
    }
  }
  return constant(dims, data, of);
}

/** Floats stay floats. */
function constant(dims: readonly number[], data: readonly Size[] | Float32Array, like: Constant): Constant {
  if (data instanceof Float32Array) return { kind: "constant", dims, data };
  if (data.some((v) => v === undefined)) throw new Unreadable("is given numbers whose shapes do not fit");
  const floats = like.data instanceof Float32Array && data.every((v) => typeof v === "number");
  return { kind: "constant", dims, data: floats ? Float32Array.from(data as number[]) : data };
}

/** Gather: parts of an axis by number. */
export function gather(of: Constant, indices: Constant, axis: number): Constant {
  const at = place(axis, of.dims.length);
  const where = numbersOf(indices, "places");
  const dims = [...of.dims.slice(0, at), ...indices.dims, ...of.dims.slice(at + 1)];
  sizeOf(dims);
  const into = strides(of.dims);
  const groups = of.dims.map((size, i) => (i === at ? where.length : size));
  const rows = where.map((v) => place(v, of.dims[at]!));
  return gathered(of, dims, (axis, p) => (axis === at ? rows[p]! : p) * into[axis]!, groups);
}

/** What a Slice takes of each axis of so many sizes: [from, to) with step 1. @throws Unreadable for another step */
export function sliced({ inputs, attribute }: Reading, rank: number): Map<number, readonly [number, number]> {
  const input = (i: number, name: string): readonly number[] | undefined =>
    inputs[i] ? numbersOf(inputs[i], "places of a slice") : attribute(name)?.ints;
  const [starts = [], ends = []] = [input(1, "starts"), input(2, "ends")];
  const axes = input(3, "axes") ?? starts.map((_, i) => i);
  if (input(4, "steps")?.some((step) => step !== 1))
    throw new Unreadable("takes a slice with another step than 1");
  return new Map(axes.map((axis, i) => [place(axis, rank), [starts[i]!, ends[i]!]]));
}

/** A slice's bounds within a size. */
export function within([from, to]: readonly [number, number], size: number): readonly [number, number] {
  const clip = (v: number): number => Math.min(Math.max(v < 0 ? v + size : v, 0), size);
  return [clip(from), clip(to)];
}

function slice(of: Constant, reading: Reading): Constant {
  const cuts = sliced(reading, of.dims.length);
  const bounds = of.dims.map((size, i) => within(cuts.get(i) ?? [0, size], size));
  const dims = bounds.map(([from, to]) => Math.max(to - from, 0));
  const into = strides(of.dims);
  return gathered(of, dims, (axis, p) => (p + bounds[axis]![0]) * into[axis]!);
}

/** An operator on two constants, element by element, with sizes of 1 repeated. */
function pairwise(of: (a: Size, b: Size) => Size): (inputs: readonly Constant[]) => Constant {
  return (inputs) => {
    const [a, b] = inputs as [Constant, Constant];
    const rank = Math.max(a.dims.length, b.dims.length);
    const padded = (dims: readonly number[]): number[] => [
      ...Array<number>(rank - dims.length).fill(1),
      ...dims,
    ];
    const [left, right] = [padded(a.dims), padded(b.dims)];
    const dims = left.map((size, i) => (size === 1 ? right[i]! : size));
    if (left.some((size, i) => size !== 1 && right[i] !== 1 && size !== right[i]))
      throw new Unreadable("is given numbers whose shapes do not fit");
    sizeOf(dims);
    const wide = (c: Constant, own: readonly number[]): Constant => {
      const into = strides(own);
      return gathered(c, dims, (axis, p) => (own[axis] === 1 ? 0 : p * into[axis]!));
    };
    const [x, y] = [wide(a, left), wide(b, right)];
    const data = roomLike([x], x.data.length);
    for (let i = 0; i < data.length; i++) data[i] = of(x.data[i]!, y.data[i]!) as number;
    return constant(dims, data, x);
  };
}

/** Constants side by side along an axis. */
function concatenated(all: readonly Constant[], along: number): Constant {
  const [first] = all as readonly [Constant, ...Constant[]];
  const axis = place(along, first.dims.length);
  const sizes = all.map(({ dims }) => dims[axis]!);
  const dims = first.dims.map((size, i) => (i === axis ? sizes.reduce((a, b) => a + b, 0) : size));
  const fits = ({ dims: own }: Constant): boolean =>
    own.length === dims.length && own.every((size, i) => i === axis || size === dims[i]);
  if (!all.every(fits)) throw new Unreadable("is given numbers whose shapes do not fit");
  const length = sizeOf(dims);
  const after = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const before = dims.slice(0, axis).reduce((a, b) => a * b, 1);
  const data = roomLike(all, length);
  let to = 0;
  for (let b = 0; b < before; b++)
    all.forEach((of, i) => {
      const width = sizes[i]! * after;
      for (let k = 0; k < width; k++) data[to++] = of.data[b * width + k]!;
    });
  return constant(dims, data, first);
}

const numeric =
  (of: (a: number, b: number) => number) =>
  (a: Size, b: Size): Size => {
    if (typeof a === "number" && typeof b === "number") return of(a, b);
    throw new Unreadable("computes with a size that may differ from run to run");
  };

const multiply = pairwise((a, b) =>
  Number.isFinite(a) && Number.isFinite(b) ? Number(a) * Number(b) : product([a, b]),
);

type OnConstants = (inputs: readonly Constant[], reading: Reading) => Constant;

const rows: Readonly<Record<string, OnConstants>> = {
  Identity: ([a]) => a!,
  Cast: ([a]) => a!,
  Gather: ([a, places], { int }) => gather(a!, places!, int("axis", 0)),
  Slice: ([a], reading) => slice(a!, reading),
  Unsqueeze: ([a], reading) => {
    const { dims, data } = a!;
    const axes = axesOf(reading);
    const rank = dims.length + axes.length;
    const wide = [...dims];
    if (rank > MOST_DIMENSIONS) throw new Unreadable(`makes numbers of ${rank} dimensions`);
    for (const axis of axes.map((v) => place(v, rank)).sort((x, y) => x - y)) wide.splice(axis, 0, 1);
    return { kind: "constant", dims: wide, data };
  },
  Squeeze: ([a], reading) => {
    const { dims, data } = a!;
    const given = axesOf(reading).map((v) => place(v, dims.length));
    const drop = given.length > 0 ? given : dims.flatMap((size, i) => (size === 1 ? [i] : []));
    if (drop.some((axis) => dims[axis] !== 1)) throw new Unreadable("squeezes an axis whose size is not 1");
    return { kind: "constant", dims: dims.filter((_, i) => !drop.includes(i)), data };
  },
  Transpose: ([a], reading) => {
    const of = a!;
    const order = orderOf(reading, of.dims.length);
    const dims = order.map((axis) => of.dims[place(axis, of.dims.length)]!);
    const into = strides(of.dims);
    return gathered(of, dims, (axis, p) => p * into[place(order[axis]!, into.length)]!);
  },
  Reshape: ([a, to]) => {
    const of = a!;
    const wanted = numbersOf(to, "a shape").map((v, i) => (v === 0 ? of.dims[i]! : v));
    const known = wanted.filter((v) => v >= 0).reduce((x, y) => x * y, 1);
    const dims = wanted.map((v) => (v < 0 ? of.data.length / known : v));
    if (sizeOf(dims) === of.data.length) return { ...of, dims };
    throw new Unreadable(`reshapes (${of.dims.join(", ")}) to (${dims.join(", ")})`);
  },
  Concat: (all, { int }) => concatenated(all, int("axis", 0)),
  Add: pairwise(numeric((a, b) => a + b)),
  Sub: pairwise(numeric((a, b) => a - b)),
  Mul: multiply,
  Div: pairwise(numeric((a, b) => a / b)),
  Equal: pairwise((a, b) => Number(a === b)),
  Where: ([condition, a, b]) => {
    const c = condition!;
    const picked = [a, b].map((side) => pairwise((_, v) => v)([c, side!]));
    return constant(
      c.dims,
      Array.from(c.data, (v, i) => (v ? picked[0] : picked[1])!.data[i]!),
      a!,
    );
  },
  ReduceProd: ([a], { int }) => {
    const of = a!;
    if (of.data.length > MOST_SIZES) throw new Unreadable("multiplies more numbers than a shape has");
    const dims = int("keepdims", 1) ? of.dims.map(() => 1) : [];
    return { kind: "constant", dims, data: [product([...of.data])] };
  },
};

/** Inputs that an operator needs; of those that are not here, one. */
const needs: Readonly<Record<string, number>> = {
  Gather: 2,
  Reshape: 2,
  Add: 2,
  Sub: 2,
  Mul: 2,
  Div: 2,
  Equal: 2,
  Where: 3,
};

/** True for an operator that is computed where all its inputs are known numbers. */
export const isOnConstants = (op: string): boolean => Object.hasOwn(rows, op);

/** Computes such an operator. @throws Unreadable if it has fewer inputs than it needs */
export function computed(op: string, inputs: readonly Constant[], reading: Reading): Constant {
  const needed = needs[op] ?? 1;
  if (inputs.length < needed) throw new Unreadable(`has ${inputs.length} inputs and needs ${needed}`);
  return rows[op]!(inputs, reading);
}

/** The axes of a node: an input since operator set 13, an attribute before. */
export function axesOf({ inputs, attribute }: Reading): readonly number[] {
  return inputs[1] ? numbersOf(inputs[1], "axes") : (attribute("axes")?.ints ?? []);
}

/** A constant of a node, or of its attributes. */
export function constantNode({ attribute }: Reading): Constant {
  const of = (name: string) => attribute(name);
  const tensor = of("value")?.tensor;
  if (tensor) {
    const read = readTensor(tensor);
    if ("problem" in read) throw new Unreadable(`has a constant that ${read.problem}`);
    return read;
  }
  const [float, int] = [of("value_float")?.float, of("value_int")?.int];
  if (float !== undefined) return { kind: "constant", dims: [], data: Float32Array.of(float) };
  if (int !== undefined) return { kind: "constant", dims: [], data: [int] };
  const [floats, ints] = [of("value_floats")?.floats, of("value_ints")?.ints];
  if (floats) return { kind: "constant", dims: [floats.length], data: Float32Array.from(floats) };
  if (ints) return { kind: "constant", dims: [ints.length], data: ints };
  throw new Unreadable("holds a constant that is neither a tensor nor numbers");
}

/** ConstantOfShape and Expand: numbers over sizes that may differ. */
export function repeated(of: Constant, sizes: Value | undefined): Constant | Repeated {
  const { data } = constantOf(sizes, "a shape");
  if (data.length > MOST_SIZES) throw new Unreadable(`makes numbers of ${data.length} dimensions`);
  const known = Array.from(data).every((v) => typeof v === "number");
  const first = of.data[0];
  const uniform = first !== undefined && (of.data as readonly Size[]).every((v) => v === first);
  if (uniform) {
    const one: Constant = constant([], [first], of);
    const width = data.at(-1);
    if (!known) return { kind: "repeated", of: one, ...(typeof width === "number" ? { width } : {}) };
    const dims = Array.from(data) as number[];
    const all = roomLike([of], sizeOf(dims));
    for (let i = 0; i < all.length; i++) all[i] = first;
    return constant(dims, all, of);
  }
  return { kind: "repeated", of };
}
