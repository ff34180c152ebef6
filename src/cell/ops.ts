/**
 * The op table: one row per op of the language. A row holds everything that the package knows about an
 * op on paper: its width rule, its meaning in float64, its derivative (as expressions, so that it prints,
 * plans and runs like any other), whether forward keeps its value, and how it is written.
 * Executors have their own implementation of the elementwise rows; nothing else lists ops.
 */
import { CellError, commonWidth, type Expr, type OpName, type Rows, rowsOf, type Width } from "./expr.js";
import * as f from "./functions.js";

/**
 * Where an op's value comes from: a leaf, an elementwise function, a product with weights, a sum over features, or a
 * step between the loop's rows and a source's ("source": only in bodies of loops that read one, never in a cell).
 */
export type OpKind = "leaf" | "elementwise" | "product" | "reduce" | "source";

/** A row of the table. */
export interface OpRow {
  readonly kind: OpKind;
  readonly arity: number;
  /** Width of the result from the arguments' (default: their common width). */
  readonly width?: (args: readonly Expr[]) => Width;
  /** The rows of its operands and of its value; absent: all have the same, whichever. */
  readonly rows?: { readonly from: Rows; readonly to: Rows };
  /** The meaning of an elementwise op, in float64. */
  readonly evaluate?: (...args: number[]) => number;
  /**
   * The gradient that reaches each argument, from the node `y` and the gradient `dy` of its value;
   * `undefined` where none flows. The walk in grad/ brings it to the argument's width and makes the
   * weight gradients of products.
   */
  readonly derivative?: (y: Expr, dy: Expr) => (Expr | undefined)[];
  /** True where recomputing the value in backward is cheaper than keeping it. */
  readonly cheap: boolean;
  /** True for a leaf whose number is known when the plan is built: no gradient is asked for. */
  readonly fixed?: true;
  /** True for an op that only derivatives make: it cannot stand in a cell, so nothing differentiates it. */
  readonly derived?: true;
  /**
   * How it is written: a sign before its operand or between two, with its binding strength and the strength
   * that its right operand must have, or a function's name.
   */
  readonly sign?: Readonly<Record<"unicode" | "latex", string> & Record<"binds" | "right", number>>;
  readonly call?: { readonly unicode: string; readonly latex: string };
  /** True where the operands do not say how wide the result is: the width is then written as the last operand. */
  readonly showsWidth?: true;
}

const first = (y: Expr): Expr => y.args[0]!;
const second = (y: Expr): Expr => y.args[1]!;
const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const leaf: OpRow = { kind: "leaf", arity: 0, cheap: true };

/**
 * Strengths: 0 comparisons, 1 sums, 2 quotients and products with a matrix, 3 a ∘ b, 4 what is one piece.
 * Unless told otherwise, equals group from the left.
 */
function written(unicode: string, latex: string, binds: number, right = binds + 1): Pick<OpRow, "sign"> {
  return { sign: { unicode, latex, binds, right } };
}
function called(unicode: string, latex = `\\operatorname{${unicode}}`): Pick<OpRow, "call"> {
  return { call: { unicode, latex } };
}

/** The rows, by op name. */
export const ops: Readonly<Record<OpName, OpRow>> = {
  /** x⟨t⟩ or another input of a loop's body. */
  input: leaf,
  /** A state of the step before. */
  state: leaf,
  /** A parameter that is a vector over the features, or one number. */
  parameter: leaf,
  /** The gradient that reaches a state from the outside and from the steps after it. */
  incoming: { ...leaf, derived: true },
  constant: { ...leaf, fixed: true },
  /** How many features a width has, as a number. */
  featureCount: { ...leaf, fixed: true },

  /** w_g [args] + b_g. Its derivative towards an argument is a product with that block of columns, transposed. */
  affine: {
    kind: "product",
    arity: -1,
    rows: { from: "step", to: "step" },
    cheap: false,
    derivative: (y, dy) => y.args.map((arg, block) => f.transposed(y, block, dy, arg.width)),
  },
  /** w_gᵀ dz for one block of columns: only derivatives make it. */
  transposed: {
    kind: "product",
    arity: 1,
    rows: { from: "step", to: "step" },
    cheap: false,
    derived: true,
  },
  /** Sum over the features of a value, giving width 1. */
  sumFeatures: {
    kind: "reduce",
    arity: 1,
    cheap: false,
    width: () => "1",
    derivative: (_y, dy) => [dy],
    ...called("sum", "\\textstyle\\sum"),
  },
  /** A step's value at every row of its sequence's source. */
  spread: {
    kind: "source",
    arity: 1,
    rows: { from: "step", to: "source" },
    cheap: true,
    derivative: (_y, dy) => [f.sumSource(dy)],
    ...called("spread"),
  },
  /** Sum over the rows of a sequence's source; 0 where it has none. */
  sumSource: {
    kind: "source",
    arity: 1,
    rows: { from: "source", to: "step" },
    cheap: false,
    derivative: (_y, dy) => [f.spread(dy)],
    ...called("sumⱼ", "\\textstyle\\sum_j"),
  },
  /** log Σ e^a over the rows of a sequence's source; 0 where it has none. */
  logSumExpSource: {
    kind: "source",
    arity: 1,
    rows: { from: "source", to: "step" },
    cheap: false,
    derivative: (y, dy) => [f.mul(f.spread(dy), f.exp(f.sub(first(y), f.spread(y))))],
    ...called("logSumExpⱼ", "\\operatorname{logSumExp}_j"),
  },
  /** A value of width 1, repeated over a width: only derivatives make it, elsewhere it is implied. */
  widen: {
    kind: "elementwise",
    arity: 1,
    cheap: true,
    derived: true,
    evaluate: (a) => a,
    derivative: (_y, dy) => [dy],
    ...called("widen"),
    showsWidth: true,
  },

  add: {
    kind: "elementwise",
    arity: 2,
    cheap: true,
    evaluate: (a, b) => a + b,
    derivative: (_y, dy) => [dy, dy],
    ...written("+", "+", 1),
  },
  sub: {
    kind: "elementwise",
    arity: 2,
    cheap: true,
    evaluate: (a, b) => a - b,
    derivative: (_y, dy) => [dy, f.neg(dy)],
    ...written("−", "-", 1),
  },
  mul: {
    kind: "elementwise",
    arity: 2,
    cheap: true,
    evaluate: (a, b) => a * b,
    derivative: (y, dy) => [f.mul(dy, second(y)), f.mul(dy, first(y))],
    ...written("∘", "\\circ", 3),
  },
  div: {
    kind: "elementwise",
    arity: 2,
    cheap: true,
    evaluate: (a, b) => a / b,
    derivative: (y, dy) => [f.div(dy, second(y)), f.neg(f.div(f.mul(dy, y), second(y)))],
    ...written("/", "/", 2, 4),
  },
  neg: {
    kind: "elementwise",
    arity: 1,
    cheap: true,
    evaluate: (a) => -a,
    derivative: (_y, dy) => [f.neg(dy)],
    // As strong as a sum, as on paper: −a ∘ b is −(a ∘ b), and the other is written (−a) ∘ b.
    ...written("−", "-", 1),
  },
  sigmoid: {
    kind: "elementwise",
    arity: 1,
    cheap: false,
    evaluate: logistic,
    derivative: (y, dy) => [f.mul(f.mul(dy, y), f.sub(1, y))],
    ...called("σ", "\\sigma"),
  },
  tanh: {
    kind: "elementwise",
    arity: 1,
    cheap: false,
    evaluate: Math.tanh,
    derivative: (y, dy) => [f.mul(dy, f.sub(1, f.mul(y, y)))],
    ...called("tanh", "\\tanh"),
  },
  relu: {
    kind: "elementwise",
    arity: 1,
    // Kept, because its derivative needs only its own value and its argument is usually a product.
    cheap: false,
    evaluate: (a) => Math.max(a, 0),
    derivative: (y, dy) => [f.mul(dy, f.greater(y, 0))],
    ...called("ReLU"),
  },
  exp: {
    kind: "elementwise",
    arity: 1,
    cheap: false,
    evaluate: Math.exp,
    derivative: (y, dy) => [f.mul(dy, y)],
    ...called("exp", "\\exp"),
  },
  log: {
    kind: "elementwise",
    arity: 1,
    cheap: false,
    evaluate: Math.log,
    derivative: (y, dy) => [f.div(dy, first(y))],
    ...called("log", "\\log"),
  },
  sqrt: {
    kind: "elementwise",
    arity: 1,
    cheap: false,
    evaluate: Math.sqrt,
    derivative: (y, dy) => [f.div(f.mul(0.5, dy), y)],
    // LaTeX's own root takes one token, and would take no brackets around its operand.
    ...called("sqrt"),
  },
  abs: {
    kind: "elementwise",
    arity: 1,
    cheap: true,
    evaluate: Math.abs,
    derivative: (y, dy) => [f.mul(dy, f.sub(f.greater(first(y), 0), f.greater(0, first(y))))],
    ...called("abs"),
  },
  /** log(1 + e^a), without overflow. */
  softplus: {
    kind: "elementwise",
    arity: 1,
    cheap: false,
    evaluate: (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
    derivative: (y, dy) => [f.mul(dy, f.sigmoid(first(y)))],
    ...called("softplus"),
  },
  /** The larger; where both are equal the gradient goes to the first. */
  max: {
    kind: "elementwise",
    arity: 2,
    cheap: true,
    evaluate: (a, b) => Math.max(a, b),
    derivative: (y, dy) => {
      const other = f.greater(second(y), first(y));
      return [f.mul(dy, f.sub(1, other)), f.mul(dy, other)];
    },
    ...called("max", "\\max"),
  },
  /** The smaller; where both are equal the gradient goes to the first. */
  min: {
    kind: "elementwise",
    arity: 2,
    cheap: true,
    evaluate: (a, b) => Math.min(a, b),
    derivative: (y, dy) => {
      const other = f.greater(first(y), second(y));
      return [f.mul(dy, f.sub(1, other)), f.mul(dy, other)];
    },
    ...called("min", "\\min"),
  },
  /** 1 where the first is greater than the second, else 0. No gradient flows: it is flat. */
  greater: {
    kind: "elementwise",
    arity: 2,
    cheap: true,
    evaluate: (a, b) => (a > b ? 1 : 0),
    derivative: () => [undefined, undefined],
    ...written(">", ">", 0),
  },
  /** The second where the first is greater than 0, else the third. */
  select: {
    kind: "elementwise",
    arity: 3,
    cheap: true,
    evaluate: (condition, a, b) => (condition > 0 ? a : b),
    derivative: (y, dy) => [undefined, f.select(first(y), dy, 0), f.select(first(y), 0, dy)],
    ...called("select"),
  },
  /** 1 for a finite number, 0 for an infinity or NaN. No gradient flows. */
  isFinite: {
    kind: "elementwise",
    arity: 1,
    cheap: true,
    evaluate: (a) => (Number.isFinite(a) ? 1 : 0),
    derivative: () => [undefined],
    ...called("isFinite"),
  },
};

/** The row of an op. */
export function opRow(op: OpName): OpRow {
  return ops[op];
}

/** The width of an op's value. */
export function resultWidth(op: OpName, args: readonly Expr[]): Width {
  return opRow(op).width?.(args) ?? commonWidth(op, args);
}

/** The rows of an op's value. @throws CellError if its operands have others than it takes, or different ones */
export function resultRows(op: OpName, args: readonly Expr[]): Rows {
  // Numbers hold at every row.
  const found = new Set(args.filter((arg) => !opRow(arg.op).fixed).map(rowsOf));
  const { rows } = opRow(op);
  if (found.size > 1)
    throw new CellError(
      `${op} was given values of a step and of a source's rows; bring the former to the source with spread`,
    );
  const [all = "step"] = found;
  if (rows && all !== rows.from)
    throw new CellError(
      rows.from === "step"
        ? `${op} takes values of a step, not of a source's rows; sum them first`
        : `${op} takes values over a source's rows, not of a step; it stands only in loops that read a source`,
    );
  return rows?.to ?? all;
}
