/**
 * ONNX's operators that move numbers and change none, and those that make numbers of shapes.
 * Source: https://onnx.ai/onnx/operators/
 */
import { elementTypes, type OnnxTensor } from "../messages.js";
import { readNumbers } from "../tensors.js";
import { type Call, listOf, type OperatorRows } from "./call.js";
import {
  axisOf,
  broadcast,
  EvaluationError,
  eachPlace,
  type Numbers,
  sizeOf,
  stridesOf,
  stridesWithin,
} from "./numbers.js";

const same = (call: Call): readonly Numbers[] => [call.input(0)];

/** The numbers of a tensor at the places that strides and an offset lead to. */
function strided(
  call: Call,
  of: Numbers,
  {
    dims,
    strides,
    offset = 0,
  }: { readonly dims: readonly number[]; readonly strides: readonly number[]; readonly offset?: number },
): Numbers {
  const out = call.make(dims, of.type);
  eachPlace(dims, [strides], (place, [at = 0]) => {
    out.data[place] = of.data[offset + at]!;
  });
  return out;
}

function transpose(call: Call): readonly Numbers[] {
  const of = call.input(0);
  const rank = of.dims.length;
  const order = (call.ints("perm") ?? of.dims.map((_, i) => rank - 1 - i)).map((axis) => axisOf(axis, rank));
  if (order.length !== rank || new Set(order).size !== rank)
    throw new EvaluationError(`transposes ${rank} axes to the order ${order.join(", ")}`);
  const strides = stridesOf(of.dims);
  return [
    strided(call, of, {
      dims: order.map((axis) => of.dims[axis]!),
      strides: order.map((axis) => strides[axis]!),
    }),
  ];
}

function shaped(of: Numbers, dims: readonly number[]): readonly Numbers[] {
  if (sizeOf(dims) === of.data.length) return [{ ...of, dims }];
  throw new EvaluationError(`reshapes (${of.dims.join(", ")}) to (${dims.join(", ")})`);
}

function reshape(call: Call): readonly Numbers[] {
  const of = call.input(0);
  const keep = call.int("allowzero", 0) === 0;
  const wanted = (listOf(call, 1, "shape") ?? []).map((n, i) => (n === 0 && keep ? (of.dims[i] ?? 0) : n));
  const known = sizeOf(wanted.filter((n) => n !== -1));
  return shaped(
    of,
    wanted.map((n) => (n === -1 ? (known === 0 ? 0 : of.data.length / known) : n)),
  );
}

function squeeze(call: Call): readonly Numbers[] {
  const of = call.input(0);
  const given = listOf(call, 1, "axes")?.map((axis) => axisOf(axis, of.dims.length));
  const drop = given ?? of.dims.flatMap((n, i) => (n === 1 ? [i] : []));
  if (drop.some((i) => of.dims[i] !== 1)) throw new EvaluationError("squeezes an axis whose size is not 1");
  return shaped(
    of,
    of.dims.filter((_, i) => !drop.includes(i)),
  );
}

function unsqueeze(call: Call): readonly Numbers[] {
  const of = call.input(0);
  const given = listOf(call, 1, "axes") ?? [];
  const axes = new Set(given.map((axis) => axisOf(axis, of.dims.length + given.length)));
  const rest = [...of.dims];
  return shaped(
    of,
    Array.from({ length: of.dims.length + axes.size }, (_, i) => (axes.has(i) ? 1 : rest.shift()!)),
  );
}

function flatten(call: Call): readonly Numbers[] {
  const of = call.input(0);
  const given = call.int("axis", 1);
  const axis = given === of.dims.length ? given : axisOf(given, of.dims.length);
  return shaped(of, [sizeOf(of.dims.slice(0, axis)), sizeOf(of.dims.slice(axis))]);
}

function shape(call: Call): readonly Numbers[] {
  const { dims } = call.input(0);
  const clip = (n: number): number => Math.min(Math.max(n < 0 ? n + dims.length : n, 0), dims.length);
  const part = dims.slice(clip(call.int("start", 0)), clip(call.int("end", dims.length)));
  return [{ type: elementTypes.int64, dims: [part.length], data: Float64Array.from(part) }];
}

function gather(call: Call): readonly Numbers[] {
  const [of, indices] = [call.input(0), call.input(1)];
  const axis = axisOf(call.int("axis", 0), of.dims.length);
  const size = of.dims[axis]!;
  const [before, after] = [sizeOf(of.dims.slice(0, axis)), sizeOf(of.dims.slice(axis + 1))];
  const out = call.make([...of.dims.slice(0, axis), ...indices.dims, ...of.dims.slice(axis + 1)], of.type);
  const places = Array.from(indices.data, (at) => axisOf(at, size));
  let to = 0;
  for (let b = 0; b < before; b++)
    for (const at of places) {
      const from = (b * size + at) * after;
      for (let k = 0; k < after; k++) out.data[to++] = of.data[from + k]!;
    }
  return [out];
}

function gatherElements(call: Call): readonly Numbers[] {
  const [of, indices] = [call.input(0), call.input(1)];
  const axis = axisOf(call.int("axis", 0), of.dims.length);
  const out = call.make(indices.dims, of.type);
  const strides = stridesOf(of.dims);
  const others = strides.map((stride, i) => (i === axis ? 0 : stride));
  eachPlace(indices.dims, [others], (place, [at = 0]) => {
    out.data[place] = of.data[at + axisOf(indices.data[place]!, of.dims[axis]!) * strides[axis]!]!;
  });
  return [out];
}

function scatterElements(call: Call): readonly Numbers[] {
  const [of, indices, updates] = [call.input(0), call.input(1), call.input(2)];
  if (call.text("reduction", "none") !== "none")
    throw new EvaluationError("combines what it puts in one place");
  const axis = axisOf(call.int("axis", 0), of.dims.length);
  const out = call.make(of.dims, of.type);
  out.data.set(of.data);
  const strides = stridesOf(of.dims);
  const others = strides.map((stride, i) => (i === axis ? 0 : stride));
  eachPlace(indices.dims, [others], (place, [at = 0]) => {
    out.data[at + axisOf(indices.data[place]!, of.dims[axis]!) * strides[axis]!] = updates.data[place]!;
  });
  return [out];
}

function gatherNd(call: Call): readonly Numbers[] {
  const [of, indices] = [call.input(0), call.input(1)];
  if (call.int("batch_dims", 0) !== 0) throw new EvaluationError("has the attribute batch_dims");
  const depth = indices.dims.at(-1) ?? 0;
  const inner = of.dims.slice(depth);
  const out = call.make([...indices.dims.slice(0, -1), ...inner], of.type);
  const [strides, size] = [stridesOf(of.dims), sizeOf(inner)];
  for (let i = 0; i * depth < indices.data.length; i++) {
    let from = 0;
    for (let k = 0; k < depth; k++) from += axisOf(indices.data[i * depth + k]!, of.dims[k]!) * strides[k]!;
    for (let k = 0; k < size; k++) out.data[i * size + k] = of.data[from + k]!;
  }
  return [out];
}

function slice(call: Call): readonly Numbers[] {
  const of = call.input(0);
  const [starts = [], ends = []] = [listOf(call, 1, "starts"), listOf(call, 2, "ends")];
  const axes = (listOf(call, 3, "axes") ?? starts.map((_, i) => i)).map((axis) =>
    axisOf(axis, of.dims.length),
  );
  const steps = listOf(call, 4, "steps") ?? starts.map(() => 1);
  const [dims, strides] = [[...of.dims], stridesOf(of.dims)];
  let offset = 0;
  axes.forEach((axis, i) => {
    const [size, step] = [of.dims[axis]!, steps[i]!];
    if (step === 0) throw new EvaluationError("takes a slice with the step 0");
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const clip = (n: number): number => Math.min(Math.max(n < 0 ? n + size : n, low), high);
    const [from, to] = [step > 0 ? clip(starts[i]!) : Math.min(clip(starts[i]!), size - 1), clip(ends[i]!)];
    dims[axis] = Math.max(Math.ceil((to - from) / step), 0);
    offset += from * strides[axis]!;
    strides[axis] = step * strides[axis]!;
  });
  return [strided(call, of, { dims, strides, offset })];
}

/** Tensors side by side along an axis. */
export function concatenate(call: Call, all: readonly Numbers[], along: number): Numbers {
  const [first] = all as readonly [Numbers, ...Numbers[]];
  const axis = axisOf(along, first.dims.length);
  const fits = all.every(
    ({ dims }) =>
      dims.length === first.dims.length && dims.every((n, i) => i === axis || n === first.dims[i]),
  );
  if (!fits) throw new EvaluationError("puts side by side shapes that do not fit");
  const dims = first.dims.map((n, i) => (i === axis ? all.reduce((sum, of) => sum + of.dims[axis]!, 0) : n));
  const out = call.make(dims, first.type);
  const [before, after] = [sizeOf(dims.slice(0, axis)), sizeOf(dims.slice(axis + 1))];
  let to = 0;
  for (let b = 0; b < before; b++)
    for (const of of all) {
      const width = of.dims[axis]! * after;
      for (let k = 0; k < width; k++) out.data[to++] = of.data[b * width + k]!;
    }
  return out;
}

/** A part of a tensor along an axis. */
export function partOf(
  call: Call,
  of: Numbers,
  { axis, from, size }: { readonly axis: number; readonly from: number; readonly size: number },
): Numbers {
  const strides = stridesOf(of.dims);
  const dims = of.dims.map((n, i) => (i === axis ? size : n));
  return strided(call, of, { dims, strides, offset: from * strides[axis]! });
}

function split(call: Call): readonly Numbers[] {
  const of = call.input(0);
  const axis = axisOf(call.int("axis", 0), of.dims.length);
  const count = call.node.outputs.length;
  const size = of.dims[axis]!;
  const each = Math.ceil(size / count);
  const given = listOf(call, 1, "split");
  const sizes =
    given ?? Array.from({ length: count }, (_, i) => Math.max(Math.min(each, size - i * each), 0));
  if (sizes.length !== count || sizes.reduce((a, b) => a + b, 0) !== size)
    throw new EvaluationError(`splits ${size} into ${sizes.join(", ")} for ${count} outputs`);
  let from = 0;
  return sizes.map((n) => {
    const part = partOf(call, of, { axis, from, size: n });
    from += n;
    return part;
  });
}

function expand(call: Call): readonly Numbers[] {
  const of = call.input(0);
  const dims = broadcast(of.dims, Array.from(call.input(1).data));
  return [strided(call, of, { dims, strides: stridesWithin(of.dims, dims) })];
}

function tile(call: Call): readonly Numbers[] {
  const of = call.input(0);
  const times = call.input(1).data;
  const strides = stridesOf(of.dims);
  // Each axis as two: how often, and its own places.
  const wide = of.dims.flatMap((n, i) => [times[i]!, n]);
  const from = strided(call, of, { dims: wide, strides: strides.flatMap((stride) => [0, stride]) });
  return shaped(
    from,
    of.dims.map((n, i) => n * times[i]!),
  );
}

function pad(call: Call): readonly Numbers[] {
  const of = call.input(0);
  if (call.text("mode", "constant") !== "constant")
    throw new EvaluationError(`pads by "${call.text("mode", "")}"`);
  const rank = of.dims.length;
  const given = listOf(call, 1, "pads") ?? [];
  const axes = call.inputs[3]
    ? Array.from(call.inputs[3].data, (axis) => axisOf(axis, rank))
    : of.dims.map((_, i) => i);
  const value = call.inputs[2]?.data[0] ?? call.float("value", 0);
  const [before, after] = [new Array<number>(rank).fill(0), new Array<number>(rank).fill(0)];
  axes.forEach((axis, i) => {
    before[axis] = given[i]!;
    after[axis] = given[i + axes.length]!;
  });
  if ([...before, ...after].some((n) => !(n >= 0))) throw new EvaluationError("pads by fewer than no places");
  const dims = of.dims.map((n, i) => n + before[i]! + after[i]!);
  const out = call.make(dims, of.type);
  out.data.fill(value);
  const strides = stridesOf(dims);
  const offset = strides.reduce((sum, stride, i) => sum + stride * before[i]!, 0);
  eachPlace(of.dims, [strides], (place, [at = 0]) => {
    out.data[offset + at] = of.data[place]!;
  });
  return [out];
}

function constant(call: Call): readonly Numbers[] {
  const attribute = (name: string) => call.attribute(name);
  const tensor = attribute("value")?.tensor;
  if (tensor) return [tensorOf(tensor)];
  const list = (data: readonly number[], type: number): readonly Numbers[] => [
    { type, dims: [data.length], data: Float64Array.from(data) },
  ];
  const [float, int] = [attribute("value_float")?.float, attribute("value_int")?.int];
  if (float !== undefined) return [{ type: elementTypes.float32, dims: [], data: Float64Array.of(float) }];
  if (int !== undefined) return [{ type: elementTypes.int64, dims: [], data: Float64Array.of(int) }];
  const [floats, ints] = [attribute("value_floats")?.floats, attribute("value_ints")?.ints];
  if (floats) return list(floats, elementTypes.float32);
  if (ints) return list(ints, elementTypes.int64);
  throw new EvaluationError("holds a constant that is neither a tensor nor numbers");
}

function tensorOf(tensor: OnnxTensor): Numbers {
  const read = readNumbers(tensor);
  if ("problem" in read) throw new EvaluationError(`has a tensor that ${read.problem}`);
  return read;
}

function constantOfShape(call: Call): readonly Numbers[] {
  const tensor = call.attribute("value")?.tensor;
  const of: Numbers = tensor
    ? tensorOf(tensor)
    : { type: elementTypes.float32, dims: [1], data: Float64Array.of(0) };
  const out = call.make(Array.from(call.input(0).data), of.type);
  out.data.fill(of.data[0] ?? 0);
  return [out];
}

function range(call: Call): readonly Numbers[] {
  const [from = 0, to = 0, by = 1] = [0, 1, 2].map((i) => call.input(i).data[0]!);
  const out = call.make([Math.max(Math.ceil((to - from) / by), 0)], call.input(0).type);
  for (let i = 0; i < out.data.length; i++) out.data[i] = from + i * by;
  return [out];
}

function reverseSequence(call: Call): readonly Numbers[] {
  const [of, lengths] = [call.input(0), call.input(1)];
  const [batch, time] = [call.int("batch_axis", 1), call.int("time_axis", 0)];
  const out = call.make(of.dims, of.type);
  const strides = stridesOf(of.dims);
  const only = (axis: number): readonly number[] => of.dims.map((_, i) => (i === axis ? 1 : 0));
  eachPlace(of.dims, [strides, only(batch), only(time)], (place, [at = 0, b = 0, t = 0]) => {
    const length = lengths.data[b]!;
    out.data[place] = of.data[t < length ? at + (length - 1 - 2 * t) * strides[time]! : at]!;
  });
  return [out];
}

const dropout = (call: Call): readonly Numbers[] => {
  if (call.inputs[2]?.data[0]) throw new EvaluationError("drops values at random, as it does while training");
  const of = call.input(0);
  if (call.node.outputs.length === 1) return [of];
  const mask = call.make(of.dims, elementTypes.bool);
  mask.data.fill(1);
  return [of, mask];
};

/** Rows of operators that move numbers. */
export const movementRows: OperatorRows = {
  Identity: { inputs: [1, 1], run: same },
  Dropout: { inputs: [1, 3], attributes: { ratio: "float", seed: "int", is_test: "int" }, run: dropout },
  Transpose: { inputs: [1, 1], attributes: { perm: "ints" }, run: transpose },
  Reshape: { inputs: [1, 2], attributes: { allowzero: "int", shape: "ints" }, run: reshape },
  Squeeze: { inputs: [1, 2], attributes: { axes: "ints" }, run: squeeze },
  Unsqueeze: { inputs: [1, 2], attributes: { axes: "ints" }, run: unsqueeze },
  Flatten: { inputs: [1, 1], attributes: { axis: "int" }, run: flatten },
  Shape: { inputs: [1, 1], attributes: { start: "int", end: "int" }, run: shape },
  Size: {
    inputs: [1, 1],
    run: (call) => [{ type: elementTypes.int64, dims: [], data: Float64Array.of(call.input(0).data.length) }],
  },
  Gather: { inputs: [2, 2], attributes: { axis: "int" }, run: gather },
  GatherElements: { inputs: [2, 2], attributes: { axis: "int" }, run: gatherElements },
  ScatterElements: { inputs: [3, 3], attributes: { axis: "int", reduction: "text" }, run: scatterElements },
  GatherND: { inputs: [2, 2], attributes: { batch_dims: "int" }, run: gatherNd },
  Slice: { inputs: [1, 5], attributes: { starts: "ints", ends: "ints", axes: "ints" }, run: slice },
  Concat: {
    inputs: [1, 1000],
    attributes: { axis: "int" },
    run: (call) => [
      concatenate(
        call,
        call.inputs.map((_, i) => call.input(i)),
        call.int("axis", 0),
      ),
    ],
  },
  Split: { inputs: [1, 2], attributes: { axis: "int", split: "ints", num_outputs: "int" }, run: split },
  Expand: { inputs: [2, 2], run: expand },
  Tile: { inputs: [2, 2], run: tile },
  Pad: { inputs: [1, 4], attributes: { mode: "text", pads: "ints", value: "float" }, run: pad },
  Constant: {
    inputs: [0, 0],
    attributes: {
      value: "tensor",
      value_float: "float",
      value_int: "int",
      value_floats: "floats",
      value_ints: "ints",
    },
    run: constant,
  },
  ConstantOfShape: { inputs: [1, 1], attributes: { value: "tensor" }, run: constantOfShape },
  Range: { inputs: [3, 3], run: range },
  ReverseSequence: {
    inputs: [2, 2],
    attributes: { batch_axis: "int", time_axis: "int" },
    run: reverseSequence,
  },
};
