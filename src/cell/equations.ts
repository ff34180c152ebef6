/**
 * A cell once it is traced: its equations as data. Cells that are written (cell.ts), read from files (graph.ts) or
 * made of others (join.ts, regularise.ts) all come to this.
 */
import type { Expr } from "./expr.js";

/** How a parameter starts: a number, or uniform in [from, to). Weights: orthogonal (square) or Glorot. */
export type Initial = number | { readonly from: number; readonly to: number };

/** A parameter of a cell, in symbols: `w_u` has shape (H, H + X), stored row-major, and blocks w_uc, w_ux. */
export interface CellParameter {
  readonly name: string;
  /** "weight" (H × sum of the blocks' columns), "vector" (H) or "scalar" (1). */
  readonly kind: "weight" | "vector" | "scalar";
  /** For a weight: its blocks of columns, in order. `input` marks those that multiply the cell's input. */
  readonly blocks: readonly { readonly name: string; readonly columns: string; readonly input: boolean }[];
  /** Ignored for weights. */
  readonly initial: Initial;
}

/** A cell, traced: everything that gradients, plans, files and printers need. */
export interface CellEquations {
  readonly name: string;
  readonly states: readonly string[];
  /** The state that is the cell's output. */
  readonly output: string;
  readonly parameters: readonly CellParameter[];
  /** The new value of each state. */
  readonly next: Readonly<Record<string, Expr>>;
  /** Named values in the order in which they are computed, for printing and tracing. */
  readonly gates: Readonly<Record<string, Expr>>;
}
