/**
 * Expressions: the values that a cell's equations are written with. An expression is an immutable node
 * of a graph (op, arguments, width); sharing a node shares its value. Nothing is computed here; what an
 * op means stands in the list of ops (meanings.ts), its derivative and its printed form in the op table (ops.ts).
 */

import type { OpName, Rows } from "./meanings.js";

/**
 * The width of a value: a symbol such as "X" (input) or "H" (hidden), or "1" for a value that is
 * repeated over any width. Symbols get numbers when a cell is put into a layer.
 */
export type Width = string;

/** A node of the graph. Build nodes with the functions of `functions.ts` and `nodes.ts` or with a cell's tools. */
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

/** Over what an expression has rows. */
export function rowsOf(e: Expr): Rows {
  return e.over ?? "step";
}

/** All nodes that `roots` depend on, arguments before their users, each once. */
export function topological(roots: readonly Expr[]): Expr[] {
  const seen = new Set<Expr>();
  const order: Expr[] = [];
  // Not by calls in calls: a chain of values may be longer than they can be deep.
  const open: { readonly node: Expr; next: number }[] = [];
  const enter = (node: Expr): void => {
    if (seen.has(node)) return;
    seen.add(node);
    open.push({ node, next: 0 });
  };
  for (const root of roots) {
    enter(root);
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const arg = top.node.args[top.next++];
      if (arg) enter(arg);
      else order.push(open.pop()!.node);
    }
  }
  return order;
}
