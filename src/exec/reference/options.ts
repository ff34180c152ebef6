/** The options of the reference executor. */
import type { Watch } from "./watch.js";

/** How the interpreter computes. */
export interface ReferenceOptions {
  /**
   * "float32" rounds every real that is stored, and every register of an elementwise program, as fast executors do; sums
   * are rounded when they are done. Default "float64".
   */
  readonly precision?: "float64" | "float32";
  /** Told of every step. No two buffers share memory then, so that what a step stored stays. Default: nobody is. */
  readonly watch?: Watch;
}
