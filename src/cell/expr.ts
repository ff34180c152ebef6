/**
 * Expressions: the values that a cell's equations are written with. An expression is an immutable node
 * of a graph (op, arguments, width); sharing a node shares its value. Nothing is computed here; what an
 * op means, its derivative and its printed form stand in the op table (ops.ts).
 */

/** The ops that work element by element: the instruction set of elementwise plan steps. */
export type ElementwiseOp =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "neg"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "exp"
  | "log"
  | "sqrt"
  | "abs"
  | "softplus"
  | "max"
  | "min"
  | "greater"
  | "select"
  | "isFinite"
  | "widen";

/** The name of an op; the op table has a row for each. */
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
 * The width of a value: a symbol such as "X" (input) or "H" (hidden), or "1" for a value that is
 * repeated over any width. Symbols get numbers when a cell is put into a layer.
 */
export type Width = string;

/**
 * Over what a value has rows: the steps of the loop, one row at each, or the rows of a source that every sequence
 * brings along (the encoder's steps, which attention reads), all of them at each step.
 */
export type Rows = "step" | "source";

/** A node of the graph. Build nodes with the functions of `functions.ts` or with a cell's tools. */
export interface Expr {
  readonly op: OpName;
  readonly args: readonly Expr[];
  readonly width: Width;
  /** Its rows where they are not the step's. */
  readonly over?: "source";
  /** Name of a leaf: the input, a state, a vector parameter, an incoming gradient, the width whose features are counted. */
  readonly name?: string;
  /** The number of a constant. */
  readonly value?: number;
  /** The weights of a product: the parameter, its bias, and the name of each argument's block of columns. */
  readonly weight?: WeightUse;
}

/** How a product uses its weight: `w [args] + b`, block after block of columns. */
export interface WeightUse {
  /** Gate name of the product: "u" in w_u. */
  readonly gate: string;
  readonly parameter: string;
  readonly bias?: string;
  /** One name per argument: "w_uc", "w_ux". */
  readonly blocks: readonly string[];
}

/** What the functions of the language accept: an expression or a plain number. */
export type Operand = Expr | number;

/** What is wrong with a cell's equations: which cell or op, and what would be right. */
export class CellError extends Error {
  override readonly name = "CellError";
}

/** The constant expression of a number. */
export function constant(value: number): Expr {
  return Object.freeze({ op: "constant" as const, args: [], width: "1", value });
}

/** An operand as an expression. */
export function lift(operand: Operand): Expr {
  if (typeof operand === "number") return constant(operand);
  if (operand === null || typeof operand !== "object" || !("op" in operand)) {
    throw new CellError(
      `expected an expression or a number, found ${String(operand)}; was a gate misspelt or not returned?`,
    );
  }
  return operand;
}

/** The common width of operands: all equal, or "1" beside them. */
export function commonWidth(op: string, args: readonly Expr[]): Width {
  let width: Width = "1";
  for (const arg of args) {
    if (arg.width === "1" || arg.width === width) continue;
    if (width !== "1") {
      throw new CellError(
        `${op} was given widths ${args.map((a) => a.width).join(" and ")}; its operands must have one width ` +
          "(bring them to it with affine or linear)",
      );
    }
    width = arg.width;
  }
  return width;
}

/** Over what an expression has rows. */
export function rowsOf(e: Expr): Rows {
  return e.over ?? "step";
}

/** All nodes that `roots` depend on, arguments before their users, each once. */
export function topological(roots: readonly Expr[]): Expr[] {
  const seen = new Set<Expr>();
  const order: Expr[] = [];
  const visit = (node: Expr): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const arg of node.args) visit(arg);
    order.push(node);
  };
  for (const root of roots) visit(root);
  return order;
}
