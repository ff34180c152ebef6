/** Where the parameters of a cell lie in the weights of a recurrent operator. */
import type { Cell } from "../../../../cell/cell.js";

/** A product of the cell in the operator's weights. */
export interface GatePlace {
  /** The cell's gate: "u" of w_u and b_u. */
  readonly gate: string;
  /** Number of the operator's gate. */
  readonly at: number;
  /** Which columns and biases it has: of the input, of the state, or both, whose biases are added. */
  readonly of: "input" | "state" | "both";
  /** −1 where the operator's gate is one minus the cell's. */
  readonly sign: 1 | -1;
}

/** An operator's cell. */
export interface CellPlace {
  readonly cell: Cell;
  readonly gates: readonly GatePlace[];
  /** Vectors of the cell, in the order in which the operator's peepholes lie. */
  readonly peepholes: readonly string[];
  /** States in the operator's order. */
  readonly states: readonly string[];
}
