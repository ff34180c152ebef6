/**
 * A cell's equations with noise in them: recurrent dropout and zoneout as transformations from equations to
 * equations, so that they hold for any cell and are differentiated, planned and run like any other. Where the
 * noise comes from is not decided here: it is an input of the loop's body, as x is.
 * Source: Gal and Ghahramani 2016, arXiv:1512.05287; Krueger et al. 2017, arXiv:1606.01305.
 */
import type { CellEquations } from "./equations.js";
import { type Expr, topological } from "./expr.js";
import { add, greater, mul, select, sub } from "./functions.js";

/**
 * Recurrent dropout: wherever a product with weights reads a state of the step before, also inside an expression
 * such as r ∘ c, it reads mask ∘ state. Elsewhere the state is what it was: its carry u ∘ c loses nothing. A
 * product that reads a NEW state (of this step) reads it as it is, for that is no recurrent connection.
 *
 * @param masks by state; states that are left out are not masked
 */
export function dropStates(cell: CellEquations, masks: Readonly<Record<string, Expr>>): CellEquations {
  const { plain } = rewritten(cell, masks);
  const take = (named: Readonly<Record<string, Expr>>): Record<string, Expr> =>
    Object.fromEntries(Object.entries(named).map(([name, e]) => [name, plain.get(e)!]));
  return { ...cell, next: take(cell.next), gates: take(cell.gates) };
}

/** The states of the step before that products with weights read: those that recurrent dropout can act on. */
export function multipliedStates(cell: CellEquations): string[] {
  const none: Expr = { op: "input", args: [], width: "H" };
  const { masked } = rewritten(cell, Object.fromEntries(cell.states.map((s) => [s, none])));
  return cell.states.filter((s) => masked.has(s));
}

/**
 * Zoneout: each new state keeps, feature by feature, what it was with a probability: z ∘ old + (1 − z) ∘ new. In
 * the step itself everything else reads the new state as it was computed, as in the paper (a = Γo ∘ tanh(c)).
 *
 * @param rates probability to keep the old value, by state; states that are left out always take the new one
 * @param uniforms uniform numbers in [0, 1) by state, of which those below the rate keep the old value; absent: the
 *   expectation rate · old + (1 − rate) · new, for prediction
 */
export function zoneOut(
  cell: CellEquations,
  rates: Readonly<Record<string, number>>,
  uniforms?: Readonly<Record<string, Expr>>,
): CellEquations {
  const next = Object.entries(cell.next).map(([state, fresh]) => {
    const rate = rates[state] ?? 0;
    if (rate === 0) return [state, fresh];
    const old: Expr = Object.freeze({ op: "state", args: [], width: fresh.width, name: state });
    return [
      state,
      uniforms
        ? select(greater(rate, uniforms[state]!), old, fresh)
        : add(mul(rate, old), mul(sub(1, rate), fresh)),
    ];
  });
  return { ...cell, next: Object.fromEntries(next) };
}

/** Every node as it stands outside of products, and the states that a product was found to read. */
function rewritten(
  cell: CellEquations,
  masks: Readonly<Record<string, Expr>>,
): { plain: ReadonlyMap<Expr, Expr>; masked: ReadonlySet<string> } {
  const fresh = new Set(Object.values(cell.next).filter((e) => e.op !== "state"));
  const plain = new Map<Expr, Expr>();
  // One node per state, so that all gates read the same value and their products stay one.
  const made = new Map<string, Expr>();
  const inside = new Map<Expr, Expr>();
  const readByProduct = (e: Expr): Expr => {
    const mask = e.op === "state" ? masks[e.name!] : undefined;
    if (mask) {
      const name = e.name!;
      if (!made.has(name)) made.set(name, mul(mask, e));
      return made.get(name)!;
    }
    const same = plain.get(e)!;
    // A product's own arguments are masked already, wherever its value goes.
    if (e.op === "affine" || fresh.has(e)) return same;
    const there = inside.get(e);
    if (there) return there;
    const args = e.args.map(readByProduct);
    const value = args.every((arg, i) => arg === same.args[i]) ? same : Object.freeze({ ...e, args });
    inside.set(e, value);
    return value;
  };
  for (const e of topological([...Object.values(cell.next), ...Object.values(cell.gates)])) {
    const args = e.args.map((arg) => (e.op === "affine" ? readByProduct(arg) : plain.get(arg)!));
    plain.set(e, args.every((arg, i) => arg === e.args[i]) ? e : Object.freeze({ ...e, args }));
  }
  return { plain, masked: new Set(made.keys()) };
}
