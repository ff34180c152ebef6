/**
 * The functions that equations are written with: `add(mul(u, n), mul(sub(1, u), c))`. Each makes a node;
 * small identities (0 + a, 1 · a, −a + b = b − a) are applied on the way, so that derived equations read well.
 */
import { type Expr, lift, type Operand } from "./expr.js";
import { featureCount, node } from "./nodes.js";

const isNumber = (e: Expr, value: number): boolean => e.op === "constant" && e.value === value;

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

/** The error function, erf(a) = 2/√π ∫₀ᵃ e^(−t²) dt. */
export function erf(a: Operand): Expr {
  return node("erf", [a]);
}

/** The sum of a over its features, width 1. */
export function sumFeatures(a: Operand): Expr {
  return node("sumFeatures", [a]);
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
