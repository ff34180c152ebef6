/**
 * Nodes of the graph, checked and with numbers folded: what the functions of cells (functions.ts) are made of, and
 * the values that only derivatives and the bodies of loops contain.
 */
import {
  CellError,
  constant,
  type Expr,
  lift,
  type Operand,
  rowsOf,
  type WeightUse,
  type Width,
} from "./expr.js";
import { meanings, type OpName, type Rows } from "./meanings.js";
import { resultRows, resultWidth } from "./shapes.js";

/** Makes a node of an op with operands. @throws CellError if they are not as many as it takes, or do not fit */
export function node(op: OpName, operands: readonly Operand[]): Expr {
  const args = operands.map(lift);
  const { arity, evaluate } = meanings[op];
  if (arity >= 0 && args.length !== arity) {
    throw new CellError(`${op} takes ${arity} operands and was given ${args.length}`);
  }
  const width = resultWidth(op, args);
  const rows = resultRows(op, args);
  if (evaluate && args.every((a) => a.op === "constant")) {
    return constant(evaluate(...args.map((a) => a.value!)));
  }
  return Object.freeze({ op, args, width, ...over(rows) });
}

const over = (rows: Rows): Pick<Expr, "over"> => (rows === "source" ? { over: rows } : {});

/** How many features a width has: a number once the cell is put into a layer. */
export function featureCount(width: Width): Expr {
  if (width === "1") return constant(1);
  return Object.freeze({ op: "featureCount" as const, args: [], width: "1", name: width });
}

/** `a` (width 1) repeated over a width. */
export function widen(a: Operand, width: Width): Expr {
  const x = lift(a);
  if (x.width === width) return x;
  return Object.freeze({ op: "widen" as const, args: [x], width, ...over(rowsOf(x)) });
}

/** The value of a step at every row of its sequence's source; numbers are there anyway. */
export function spread(a: Operand): Expr {
  const x = lift(a);
  return meanings[x.op].fixed ? x : node("spread", [x]);
}

/** Σ_j a_j over the rows of a sequence's source; 0 if it has none. */
export function sumSource(a: Operand): Expr {
  return node("sumSource", [a]);
}

/** log Σ_j e^a_j over the rows of a sequence's source, feature by feature; 0 if it has none. */
export function logSumExpSource(a: Operand): Expr {
  return node("logSumExpSource", [a]);
}

/** w [args] + b of any width, for bodies of loops that are written by hand; cells have `affine`. */
export function product(weight: WeightUse, args: readonly Expr[], width: Width): Expr {
  resultRows("affine", args);
  return Object.freeze({ op: "affine" as const, args, width, weight });
}

/** The derivative of a product towards its argument `block`: that block of columns, transposed, times dz. */
export function transposed(product: Expr, block: number, dz: Expr, width: Width): Expr {
  const { gate, parameter, blocks } = product.weight!;
  const weight = { gate, parameter, blocks: [blocks[block]!] };
  return Object.freeze({ op: "transposed" as const, args: [dz], width, weight });
}
