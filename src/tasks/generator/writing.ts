/**
 * What all writing takes, whatever is written: how much, by which draws, and how often. The rows of each unit's own options
 * stand beside them, in its stream.ts.
 */
import type { RowsOf } from "../../options/row.js";

/** The rows of what one piece of writing takes. */
export const writingRows = {
  length: { kind: "whole" },
  seed: { kind: "whole", least: Number.MIN_SAFE_INTEGER, default: 1 },
  sequence: { kind: "whole", least: 0, default: 0 },
} as const;

/** What writing several takes beside it. */
export interface ManyOptions {
  /** How many; default 1. Each has the draws of a sequence of its own. */
  readonly count?: number;
  /** Ends the writing when it is aborted; default none. */
  readonly signal?: AbortSignal;
}

/** The rows. */
export const manyRows = {
  count: { kind: "whole", default: 1 },
  signal: { kind: "object", what: "an AbortSignal" },
} as const satisfies RowsOf<ManyOptions>;
