/**
 * `unrolled`: the tasks, and what they are used with most. The parts have entries of their own: `unrolled/cell`,
 * `unrolled/nn`, `unrolled/train`, `unrolled/plan`, `unrolled/data`, `unrolled/io`, `unrolled/exec/wasm`.
 */

export type { Cell, CellEquations, Expr } from "./cell/index.js";
export type { TextExample } from "./data/index.js";
export * from "./tasks/index.js";
export type { Progress } from "./train/run/progress.js";
