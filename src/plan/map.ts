/**
 * Elementwise functions of values, written as expressions of them: what losses, dropout and optimisers are made
 * of. Derivatives come from the op table.
 */
import { type Expr, topological } from "../cell/expr.js";
import { backward, valuesToKeep } from "../grad/backward.js";
import type { Builder, Value } from "./builder.js";
import { type EmitScope, emitAll, type Operand, valueOf } from "./emit.js";
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
  const leaves = inputs.map(
    (v, i): Expr => ({ op: "input", args: [], width: String(v.width), name: String(i) }),
  );
  const root = write(...leaves);
  const scope: EmitScope = {
    builder,
    space,
    prefix: name,
    width: Number,
    values: new Map<Expr, Operand>(leaves.map((leaf, i) => [leaf, inputs[i]!])),
    parameters: {},
    nameOf: (e) => (e === root ? "value" : e.op),
  };
  if (leaves.includes(root)) return inputs[leaves.indexOf(root)]!;
  if (root.op === "constant")
    throw new PlanError(`${name} is the constant ${root.value}; fill a buffer instead`);
  emitAll(scope, [root]);
  const out = valueOf(scope, root);
  builder.record(inputs, [out], () => {
    const dOut = builder.gradient(out);
    if (!dOut) return;
    const derived = backward({ y: root });
    const gradients = Object.entries(derived.inputs).filter(([i]) =>
      builder.needsGradient(inputs[Number(i)]!),
    );
    const keep = valuesToKeep(
      gradients.map(([, d]) => d),
      new Set(topological([root])),
    );
    const values = new Map<Expr, Operand>([[derived.incoming["y"]!, dOut]]);
    for (const [e, value] of scope.values) if (keep.has(e)) values.set(e, value);
    const back: EmitScope = { ...scope, prefix: `d.${name}`, values, nameOf: (e) => e.op };
    emitAll(
      back,
      gradients.map(([, d]) => d),
    );
    for (const [i, d] of gradients) contributeBroadcast(builder, inputs[Number(i)]!, valueOf(back, d), space);
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
    builder.emit({
      kind: "reduce",
      op: "sum",
      along: "rows",
      space,
      from: d.buffer,
      into: target.buffer,
      start: how,
    });
  });
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
  const { space } = targets[0]!;
  const leaves = inputs.map(
    (v, i): Expr => ({ op: "input", args: [], width: String(v.width), name: String(i) }),
  );
  const roots = write(...leaves);
  const values = new Map<Expr, Operand>(leaves.map((leaf, i) => [leaf, inputs[i]!]));
  const scope: EmitScope = {
    builder,
    space,
    prefix: name,
    width: Number,
    values,
    parameters: {},
    nameOf: (e) => e.op,
  };
  emitAll(scope, roots);
  const results = roots.map((root) => valueOf(scope, root));
  results.forEach((value, i) => {
    builder.copy(value, targets[i]!, space);
  });
}
