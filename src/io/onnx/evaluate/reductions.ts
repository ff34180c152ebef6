/**
 * ONNX's operators that make fewer numbers of many along axes, and those that normalise along them.
 * Source: https://onnx.ai/onnx/operators/
 */
import { elementTypes } from "../messages.js";
import { type Call, listOf, type OperatorRow, type OperatorRows } from "./call.js";
import { elementwise } from "./elementwise.js";
import { axisOf, EvaluationError, eachPlace, type Numbers, sizeOf, stridesOf } from "./numbers.js";

/** Reduces along axes: to one number each, made of what was added up in order. */
function reduced(
  call: Call,
  of: Numbers,
  {
    axes,
    start,
    add,
  }: {
    readonly axes: readonly number[];
    readonly start: number;
    readonly add: (sum: number, v: number) => number;
  },
): Numbers & { readonly data: Float64Array } {
  const dims = of.dims.map((n, i) => (axes.includes(i) ? 1 : n));
  const out = call.make(dims, of.type);
  out.data.fill(start);
  const strides = stridesOf(dims).map((stride, i) => (axes.includes(i) ? 0 : stride));
  eachPlace(of.dims, [strides], (place, [at = 0]) => {
    out.data[at] = add(out.data[at]!, of.data[place]!);
  });
  return out;
}

interface Reduction {
  readonly start: number;
  readonly add: (sum: number, v: number) => number;
  /** Of the sum of `count` numbers. */
  readonly end?: (sum: number, count: number) => number;
}

const reduction = ({ start, add, end }: Reduction): OperatorRow => ({
  inputs: [1, 2],
  attributes: { axes: "ints", keepdims: "int", noop_with_empty_axes: "int" },
  run(call) {
    const of = call.input(0);
    const given = listOf(call, 1, "axes") ?? [];
    if (given.length === 0 && call.int("noop_with_empty_axes", 0) !== 0) return [of];
    const axes =
      given.length === 0 ? of.dims.map((_, i) => i) : given.map((axis) => axisOf(axis, of.dims.length));
    const out = reduced(call, of, { axes, start, add });
    const count = sizeOf(axes.map((axis) => of.dims[axis]!));
    if (end) for (let i = 0; i < out.data.length; i++) out.data[i] = end(out.data[i]!, count);
    const keep = call.int("keepdims", 1) !== 0;
    return [keep ? out : { ...out, dims: out.dims.filter((_, i) => !axes.includes(i)) }];
  },
});

const sum = { start: 0, add: (s: number, v: number): number => s + v };
const squares = { start: 0, add: (s: number, v: number): number => s + v * v };

/** The place of the largest or smallest number along an axis, of equal ones the first or the last. */
const argument = (better: (a: number, b: number) => boolean): OperatorRow => ({
  inputs: [1, 1],
  attributes: { axis: "int", keepdims: "int", select_last_index: "int" },
  run(call) {
    const of = call.input(0);
    const axis = axisOf(call.int("axis", 0), of.dims.length);
    const last = call.int("select_last_index", 0) !== 0;
    const dims = of.dims.map((n, i) => (i === axis ? 1 : n));
    const [out, found] = [call.make(dims, elementTypes.int64), call.make(dims, of.type)];
    found.data.fill(Number.NaN);
    const own = of.dims.map((_, i) => (i === axis ? 1 : 0));
    const strides = stridesOf(dims).map((stride, i) => (i === axis ? 0 : stride));
    eachPlace(of.dims, [strides, own], (place, [at = 0, k = 0]) => {
      const [value, old] = [of.data[place]!, found.data[at]!];
      if (!(k === 0 || better(value, old) || (last && value === old))) return;
      found.data[at] = value;
      out.data[at] = k;
    });
    return [call.int("keepdims", 1) !== 0 ? out : { ...out, dims: dims.filter((_, i) => i !== axis) }];
  },
});

/** e^(z − largest) over their sum, along axes. */
function softmax(call: Call, log: boolean): readonly Numbers[] {
  const of = call.input(0);
  const old = call.opset < 13;
  const axis = axisOf(call.int("axis", old ? 1 : -1), of.dims.length);
  // Before opset 13 all axes from that one on are taken as one.
  const axes = old ? of.dims.map((_, i) => i).filter((i) => i >= axis) : [axis];
  const most = reduced(call, of, { axes, start: Number.NEGATIVE_INFINITY, add: Math.max });
  const shifted = elementwise(call, [of, most], of.type, (z, m) => z - m);
  const total = reduced(call, shifted, { axes, start: 0, add: (s, z) => s + Math.exp(z) });
  return [elementwise(call, [shifted, total], of.type, (z, s) => (log ? z - Math.log(s) : Math.exp(z) / s))];
}

const softmaxRow = (log: boolean): OperatorRow => ({
  inputs: [1, 1],
  attributes: { axis: "int" },
  run: (call) => softmax(call, log),
});

/** γ (x − μ) / √(σ² + ε) + β over the axes from one on. */
function layerNormalization(call: Call): readonly Numbers[] {
  const of = call.input(0);
  const axis = axisOf(call.int("axis", -1), of.dims.length);
  const axes = of.dims.map((_, i) => i).filter((i) => i >= axis);
  const count = sizeOf(of.dims.slice(axis));
  const scaled = (
    numbers: Numbers & { readonly data: Float64Array },
    by: (v: number) => number,
  ): Numbers => ({
    ...numbers,
    data: numbers.data.map(by),
  });
  const mean = scaled(reduced(call, of, { ...sum, axes }), (v) => v / count);
  const apart = elementwise(call, [of, mean], of.type, (x, m) => x - m);
  const epsilon = call.float("epsilon", 1e-5);
  const inverse = scaled(
    reduced(call, apart, { ...squares, axes }),
    (v) => 1 / Math.sqrt(v / count + epsilon),
  );
  const whole = elementwise(call, [apart, inverse, call.input(1)], of.type, (x, s, g) => x * s * g);
  const bias = call.inputs[2];
  return [bias ? elementwise(call, [whole, bias], of.type, (y, b) => y + b) : whole, mean, inverse];
}

/** γ (x − μ) / √(σ² + ε) + β with the means and variances of the file, for each channel of axis 1. */
function batchNormalization(call: Call): readonly Numbers[] {
  const of = call.input(0);
  if (call.int("training_mode", 0) !== 0)
    throw new EvaluationError("takes means of the batch, as it does while training");
  const epsilon = call.float("epsilon", 1e-5);
  const channels = [1, 2, 3, 4].map((i) => {
    const { data, type } = call.input(i);
    return { type, data, dims: [data.length, ...of.dims.slice(2).map(() => 1)] };
  });
  const formula = (x: number, g: number, b: number, m: number, v: number): number =>
    (g * (x - m)) / Math.sqrt(v + epsilon) + b;
  const out = elementwise(call, [of, ...channels], of.type, formula as (...values: number[]) => number);
  return call.node.outputs.map(() => out).slice(0, 1);
}

function cumulative(call: Call): readonly Numbers[] {
  const of = call.input(0);
  const axis = axisOf(call.input(1).data[0]!, of.dims.length);
  const [exclusive, reverse] = [call.int("exclusive", 0) !== 0, call.int("reverse", 0) !== 0];
  const out = call.make(of.dims, of.type);
  const [size, stride] = [of.dims[axis]!, stridesOf(of.dims)[axis]!];
  eachPlace(of.dims, [of.dims.map((_, i) => (i === axis ? 1 : 0))], (place, [k = 0]) => {
    const first = place - k * stride;
    let total = 0;
    for (let i = 0; i < size; i++) {
      const counts = reverse ? (exclusive ? i > k : i >= k) : exclusive ? i < k : i <= k;
      if (counts) total += of.data[first + i * stride]!;
    }
    out.data[place] = total;
  });
  return [out];
}

/** The largest numbers along an axis in order, and their places; of equal ones the first comes first. */
function topK(call: Call): readonly Numbers[] {
  const of = call.input(0);
  const axis = axisOf(call.int("axis", -1), of.dims.length);
  const k = call.inputs[1]?.data[0] ?? call.int("k", 0);
  const sign = call.int("largest", 1) !== 0 ? -1 : 1;
  const dims = of.dims.map((n, i) => (i === axis ? k : n));
  const [values, places] = [call.make(dims, of.type), call.make(dims, elementTypes.int64)];
  const [from, to] = [stridesOf(of.dims)[axis]!, stridesOf(dims)[axis]!];
  const outer = of.dims.map((n, i) => (i === axis ? 1 : n));
  const strides = [of.dims, dims].map((shape) =>
    stridesOf(shape).map((stride, i) => (i === axis ? 0 : stride)),
  );
  eachPlace(outer, strides, (_, [start = 0, end = 0]) => {
    const order = Array.from({ length: of.dims[axis]! }, (_, i) => i);
    order.sort((a, b) => sign * (of.data[start + a * from]! - of.data[start + b * from]!) || a - b);
    order.slice(0, k).forEach((at, i) => {
      values.data[end + i * to] = of.data[start + at * from]!;
      places.data[end + i * to] = at;
    });
  });
  return [values, places];
}

/** A pooling over all places of the axes from 2 on. */
const global = (of: Reduction): OperatorRow => {
  const row = reduction(of);
  return {
    inputs: [1, 1],
    run: (call) =>
      row.run({
        ...call,
        ints: () =>
          call
            .input(0)
            .dims.map((_, i) => i)
            .slice(2),
        inputs: [call.input(0)],
        int: (_, absent) => absent,
      }),
  };
};

const mean: Reduction = { ...sum, end: (s, n) => s / n };
const largest: Reduction = { start: Number.NEGATIVE_INFINITY, add: Math.max };

/** Rows of operators along axes. */
export const reductionRows: OperatorRows = {
  ReduceSum: reduction(sum),
  ReduceMean: reduction(mean),
  ReduceMax: reduction(largest),
  ReduceMin: reduction({ start: Number.POSITIVE_INFINITY, add: Math.min }),
  ReduceProd: reduction({ start: 1, add: (s, v) => s * v }),
  ReduceSumSquare: reduction(squares),
  ReduceL2: reduction({ ...squares, end: Math.sqrt }),
  ReduceL1: reduction({ start: 0, add: (s, v) => s + Math.abs(v) }),
  GlobalAveragePool: global(mean),
  GlobalMaxPool: global(largest),
  ArgMax: argument((a, b) => a > b),
  ArgMin: argument((a, b) => a < b),
  TopK: { inputs: [1, 2], attributes: { axis: "int", k: "int", largest: "int", sorted: "int" }, run: topK },
  Softmax: softmaxRow(false),
  LogSoftmax: softmaxRow(true),
  LayerNormalization: {
    inputs: [2, 3],
    attributes: { axis: "int", epsilon: "float", stash_type: "int" },
    run: layerNormalization,
  },
  BatchNormalization: {
    inputs: [5, 5],
    attributes: { epsilon: "float", momentum: "float", training_mode: "int" },
    run: batchNormalization,
  },
  CumSum: { inputs: [2, 2], attributes: { exclusive: "int", reverse: "int" }, run: cumulative },
};
