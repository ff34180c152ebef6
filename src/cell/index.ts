/**
 * `unrolled/cell`: the language in which recurrent cells are written, and the catalogue of cells.
 */

export * from "./catalogue/index.js";
export {
  type Cell,
  type CellEquations,
  type CellOptions,
  type CellParameter,
  cell,
  cellFromEquations,
  type Initial,
  type NormStart,
  type StepResult,
  type StepScope,
  type Tools,
} from "./cell.js";
export type { Operand, WeightUse, Width } from "./expr.js";
export { CellError, type ElementwiseOp, type Expr, type OpName } from "./expr.js";
export {
  abs,
  add,
  div,
  exp,
  greater,
  isFinite,
  log,
  max,
  meanFeatures,
  min,
  mul,
  neg,
  relu,
  select,
  sigmoid,
  softplus,
  sqrt,
  standardised,
  sub,
  sumFeatures,
  tanh,
} from "./functions.js";
export { type CellGraph, fromGraph, type GraphNode, toGraph } from "./graph.js";
export { type JoinedCell, joinCell } from "./join.js";
export type { NotationName } from "./notation.js";
export { type OpKind, type OpRow, opRow, ops } from "./ops.js";
export { printCell } from "./print.js";
export { dropStates, multipliedStates, zoneOut } from "./regularise.js";
export { sameEquations } from "./same.js";
