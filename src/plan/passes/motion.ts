/**
 * Moves steps out of loops. A buffer of space tokens holds the rows of all time steps, so a step that treats
 * every row alike means the same inside the loop, once per time step, and outside, once for all rows:
 * - hoist: products that do not depend on the state go before the loop (input projections)
 * - sink: products that nothing in the loop waits for go after it (weight gradients, gradients of inputs)
 * Elementwise steps stay where the data is in cache, unless a moved product needs them.
 */
import { leafAccess } from "../access.js";
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

/** What a rule looks at: the steps that stay and that a moved step jumps over, and those behind it. */
interface Around {
  readonly plan: Plan;
  readonly loop: LoopStep;
  readonly passed: Touched;
  readonly ahead: Touched;
}

type Rule = (step: LeafStep, around: Around) => boolean;

/** Counts, for buffers by name, the steps of a set that do something with them. */
class Touched {
  private readonly counts = {
    writes: new Map<string, number>(),
    touches: new Map<string, number>(),
    /** Reads it, and does not only add to it. */
    needs: new Map<string, number>(),
    /** Reads or writes it, and does not only add to it. */
    meets: new Map<string, number>(),
    wholes: new Map<string, number>(),
  };

  has(what: keyof Touched["counts"], name: string): boolean {
    return (this.counts[what].get(name) ?? 0) > 0;
  }

  /** @param by 1 to add a step, −1 to take it out */
  count(step: LeafStep, by: 1 | -1): void {
    const { counts } = this;
    const add = (to: Map<string, number>, name: string): void => void to.set(name, (to.get(name) ?? 0) + by);
    const { reads, writes } = leafAccess(step);
    const [read, written] = [new Set(reads), new Set(writes)];
    for (const name of written) add(counts.writes, name);
    for (const name of new Set([...read, ...written])) {
      add(counts.touches, name);
      if (adds(step, name)) continue;
      add(counts.meets, name);
      if (read.has(name)) add(counts.needs, name);
    }
    const whole = wholeOf(step);
    if (whole !== undefined) add(counts.wholes, whole);
  }
}

/** Takes steps off the near end of a body, in the order given (reversed for sinking). */
function split(
  plan: Plan,
  loop: LoopStep,
  order: readonly LeafStep[],
  rule: Rule,
): { moved: LeafStep[]; rest: LeafStep[] } {
  const movable: LeafStep[] = [];
  const around = { plan, loop, passed: new Touched(), ahead: new Touched() };
  for (const step of order) around.ahead.count(step, 1);
  for (const step of order) {
    around.ahead.count(step, -1);
    if (rule(step, around)) movable.push(step);
    else around.passed.count(step, 1);
  }
  // Elementwise steps move only along with a product that is connected to them.
  const worth = new Set<LeafStep>();
  const [read, written] = [new Set<string>(), new Set<string>()];
  for (const step of [...movable].reverse()) {
    const { reads, writes } = leafAccess(step);
    // A moved step further on needs this one to move too if they share a buffer that one of them writes.
    const wanted =
      step.kind !== "elementwise" ||
      writes.some((name) => read.has(name) || written.has(name)) ||
      reads.some((name) => written.has(name));
    if (!wanted) continue;
    worth.add(step);
    for (const name of reads) read.add(name);
    for (const name of writes) written.add(name);
  }
  return { moved: movable.filter((s) => worth.has(s)), rest: order.filter((s) => !worth.has(s)) };
}

/** A step may run before the loop if nothing that stays in the loop writes what it reads or touches what it writes first. */
function canHoist(step: LeafStep, around: Around): boolean {
  const { passed, ahead } = around;
  const { reads, writes } = leafAccess(step);
  if (!rowwise(step, around)) return false;
  const writtenInLoop = (name: string): boolean => passed.has("writes", name) || ahead.has("writes", name);
  return reads.every((r) => !writtenInLoop(r)) && writes.every((w) => !passed.has("touches", w));
}

/** A step may run after the loop if nothing that stays in the loop reads or writes its result, or overwrites its operands later. */
function canSink(step: LeafStep, around: Around): boolean {
  const { plan, loop, passed, ahead } = around;
  const { reads, writes } = leafAccess(step);
  const collects = collectsRows(plan, step);
  if (!operandsMove(plan, loop, step)) return false;
  if (!collects && !rowwise(step, around)) return false;
  const own = new Set(writes);
  // Others may add to what is collected, but not to what a sum starts from; a row may be written before it is added to.
  const meets = (name: string): boolean => ahead.has(collects ? "meets" : "needs", name);
  const lastsOnly = (name: string): boolean => name === wholeOf(step) || !perToken(plan, loop, name);
  const overwritten = (name: string): boolean =>
    passed.has("writes", name) ||
    // What is no row of the step's own is another one at the end of the loop.
    (lastsOnly(name) && ahead.has("writes", name));
  return (
    writes.every((w) => !passed.has("touches", w) && !meets(w)) &&
    reads.every((r) => own.has(r) || !overwritten(r))
  );
}

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
function rowwise(step: LeafStep, { plan, loop, passed, ahead }: Around): boolean {
  const { writes } = leafAccess(step);
  const addressed = (name: string): boolean =>
    wholeOf(step) === name || passed.has("wholes", name) || ahead.has("wholes", name);
  return (
    operandsMove(plan, loop, step) &&
    writes.every((w) => perToken(plan, loop, w)) &&
    !writes.some((w) => addressed(w))
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
