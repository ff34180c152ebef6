/**
 * What a step reads and writes: the one place that knows, for passes, verification and executors. A start of
 * `accumulate` counts as a read of the result.
 */
import { type LeafStep, PlanError, type Start, type Step } from "./plan.js";

/** Buffers a step reads and writes, by name; names may repeat. */
export interface Access {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

const startReads = (start: Start, result: string): string[] =>
  start === "accumulate" ? [result] : start === "zero" ? [] : [start.row];

/** What one step that is not a loop reads and writes. */
export function leafAccess(step: LeafStep): Access {
  switch (step.kind) {
    case "gemm":
      return {
        reads: [
          step.a,
          ...step.outputs.flatMap((o) => [...(o.a ? [o.a] : []), o.b, ...startReads(o.start, o.c)]),
        ],
        writes: step.outputs.map((o) => o.c),
      };
    case "elementwise":
      return { reads: step.inputs, writes: step.outputs.map((o) => o.buffer) };
    case "reduce":
      return { reads: [step.from, ...startReads(step.start, step.into)], writes: [step.into] };
    case "spread":
      return { reads: [step.from], writes: [step.into] };
    case "gather":
      return { reads: [step.from, step.index, ...startReads(step.start, step.into)], writes: [step.into] };
    case "scatter-add":
      return { reads: [step.from, step.index, step.into], writes: [step.into] };
    case "columns":
      // Other columns of the result stay as they are, so it is read as well.
      return { reads: [step.from, step.into], writes: [step.into] };
    case "random":
      return {
        reads: [step.seed, step.step, step.sequence, ...(step.time ? [step.time] : [])],
        writes: [step.into],
      };
    default:
      step satisfies never;
      throw new PlanError("there is a step of unknown kind");
  }
}

/** What any step reads and writes; a loop's body is counted as a whole. */
export function access(step: Step): Access {
  if (step.kind !== "loop") return leafAccess(step);
  const all = step.body.map(leafAccess);
  return { reads: all.flatMap((a) => a.reads), writes: all.flatMap((a) => a.writes) };
}

/** True if the two steps must keep their order. */
export function conflict(first: Access, second: Access): boolean {
  const touches = (writes: readonly string[], names: readonly string[]): boolean =>
    writes.some((w) => names.includes(w));
  return (
    touches(first.writes, second.reads) ||
    touches(first.writes, second.writes) ||
    touches(second.writes, first.reads)
  );
}
