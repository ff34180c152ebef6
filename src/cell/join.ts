/**
 * Several cells as the body of one loop: each cell's equations are laid into a common graph, its input replaced
 * by any expression of what stands before it (another cell's new state, a sum, later an attention's context).
 * States, parameters and widths get a prefix, so that two cells of a kind do not meet.
 */
import type { CellEquations } from "./cell.js";
import { type Expr, topological } from "./expr.js";

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
 * Lays a cell into a body.
 *
 * @param prefix of the names of states, parameters and blocks: "1" gives "1.c" and "1.w_uc"
 * @param x what the cell reads as its input
 * @param width symbol of the cell's hidden width, in place of "H"
 */
export function joinCell(cell: CellEquations, prefix: string, x: Expr, width: string): JoinedCell {
  const name = (of: string): string => `${prefix}.${of}`;
  const widths: Readonly<Record<string, string>> = { X: x.width, H: width };
  const roots = [...Object.values(cell.next), ...Object.values(cell.gates)];
  const made = new Map<Expr, Expr>();
  for (const e of topological(roots)) made.set(e, e.op === "input" ? x : laidIn(e, made, name, widths));
  const take = (named: Readonly<Record<string, Expr>>): Record<string, Expr> =>
    Object.fromEntries(Object.entries(named).map(([key, e]) => [name(key), made.get(e) as Expr]));
  const next = take(cell.next);
  return { next, output: next[name(cell.output)] as Expr, gates: take(cell.gates) };
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
    args: e.args.map((arg) => made.get(arg) as Expr),
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
