/**
 * The op table: one row per op of the language, with what the package knows about it on paper: beside its meaning
 * (meanings.ts) its derivative (as expressions, so that it prints, plans and runs like any other), whether forward
 * keeps its value, and how it is written.
 */
import type { Expr } from "./expr.js";
import * as f from "./functions.js";
import { meanings, type OpMeaning, type OpName } from "./meanings.js";
import { spread, sumSource, transposed } from "./nodes.js";

/** A row of the table. */
export interface OpRow extends OpMeaning {
  /**
   * The gradient that reaches each argument, from the node `y` and the gradient `dy` of its value;
   * `undefined` where none flows. The walk in grad/ brings it to the argument's width and makes the
   * weight gradients of products.
   */
  readonly derivative?: (y: Expr, dy: Expr) => (Expr | undefined)[];
  /** True where recomputing the value in backward is cheaper than keeping it. */
  readonly cheap: boolean;
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

/** What the table adds to an op's meaning. */
type Written = Omit<OpRow, keyof OpMeaning>;

const first = (y: Expr): Expr => y.args[0]!;
const second = (y: Expr): Expr => y.args[1]!;
const leaf: Written = { cheap: true };

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

const rows: Readonly<Record<OpName, Written>> = {
  input: leaf,
  state: leaf,
  parameter: leaf,
  incoming: { ...leaf, derived: true },
  constant: leaf,
  featureCount: leaf,

  /** The derivative towards an argument is a product with that block of columns, transposed. */
  affine: {
    cheap: false,
    derivative: (y, dy) => y.args.map((arg, block) => transposed(y, block, dy, arg.width)),
  },
  /** Only derivatives make it. */
  transposed: { cheap: false, derived: true },
  sumFeatures: {
    cheap: false,
    derivative: (_y, dy) => [dy],
    ...called("sum", "\\textstyle\\sum"),
  },
  spread: {
    cheap: true,
    derivative: (_y, dy) => [sumSource(dy)],
    ...called("spread"),
  },
  sumSource: {
    cheap: false,
    derivative: (_y, dy) => [spread(dy)],
    ...called("sumⱼ", "\\textstyle\\sum_j"),
  },
  logSumExpSource: {
    cheap: false,
    derivative: (y, dy) => [f.mul(spread(dy), f.exp(f.sub(first(y), spread(y))))],
    ...called("logSumExpⱼ", "\\operatorname{logSumExp}_j"),
  },
  /** Only derivatives make it; elsewhere it is implied. */
  widen: {
    cheap: true,
    derived: true,
    derivative: (_y, dy) => [dy],
    ...called("widen"),
    showsWidth: true,
  },

  add: {
    cheap: true,
    derivative: (_y, dy) => [dy, dy],
    ...written("+", "+", 1),
  },
  sub: {
    cheap: true,
    derivative: (_y, dy) => [dy, f.neg(dy)],
    ...written("−", "-", 1),
  },
  mul: {
    cheap: true,
    derivative: (y, dy) => [f.mul(dy, second(y)), f.mul(dy, first(y))],
    ...written("∘", "\\circ", 3),
  },
  div: {
    cheap: true,
    derivative: (y, dy) => [f.div(dy, second(y)), f.neg(f.div(f.mul(dy, y), second(y)))],
    ...written("/", "/", 2, 4),
  },
  neg: {
    cheap: true,
    derivative: (_y, dy) => [f.neg(dy)],
    // As strong as a sum, as on paper: −a ∘ b is −(a ∘ b), and the other is written (−a) ∘ b.
    ...written("−", "-", 1),
  },
  sigmoid: {
    cheap: false,
    derivative: (y, dy) => [f.mul(f.mul(dy, y), f.sub(1, y))],
    ...called("σ", "\\sigma"),
  },
  tanh: {
    cheap: false,
    derivative: (y, dy) => [f.mul(dy, f.sub(1, f.mul(y, y)))],
    ...called("tanh", "\\tanh"),
  },
  relu: {
    // Kept, because its derivative needs only its own value and its argument is usually a product.
    cheap: false,
    derivative: (y, dy) => [f.mul(dy, f.greater(y, 0))],
    ...called("ReLU"),
  },
  exp: {
    cheap: false,
    derivative: (y, dy) => [f.mul(dy, y)],
    ...called("exp", "\\exp"),
  },
  log: {
    cheap: false,
    derivative: (y, dy) => [f.div(dy, first(y))],
    ...called("log", "\\log"),
  },
  sqrt: {
    cheap: false,
    derivative: (y, dy) => [f.div(f.mul(0.5, dy), y)],
    // LaTeX's own root takes one token, and would take no brackets around its operand.
    ...called("sqrt"),
  },
  abs: {
    cheap: true,
    derivative: (y, dy) => [f.mul(dy, f.sub(f.greater(first(y), 0), f.greater(0, first(y))))],
    ...called("abs"),
  },
  softplus: {
    cheap: false,
    derivative: (y, dy) => [f.mul(dy, f.sigmoid(first(y)))],
    ...called("softplus"),
  },
  /** Where both are equal the gradient goes to the first. */
  max: {
    cheap: true,
    derivative: (y, dy) => {
      const other = f.greater(second(y), first(y));
      return [f.mul(dy, f.sub(1, other)), f.mul(dy, other)];
    },
    ...called("max", "\\max"),
  },
  /** Where both are equal the gradient goes to the first. */
  min: {
    cheap: true,
    derivative: (y, dy) => {
      const other = f.greater(first(y), second(y));
      return [f.mul(dy, f.sub(1, other)), f.mul(dy, other)];
    },
    ...called("min", "\\min"),
  },
  /** No gradient flows: it is flat. */
  greater: {
    cheap: true,
    derivative: () => [undefined, undefined],
    ...written(">", ">", 0),
  },
  select: {
    cheap: true,
    derivative: (y, dy) => [undefined, f.select(first(y), dy, 0), f.select(first(y), 0, dy)],
    ...called("select"),
  },
  /** No gradient flows. */
  isFinite: {
    cheap: true,
    derivative: () => [undefined],
    ...called("isFinite"),
  },
  erf: {
    cheap: false,
    derivative: (y, dy) => [
      f.mul(dy, f.mul(2 / Math.sqrt(Math.PI), f.exp(f.neg(f.mul(first(y), first(y)))))),
    ],
    ...called("erf"),
  },
};

/** The rows, by op name. */
export const ops = Object.fromEntries(
  Object.entries(rows).map(([op, row]) => [op, { ...meanings[op as OpName], ...row }]),
) as Readonly<Record<OpName, OpRow>>;

/** The row of an op. */
export function opRow(op: OpName): OpRow {
  return ops[op];
}
