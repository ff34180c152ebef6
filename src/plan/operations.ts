/**
 * What layers and losses are built from, beside recurrences and elementwise functions: products, lookups and
 * sums. Each emits its forward steps and records its backward ones.
 */
import type { Builder, Value } from "./builder.js";
import { PlanError } from "./plan.js";

/**
 * x wᵀ + b for every row: the output layer's w_ya a + b_y, and any other dense product.
 *
 * @param w a parameter of shape [width of the result, width of x]
 * @param b a parameter of one row, or undefined
 */
export function product(builder: Builder, name: string, x: Value, w: Value, b?: Value): Value {
  const rows = Number(w.space.slice("rows:".length));
  if (w.width !== x.width)
    throw new PlanError(`${name}: a value of width ${x.width} meets weights for width ${w.width}`);
  const { space } = x;
  const out = builder.buffer(name, space, rows);
  const start = b ? { row: b.buffer } : "zero";
  const outputs = [{ b: w.buffer, transpose: true, c: out.buffer, start } as const];
  builder.emit({ kind: "gemm", form: "apply", space, a: x.buffer, outputs });
  builder.record(b ? [x, w, b] : [x, w], [out], () => {
    const d = builder.gradient(out)?.buffer;
    if (d === undefined) return;
    builder.contribute(x, (target, from) => {
      const back = [{ b: w.buffer, transpose: false, c: target.buffer, start: from }];
      builder.emit({ kind: "gemm", form: "apply", space, a: d, outputs: back });
    });
    builder.contribute(w, (target, from) => {
      const back = [{ b: x.buffer, transpose: false, c: target.buffer, start: from }];
      builder.emit({ kind: "gemm", form: "gradient", space, a: d, outputs: back });
    });
    if (!b) return;
    builder.contribute(b, (target, from) => {
      const how = from === "accumulate" ? "accumulate" : "zero";
      builder.emit({
        kind: "reduce",
        op: "sum",
        along: "rows",
        space,
        from: d,
        into: target.buffer,
        start: how,
      });
    });
  });
  return out;
}

/** Rows of a table by index: an embedding, or a permutation of values. The gradient is added row by row. */
export function lookUp(builder: Builder, name: string, table: Value, index: Value): Value {
  const { space } = index;
  const out = builder.buffer(name, space, table.width);
  builder.emit({
    kind: "gather",
    axis: "rows",
    space,
    from: table.buffer,
    index: index.buffer,
    into: out.buffer,
    start: "zero",
  });
  builder.record([table], [out], () => {
    const d = builder.gradient(out);
    if (!d) return;
    const into = builder.accumulator(table).buffer;
    builder.emit({ kind: "scatter-add", axis: "rows", space, from: d.buffer, index: index.buffer, into });
  });
  return out;
}

/** One value of each row by index, giving width 1: the score of the true class. */
export function pick(builder: Builder, name: string, x: Value, index: Value): Value {
  const { space } = x;
  const out = builder.buffer(name, space, 1);
  builder.emit({
    kind: "gather",
    axis: "columns",
    space,
    from: x.buffer,
    index: index.buffer,
    into: out.buffer,
    start: "zero",
  });
  builder.record([x], [out], () => {
    const d = builder.gradient(out);
    if (!d) return;
    const into = builder.accumulator(x).buffer;
    builder.emit({ kind: "scatter-add", axis: "columns", space, from: d.buffer, index: index.buffer, into });
  });
  return out;
}

/** log Σ e^x over the features of each row, giving width 1. */
export function logSumExp(builder: Builder, name: string, x: Value): Value {
  const { space } = x;
  const out = builder.buffer(name, space, 1);
  builder.emit({
    kind: "reduce",
    op: "logSumExp",
    along: "features",
    space,
    from: x.buffer,
    into: out.buffer,
    start: "zero",
  });
  builder.record([x], [out], () => {
    const d = builder.gradient(out);
    if (!d) return;
    // d log Σ e^x / dx = e^(x − log Σ e^x), the softmax.
    const soft = builder.buffer(`d.${name}.softmax`, space, x.width);
    builder.emit({
      kind: "elementwise",
      space,
      width: x.width,
      inputs: [x.buffer, out.buffer, d.buffer],
      program: [
        { op: "sub", args: [0, 1] },
        { op: "exp", args: [3] },
        { op: "mul", args: [4, 2] },
      ],
      outputs: [{ buffer: soft.buffer, register: 5 }],
    });
    builder.contributeBuffer(x, soft);
  });
  return out;
}

/** The sum over the features of each row, giving width 1. */
export function sumFeatures(builder: Builder, name: string, x: Value): Value {
  const { space } = x;
  if (x.width === 1) return x;
  const out = builder.buffer(name, space, 1);
  builder.emit({
    kind: "reduce",
    op: "sum",
    along: "features",
    space,
    from: x.buffer,
    into: out.buffer,
    start: "zero",
  });
  builder.record([x], [out], () => {
    const d = builder.gradient(out);
    if (!d) return;
    const wide = builder.buffer(`d.${name}`, space, x.width);
    builder.copy(d, wide, space);
    builder.contributeBuffer(x, wide);
  });
  return out;
}

/** The index of the largest value of each row. No gradient. */
export function argMax(builder: Builder, name: string, x: Value): Value {
  const out = builder.buffer(name, x.space, 1, "temporary", "index");
  builder.emit({
    kind: "reduce",
    op: "argmax",
    along: "features",
    space: x.space,
    from: x.buffer,
    into: out.buffer,
    start: "zero",
  });
  return out;
}

/** Values side by side: the two directions of a bidirectional layer. */
export function concatenate(builder: Builder, name: string, parts: readonly Value[]): Value {
  const [head, ...tail] = parts;
  if (!head) throw new PlanError(`${name}: nothing to concatenate`);
  if (tail.length === 0) return head;
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const out = builder.buffer(name, head.space, width);
  let at = 0;
  const places = parts.map((part) => {
    const place = { part, at };
    at += part.width;
    return place;
  });
  for (const { part, at: column } of places) {
    builder.emit({
      kind: "columns",
      space: head.space,
      from: part.buffer,
      fromColumn: 0,
      into: out.buffer,
      intoColumn: column,
      width: part.width,
    });
  }
  builder.record(parts, [out], () => {
    const d = builder.gradient(out);
    if (!d) return;
    for (const { part, at: column } of places) {
      if (!builder.needsGradient(part)) continue;
      const slice = builder.buffer(`d.${name}.part`, part.space, part.width);
      builder.emit({
        kind: "columns",
        space: head.space,
        from: d.buffer,
        fromColumn: column,
        into: slice.buffer,
        intoColumn: 0,
        width: part.width,
      });
      builder.contributeBuffer(part, slice);
    }
  });
  return out;
}
