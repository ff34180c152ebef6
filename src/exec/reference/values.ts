/**
 * Buffers of the reference interpreter: float64 numbers without padding, and the rows of a space at a moment
 * (outside loops all, inside a loop those of the current time step).
 */

import { type PlanBuffer, type Space, type SpaceParts, spaceParts } from "../../plan/plan.js";
import type { Alignment, Packing } from "../../tensor/packing.js";
import { type Batch, ExecutorError } from "../executor.js";

/** Where the interpreter stands: the batch, and the loop's packing and step if it is inside one. */
export interface Moment {
  readonly batch: Batch;
  readonly loop?: { readonly packing: string; readonly t: number };
}

/** First row and number of rows. */
export interface Rows {
  readonly first: number;
  readonly count: number;
}

/** A packing of the batch. @throws ExecutorError if the run did not hand it over */
export function packingOf(batch: Batch, name: string): Packing {
  const packing = batch.packings[name];
  if (!packing) throw new ExecutorError(`the run hands over no packing "${name}"`);
  return packing;
}

/** An alignment of the batch. @throws ExecutorError if the run did not hand it over */
export function alignmentOf(batch: Batch, reader: string, source: string): Alignment {
  const alignment = batch.alignments?.[`${reader}:${source}`];
  if (!alignment) throw new ExecutorError(`the run hands over no alignment "${reader}:${source}"`);
  return alignment;
}

/** Spaces taken apart: the interpreter asks for the same few at every step. */
const known = /* @__PURE__ */ new Map<Space, SpaceParts>();

/** The rows of a space at a moment. */
export function rowsOf(space: Space, { batch, loop }: Moment): Rows {
  const parts = known.get(space) ?? spaceParts(space);
  known.set(space, parts);
  if (parts.over === "rows") return { first: 0, count: parts.count };
  const p = packingOf(batch, parts.packing);
  const inside = loop?.packing === parts.packing ? loop.t : undefined;
  const active = inside === undefined ? p.B : p.active[inside]!;
  if (parts.over === "sequences") return { first: 0, count: active };
  if (parts.over === "aligned") {
    const { offsets } = alignmentOf(batch, parts.packing, parts.source);
    const first = offsets[0]!;
    return { first, count: offsets[active]! - first };
  }
  return inside === undefined ? { first: 0, count: p.N } : { first: p.offsets[inside]!, count: active };
}

/** The rows of a space in the whole batch: how much of a buffer is in use. */
export function rowsInBatch(buffer: PlanBuffer, batch: Batch): number {
  return rowsOf(buffer.space, { batch }).count;
}
