/**
 * The row of an executor: what it is called, what can be chosen of it, and how it is made. Its code is loaded when it is
 * made.
 */
import type { OptionTable } from "../../options/row.js";
import type { Executor } from "../executor.js";

/** A kind of executor. */
export interface ExecutorRow {
  /** Ways in which it computes, whose last bits differ: the second word of `Executor.tier`. */
  readonly tiers: readonly string[];
  /** Its options beside its name. */
  readonly options: OptionTable;
  /** @param options that have been checked against `options` */
  readonly create: (options: object) => Promise<Executor>;
}
