/**
 * A recurrence one step at a time, for streams: the body once, without a loop over time, its states in buffers
 * that keep their values from run to run and are updated in place. Same equations, same emission as the loop of
 * recurrence.ts, so the same bits. Forward only.
 */
import { bodyScope, type RecurrenceOptions, type RecurrenceResult } from "./body.js";
import type { Builder, Value } from "./builder.js";
import { emitAll, isIds, valueOf } from "./emit.js";
import { PlanError } from "./plan.js";

/** What a step gives: its states, and those gates that the states are made of. */
export interface StepResult extends RecurrenceResult {
  /** Of gates over a source's rows (the weights of attention) the rows are aligned. */
  readonly gates: Readonly<Record<string, Value>>;
}

/**
 * Emits one step of a body. `initial` is not looked at: whoever runs the plan sets the states, which are returned
 * twice, as the step's results and as where they end.
 */
export function recurrenceStep(builder: Builder, options: RecurrenceOptions): StepResult {
  const { name, body, packing } = options;
  if (options.reverse) throw new PlanError(`${name} runs in reverse and has no single steps`);
  builder.packing(packing);
  if (options.source !== undefined) builder.packing(options.source);
  const { scope, nodes } = bodyScope(builder, options);
  const states: Record<string, Value> = {};
  for (const state of body.states) {
    const width = scope.width(body.next[state]!.width);
    states[state] = builder.buffer(`${name}.${state}.state`, scope.space, width, "state");
  }
  for (const e of nodes) if (e.op === "state") scope.values.set(e, states[e.name!]!);
  emitAll(scope, Object.values(body.next));
  const next = body.states.map((state) => {
    const e = body.next[state]!;
    const value = valueOf(scope, e);
    if (e.op !== "state") return value;
    // Of states that move from one to another all are read before one is written.
    const moved = builder.buffer(`${name}.${state}.moved`, scope.space, value.width);
    builder.copy(value, moved, scope.space);
    return moved;
  });
  body.states.forEach((state, i) => {
    builder.copy(next[i]!, states[state]!, scope.space);
  });
  const gates = Object.entries(body.gates ?? {}).flatMap(([gate, e]) => {
    const value = scope.values.get(e);
    return value && !isIds(value) ? [[gate, value] as const] : [];
  });
  return { states, final: states, gates: Object.fromEntries(gates) };
}
