/** Lowers the steps that go row by row: reduce, spread, gather, scatter-add, columns, random. */
import {
  bufferOf,
  type ColumnsStep,
  type GatherStep,
  type RandomStep,
  type ReduceStep,
  type ScatterAddStep,
  type Space,
  type SpreadStep,
  spaceParts,
} from "../../plan/plan.js";
import { alignmentKey } from "./alignments.js";
import { startFields } from "./gemm.js";
import type { Lowering } from "./lowering.js";
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

/** How many rows a segment is taken to have when its work is judged. */
const ROWS_OF_A_SEGMENT = 16;

/** What a row that is copied costs: 4 floats a nanosecond, and the looking up. */
const copyWork = (width: number): number => 4 + width / 4;

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
  let sharing = lowering.byRows(step.space, width / 2);
  let [offsets, place] = [slots.zero, slots.zero];
  if (along === "segments") {
    const segments = segmentsOf(lowering, step.space);
    sharing = lowering.byRows(segments.places, width * ROWS_OF_A_SEGMENT);
    ({ offsets, place } = segments);
  }
  // A sum of rows is shared by columns, never by rows; one of everything has nothing to share.
  if (along === "rows" && width > 1) sharing = { ...sharing, units: width };
  else if (along === "rows" || along === "all") sharing = { ...sharing, work: 0 };
  const fields = [
    ...lowering.view(step.from),
    ...lowering.view(step.into),
    width,
    reduceCodes[op],
    alongCodes[along],
    Number(accumulate),
    offsets,
    place,
  ];
  lowering.emit(t.REDUCE, sharing, { fields });
}

/** The places of an aligned space, and the slots of its offsets and of the first place. */
function segmentsOf(
  lowering: Lowering,
  space: Space,
): { readonly places: Space; readonly offsets: number; readonly place: number } {
  const { slots } = lowering.target;
  const parts = spaceParts(space);
  if (parts.over !== "aligned") return lowering.refuse(`segments need an aligned space, not ${space}`);
  const places = `sequences:${parts.packing}` as const;
  const offsets = slots.alignment(alignmentKey(parts)) + 4 * t.ALIGNMENT_OFFSETS;
  return { places, offsets, place: slots.first(places) };
}

/** Writes the row of a spread. */
export function lowerSpread(lowering: Lowering, step: SpreadStep): void {
  const { width } = bufferOf(lowering.plan, step.into);
  const { places, offsets, place } = segmentsOf(lowering, step.space);
  const sharing = lowering.byRows(places, copyWork(width) * ROWS_OF_A_SEGMENT);
  lowering.emit(t.SPREAD, sharing, {
    fields: [...lowering.view(step.from), ...lowering.whole(step.into), width, offsets, place],
  });
}

/** Writes the row of a gather. */
export function lowerGather(lowering: Lowering, step: GatherStep): void {
  const [from, into] = [bufferOf(lowering.plan, step.from), bufferOf(lowering.plan, step.into)];
  if (from.dtype !== into.dtype)
    lowering.refuse(`"${step.from}" and "${step.into}" hold different kinds of numbers`);
  if (into.dtype === "index" && step.start !== "zero") lowering.refuse("indices can be copied, not added");
  const fromView = step.axis === "rows" ? lowering.whole(step.from) : lowering.view(step.from);
  const fields = [
    ...fromView,
    ...lowering.view(step.into),
    ...indexFields(lowering, step, step.from, into.width),
    ...startFields(lowering, step.start),
  ];
  lowering.emit(t.GATHER, lowering.byRows(step.space, copyWork(into.width)), { fields });
}

/** Writes the row of a scatter-add. */
export function lowerScatterAdd(lowering: Lowering, step: ScatterAddStep): void {
  const [from, into] = [bufferOf(lowering.plan, step.from), bufferOf(lowering.plan, step.into)];
  if (from.dtype === "index" || into.dtype === "index") lowering.refuse("indices can be copied, not added");
  const intoView = step.axis === "rows" ? lowering.whole(step.into) : lowering.view(step.into);
  const fields = [
    ...lowering.view(step.from),
    ...intoView,
    ...indexFields(lowering, step, step.into, from.width),
    t.START_ZERO,
    0,
  ];
  // Every thread adds all rows in their order, of columns of its own; along columns, rows are apart.
  const sharing = lowering.byRows(step.space, copyWork(from.width));
  lowering.emit(t.SCATTER_ADD, step.axis === "rows" ? { ...sharing, units: from.width } : sharing, {
    fields,
  });
}

/** View of the indices, width of a row, axis, and the slot of the bound: rows or columns of `indexed`. */
function indexFields(
  lowering: Lowering,
  step: GatherStep | ScatterAddStep,
  indexed: string,
  width: number,
): readonly number[] {
  if (step.from === step.into) lowering.refuse(`"${step.into}" is its own operand`);
  const { space, width: columns } = bufferOf(lowering.plan, indexed);
  const { slots } = lowering.target;
  const bound = step.axis === "rows" ? slots.allRows(space) : slots.count(columns);
  return [...lowering.view(step.index), width, Number(step.axis === "columns"), bound];
}

/** Writes the row of a copy of columns. */
export function lowerColumns(lowering: Lowering, step: ColumnsStep): void {
  const { from, fromColumn, into, intoColumn, width } = step;
  if (bufferOf(lowering.plan, from).dtype !== bufferOf(lowering.plan, into).dtype) {
    lowering.refuse(`"${from}" and "${into}" hold different kinds of numbers`);
  }
  if (
    lowering.target.address(from) === lowering.target.address(into) &&
    Math.abs(fromColumn - intoColumn) < width
  ) {
    lowering.refuse(`the columns overlap within "${into}"`);
  }
  const [fromAddress, ...fromRest] = lowering.view(from);
  const [intoAddress, ...intoRest] = lowering.view(into);
  const fields = [
    fromAddress + 4 * fromColumn,
    ...fromRest,
    intoAddress + 4 * intoColumn,
    ...intoRest,
    width,
  ];
  lowering.emit(t.COLUMNS, lowering.byRows(step.space, copyWork(width)), { fields });
}

/** Writes the row of random numbers. */
export function lowerRandom(lowering: Lowering, step: RandomStep): void {
  const { purpose, layer } = step;
  if (!(purpose >= 0 && purpose <= 0xffff && layer >= 0 && layer <= 0xffff)) {
    lowering.refuse(`purpose ${purpose} and layer ${layer} must lie between 0 and 65,535`);
  }
  const fields = [
    ...lowering.view(step.into),
    step.width,
    purpose * 65536 + layer,
    lowering.target.address(step.seed),
    lowering.target.address(step.step),
    ...lowering.view(step.sequence),
    ...lowering.view(step.time ?? step.sequence),
    Number(step.time !== undefined),
    lowering.scratch(64),
  ];
  lowering.emit(t.RANDOM, lowering.byRows(step.space, 4 * step.width), { fields });
}
