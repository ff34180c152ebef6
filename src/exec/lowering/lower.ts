/**
 * Lowers a plan to the table of table.ts: one function per step kind turns a step into rows. Addresses are
 * final when they are written, so all buffers are placed before; scratch is counted on the way and is one
 * block for all steps, since a step leaves nothing in it.
 */
import type { LoopStep, Plan } from "../../plan/plan.js";
import { isByPlace, lowerLeaf } from "./kinds.js";
import { Lowering, type Target } from "./lowering.js";
import * as t from "./table.js";

/** The two lists of rows, and the bytes of scratch that any row needs: of each thread, and of all together. */
export interface Lowered {
  /** Packing of parameters: to be run when they have changed. */
  readonly packing: readonly number[];
  readonly steps: readonly number[];
  /** Where in `steps` the rows of each of the plan's steps start, and where the end is. */
  readonly starts: readonly number[];
  readonly scratchBytes: number;
  readonly sharedScratchBytes: number;
}

/** @throws ExecutorError naming the first step that cannot be run */
export function lower(plan: Plan, target: Target): Lowered {
  const lowering = new Lowering(plan, target);
  const starts: number[] = [];
  plan.steps.forEach((step, position) => {
    starts.push(lowering.rows.length);
    if (step.kind === "loop") lowerLoop(lowering, step, position);
    else {
      lowering.enter(step, position, `${position}`);
      lowerLeaf(lowering, step);
    }
  });
  lowering.position = plan.steps.length;
  starts.push(lowering.rows.length);
  for (const list of [lowering.packing, lowering.rows]) emitEnd(lowering, list);
  const { packing, rows, scratchBytes, sharedScratchBytes } = lowering;
  return { packing, steps: rows, starts, scratchBytes, sharedScratchBytes };
}

function emitEnd(lowering: Lowering, list: number[]): void {
  const nothing = { rows: lowering.target.slots.zero, work: 0, units: 0, grain: 1 };
  lowering.emit(t.END, nothing, { fields: [], list });
}

function lowerLoop(lowering: Lowering, step: LoopStep, position: number): void {
  const { slots } = lowering.target;
  const before = lowering.rows.length;
  lowering.work = 0;
  step.body.forEach((leaf, i) => {
    lowering.enter(leaf, position, `${position}.${i}`);
    lowerLeaf(lowering, leaf);
  });
  lowering.position = position;
  emitEnd(lowering, lowering.rows);
  // The loop's row goes in front of its body, whose length and alignments are known only now.
  const body = lowering.rows.splice(before);
  const alignments = slots.alignmentsRead(step.packing);
  const fields = [
    slots.packing(step.packing),
    Number(step.reverse),
    body.length,
    alignments.length,
    ...alignments,
  ];
  // Places, which units mean here, are shared only if no step of the body meets another place's rows.
  const work = step.body.every((leaf) => isByPlace(lowering, leaf, step)) ? lowering.work : 0;
  lowering.emit(t.LOOP, lowering.byRows(`tokens:${step.packing}`, work), { fields });
  for (const int of body) lowering.rows.push(int);
}
