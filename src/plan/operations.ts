/**
 * What layers and losses are built from, beside recurrences: elementwise functions written as expressions,
 * products, lookups and sums. Each emits its forward steps and records its backward ones; derivatives of
 * elementwise functions come from the op table.
 */
import type { Expr } from "../cell/expr.js";
import { backward, valuesToKeep } from "../grad/backward.js";
import { topological } from "../cell/expr.js";
import type { Builder, Value } from "./builder.js";
import { type EmitScope, type Operand, emitAll, valueOf } from "./emit.js";
import { PlanError, type Space } from "./plan.js";

/**
 * An elementwise function of values, written as an expression of them.
 *
 * @param name for buffer names
 * @param inputs values of the result's shape, of width 1, of one row (rows:1), or scalars
 * @param write the function, for example `(a, b) => mul(a, b)`
 * @param space the result's rows; default: the first input's that is not rows:1
 */
export function map(
  builder: Builder,
  name: string,
  inputs: readonly Value[],
  write: (...args: Expr[]) => Expr,
  space: Space = (inputs.find((v) => v.space !== "rows:1") ?? inputs[0])?.space ?? "rows:1",
): Value {
  const leaves = inputs.map((v, i): Expr => ({ op: "input", args: [], width: String(v.width), name: String(i) }));
  const root = write(...leaves);
  const scope: EmitScope = {
    builder,
    space,
    prefix: name,
    width: Number,
    values: new Map<Expr, Operand>(leaves.map((leaf, i) => [leaf, inputs[i] as Value])),
    parameters: {},
    nameOf: (e) => (e === root ? "value" : e.op),
  };
  if (leaves.includes(root)) return inputs[leaves.indexOf(root)] as Value;
  if (root.op === "constant") throw new PlanError(`${name} is the constant ${root.value}; fill a buffer instead`);
  emitAll(scope, [root]);
  const out = valueOf(scope, root);
  builder.record(inputs, [out], () => {
    const dOut = builder.gradient(out);
    if (!dOut) return;
    const derived = backward({ y: root });
    const gradients = Object.entries(derived.inputs).filter(([i]) => builder.needsGradient(inputs[Number(i)] as Value));
    const keep = valuesToKeep(gradients.map(([, d]) => d), new Set(topological([root])));
    const values = new Map<Expr, Operand>([[derived.incoming["y"] as Expr, dOut]]);
    for (const [e, value] of scope.values) if (keep.has(e)) values.set(e, value);
    const back: EmitScope = { ...scope, prefix: `d.${name}`, values, nameOf: (e) => e.op };
    emitAll(back, gradients.map(([, d]) => d));
    for (const [i, d] of gradients) contributeBroadcast(builder, inputs[Number(i)] as Value, valueOf(back, d), space);
  });
  return out;
}

/** Adds a gradient of the result's rows to an input, summing over the rows where one row served all. */
function contributeBroadcast(builder: Builder, input: Value, d: Value, space: Space): void {
  if (input.space === space) {
    builder.contributeBuffer(input, d);
    return;
  }
  builder.contribute(input, (target, start) => {
    const how = start === "accumulate" ? "accumulate" : "zero";
    builder.emit({ kind: "reduce", op: "sum", along: "rows", space, from: d.buffer, into: target.buffer, start: how });
  });
}

/**
 * x wᵀ + b for every row: the output layer's w_ya a + b_y, and any other dense product.
 *
 * @param w a parameter of shape [width of the result, width of x]
 * @param b a parameter of one row, or undefined
 */
export function product(builder: Builder, name: string, x: Value, w: Value, b?: Value): Value {
  const rows = Number(w.space.slice("rows:".length));
  if (w.width !== x.width) throw new PlanError(`${name}: a value of width ${x.width} meets weights for width ${w.width}`);
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
      builder.emit({ kind: "reduce", op: "sum", along: "rows", space, from: d, into: target.buffer, start: how });
    });
  });
  return out;
}

/** Rows of a table by index: an embedding, or a permutation of values. The gradient is added row by row. */
export function lookUp(builder: Builder, name: string, table: Value, index: Value): Value {
  const { space } = index;
  const out = builder.buffer(name, space, table.width);
  builder.emit({ kind: "gather", axis: "rows", space, from: table.buffer, index: index.buffer, into: out.buffer, start: "zero" });
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
  builder.emit({ kind: "gather", axis: "columns", space, from: x.buffer, index: index.buffer, into: out.buffer, start: "zero" });
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
  builder.emit({ kind: "reduce", op: "logSumExp", along: "features", space, from: x.buffer, into: out.buffer, start: "zero" });
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
  builder.emit({ kind: "reduce", op: "sum", along: "features", space, from: x.buffer, into: out.buffer, start: "zero" });
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
  builder.emit({ kind: "reduce", op: "argmax", along: "features", space: x.space, from: x.buffer, into: out.buffer, start: "zero" });
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
    builder.emit({ kind: "columns", space: head.space, from: part.buffer, fromColumn: 0, into: out.buffer, intoColumn: column, width: part.width });
  }
  builder.record(parts, [out], () => {
    const d = builder.gradient(out);
    if (!d) return;
    for (const { part, at: column } of places) {
      if (!builder.needsGradient(part)) continue;
      const slice = builder.buffer(`d.${name}.part`, part.space, part.width);
      builder.emit({ kind: "columns", space: head.space, from: d.buffer, fromColumn: column, into: slice.buffer, intoColumn: 0, width: part.width });
      builder.contributeBuffer(part, slice);
    }
  });
  return out;
}

/**
 * Overwrites existing buffers with functions of values: the update of an optimiser. All functions read what
 * the buffers held before.
 *
 * @param write from the inputs to one expression per target
 */
export function assign(
  builder: Builder,
  name: string,
  inputs: readonly Value[],
  targets: readonly Value[],
  write: (...args: Expr[]) => readonly Expr[],
): void {
  const { space } = targets[0] as Value;
  const leaves = inputs.map((v, i): Expr => ({ op: "input", args: [], width: String(v.width), name: String(i) }));
  const roots = write(...leaves);
  const values = new Map<Expr, Operand>(leaves.map((leaf, i) => [leaf, inputs[i] as Value]));
  const scope: EmitScope = { builder, space, prefix: name, width: Number, values, parameters: {}, nameOf: (e) => e.op };
  emitAll(scope, roots);
  const results = roots.map((root) => valueOf(scope, root));
  results.forEach((value, i) => {
    builder.copy(value, targets[i] as Value, space);
  });
}
