/**
 * One direction of a recurrent layer, on its way into a graph: what an operator (native-node.ts) and a Scan (scan.ts) are
 * made from, and what both give.
 */
import type { RecurrentLayer } from "../../../nn/index.js";
import type { Activation, ExportContext } from "./context.js";

/** One direction of a layer. */
export interface Pass {
  readonly layer: RecurrentLayer;
  readonly input: Activation;
  readonly context: ExportContext;
  /** Of its parameters: "recurrent1" or "recurrent1.reverse". */
  readonly prefix: string;
  readonly reverse: boolean;
  /** Where states start, [batch, H]; a state that is not here starts at zero. */
  readonly initial: ReadonlyMap<string, string>;
  /** Zeros of that shape. */
  readonly zeros: () => string;
}

/** What one direction gives. */
export interface PassResult {
  /** [time, batch, H]; zeros where a sequence has no step. */
  readonly output: string;
  /** [batch, H] by state. */
  readonly finals: ReadonlyMap<string, string>;
}
