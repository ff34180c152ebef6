/** The options of the reference executor. */
import type { Watch } from "./watch.js";

/** What a stored real can be. */
export const precisions = ["float64", "float32"] as const;

/** How the interpreter computes. */
export interface ReferenceOptions {
  /**
   * "float32" rounds every real that is stored, and every register of an elementwise program, as fast executors do; sums
   * are rounded when they are done. Default "float64".
   */
  readonly precision?: (typeof precisions)[number];
  /** Told of every step. No two buffers share memory then, so that what a step stored stays. Default: nobody is. */
  readonly watch?: Watch;
}
