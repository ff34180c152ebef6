/**
 * The gradients of a case by the derived equations, back through time, term by term: as they are, or as they would be with
 * somebody's own values for some terms, or with a mistake in an equation.
 */
import type { CellEquations } from "../../cell/equations.js";
import { evaluator, plus, type Vector } from "../../cell/evaluate.js";
import type { Expr } from "../../cell/expr.js";
import type { CaseStep } from "./case.js";
import type { Term, Terms } from "./terms.js";

/** The values of a term. */
export interface TermValues {
  /** [sequence][step], a block of a weight row after row. */
  readonly parts: readonly (readonly Vector[])[];
  /** All parts after one another; of a parameter their sum. */
  readonly flat: Vector;
}

/** What is different from the derivation. */
export interface Change {
  /** What stands in the place of a term's equation. */
  readonly instead?: ReadonlyMap<Expr, Expr>;
  /** Of one sum over steps: other operands. */
  readonly sum?: { readonly term: Term; readonly e: Expr; readonly factor?: Expr | undefined };
  /** What of the incoming gradients of a state is dropped. */
  readonly drops?: { readonly state: string; readonly what: "later" | "outside" };
}

/** What gradients are computed of. */
export interface Problem {
  readonly cell: CellEquations;
  readonly terms: Terms;
  readonly steps: readonly (readonly CaseStep[])[];
}

/** How gradients are computed. */
export interface GradientOptions {
  /** Flat values of terms by name: what follows from a term is computed with these. */
  readonly given?: ReadonlyMap<string, Vector>;
  readonly change?: Change;
  /** The one term that is asked for, and not among those given; default all. */
  readonly only?: Term;
}

/** The terms by name. A value that is given is not itself part of the result. */
export function gradientsOf(
  { cell, terms, steps }: Problem,
  { given = new Map(), change = {}, only }: GradientOptions = {},
): ReadonlyMap<string, TermValues> {
  const wanted = only ? [only] : terms.all;
  const others = only ? terms.all.filter((term) => !term.summed && given.has(term.name)) : [];
  const parts = new Map<string, Vector[][]>(
    wanted.map((term) => [term.name, steps.map((list) => list.map(() => []))]),
  );
  const keep = (term: Term, [b, t]: readonly [number, number], value: Vector): void => {
    parts.get(term.name)![b]![t] = value;
  };
  const { instead, drops } = change;
  steps.forEach((list, b) => {
    let flowing: Record<string, Vector> = {};
    for (let t = list.length - 1; t >= 0; t--) {
      const { bindings, values } = list[t]!;
      const incoming = Object.fromEntries(
        cell.states.map((state) => {
          const zero = bindings.incoming[state]!.map(() => 0);
          const isDropped = (what: "later" | "outside"): boolean =>
            drops?.state === state && drops.what === what;
          const later = isDropped("later") ? zero : (flowing[state] ?? zero);
          // Nothing comes from a step after the last one, so there it is what comes from outside.
          const outside = isDropped("outside") && t + 1 < list.length ? zero : bindings.incoming[state];
          return [state, plus(outside!, later)] as const;
        }),
      );
      const known = new Map(values);
      const valueOf = evaluator({ ...bindings, incoming }, known, instead);
      const setOwn = ({ name, e }: Term): void => {
        const all = given.get(name);
        const width = all ? all.length / (steps.length * list.length) : 0;
        const at = (b * list.length + t) * width;
        if (all) known.set(e, all.slice(at, at + width));
      };
      others.forEach(setOwn);
      for (const term of wanted) {
        if (term.summed) {
          const { e, factor } = change.sum?.term === term ? change.sum : term;
          const dz = valueOf(e);
          const by = factor ? valueOf(factor) : undefined;
          keep(term, [b, t], by ? dz.flatMap((d) => by.map((v) => d * v)) : dz);
          continue;
        }
        keep(term, [b, t], valueOf(term.e));
        setOwn(term);
      }
      if (t === 0) continue;
      flowing = Object.fromEntries(
        Object.entries(terms.derived.previous).map(([state, e]) => [state, valueOf(e)]),
      );
    }
  });
  return new Map(
    wanted.map(({ name, summed }) => {
      const own = parts.get(name)!;
      return [name, { parts: own, flat: summed ? own.flat().reduce(plus) : own.flat(2) }];
    }),
  );
}
