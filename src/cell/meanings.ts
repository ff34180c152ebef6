/**
 * The list of ops: what each is before anything is built of it, as plain data. How many operands it takes, over which
 * rows, and, for those that work element by element, its value in float64. Everything else that the package knows
 * of ops (derivatives and printing in ops.ts, kernels, other formats) is a table with a row for each name of this list.
 */

/** The elementwise ops, the instruction set of elementwise plan steps; an op's place here is its code in compiled plans. */
export const elementwiseOps = [
  "widen",
  "add",
  "sub",
  "mul",
  "div",
  "neg",
  "sigmoid",
  "tanh",
  "relu",
  "exp",
  "log",
  "sqrt",
  "abs",
  "softplus",
  "max",
  "min",
  "greater",
  "select",
  "isFinite",
  "erf",
] as const;

/** The name of an elementwise op. */
export type ElementwiseOp = (typeof elementwiseOps)[number];

/** The name of an op. */
export type OpName =
  | ElementwiseOp
  | "input"
  | "state"
  | "parameter"
  | "incoming"
  | "constant"
  | "featureCount"
  | "affine"
  | "transposed"
  | "sumFeatures"
  | "spread"
  | "sumSource"
  | "logSumExpSource";

/**
 * Where an op's value comes from: a leaf, an elementwise function, a product with weights, a sum over features, or a
 * step between the loop's rows and a source's ("source": only in bodies of loops that read one, never in a cell).
 */
export type OpKind = "leaf" | "elementwise" | "product" | "reduce" | "source";

/**
 * Over what a value has rows: the steps of the loop, one row at each, or the rows of a source that every sequence
 * brings along (the encoder's steps, which attention reads), all of them at each step.
 */
export type Rows = "step" | "source";

/** What an op takes and gives. */
export interface OpMeaning {
  readonly kind: OpKind;
  /** How many operands; −1: as many as it is given. */
  readonly arity: number;
  /** The width of the result where it is not its operands' common one. */
  readonly width?: "1";
  /** The rows of its operands and of its value; absent: all have the same, whichever. */
  readonly rows?: { readonly from: Rows; readonly to: Rows };
  /** The meaning of an elementwise op, in float64. */
  readonly evaluate?: (...args: number[]) => number;
  /** True for a leaf whose number is known when the plan is built: no gradient is asked for. */
  readonly fixed?: true;
}

const leaf: OpMeaning = { kind: "leaf", arity: 0 };
const within = { from: "step", to: "step" } as const;
const gathers: OpMeaning = { kind: "source", arity: 1, rows: { from: "source", to: "step" } };
const unary = (evaluate: (a: number) => number): OpMeaning => ({ kind: "elementwise", arity: 1, evaluate });
const binary = (evaluate: (a: number, b: number) => number): OpMeaning => ({
  kind: "elementwise",
  arity: 2,
  evaluate,
});
const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** By the series 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (1 · 3 · … (2n+1)), whose terms have one sign; from 6 on it is 1 to the last digit. */
function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let sum = x;
  for (let n = 1, term = x; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** The list, by name. */
export const meanings: Readonly<Record<OpName, OpMeaning>> = {
  /** x⟨t⟩ or another input of a loop's body. */
  input: leaf,
  /** A state of the step before. */
  state: leaf,
  /** A parameter that is a vector over the features, or one number. */
  parameter: leaf,
  /** The gradient that reaches a state from the outside and from the steps after it. */
  incoming: leaf,
  constant: { ...leaf, fixed: true },
  /** How many features a width has, as a number. */
  featureCount: { ...leaf, fixed: true },

  /** w_g [args] + b_g. */
  affine: { kind: "product", arity: -1, rows: within },
  /** w_gᵀ dz for one block of columns. */
  transposed: { kind: "product", arity: 1, rows: within },
  /** Sum over the features of a value, giving width 1. */
  sumFeatures: { kind: "reduce", arity: 1, width: "1" },
  /** A step's value at every row of its sequence's source. */
  spread: { kind: "source", arity: 1, rows: { from: "step", to: "source" } },
  /** Sum over the rows of a sequence's source; 0 where it has none. */
  sumSource: gathers,
  /** log Σ e^a over the rows of a sequence's source; 0 where it has none. */
  logSumExpSource: gathers,

  /** A value of width 1, repeated over a width. */
  widen: unary((a) => a),
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  neg: unary((a) => -a),
  sigmoid: unary(logistic),
  tanh: unary(Math.tanh),
  relu: unary((a) => Math.max(a, 0)),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  abs: unary(Math.abs),
  /** log(1 + e^a), without overflow. */
  softplus: unary((a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)))),
  max: binary((a, b) => Math.max(a, b)),
  min: binary((a, b) => Math.min(a, b)),
  /** 1 where the first is greater than the second, else 0. */
  greater: binary((a, b) => (a > b ? 1 : 0)),
  /** The second where the first is greater than 0, else the third. */
  select: { kind: "elementwise", arity: 3, evaluate: (condition, a, b) => (condition > 0 ? a : b) },
  /** 1 for a finite number, 0 for an infinity or NaN. */
  isFinite: unary((a) => (Number.isFinite(a) ? 1 : 0)),
  /** 2/√π ∫₀ᵃ e^(−t²) dt. */
  erf: unary(errorFunction),
};
