/**
 * Which mistake it was: makes every typical one in the equation of a wrong term, and in those before it that were not given,
 * and compares the numbers.
 */
import type { Vector } from "../../cell/evaluate.js";
import type { Expr } from "../../cell/expr.js";
import { type Change, gradientsOf, type Problem } from "./derive.js";
import { type Edit, editsOf } from "./edits.js";
import { equationMistakes } from "./equation-mistakes.js";
import type { Term } from "./terms.js";
import { type ValuePlace, valueMistakes } from "./value-mistakes.js";

/** A mistake that explains the numbers. */
export interface FoundMistake {
  /** The name of its row in `gradientMistakes`. */
  readonly name: string;
  /** What is wrong, in the names of the cell, as a sentence or two. */
  readonly says: string;
  /** Where it was made, if that is a term before the wrong one: "dz_u". */
  readonly in?: string;
}

/** What of the gradients that come in may have been forgotten, for sequences. */
export const flowMistakes = [
  {
    name: "forgotten later steps",
    looksLike: "the gradient that step t+1 sends to a state is left out",
    what: "later",
    says: (state: string) =>
      `what step t+1 sends to ${state}⟨t⟩ is missing: the gradient of a state is what comes from outside plus what comes from the next step.`,
  },
  {
    name: "forgotten outside",
    looksLike:
      "what the layer above sends is taken at the last step alone, or replaced by what step t+1 sends",
    what: "outside",
    says: (state: string) =>
      `what the layer above sends to ${state}⟨t⟩ is missing before the last step: it is added to what comes from the next step.`,
  },
] as const;

/** What is known of a wrong term. */
export interface Wrong {
  readonly term: Term;
  readonly place: ValuePlace;
  /** Flat values of all terms that were given, by name. */
  readonly given: ReadonlyMap<string, Vector>;
}

/** The typical mistake that gives these numbers; undefined if none does. */
export function findMistake(problem: Problem, wrong: Wrong): FoundMistake | undefined {
  const { term, place, given } = wrong;
  const { terms } = problem;
  const explains = (change: Change): boolean => {
    const values = gradientsOf(problem, { given, change, only: term }).get(term.name);
    return values !== undefined && place.isClose(place.mine, values.flat);
  };
  const here = equationMistake(problem, term, explains);
  if (here) return here;
  for (const row of valueMistakes) {
    const says = row.finds(place);
    if (says) return { name: row.name, says };
  }
  if (place.sizes.T > 1) {
    for (const { name, says, what } of flowMistakes) {
      const state = problem.cell.states.find((s) => explains({ drops: { state: s, what } }));
      if (state) return { name, says: says(state) };
    }
  }
  const hidden = terms.all
    .slice(0, terms.all.indexOf(term))
    .filter(({ name, summed }) => !summed && !given.has(name));
  // From the nearest on: what is furthest away is explained least surely.
  for (const before of hidden.reverse()) {
    const found = equationMistake(problem, before, explains);
    if (found) return { ...found, in: before.name };
  }
  return undefined;
}

function equationMistake(
  { terms }: Problem,
  term: Term,
  explains: (change: Change) => boolean,
): FoundMistake | undefined {
  const { write } = terms;
  const place = { terms, term, write };
  for (const row of equationMistakes) {
    const edits = (e: Expr): Edit[] => editsOf(e, row, place);
    const inSum = (e: Expr, factor: Expr | undefined): Change => ({ sum: { term, e, factor } });
    const found = term.summed
      ? (edits(term.e).find(({ e }) => explains(inSum(e, term.factor))) ??
        (term.factor && edits(term.factor).find(({ e }) => explains(inSum(term.e, e)))))
      : edits(term.e).find(({ e }) => explains({ instead: new Map([[term.e, e]]) }));
    if (found) return { name: row.name, says: found.says };
  }
  return undefined;
}
