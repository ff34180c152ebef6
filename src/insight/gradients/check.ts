/**
 * Check my backward: a backward pass that somebody wrote for a cell, compared with the derived one term by term, in float64.
 * The first wrong term in the order of the derivation is where to look; terms after it that are wrong only because of it are
 * told apart by computing them from the values that were given.
 */
import type { Cell } from "../../cell/cell.js";
import type { Vector } from "../../cell/evaluate.js";
import { type CaseSizes, type GradientCase, type Over, workedCase } from "./case.js";
import { gradientsOf, type Problem } from "./derive.js";
import { equationMistakes } from "./equation-mistakes.js";
import { type GivenTerms, readAll, shapesOf, wholeOf } from "./own-terms.js";
import { type FoundMistake, findMistake, flowMistakes } from "./search.js";
import { shapeMistakes } from "./shape-mistakes.js";
import { termsOf } from "./terms.js";
import { valueMistakes } from "./value-mistakes.js";

/** What to check, and on what. */
export interface GradientCheckOptions<O extends Over = "step"> {
  /** Your backward pass: from the values of a case to gradients by name. Or the gradients, where it ran elsewhere. */
  readonly mine: ((given: GradientCase<O>) => GivenTerms) | GivenTerms;
  /** What `mine` goes through: one step, all steps of one sequence, or a batch of sequences. Default "step". */
  readonly over?: O;
  /** Default X = 2, H = 3, T = 3 steps, B = 2 sequences. */
  readonly sizes?: CaseSizes;
  /** Of the random numbers of the case; default 0. */
  readonly seed?: number;
  /**
   * The largest difference that is none, as a part of the term's largest number. Default 1e-6: of float64 sums in another
   * order ten digits are left, and of numbers copied from a print-out, seven.
   */
  readonly tolerance?: number;
}

/** What became of a term. */
export interface TermCheck {
  /** "dz_u", "dw_uc". */
  readonly name: string;
  /** "dz_u = dΓu ∘ Γu ∘ (1 − Γu)". */
  readonly equation: string;
  /** "follows": wrong only because of the terms before it. */
  readonly status: "right" | "follows" | "wrong";
  /** The largest difference as a part of the largest right number; NaN where the shape is not right. */
  readonly difference: number;
  /** Where the largest difference is, and both numbers there; absent where the term is right or its shape is not. */
  readonly at?: { readonly index: readonly number[]; readonly mine: number; readonly right: number };
  /** Of a wrong term: the typical mistake that gives just these numbers, if one does. */
  readonly mistake?: FoundMistake;
}

/** The result of a comparison. */
export interface GradientCheck {
  readonly cell: string;
  /** True if every term that was given is right. */
  readonly right: boolean;
  /** The terms that were given, in the order of the derivation. */
  readonly terms: readonly TermCheck[];
  /** The first wrong term: the one to look at. */
  readonly first?: TermCheck;
  /** Terms that were not given. */
  readonly missing: readonly string[];
}

/** The rows without their functions, one for each name. */
function named(
  rows: readonly { readonly name: string; readonly looksLike: string }[],
): readonly { readonly name: string; readonly looksLike: string }[] {
  return [...new Map(rows.map(({ name, looksLike }) => [name, { name, looksLike }])).values()];
}

/** Every typical mistake that is known by name, and what it looks like. */
export const gradientMistakes = /* @__PURE__ */ named([
  ...shapeMistakes,
  ...equationMistakes,
  ...valueMistakes,
  ...flowMistakes,
]);

/**
 * The terms of a cell's derivation, in its order: what `checkGradients` compares.
 *
 * @example
 * gradientTerms(rnn).map(({ name }) => name); // ["da", "dz_a", "da_prev", "dx", "dw_aa", "dw_ax", "db_a"]
 */
export function gradientTerms(cell: Cell): readonly { readonly name: string; readonly equation: string }[] {
  return termsOf(cell.equations()).all.map(({ name, equation }) => ({ name, equation }));
}

/** The numbers that `checkGradients` hands to `mine`, for a backward pass that runs elsewhere. Plain data. */
export function gradientCase<O extends Over = "step">(
  cell: Cell,
  { over = "step" as O, sizes = {}, seed = 0 }: Pick<GradientCheckOptions<O>, "over" | "sizes" | "seed"> = {},
): GradientCase<O> {
  return workedCase(cell.equations(), { over, sizes, seed }).given;
}

/**
 * Compares your own backward pass of a cell with the derived one.
 *
 * @example
 * const check = checkGradients(rnn, {
 *   mine: ({ x, previous, states, incoming }) => ({
 *     dz_a: incoming.a.map((da, i) => da * (1 - states.a[i])), // should be 1 − a ∘ a
 *   }),
 * });
 * check.first?.name; // "dz_a"
 * check.first?.mistake?.name; // "forgotten square"
 * @throws DataError if `mine` gives terms that the cell does not have, or something else than numbers
 */
export function checkGradients<O extends Over = "step">(
  cell: Cell,
  { mine, over = "step" as O, sizes = {}, seed = 0, tolerance = 1e-6 }: GradientCheckOptions<O>,
): GradientCheck {
  const equations = cell.equations();
  const terms = termsOf(equations);
  const { given, steps } = workedCase(equations, { over, sizes, seed });
  const problem: Problem = { cell: equations, terms, steps };
  const truth = gradientsOf(problem);
  const shapes = shapesOf(terms, truth, given);
  const own = readAll(cell.name, terms, typeof mine === "function" ? mine(given) : mine, shapes);
  const isClose = (a: Vector, b: Vector): boolean => differenceOf(a, b).relative <= tolerance;
  const fitting = new Map(
    [...own].flatMap(([name, { flat, misfit }]) => (misfit ? [] : [[name, flat] as const])),
  );
  const expected = gradientsOf(problem, { given: fitting });
  const checks = terms.all.flatMap((term): TermCheck[] => {
    const { name, equation, summed } = term;
    const got = own.get(name);
    if (!got) return [];
    if (got.misfit) return [{ name, equation, status: "wrong", difference: Number.NaN, mistake: got.misfit }];
    const right = truth.get(name)!;
    const { relative, at } = differenceOf(got.flat, right.flat);
    const shape = shapes.get(name)!;
    const facts = { name, equation, difference: relative };
    if (relative <= tolerance) return [{ ...facts, status: "right" }];
    const where = {
      index: indexIn(shape, at),
      mine: got.flat[at]!,
      right: right.flat[at]!,
    };
    const fromMine = expected.get(name)!;
    if (isClose(got.flat, fromMine.flat)) return [{ ...facts, status: "follows", at: where }];
    const place = {
      mine: got.flat,
      right: fromMine,
      summed,
      sizes: given.sizes,
      columns: shape.at(-1) ?? 1,
      isClose,
      all: truth,
      ...wholeOf(terms, own, { name, expected: truth, shapes }),
    };
    const notFinite = got.flat.some((v) => !Number.isFinite(v));
    const mistake = notFinite
      ? undefined
      : findMistake(problem, { term, place, given: without(fitting, name) });
    return [{ ...facts, status: "wrong", at: where, ...(mistake ? { mistake } : {}) }];
  });
  const first = checks.find(({ status }) => status === "wrong");
  return {
    cell: cell.name,
    right: checks.every(({ status }) => status === "right"),
    terms: checks,
    ...(first ? { first } : {}),
    missing: terms.all.filter(({ name }) => !own.has(name)).map(({ name }) => name),
  };
}

/** The largest difference, where it is, and what part of the largest number of `right` it is. */
function differenceOf(mine: Vector, right: Vector): { relative: number; at: number } {
  if (mine.length !== right.length) return { relative: Number.POSITIVE_INFINITY, at: 0 };
  const differences = mine.map((v, i) =>
    Number.isFinite(v) ? Math.abs(v - right[i]!) : Number.POSITIVE_INFINITY,
  );
  const most = Math.max(...differences);
  const size = Math.max(...right.map(Math.abs));
  return { relative: most === 0 ? 0 : most / size, at: differences.indexOf(most) };
}

/** A place in a row of numbers as one in their lists: [1, 0, 2]. */
function indexIn(shape: readonly number[], at: number): number[] {
  let rest = at;
  return [...shape]
    .reverse()
    .map((size) => {
      const index = rest % size;
      rest = Math.floor(rest / size);
      return index;
    })
    .reverse();
}

const without = <V>(map: ReadonlyMap<string, V>, name: string): Map<string, V> =>
  new Map([...map].filter(([key]) => key !== name));
