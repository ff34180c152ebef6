/**
 * The functions that equations are written with: `add(mul(u, n), mul(sub(1, u), c))`. Each makes a node;
 * small identities (0 + a, 1 · a, −a + b = b − a) are applied on the way, so that derived equations read well.
 */
import {
  CellError,
  constant,
  type Expr,
  lift,
  type Operand,
  type OpName,
  type Rows,
  rowsOf,
  type WeightUse,
  type Width,
} from "./expr.js";
import { opRow, resultRows, resultWidth } from "./ops.js";

const isNumber = (e: Expr, value: number): boolean => e.op === "constant" && e.value === value;

/** Makes a node of any op; the named functions below are what people use. */
export function node(op: OpName, operands: readonly Operand[]): Expr {
  const args = operands.map(lift);
  const row = opRow(op);
  if (row.arity >= 0 && args.length !== row.arity) {
    throw new CellError(`${op} takes ${row.arity} operands and was given ${args.length}`);
  }
  const width = resultWidth(op, args);
  const rows = resultRows(op, args);
  if (row.evaluate && args.every((a) => a.op === "constant")) {
    return constant(row.evaluate(...args.map((a) => a.value!)));
  }
  return Object.freeze({ op, args, width, ...over(rows) });
}

const over = (rows: Rows): Pick<Expr, "over"> => (rows === "source" ? { over: rows } : {});

/** a + b. */
export function add(a: Operand, b: Operand): Expr {
  const [x, y] = [lift(a), lift(b)];
  if (isNumber(x, 0)) return y;
  if (isNumber(y, 0)) return x;
  if (y.op === "neg") return sub(x, y.args[0]!);
  return x.op === "neg" ? sub(y, x.args[0]!) : node("add", [x, y]);
}

/** a − b. */
export function sub(a: Operand, b: Operand): Expr {
  const [x, y] = [lift(a), lift(b)];
  if (isNumber(y, 0)) return x;
  if (isNumber(x, 0)) return neg(y);
  return y.op === "neg" ? add(x, y.args[0]!) : node("sub", [x, y]);
}

/** a ∘ b, element by element. */
export function mul(a: Operand, b: Operand): Expr {
  const [x, y] = [lift(a), lift(b)];
  if (isNumber(x, 1)) return y;
  if (isNumber(y, 1)) return x;
  return node("mul", [x, y]);
}

/** a / b, element by element. */
export function div(a: Operand, b: Operand): Expr {
  return isNumber(lift(b), 1) ? lift(a) : node("div", [a, b]);
}

/** −a. */
export function neg(a: Operand): Expr {
  const x = lift(a);
  return x.op === "neg" ? x.args[0]! : node("neg", [x]);
}

/** σ(a) = 1 / (1 + e^−a). */
export function sigmoid(a: Operand): Expr {
  return node("sigmoid", [a]);
}

/** tanh(a). */
export function tanh(a: Operand): Expr {
  return node("tanh", [a]);
}

/** max(a, 0). */
export function relu(a: Operand): Expr {
  return node("relu", [a]);
}

/** e^a. */
export function exp(a: Operand): Expr {
  return node("exp", [a]);
}

/** The natural logarithm of a. */
export function log(a: Operand): Expr {
  return node("log", [a]);
}

/** √a. */
export function sqrt(a: Operand): Expr {
  return node("sqrt", [a]);
}

/** |a|. */
export function abs(a: Operand): Expr {
  return node("abs", [a]);
}

/** log(1 + e^a). */
export function softplus(a: Operand): Expr {
  return node("softplus", [a]);
}

/** The larger of a and b, element by element. */
export function max(a: Operand, b: Operand): Expr {
  return node("max", [a, b]);
}

/** The smaller of a and b, element by element. */
export function min(a: Operand, b: Operand): Expr {
  return node("min", [a, b]);
}

/** 1 where a > b, else 0; no gradient flows through it. */
export function greater(a: Operand, b: Operand): Expr {
  return node("greater", [a, b]);
}

/** a where the condition is greater than 0, else b. */
export function select(condition: Operand, a: Operand, b: Operand): Expr {
  return node("select", [condition, a, b]);
}

/** 1 where a is a finite number, else 0. */
export function isFinite(a: Operand): Expr {
  return node("isFinite", [a]);
}

/** The sum of a over its features, width 1. */
export function sumFeatures(a: Operand): Expr {
  return node("sumFeatures", [a]);
}

/** How many features a width has: a number once the cell is put into a layer. */
export function featureCount(width: Width): Expr {
  if (width === "1") return constant(1);
  return Object.freeze({ op: "featureCount" as const, args: [], width: "1", name: width });
}

/** The mean of a over its features, width 1. */
export function meanFeatures(a: Operand): Expr {
  const x = lift(a);
  return div(sumFeatures(x), featureCount(x.width));
}

/**
 * a with mean 0 and variance 1 over its features: (a − μ) / √(σ² + ε), where μ and σ² are the mean and the variance
 * of the features of one row (Ba, Kiros and Hinton 2016, arXiv:1607.06450). ε keeps the root from 0.
 */
export function standardised(a: Operand, epsilon = 1e-5): Expr {
  const centred = sub(a, meanFeatures(a));
  return div(centred, sqrt(add(meanFeatures(mul(centred, centred)), epsilon)));
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
  return opRow(x.op).fixed ? x : node("spread", [x]);
}

/** Σ_j a_j over the rows of a sequence's source; 0 if it has none. */
export function sumSource(a: Operand): Expr {
  return node("sumSource", [a]);
}

/** log Σ_j e^a_j over the rows of a sequence's source, feature by feature; 0 if it has none. */
export function logSumExpSource(a: Operand): Expr {
  return node("logSumExpSource", [a]);
}

/** softmax_j(a) = e^a_j / Σ_k e^a_k over the rows of a sequence's source. */
export function softmaxSource(a: Operand): Expr {
  return exp(sub(a, spread(logSumExpSource(a))));
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
