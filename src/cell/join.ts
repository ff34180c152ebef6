/**
 * Several cells as the body of one loop: each cell's equations are laid into a common graph, its input replaced
 * by any expression of what stands before it (another cell's new state, a sum, an attention's context), or by
 * several, side by side.
 * States, parameters and widths get a prefix, so that two cells of a kind do not meet.
 */
import type { CellEquations } from "./equations.js";
import { CellError, type Expr, topological } from "./expr.js";

/** A cell laid into a larger body. */
export interface JoinedCell {
  /** The new value of each state, under "prefix.state". */
  readonly next: Readonly<Record<string, Expr>>;
  /** The new value of the cell's output. */
  readonly output: Expr;
  /** Named values, under "prefix.name". */
  readonly gates: Readonly<Record<string, Expr>>;
}

/**
 * Values side by side as a cell's input, by name: products get a block of columns for each, "w_ux.y". So a part that
 * does not depend on the state still leaves the loop.
 */
export type InputParts = Readonly<Record<string, Expr>>;

/** The name of a part's block of columns. */
export const partBlock = (block: string, part: string): string => `${block}.${part}`;

/**
 * Lays a cell into a body.
 *
 * @param prefix of the names of states, parameters and blocks: "1" gives "1.c" and "1.w_uc"
 * @param x what the cell reads as its input
 * @param width symbol of the cell's hidden width, in place of "H"
 */
export function joinCell(
  cell: CellEquations,
  prefix: string,
  x: Expr | InputParts,
  width: string,
): JoinedCell {
  const name = (of: string): string => `${prefix}.${of}`;
  const whole = isExpr(x) ? x : undefined;
  const widths: Readonly<Record<string, string>> = { H: width, ...(whole ? { X: whole.width } : {}) };
  const roots = [...Object.values(cell.next), ...Object.values(cell.gates)];
  const made = new Map<Expr, Expr>();
  for (const node of topological(roots)) {
    if (node.op === "input") {
      if (whole) made.set(node, whole);
      continue;
    }
    const e = isExpr(x) ? node : inParts(cell, node, x);
    for (const part of isExpr(x) ? [] : Object.values(x)) made.set(part, part);
    made.set(node, laidIn(e, made, name, widths));
  }
  const take = (named: Readonly<Record<string, Expr>>): Record<string, Expr> =>
    Object.fromEntries(Object.entries(named).map(([key, e]) => [name(key), made.get(e)!]));
  const next = take(cell.next);
  return { next, output: next[name(cell.output)]!, gates: take(cell.gates) };
}

const isExpr = (x: Expr | InputParts): x is Expr => Array.isArray(x["args"]);

/** A node whose input, if it reads it, is in parts. @throws CellError if it is no product */
function inParts(cell: CellEquations, e: Expr, parts: InputParts): Expr {
  const { weight } = e;
  if (!e.args.some((arg) => arg.op === "input") && e.name !== "X") return e;
  if (!weight)
    throw new CellError(
      `cell "${cell.name}" reads its input in ${e.op}; only where products alone read it can it be of parts`,
    );
  const names = Object.keys(parts);
  const split = <A>(list: readonly A[], part: (of: A, name: string) => A): A[] =>
    list.flatMap((of, i) => (e.args[i]!.op === "input" ? names.map((name) => part(of, name)) : [of]));
  const args = split(e.args, (_, name) => parts[name]!);
  return { ...e, args, weight: { ...weight, blocks: split(weight.blocks, partBlock) } };
}

function laidIn(
  e: Expr,
  made: ReadonlyMap<Expr, Expr>,
  name: (of: string) => string,
  widths: Readonly<Record<string, string>>,
): Expr {
  const widthOf = (symbol: string): string => widths[symbol] ?? symbol;
  return Object.freeze({
    ...e,
    args: e.args.map((arg) => made.get(arg)!),
    width: widthOf(e.width),
    ...(e.name === undefined ? {} : { name: e.op === "featureCount" ? widthOf(e.name) : name(e.name) }),
    ...(e.weight ? { weight: renamed(e.weight, name) } : {}),
  });
}

function renamed(
  weight: NonNullable<Expr["weight"]>,
  name: (of: string) => string,
): NonNullable<Expr["weight"]> {
  const { parameter, bias, blocks } = weight;
  return {
    ...weight,
    parameter: name(parameter),
    blocks: blocks.map(name),
    ...(bias === undefined ? {} : { bias: name(bias) }),
  };
}
