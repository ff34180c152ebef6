/**
 * Looking into a loop: the values of its gates and states at every step, and the gradients that reach them in all. A loop
 * that nobody looks into has none of this.
 */
import { type Expr, rowsOf } from "../cell/expr.js";
import { opRow } from "../cell/ops.js";
import type { Backward } from "../grad/backward.js";
import type { LoopValues, RecurrenceBody } from "./body.js";
import type { Value } from "./builder.js";
import { type EmitScope, emitAll, valueOf } from "./emit.js";

/** An empty record of a loop, for the recurrence to fill. */
export function loopValues(): LoopValues {
  const values: LoopValues = {
    gates: new Map(),
    states: new Map(),
    gradients: new Map(),
    noteValues: (scope, of) => observeValues(values, scope, of),
    gradientsOf: observedGradients,
    noteGradients: (scope, gradients) => observeGradients(values, scope, gradients),
  };
  return values;
}

/** The gates with a value at every step; what lies over a source's rows is overwritten step by step. */
const stepGates = ({ gates = {} }: RecurrenceBody): [string, Expr][] =>
  Object.entries(gates).filter(([, e]) => rowsOf(e) === "step");

/** Emits, inside the loop, what no state is made of, and notes the values of all gates and states. */
function observeValues(
  observed: LoopValues,
  scope: EmitScope,
  { body, states }: { readonly body: RecurrenceBody; readonly states: Readonly<Record<string, Value>> },
): void {
  const gates = stepGates(body);
  emitAll(
    scope,
    gates.map(([, e]) => e),
  );
  for (const [gate, e] of gates) observed.gates.set(gate, perStep(scope, e, gate));
  for (const state of body.states) observed.states.set(state, states[state]!);
}

/** A gate's value, per token also where one row or one number serves all of them. */
function perStep(scope: EmitScope, e: Expr, gate: string): Value {
  const { builder, space, prefix, width } = scope;
  const value = opRow(e.op).fixed ? undefined : valueOf(scope, e);
  if (value?.space === space) return value;
  const out = builder.buffer(`${prefix}.${gate}`, space, width(e.width));
  if (value) builder.copy(value, out, space);
  else builder.fill(out, e.value ?? width(e.name!));
  return out;
}

/**
 * The equations of dL/dv for every gate and state v through which L is reached, by its name. They are total derivatives:
 * of all ways from the value of this step to L, those through later steps included. A state that is another's value as it
 * stood before, or an input, has what reaches the new state alone.
 */
function observedGradients(body: RecurrenceBody, derived: Backward): Record<string, Expr> {
  const gates = stepGates(body).map(([gate, e]) => [gate, derived.adjoints.get(e)] as const);
  const states = body.states.map((state) => {
    const e = body.next[state]!;
    const isLeaf = opRow(e.op).kind === "leaf";
    return [state, isLeaf ? derived.incoming[state] : derived.adjoints.get(e)] as const;
  });
  return Object.fromEntries([...gates, ...states].flatMap(([name, e]) => (e ? [[name, e] as const] : [])));
}

/** Emits, inside the loop back, and notes the gradients. */
function observeGradients(
  observed: LoopValues,
  scope: EmitScope,
  gradients: Readonly<Record<string, Expr>>,
): void {
  emitAll(scope, Object.values(gradients));
  for (const [name, e] of Object.entries(gradients)) observed.gradients.set(name, valueOf(scope, e));
}
