/** Lowers the steps that go row by row: reduce, gather, scatter-add, columns, random. */
import {
  bufferOf,
  type ColumnsStep,
  type GatherStep,
  type RandomStep,
  type ReduceStep,
  type ScatterAddStep,
  spaceParts,
} from "../../plan/plan.js";
import type { Lowering } from "./lower.js";
import { startFields } from "./lower-gemm.js";
import { alignmentKey } from "./slots.js";
import * as t from "./table.js";

const alongCodes: Readonly<Record<ReduceStep["along"], number>> = {
  features: t.ALONG_FEATURES,
  rows: t.ALONG_ROWS,
  all: t.ALONG_ALL,
  segments: t.ALONG_SEGMENTS,
};

const reduceCodes: Readonly<Record<ReduceStep["op"], number>> = {
  sum: t.REDUCE_SUM,
  sumSquares: t.REDUCE_SUM_SQUARES,
  max: t.REDUCE_MAX,
  argmax: t.REDUCE_ARGMAX,
  logSumExp: t.REDUCE_LOG_SUM_EXP,
};

/** What plan.ts says of each direction. */
const reduceOps: Readonly<Record<ReduceStep["along"], readonly ReduceStep["op"][]>> = {
  features: ["sum", "max", "argmax", "logSumExp"],
  rows: ["sum"],
  all: ["sum", "sumSquares"],
  segments: ["sum", "max", "argmax", "logSumExp"],
};

/** Writes the row of a reduction. */
export function lowerReduce(lowering: Lowering, step: ReduceStep): void {
  const { op, along } = step;
  const { slots } = lowering.target;
  const { width, dtype } = bufferOf(lowering.plan, step.from);
  if (dtype !== "real") lowering.refuse(`"${step.from}" holds indices, not reals`);
  if (!reduceOps[along].includes(op)) {
    lowering.refuse(`"${op}" along ${along}; what there is: ${reduceOps[along].join(", ")}`);
  }
  const accumulate = step.start === "accumulate";
  if (accumulate && op !== "sum" && op !== "sumSquares") lowering.refuse(`"${op}" cannot accumulate`);
  if (step.from === step.into) lowering.refuse(`"${step.into}" is its own operand`);
  let rows = slots.rows(step.space);
  let offsets = slots.zero;
  const parts = spaceParts(step.space);
  if (parts.over === "aligned" && along === "segments") {
    rows = slots.rows(`sequences:${parts.packing}`);
    offsets = slots.alignment(alignmentKey(parts)) + 4 * t.ALIGNMENT_OFFSETS;
  }
  lowering.emit(t.REDUCE, [
    ...[rows, ...lowering.view(step.from), ...lowering.view(step.into), width],
    ...[reduceCodes[op], alongCodes[along], Number(accumulate), offsets],
  ]);
}

/** Writes the row of a gather. */
export function lowerGather(lowering: Lowering, step: GatherStep): void {
  const { plan } = lowering;
  const into = bufferOf(plan, step.into);
  if (into.dtype === "index" && step.start !== "zero") lowering.refuse("indices can be copied, not added");
  lowerIndexed(lowering, step, t.GATHER, step.from, [
    step.axis === "rows" ? lowering.whole(step.from) : lowering.view(step.from),
    lowering.view(step.into),
    [into.width, ...startFields(lowering, step.start)],
  ]);
}

/** Writes the row of a scatter-add. */
export function lowerScatterAdd(lowering: Lowering, step: ScatterAddStep): void {
  const from = bufferOf(lowering.plan, step.from);
  if (from.dtype === "index") lowering.refuse("indices can be copied, not added");
  lowerIndexed(lowering, step, t.SCATTER_ADD, step.into, [
    lowering.view(step.from),
    step.axis === "rows" ? lowering.whole(step.into) : lowering.view(step.into),
    [from.width, t.START_ZERO, 0],
  ]);
}

function lowerIndexed(
  lowering: Lowering,
  step: GatherStep | ScatterAddStep,
  kind: number,
  [indexed, from, into, [width, start, startRow]]: readonly [string, ...never[]] | never,
): void {}
