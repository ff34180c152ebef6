/**
 * `unrolled/cell`: the language in which recurrent cells are written, and the catalogue of cells.
 */

export * from "./catalogue/index.js";
export {
  type Cell,
  type CellOptions,
  cell,
  cellFromEquations,
  type NormStart,
  type StepResult,
  type StepScope,
  type Tools,
} from "./cell.js";
export type { CellEquations, CellParameter, Initial } from "./equations.js";
export { CellError, type Expr, type Operand, type WeightUse, type Width } from "./expr.js";
export * from "./functions.js";
export { type CellGraph, fromGraph, type GraphNode, toGraph } from "./graph.js";
export { type JoinedCell, joinCell } from "./join.js";
export type { ElementwiseOp, OpKind, OpMeaning, OpName } from "./meanings.js";
export type { NotationName } from "./notation.js";
export { type OpRow, opRow, ops } from "./ops.js";
export { printCell } from "./print.js";
export { dropStates, multipliedStates, zoneOut } from "./regularise.js";
export { sameEquations } from "./same.js";
