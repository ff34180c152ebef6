/**
 * `unrolled/cell`: the language in which recurrent cells are written, and the catalogue of cells.
 */
export { type Cell, type CellEquations, type CellOptions, type CellParameter, type Initial } from "./cell.js";
export { type StepResult, type StepScope, type Tools, cell, cellFromEquations } from "./cell.js";
export { CellError, type ElementwiseOp, type Expr, type OpName } from "./expr.js";
export type { Operand, WeightUse, Width } from "./expr.js";
export { abs, add, div, exp, greater, isFinite, log, max, min, mul, neg } from "./functions.js";
export { relu, select, sigmoid, softplus, sqrt, sub, sumFeatures, tanh } from "./functions.js";
export { type CellGraph, type GraphNode, fromGraph, toGraph } from "./graph.js";
export type { NotationName } from "./notation.js";
export { type OpKind, type OpRow, opRow, ops } from "./ops.js";
export { printCell } from "./print.js";
export * from "./catalogue/index.js";
