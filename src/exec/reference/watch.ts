/**
 * Watching the interpreter: what is told of a run as it goes, so that somebody can find out where in it a number comes
 * from. The detective of training (train/detective) looks through it.
 */
import type { LeafStep, Plan } from "../../plan/plan.js";
import type { Memory } from "./steps.js";
import type { Moment } from "./values.js";

/** A run, before its first step: inputs and persistent buffers are there. */
export interface WatchedRun {
  readonly plan: Plan;
  readonly memory: Memory;
  readonly moment: Moment;
}

/** A step that was just done. */
export interface WatchedStep extends WatchedRun {
  readonly step: LeafStep;
  /** Number of the step, or of the loop around it, in the plan. */
  readonly index: number;
}

/** Looks at a run. Each function returns true to end the run there. */
export interface Watch {
  readonly begins: (run: WatchedRun) => boolean;
  readonly stored: (step: WatchedStep) => boolean;
}
