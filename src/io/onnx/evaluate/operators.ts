/**
 * The operators that can be evaluated: one row each.
 */
import type { OperatorRows } from "./call.js";
import { elementwiseRows } from "./elementwise.js";
import { loopRows } from "./loops.js";
import { movementRows } from "./movement.js";
import { productRows } from "./products.js";
import { recurrentRows } from "./recurrent.js";
import { reductionRows } from "./reductions.js";

/** Rows by operator. */
export const operatorRows: OperatorRows = {
  ...movementRows,
  ...elementwiseRows,
  ...reductionRows,
  ...productRows,
  ...recurrentRows,
  ...loopRows,
};
