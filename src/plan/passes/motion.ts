/**
 * Moves steps out of loops. A buffer of space tokens holds the rows of all time steps, so a step that treats
 * every row alike means the same inside the loop, once per time step, and outside, once for all rows:
 * - hoist: products that do not depend on the state go before the loop (input projections)
 * - sink: products that nothing in the loop waits for go after it (weight gradients, gradients of inputs)
 * Elementwise steps stay where the data is in cache, unless a moved product needs them.
 */
import { type Access, leafAccess } from "../access.js";
import { bufferOf, type LeafStep, type LoopStep, type Plan, type Step } from "../plan.js";

/** Moves what can leave each loop. */
export function moveOutOfLoops(plan: Plan): Plan {
  const steps = plan.steps.flatMap((step): Step[] => {
    if (step.kind !== "loop") return [step];
    const { moved: before, rest } = split(plan, step, step.body, canHoist);
    const { moved: after, rest: body } = split(plan, step, [...rest].reverse(), canSink);
    return [...before, { ...step, body: body.reverse() }, ...after.reverse()];
  });
  return { ...plan, steps };
}

type Rule = (
  plan: Plan,
  loop: LoopStep,
  step: LeafStep,
  passed: readonly LeafStep[],
  ahead: readonly LeafStep[],
) => boolean;

/**
 * Takes steps off the near end of a body, in the order given (reversed for sinking). `passed` are the steps
 * that stay and that a moved step jumps over; `ahead` are those behind it.
 */
function split(
  plan: Plan,
  loop: LoopStep,
  order: readonly LeafStep[],
  rule: Rule,
): { moved: LeafStep[]; rest: LeafStep[] } {
  const movable: LeafStep[] = [];
  let rest: LeafStep[] = [];
  order.forEach((step, i) => {
    if (rule(plan, loop, step, rest, order.slice(i + 1))) movable.push(step);
    else rest.push(step);
  });
  // Elementwise steps move only along with a product that is connected to them.
  const worth = new Set<LeafStep>();
  for (const step of [...movable].reverse()) {
    const wanted = step.kind !== "elementwise" || [...worth].some((w) => follows(w, step));
    if (wanted) worth.add(step);
  }
  const moved = movable.filter((s) => worth.has(s));
  rest = order.filter((s) => !worth.has(s));
  return { moved, rest };
}

/** True if a moved step further on needs `step` to move too: they share a buffer that one of them writes. */
function follows(later: LeafStep, step: LeafStep): boolean {
  const [a, b] = [leafAccess(later), leafAccess(step)];
  return (
    b.writes.some((w) => a.reads.includes(w) || a.writes.includes(w)) ||
    a.writes.some((w) => b.reads.includes(w))
  );
}

/** A step may run before the loop if nothing that stays in the loop writes what it reads or touches what it writes first. */
function canHoist(
  plan: Plan,
  loop: LoopStep,
  step: LeafStep,
  passed: readonly LeafStep[],
  ahead: readonly LeafStep[],
): boolean {
  const { reads, writes } = leafAccess(step);
  const others = [...passed, ...ahead];
  if (!rowwise(plan, loop, step, others)) return false;
  const writtenInLoop = (name: string): boolean => others.some((s) => leafAccess(s).writes.includes(name));
  const touchedBefore = (name: string): boolean => passed.some((s) => touches(leafAccess(s), name));
  return reads.every((r) => !writtenInLoop(r)) && writes.every((w) => !touchedBefore(w));
}

/** A step may run after the loop if nothing that stays in the loop reads or writes its result, or overwrites its operands later. */
function canSink(
  plan: Plan,
  loop: LoopStep,
  step: LeafStep,
  passed: readonly LeafStep[],
  ahead: readonly LeafStep[],
): boolean {
  const { reads, writes } = leafAccess(step);
  const collects = collectsRows(plan, step);
  if (!operandsMove(plan, loop, step)) return false;
  if (!collects && !rowwise(plan, loop, step, [...passed, ...ahead])) return false;
  const own = new Set(writes);
  const stays = (name: string): boolean => passed.some((s) => touches(leafAccess(s), name));
  // Others may add to what is collected, but not to what a sum starts from; a row may be written before it is added to.
  const meets = (name: string): boolean =>
    ahead.some((s) => {
      const { reads: r, writes: w } = leafAccess(s);
      return (r.includes(name) || (collects && w.includes(name))) && !adds(s, name);
    });
  const lastsOnly = (name: string): boolean => name === wholeOf(step) || !perToken(plan, loop, name);
  const overwritten = (name: string): boolean =>
    passed.some((s) => leafAccess(s).writes.includes(name)) ||
    // What is no row of the step's own is another one at the end of the loop.
    (lastsOnly(name) && ahead.some((s) => leafAccess(s).writes.includes(name)));
  return writes.every((w) => !stays(w) && !meets(w)) && reads.every((r) => own.has(r) || !overwritten(r));
}

const touches = (a: Access, name: string): boolean => a.reads.includes(name) || a.writes.includes(name);

/** The step adds onto the buffer and reads it for nothing else. */
function adds(step: LeafStep, name: string): boolean {
  if (leafAccess(step).reads.filter((r) => r === name).length !== 1) return false;
  switch (step.kind) {
    case "gemm":
      return step.outputs.some((o) => o.c === name && o.start === "accumulate");
    case "reduce":
    case "gather":
      return step.into === name && step.start === "accumulate";
    case "scatter-add":
      return step.into === name;
    default:
      return false;
  }
}

/** The buffer that a step addresses as a whole, also inside a loop: any row of it, and not that of the step alone. */
function wholeOf(step: LeafStep): string | undefined {
  if (step.kind === "gather" && step.axis === "rows") return step.from;
  return step.kind === "scatter-add" && step.axis === "rows" ? step.into : undefined;
}

const perToken = (plan: Plan, loop: LoopStep, name: string): boolean =>
  bufferOf(plan, name).space === `tokens:${loop.packing}`;

/** Results whose rows are the loop's own rows, so that each row is computed once either way and no other step meets another. */
function rowwise(plan: Plan, loop: LoopStep, step: LeafStep, others: readonly LeafStep[]): boolean {
  const { writes } = leafAccess(step);
  const wholes = [step, ...others].map(wholeOf);
  return (
    operandsMove(plan, loop, step) &&
    writes.every((w) => perToken(plan, loop, w)) &&
    !writes.some((w) => wholes.includes(w))
  );
}

/** Sums over rows into one matrix or row, adding step after step. */
function collectsRows(plan: Plan, step: LeafStep): boolean {
  const sums =
    step.kind === "gemm"
      ? step.form === "gradient" && step.outputs.every((o) => o.start === "accumulate")
      : step.kind === "reduce"
        ? step.along === "rows" && step.start === "accumulate"
        : step.kind === "scatter-add" && step.axis === "rows";
  return sums && leafAccess(step).writes.every((w) => bufferOf(plan, w).space.startsWith("rows:"));
}

/** All operands are per token of this loop, or the same for all rows. */
function operandsMove(plan: Plan, loop: LoopStep, step: LeafStep): boolean {
  if (!("space" in step) || step.space !== `tokens:${loop.packing}`) return false;
  const { reads, writes } = leafAccess(step);
  return [...reads, ...writes].every((name) => {
    const { space } = bufferOf(plan, name);
    if (space.startsWith("rows:") || space === `tokens:${loop.packing}`) return true;
    // A lookup addresses its table as a whole, inside and outside.
    return step.kind === "gather" && step.axis === "rows" && name === step.from;
  });
}
