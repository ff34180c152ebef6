/**
 * Whether a cell is a known one under other names: its equations against those of a pattern, with the names of states and
 * parameters free, sums and products in any order, arguments of a product with weights in any order, and biases that may be
 * missing. So a cell is recognised by what it computes, not by what it is called.
 */
import type { CellEquations } from "../../../cell/equations.js";
import type { Expr } from "../../../cell/expr.js";

/** A product of the pattern as the cell has it: the names of its parts. */
export interface MatchedProduct {
  readonly parameter: string;
  /** The block of columns that multiplies the input, if the product reads it. */
  readonly input?: string;
  /** The block that multiplies a state, or what is made of one. */
  readonly state?: string;
  readonly bias?: string;
}

/** How a cell fits a pattern: what of the cell stands for each name of the pattern. */
export interface Match {
  readonly states: ReadonlyMap<string, string>;
  /** By the pattern's gate: "u" of w_u. */
  readonly products: ReadonlyMap<string, MatchedProduct>;
  /** Parameters that stand alone. */
  readonly parameters: ReadonlyMap<string, string>;
}

const nothing: Match = { states: new Map(), products: new Map(), parameters: new Map() };

/** The way in which a cell fits a pattern; undefined: it does not. */
export function matchCell(pattern: CellEquations, cell: CellEquations): Match | undefined {
  if (pattern.states.length !== cell.states.length) return undefined;
  for (const names of orders(cell.states)) {
    const states = new Map(pattern.states.map((state, i) => [state, names[i]!]));
    if (states.get(pattern.output) !== cell.output) continue;
    let found: Match | undefined = { ...nothing, states };
    for (const [state, name] of states)
      found = found && first(fits(pattern.next[state]!, cell.next[name]!, found));
    if (found) return found;
  }
  return undefined;
}

const commutative = new Set(["add", "mul", "max", "min"]);

/** All ways in which an expression fits, as far as the names are free. */
function* fits(pattern: Expr, e: Expr, known: Match): Generator<Match> {
  if (pattern.op !== e.op || pattern.args.length !== e.args.length) return;
  if (pattern.op === "input") return yield known;
  if (pattern.op === "constant") {
    if (pattern.value === e.value) yield known;
    return;
  }
  const name = pattern.name!;
  if (pattern.op === "state") {
    if (known.states.get(name) === e.name) yield known;
    return;
  }
  if (pattern.op === "parameter") {
    const taken = known.parameters.get(name);
    if (taken === e.name) yield known;
    else if (taken === undefined && ![...known.parameters.values()].includes(e.name!))
      yield { ...known, parameters: new Map([...known.parameters, [name, e.name!]]) };
    return;
  }
  if (pattern.op === "affine") return yield* fitsProduct(pattern, e, known);
  const ways = commutative.has(pattern.op) ? orders(e.args) : [e.args];
  for (const args of ways) yield* fitsAll(pattern.args, args, known);
}

function* fitsAll(patterns: readonly Expr[], args: readonly Expr[], known: Match): Generator<Match> {
  const [pattern, ...rest] = patterns;
  if (!pattern) return yield known;
  for (const found of fits(pattern, args[0]!, known)) yield* fitsAll(rest, args.slice(1), found);
}

function* fitsProduct(pattern: Expr, e: Expr, known: Match): Generator<Match> {
  const [use, weight] = [pattern.weight!, e.weight!];
  if (use.bias === undefined && weight.bias !== undefined) return;
  const taken = known.products.get(use.gate);
  const others = [...known.products.values()].filter((product) => product !== taken);
  if (taken && taken.parameter !== weight.parameter) return;
  if (others.some(({ parameter }) => parameter === weight.parameter)) return;
  for (const order of orders(e.args.map((_, i) => i))) {
    const args = order.map((i) => e.args[i]!);
    const blocks = args.map((arg, i) => {
      const block = weight.blocks[order[i]!]!;
      return arg.op === "input" ? { input: block } : { state: block };
    });
    const bias = weight.bias === undefined ? {} : { bias: weight.bias };
    const product: MatchedProduct = { parameter: weight.parameter, ...bias, ...Object.assign({}, ...blocks) };
    for (const found of fitsAll(pattern.args, args, known))
      yield taken ? found : { ...found, products: new Map([...found.products, [use.gate, product]]) };
  }
}

function first<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}

/** All orders of a few things. */
function orders<T>(list: readonly T[]): T[][] {
  if (list.length <= 1) return [[...list]];
  return list.flatMap((item, i) =>
    orders([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}
