/**
 * Equations with something changed in one place: how a mistake in a derivation is written down, so that it can be computed and
 * compared. An equation ends at its atoms (other terms, named values); what is below them stays as it is.
 */
import { constant, type Expr } from "../../cell/expr.js";
import { add, mul, neg, sub } from "../../cell/functions.js";
import { isAtom, type Term, type Terms } from "./terms.js";

/** An equation with a mistake, and the mistake in words. */
export interface Edit {
  readonly e: Expr;
  /** A sentence or two, in the names of the cell. */
  readonly says: string;
}

/** Where a mistake may be made. */
export interface EditPlace {
  readonly terms: Terms;
  readonly term: Term;
  /** True for the whole right side of the equation. */
  readonly isRoot: boolean;
  /** False for a value with a name, whose inside is another equation. */
  readonly isOpen: boolean;
  readonly write: (e: Expr) => string;
}

/** What can be wrong at a node; nothing where the mistake cannot be made there. */
export type Rule = (e: Expr, place: EditPlace) => readonly Edit[];

/** Every way to make a mistake somewhere in an equation whose right side is `e`. */
export function editsOf(
  e: Expr,
  { rule, ofWhole }: { readonly rule: Rule; readonly ofWhole?: true },
  place: Omit<EditPlace, "isRoot" | "isOpen">,
): Edit[] {
  const visit = (node: Expr, isRoot: boolean): Edit[] => {
    const isOpen = !isAtom(place.terms, node) || (isRoot && node === place.term.e && !place.term.summed);
    // What is inside an atom belongs to that atom's own equation.
    if (!isOpen) return isRoot && ofWhole ? [...rule(node, { ...place, isRoot, isOpen })] : [];
    const below = node.args.flatMap((arg, i) =>
      visit(arg, false).map(({ e: changed, says }) => ({ e: withArgument(node, i, changed), says })),
    );
    return [...rule(node, { ...place, isRoot, isOpen }), ...below];
  };
  return visit(e, true);
}

const withArgument = (e: Expr, at: number, arg: Expr): Expr =>
  Object.freeze({ ...e, args: e.args.map((old, i) => (i === at ? arg : old)) });

/** The equation with one value in the place of another wherever it stands; undefined if it stands nowhere. */
export function replaceAll(e: Expr, from: Expr, to: Expr, { terms, term }: EditPlace): Expr | undefined {
  const visit = (node: Expr, isRoot: boolean): Expr => {
    if (node === from) return to;
    if (isAtom(terms, node) && !(isRoot && node === term.e && !term.summed)) return node;
    return node.args.reduce((whole, arg, i) => {
      const changed = visit(arg, false);
      return changed === arg ? whole : withArgument(whole, i, changed);
    }, node);
  };
  const changed = visit(e, true);
  return changed === e ? undefined : changed;
}

/** The atoms of an equation. */
export function atomsOf(e: Expr, { terms, term }: EditPlace): Expr[] {
  const found = new Set<Expr>();
  const visit = (node: Expr, isRoot: boolean): void => {
    if (isAtom(terms, node) && !(isRoot && node === term.e && !term.summed)) found.add(node);
    else for (const arg of node.args) visit(arg, false);
  };
  visit(e, true);
  return [...found];
}

/** A derivative of an activation, dy ∘ y ∘ (1 − y) or dy ∘ (1 − y ∘ y). */
export interface Slope {
  readonly op: "sigmoid" | "tanh";
  readonly dy: Expr;
  readonly y: Expr;
}

/** The slope that a node is, if it is one. */
export function slopeAt(e: Expr): Slope | undefined {
  const [left, right] = e.args;
  if (e.op !== "mul" || !left || !right || !isOneMinus(right)) return undefined;
  const y = right.args[1]!;
  if (y.op === "sigmoid" && left.op === "mul" && left.args[1] === y)
    return { op: "sigmoid", dy: left.args[0]!, y };
  const [a, b] = y.args;
  return y.op === "mul" && a === b && a?.op === "tanh" ? { op: "tanh", dy: left, y: a } : undefined;
}

/** dy times the slope of an activation at its value y. */
export function slope({ op, dy, y }: Slope): Expr {
  return op === "sigmoid" ? mul(mul(dy, y), sub(1, y)) : mul(dy, sub(1, mul(y, y)));
}

/** 1 − something. */
export const isOneMinus = (e: Expr): boolean =>
  e.op === "sub" && e.args[0]?.op === "constant" && e.args[0].value === 1;

/** A summand with its sign. */
export interface Addend {
  readonly e: Expr;
  readonly isNegative: boolean;
}

/** What a sum or difference is made of; one addend for anything else. */
export function addendsOf(
  e: Expr,
  { terms, isOpen: isOpenHere }: Pick<EditPlace, "terms" | "isOpen">,
): Addend[] {
  const visit = (node: Expr, isNegative: boolean, isOpen: boolean): Addend[] => {
    const [left, right] = node.args as [Expr, Expr];
    if (!isOpen && isAtom(terms, node)) return [{ e: node, isNegative }];
    if (node.op === "add") return [...visit(left, isNegative, false), ...visit(right, isNegative, false)];
    if (node.op === "sub") return [...visit(left, isNegative, false), ...visit(right, !isNegative, false)];
    if (node.op === "neg") return visit(left, !isNegative, false);
    return [{ e: node, isNegative }];
  };
  return visit(e, false, isOpenHere);
}

/** The sum of addends; 0 of none. */
export function sumOf(addends: readonly Addend[]): Expr {
  return addends.reduce(
    (sum, { e, isNegative }) => (isNegative ? sub(sum, e) : add(sum, e)),
    constant(0) as Expr,
  );
}

/** The same value as a node of its own, so that it can stand inside what replaces it. */
export const copy = (e: Expr): Expr => Object.freeze({ ...e });

/** −e, as a node of its own. */
export const negated = (e: Expr): Expr => neg(copy(e));
