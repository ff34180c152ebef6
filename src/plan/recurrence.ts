/**
 * A recurrence in a plan: the loop over time steps of a body of equations, and the loop back through it. The
 * body is usually one cell; several cells joined into one set of equations make one loop just the same.
 * Each state lives in a per-sequence buffer that the loop updates in place: where a sequence has ended it
 * holds the final state, where it has not begun (reverse direction) the initial one.
 */
import { type Expr, rowsOf } from "../cell/expr.js";
import { type Backward, backward, valuesToKeep } from "../grad/backward.js";
import { bodyScope, type RecurrenceOptions, type RecurrenceResult } from "./body.js";
import type { Builder, Value } from "./builder.js";
import { type EmitScope, emitAll, isIds, type Operand, valueOf } from "./emit.js";
import type { Space } from "./plan.js";

/** Emits the loop, and records the loop back. */
export function recurrence(builder: Builder, options: RecurrenceOptions): RecurrenceResult {
  const { name, body, packing, reverse = false } = options;
  builder.packing(packing);
  if (options.source !== undefined) builder.packing(options.source);
  const tokens: Space = `tokens:${packing}`;
  const sequences: Space = `sequences:${packing}`;
  const { scope, nodes } = bodyScope(builder, options);
  const { width } = scope;

  const initial: Record<string, Value> = {};
  const carried: Record<string, Value> = {};
  const previous: Record<string, Value> = {};
  for (const state of body.states) {
    const start = options.initial[state] ?? 0;
    const H = width(body.next[state]!.width);
    const carry = builder.buffer(`${name}.${state}.carried`, sequences, H);
    if (typeof start === "number") builder.fill(carry, start);
    else builder.copy(start, carry, sequences);
    if (typeof start !== "number") initial[state] = start;
    carried[state] = carry;
    previous[state] = builder.buffer(`${name}.${state}.previous`, tokens, H);
  }
  const states: Record<string, Value> = {};
  builder.loop(packing, reverse, () => {
    for (const state of body.states) builder.copy(carried[state]!, previous[state]!, tokens);
    for (const e of nodes) if (e.op === "state") scope.values.set(e, previous[e.name!]!);
    emitAll(scope, Object.values(body.next));
    const taken = new Set<string>();
    for (const state of body.states) {
      const value = valueOf(scope, body.next[state]!);
      // Every state gets a buffer of its own, so that gradients of two names never mix.
      const own = taken.has(value.buffer) || body.next[state]!.op === "state";
      taken.add(value.buffer);
      states[state] = own ? builder.buffer(`${name}.${state}`, tokens, value.width) : value;
      if (own) builder.copy(value, states[state] as Value, tokens);
    }
    options.observed?.noteValues(scope, { body, states });
    for (const state of body.states) builder.copy(states[state]!, carried[state]!, tokens);
  });

  const from = [...Object.values(options.parameters), ...Object.values(initial)];
  for (const input of Object.values(options.inputs)) if (!isIds(input)) from.push(input);
  builder.record(from, [...Object.values(states), ...Object.values(carried)], () =>
    recurrenceBackward({ ...options, reverse, builder, scope, nodes, previous, states, carried, initial }),
  );
  return { states, final: carried };
}

interface BackwardContext extends RecurrenceOptions {
  readonly builder: Builder;
  readonly scope: EmitScope;
  readonly nodes: readonly Expr[];
  readonly previous: Readonly<Record<string, Value>>;
  readonly states: Readonly<Record<string, Value>>;
  readonly carried: Readonly<Record<string, Value>>;
  readonly initial: Readonly<Record<string, Value>>;
}

/** The loop back: from the gradients of states and final states to those of inputs, weights and initial states. */
function recurrenceBackward(context: BackwardContext): void {
  const { builder, body, packing, name } = context;
  const tokens: Space = `tokens:${packing}`;
  const sequences: Space = `sequences:${packing}`;
  const reaching = body.states.filter((s) =>
    [context.states[s], context.carried[s]].some((v) => builder.gradient(v!)),
  );
  if (reaching.length === 0) return;
  const derived = backward(body.next);
  const d: Record<string, Value> = {};
  for (const state of body.states) {
    const carry = context.carried[state]!;
    const dFinal = builder.gradient(carry);
    const flowing = builder.buffer(`${name}.d${state}.carried`, sequences, carry.width);
    if (dFinal) builder.copy(dFinal, flowing, sequences);
    else builder.fill(flowing, 0);
    d[state] = flowing;
  }
  const targets = parameterTargets(context, derived);
  const wanted = Object.keys(derived.inputs).filter((i) => inputNeedsGradient(context, i));
  const overSource = (input: string): boolean => rowsOf(derived.inputs[input]!) === "source";
  const sums = new Map(
    wanted.filter(overSource).map((i) => [i, builder.accumulator(context.inputs[i] as Value)]),
  );
  const dInputs: Record<string, Value> = {};
  builder.loop(packing, !context.reverse, () => {
    const scope = backwardScope(context, derived);
    for (const state of body.states) {
      const incoming = builder.buffer(`${name}.d${state}`, tokens, d[state]!.width);
      const outside = builder.gradient(context.states[state]!);
      const inputs = [d[state]!, ...(outside ? [outside] : [])].map((v) => v.buffer);
      builder.emit({
        kind: "elementwise",
        space: tokens,
        width: incoming.width,
        inputs,
        program: outside ? [{ op: "add", args: [0, 1] }] : [],
        outputs: [{ buffer: incoming.buffer, register: outside ? 2 : 0 }],
      });
      scope.values.set(derived.incoming[state]!, incoming);
    }
    emitParameterGradients(context, derived, scope, targets);
    const before = body.states.flatMap((s) => derived.previous[s] ?? []);
    emitAll(scope, [...before, ...wanted.map((i) => derived.inputs[i]!)]);
    for (const i of wanted) {
      const value = valueOf(scope, derived.inputs[i]!);
      const sum = sums.get(i);
      if (sum) addInLoop(builder, value, sum);
      else dInputs[i] = value;
    }
    for (const state of body.states) {
      const value = derived.previous[state];
      if (value) builder.copy(valueOf(scope, value), d[state]!, tokens);
      else fillInLoop(builder, d[state]!, tokens);
    }
    context.observed?.noteGradients(scope, context.observed.gradientsOf(body, derived));
  });
  for (const [input, value] of Object.entries(dInputs))
    builder.contributeBuffer(context.inputs[input] as Value, value);
  for (const [state, start] of Object.entries(context.initial))
    contributeInitial(builder, start, d[state]!, sequences);
}

/** Gradients of an initial state: per sequence as it is, summed over the sequences where one row served all. */
function contributeInitial(builder: Builder, start: Value, d: Value, sequences: Space): void {
  if (start.space === sequences) {
    builder.contributeBuffer(start, d);
    return;
  }
  builder.contribute(start, (target, from) => {
    const how = from === "accumulate" ? "accumulate" : "zero";
    builder.emit({
      kind: "reduce",
      op: "sum",
      along: "rows",
      space: sequences,
      from: d.buffer,
      into: target.buffer,
      start: how,
    });
  });
}

/** Adds the step's gradient of rows that every step reads. */
function addInLoop(builder: Builder, { buffer }: Value, { buffer: sum, space, width }: Value): void {
  builder.emit({
    kind: "elementwise",
    space,
    width,
    inputs: [sum, buffer],
    program: [{ op: "add", args: [0, 1] }],
    outputs: [{ buffer: sum, register: 2 }],
  });
}

/** Zeroes the rows of the current step of a per-sequence buffer. */
function fillInLoop(builder: Builder, target: Value, tokens: Space): void {
  builder.fill({ ...target, space: tokens }, 0);
}

function inputNeedsGradient({ builder, inputs }: BackwardContext, name: string): boolean {
  const operand = inputs[name];
  return operand !== undefined && !isIds(operand) && builder.needsGradient(operand);
}

/** Backward's view of forward: leaves and kept values; anything else is computed again where it is needed. */
function backwardScope(context: BackwardContext, derived: Backward): EmitScope {
  const { scope, nodes, body } = context;
  const args = derived.products.flatMap((p) => p.product.args);
  const roots = [
    ...Object.values(derived.previous),
    ...Object.values(derived.inputs),
    ...Object.values(derived.parameters),
    ...Object.values(context.observed?.gradientsOf(body, derived) ?? {}),
  ];
  const keep = valuesToKeep([...roots, ...derived.products.map((p) => p.dz)], new Set(nodes));
  // What is multiplied by weights lies in memory anyway.
  for (const arg of args) keep.add(arg);
  const values = new Map<Expr, Operand>();
  for (const e of nodes) {
    const value = scope.values.get(e);
    if (value && keep.has(e)) values.set(e, value);
  }
  const names = new Map([...derived.adjoints].map(([of, adjoint]) => [adjoint, `d${scope.nameOf(of)}`]));
  for (const state of body.states) names.set(derived.incoming[state]!, `d${state}`);
  return { ...scope, values, nameOf: (e) => names.get(e) ?? scope.nameOf(e) };
}

/** Where each parameter's gradient is collected: zeroed before the loop, accumulated inside it. */
function parameterTargets({ builder, parameters }: BackwardContext, derived: Backward): Map<string, Value> {
  const targets = new Map<string, Value>();
  const want = (name: string): void => {
    const parameter = parameters[name];
    if (parameter && builder.needsGradient(parameter)) targets.set(name, builder.accumulator(parameter));
  };
  for (const { product } of derived.products) {
    for (const block of product.weight?.blocks ?? []) want(block);
    if (product.weight?.bias !== undefined) want(product.weight.bias);
  }
  for (const name of Object.keys(derived.parameters)) want(name);
  return targets;
}

/** dw += dz argᵀ, db += Σ dz, and sums over rows for vectors and scalars. */
function emitParameterGradients(
  { builder }: BackwardContext,
  derived: Backward,
  scope: EmitScope,
  targets: ReadonlyMap<string, Value>,
): void {
  const { space } = scope;
  emitAll(scope, [...derived.products.map((p) => p.dz), ...Object.values(derived.parameters)]);
  const sumRows = (from: Value, into: Value): void =>
    builder.emit({
      kind: "reduce",
      op: "sum",
      along: "rows",
      space,
      from: from.buffer,
      into: into.buffer,
      start: "accumulate",
    });
  for (const { product, dz } of derived.products) {
    const { blocks, bias } = product.weight!;
    const from = valueOf(scope, dz);
    blocks.forEach((block, i) => {
      const into = targets.get(block);
      const arg = product.args[i]!;
      const operand = scope.values.get(arg);
      if (!into) return;
      if (operand && isIds(operand)) {
        const index = operand.ids.buffer;
        builder.emit({
          kind: "scatter-add",
          axis: "rows",
          space,
          from: from.buffer,
          index,
          into: into.buffer,
        });
      } else {
        const outputs = [
          { b: valueOf(scope, arg).buffer, transpose: false, c: into.buffer, start: "accumulate" as const },
        ];
        builder.emit({ kind: "gemm", form: "gradient", space, a: from.buffer, outputs });
      }
    });
    const into = bias === undefined ? undefined : targets.get(bias);
    if (into) sumRows(from, into);
  }
  for (const [name, d] of Object.entries(derived.parameters)) {
    const into = targets.get(name);
    if (into) sumRows(valueOf(scope, d), into);
  }
}
