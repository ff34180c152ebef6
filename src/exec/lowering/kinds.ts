/**
 * The step kinds: one row each says how a step becomes rows of the table, and whether a loop over time may be
 * shared between threads by places when its body holds such a step.
 */
import { access } from "../../plan/access.js";
import { storageOf } from "../../plan/lifetimes.js";
import { type LeafStep, type LoopStep, spaceParts } from "../../plan/plan.js";
import { lowerElementwise } from "./elementwise.js";
import { isPackedEarly, lowerGemm } from "./gemm.js";
import type { Lowering } from "./lowering.js";
import { lowerColumns, lowerGather, lowerRandom, lowerReduce, lowerScatterAdd, lowerSpread } from "./rows.js";

interface Kind<S extends LeafStep> {
  lower(lowering: Lowering, step: S): void;
  /**
   * True if the step, over rows of the loop's packing, reads and writes rows of each place apart from those of
   * all others, and nothing else that the loop writes.
   */
  byPlace(lowering: Lowering, step: S, loop: LoopStep): boolean;
}

const always = (): boolean => true;

const kinds: { readonly [K in LeafStep["kind"]]: Kind<Extract<LeafStep, { kind: K }>> } = {
  gemm: {
    lower: lowerGemm,
    // A gradient sums over places; a matrix that is packed in the loop has one set of panels.
    byPlace: (lowering, { form, outputs }) =>
      form === "apply" && outputs.every(({ b }) => isPackedEarly(lowering, b)),
  },
  elementwise: { lower: lowerElementwise, byPlace: always },
  reduce: {
    lower: lowerReduce,
    byPlace: (_, { along }) => along === "features" || along === "segments",
  },
  spread: { lower: lowerSpread, byPlace: always },
  gather: {
    lower: lowerGather,
    // Which row an index names is not known here: it must be one that stays as it is in the loop.
    byPlace: (lowering, { axis, from }, loop) => axis === "columns" || !writes(lowering, loop, from),
  },
  "scatter-add": { lower: lowerScatterAdd, byPlace: (_, { axis }) => axis === "columns" },
  columns: { lower: lowerColumns, byPlace: always },
  random: { lower: lowerRandom, byPlace: always },
};

/** True if a loop writes the memory of a buffer. */
function writes({ plan }: Lowering, loop: LoopStep, buffer: string): boolean {
  const memory = storageOf(plan, buffer);
  return access(loop).writes.some((name) => storageOf(plan, name) === memory);
}

const kindOf = (step: LeafStep): Kind<LeafStep> | undefined => kinds[step.kind] as Kind<LeafStep> | undefined;

/** Writes the rows of a step. */
export function lowerLeaf(lowering: Lowering, step: LeafStep): void {
  const kind = kindOf(step) ?? lowering.refuse(`there is no step kind "${step.kind}"`);
  kind.lower(lowering, step);
}

/** True if a step of a loop's body can run for some places on one thread and for the rest on others. */
export function isByPlace(lowering: Lowering, step: LeafStep, loop: LoopStep): boolean {
  const parts = spaceParts(step.space);
  const isOfLoop = parts.over !== "rows" && parts.packing === loop.packing;
  return isOfLoop && (kindOf(step)?.byPlace(lowering, step, loop) ?? false);
}
