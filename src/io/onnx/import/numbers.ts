/**
 * Operators on known numbers: what exporters write to find the shapes of states and reshapes. Sizes that may differ from run to
 * run go through as names.
 */
import { readTensor } from "./tensors.js";
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

/** @throws Unreadable if a shape is none, or holds more numbers than are computed while reading */
function sizeOf(dims: readonly number[]): number {
  const size = dims.reduce((a, b) => a * b, 1);
  if (dims.every((n) => Number.isInteger(n) && n >= 0) && size <= MOST) return size;
  throw new Unreadable(`makes numbers of the shape (${dims.join(", ")})`);
}

/** A constant whose element at each place of `dims` is that of the other at the place that `from` gives. */
function gathered(
  of: Constant,
  dims: readonly number[],
  from: (at: readonly number[]) => readonly number[],
): Constant {
  const [into, out] = [strides(of.dims), strides(dims)];
  const data = Array.from({ length: sizeOf(dims) }, (_, k) => {
    const at = dims.map((size, i) => Math.floor(k / out[i]!) % size);
    const index = from(at).reduce((sum, p, i) => sum + p * into[i]!, 0);
    return of.data[index]!;
  });
  return constant(dims, data, of);
}

/** Floats stay floats. */
function constant(dims: readonly number[], data: readonly Size[], like: Constant): Constant {
  if (data.some((v) => v === undefined)) throw new Unreadable("is given numbers whose shapes do not fit");
  const floats = like.data instanceof Float32Array && data.every((v) => typeof v === "number");
  return { kind: "constant", dims, data: floats ? Float32Array.from(data as number[]) : data };
}

/** Gather: parts of an axis by number. */
export function gather(of: Constant, indices: Constant, axis: number): Constant {
  const at = place(axis, of.dims.length);
  const where = numbersOf(indices, "places");
  const dims = [...of.dims.slice(0, at), ...indices.dims, ...of.dims.slice(at + 1)];
  const width = indices.dims.length;
  const inner = strides(indices.dims);
  return gathered(of, dims, (p) => {
    const k = p.slice(at, at + width).reduce((sum, v, i) => sum + v * inner[i]!, 0);
    return [...p.slice(0, at), place(where[k]!, of.dims[at]!), ...p.slice(at + width)];
  });
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
  return gathered(of, dims, (p) => p.map((v, i) => v + bounds[i]![0]));
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
    const wide = (c: Constant, own: readonly number[]): Constant =>
      gathered({ ...c, dims: own }, dims, (p) => p.map((v, i) => (own[i] === 1 ? 0 : v)));
    const [x, y] = [wide(a, left), wide(b, right)];
    return constant(
      dims,
      Array.from(x.data, (v, i) => of(v, y.data[i]!)),
      x,
    );
  };
}

/** Constants side by side along an axis. */
function concatenated(all: readonly Constant[], along: number): Constant {
  const [first] = all as readonly [Constant, ...Constant[]];
  const axis = place(along, first.dims.length);
  const sizes = all.map(({ dims }) => dims[axis]!);
  const dims = first.dims.map((size, i) => (i === axis ? sizes.reduce((a, b) => a + b, 0) : size));
  const out = strides(dims);
  const data = Array.from({ length: sizeOf(dims) }, (_, k) => {
    const at = dims.map((size, i) => Math.floor(k / out[i]!) % size);
    let which = 0;
    for (; at[axis]! >= sizes[which]!; which++) at[axis] = at[axis]! - sizes[which]!;
    const { dims: own, data: numbers } = all[which]!;
    const inner = strides(own);
    return numbers[at.reduce((sum, p, i) => sum + p * inner[i]!, 0)]!;
  });
  return constant(dims, data, first);
}

const numeric =
  (of: (a: number, b: number) => number) =>
  (a: Size, b: Size): Size => {
    if (typeof a === "number" && typeof b === "number") return of(a, b);
    throw new Unreadable("computes with a size that may differ from run to run");
  };

const multiply = pairwise((a, b) => product([a, b]));

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
    const dims = order.map((axis) => of.dims[axis]!);
    return gathered(of, dims, (p) => of.dims.map((_, i) => p[order.indexOf(i)]!));
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
  const known = Array.from(data).every((v) => typeof v === "number");
  const uniform = of.data.length > 0 && Array.from(of.data).every((v) => v === of.data[0]);
  if (uniform) {
    const one: Constant = constant([], [of.data[0]!], of);
    const width = data.at(-1);
    if (!known) return { kind: "repeated", of: one, ...(typeof width === "number" ? { width } : {}) };
    const dims = Array.from(data) as number[];
    return constant(dims, Array<Size>(sizeOf(dims)).fill(of.data[0]!), of);
  }
  return { kind: "repeated", of };
}
