/**
 * ONNX's products: MatMul, Gemm, convolutions.
 * Source: https://onnx.ai/onnx/operators/onnx__MatMul.html, onnx__Gemm.html, onnx__Conv.html
 */
import type { Call, OperatorRows } from "./call.js";
import { elementwise } from "./elementwise.js";
import { broadcast, EvaluationError, eachPlace, type Numbers, sizeOf, stridesWithin } from "./numbers.js";

function matMul(call: Call): readonly Numbers[] {
  const [left, right] = [call.input(0), call.input(1)];
  if (left.dims.length === 0 || right.dims.length === 0)
    throw new EvaluationError("multiplies a number without axes");
  // A vector is a matrix of one row on the left, of one column on the right, which is taken away again.
  const a = left.dims.length === 1 ? [1, ...left.dims] : left.dims;
  const b = right.dims.length === 1 ? [...right.dims, 1] : right.dims;
  const [M, K, N] = [a.at(-2)!, a.at(-1)!, b.at(-1)!];
  if (b.at(-2) !== K)
    throw new EvaluationError(`multiplies (${left.dims.join(", ")}) by (${right.dims.join(", ")})`);
  const outer = broadcast(a.slice(0, -2), b.slice(0, -2));
  const dims = [...outer, ...(left.dims.length === 1 ? [] : [M]), ...(right.dims.length === 1 ? [] : [N])];
  const out = call.make(dims, left.type);
  const strides = [stridesWithin(a.slice(0, -2), outer), stridesWithin(b.slice(0, -2), outer)];
  eachPlace(outer, strides, (place, [x = 0, y = 0]) => {
    for (let i = 0; i < M; i++) {
      const [row, to] = [(x * M + i) * K, (place * M + i) * N];
      for (let k = 0; k < K; k++) {
        const v = left.data[row + k]!;
        const column = (y * K + k) * N;
        for (let j = 0; j < N; j++) out.data[to + j] = out.data[to + j]! + v * right.data[column + j]!;
      }
    }
  });
  return [out];
}

function gemm(call: Call): readonly Numbers[] {
  const turned = (of: Numbers, flag: string): ((i: number, k: number) => number) => {
    const columns = of.dims[1]!;
    return call.int(flag, 0) === 0
      ? (i, k) => of.data[i * columns + k]!
      : (i, k) => of.data[k * columns + i]!;
  };
  const [left, right] = [call.input(0), call.input(1)];
  if (left.dims.length !== 2 || right.dims.length !== 2)
    throw new EvaluationError("multiplies what are no matrices");
  const [a, b] = [turned(left, "transA"), turned(right, "transB")];
  const [M, K] = call.int("transA", 0) === 0 ? left.dims : [...left.dims].reverse();
  const [inner, N] = call.int("transB", 0) === 0 ? right.dims : [...right.dims].reverse();
  if (K !== inner) throw new EvaluationError(`multiplies ${K} columns by ${inner} rows`);
  const alpha = call.float("alpha", 1);
  const out = call.make([M!, N!], left.type);
  for (let i = 0; i < M!; i++)
    for (let j = 0; j < N!; j++) {
      let total = 0;
      for (let k = 0; k < K!; k++) total += a(i, k) * b(k, j);
      out.data[i * N! + j] = alpha * total;
    }
  const added = call.inputs[2];
  const beta = call.float("beta", 1);
  if (!added) return [out];
  const whole = elementwise(call, [out, added], left.type, (z, c) => z + beta * c);
  if (whole.data.length !== out.data.length) throw new EvaluationError("adds a bias of another shape");
  return [whole];
}

/** How much a convolution adds before and after an axis. */
function padding(
  call: Call,
  { size, kernel, stride, dilation }: Window,
  axis: number,
  axes: number,
): [number, number] {
  const how = call.text("auto_pad", "NOTSET");
  if (how === "VALID") return [0, 0];
  if (how === "NOTSET") {
    const pads = call.ints("pads") ?? [];
    return [pads[axis] ?? 0, pads[axis + axes] ?? 0];
  }
  if (how !== "SAME_UPPER" && how !== "SAME_LOWER") throw new EvaluationError(`pads as "${how}"`);
  const wanted = Math.max((Math.ceil(size / stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0);
  const less = Math.floor(wanted / 2);
  return how === "SAME_UPPER" ? [less, wanted - less] : [wanted - less, less];
}

interface Window {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
}

/** A convolution along one axis, or along two of which the second is done by the same loops. */
function conv(call: Call): readonly Numbers[] {
  const [x, w] = [call.input(0), call.input(1)];
  const axes = x.dims.length - 2;
  if ((axes !== 1 && axes !== 2) || w.dims.length !== x.dims.length)
    throw new EvaluationError("convolves something else than one or two axes");
  const group = call.int("group", 1);
  const windows = Array.from(
    { length: axes },
    (_, i): Window & { readonly before: number; readonly out: number } => {
      const window = {
        size: x.dims[i + 2]!,
        kernel: w.dims[i + 2]!,
        stride: call.ints("strides")?.[i] ?? 1,
        dilation: call.ints("dilations")?.[i] ?? 1,
      };
      const [before, after] = padding(call, window, i, axes);
      const room = window.size + before + after - (window.kernel - 1) * window.dilation - 1;
      return { ...window, before, out: Math.max(Math.floor(room / window.stride) + 1, 0) };
    },
  );
  const [B, C] = x.dims as [number, number];
  const [Y, inner] = w.dims as [number, number];
  if (inner * group !== C || Y % group !== 0)
    throw new EvaluationError(`convolves ${C} channels by weights for ${inner * group}`);
  const out = call.make([B, Y, ...windows.map((each) => each.out)], x.type);
  const [sizes, kernels] = [x.dims.slice(2), w.dims.slice(2)];
  const places = sizeOf(windows.map((each) => each.out));
  const unfold = (place: number, dims: readonly number[]): number[] => {
    const at: number[] = [];
    for (const n of [...dims].reverse()) {
      at.unshift(place % n);
      place = Math.floor(place / n);
    }
    return at;
  };
  const taps = Array.from({ length: sizeOf(kernels) }, (_, k) => unfold(k, kernels));
  const bias = call.inputs[2]?.data;
  for (let b = 0; b < B; b++)
    for (let y = 0; y < Y; y++)
      for (let place = 0; place < places; place++) {
        const at = unfold(
          place,
          windows.map((each) => each.out),
        );
        const first = Math.floor(y / (Y / group)) * inner;
        let total = bias?.[y] ?? 0;
        taps.forEach((tap, k) => {
          let from = 0;
          for (let i = 0; i < axes; i++) {
            const { stride, dilation, before } = windows[i]!;
            const t = at[i]! * stride + tap[i]! * dilation - before;
            if (t < 0 || t >= sizes[i]!) return;
            from = from * sizes[i]! + t;
          }
          for (let c = 0; c < inner; c++)
            total +=
              x.data[(b * C + first + c) * sizeOf(sizes) + from]! *
              w.data[(y * inner + c) * taps.length + k]!;
        });
        out.data[(b * Y + y) * places + place] = total;
      }
  return [out];
}

/** Rows of products. */
export const productRows: OperatorRows = {
  MatMul: { inputs: [2, 2], run: matMul },
  Gemm: {
    inputs: [2, 3],
    attributes: { alpha: "float", beta: "float", transA: "int", transB: "int" },
    run: gemm,
  },
  Conv: {
    inputs: [2, 3],
    attributes: {
      auto_pad: "text",
      dilations: "ints",
      group: "int",
      kernel_shape: "ints",
      pads: "ints",
      strides: "ints",
    },
    run: conv,
  },
};
