/**
 * Reading the numbers of a term as somebody computed them: nested lists or typed arrays, columns (H × 1) as vectors. A shape
 * that is not right is a mistake with a name, one row each.
 */
import type { Vector } from "../../cell/evaluate.js";
import { DataError } from "../../data/errors.js";

/** Numbers in lists, as deep as their shape has dimensions. */
export type Numbers = number | ArrayLike<number> | readonly Numbers[];

/** What a shape should be, and what it is. */
export interface ShapePlace {
  readonly is: readonly number[];
  readonly right: readonly number[];
  /** True for a parameter. */
  readonly summed: boolean;
  /** Steps, or sequences and steps: what stands before the width of a value of a step. */
  readonly outer: readonly number[];
  readonly H: number;
}

/** The row of a mistake in a shape. */
export interface ShapeMistake {
  readonly name: string;
  /** What it looks like in general. */
  readonly looksLike: string;
  readonly says: string;
  readonly fits: (place: ShapePlace) => boolean;
}

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** The rows, in the order in which they are tried. */
export const shapeMistakes: readonly ShapeMistake[] = [
  {
    name: "transposed",
    looksLike: "a gradient with the shape of its weight transposed",
    says: "it is transposed: a gradient has the shape of what it is the gradient of.",
    fits: ({ is, right }) =>
      right.length > 1 && isSame(is, [...right.slice(0, -2), ...right.slice(-2).reverse()]),
  },
  {
    name: "missing sum",
    looksLike: "a row for each step or sequence where their sum is right, as for a bias",
    says: "there is one for each step or sequence: a parameter is used at all of them, and its gradient is the sum.",
    fits: ({ is, right, summed, outer }) =>
      summed &&
      outer.some(
        (_, i) =>
          isSame(is, [...outer.slice(0, i + 1), ...right]) || isSame(is, [...outer.slice(i), ...right]),
      ),
  },
  {
    name: "element by element",
    looksLike: "∘ where a matrix product is right: dz ∘ c instead of dz cᵀ, or w ∘ dz instead of wᵀ dz",
    says: "it was multiplied element by element (or broadcast): a matrix product is right, dz cᵀ for a weight and wᵀ dz for a value.",
    fits: ({ is, right, summed, H }) =>
      (summed && right.length === 2 && isSame(is, [H])) ||
      (!summed && is.length === right.length + 1 && is.at(-2) === H),
  },
  {
    name: "summed too far",
    looksLike: "one number where one for each unit is right",
    says: "it is one number: only steps and sequences are summed over, not the units.",
    fits: ({ is }) => is.length === 0 || isSame(is, [1]),
  },
  {
    name: "another shape",
    looksLike: "anything else that does not fit",
    says: "a gradient has the shape of what it is the gradient of.",
    fits: () => true,
  },
];

/** A term that was read. */
export interface ReadTerm {
  readonly shape: readonly number[];
  readonly flat: Vector;
}

/**
 * Numbers in one row, and their shape without a last dimension of 1 that the right shape lacks.
 *
 * @throws DataError if something else than numbers is there, or lists that should be equally long are not
 */
export function readTerm(name: string, value: unknown, right: readonly number[]): ReadTerm {
  const { shape, flat } = read(name, value, name);
  return shape.length === right.length + 1 && shape.at(-1) === 1
    ? { shape: shape.slice(0, -1), flat }
    : { shape, flat };
}

function read(term: string, value: unknown, place: string): ReadTerm {
  if (typeof value === "number") return { shape: [], flat: [value] };
  const list = Array.isArray(value) ? value : isTyped(value) ? Array.from(value) : undefined;
  const refuse = (problem: string): never => {
    throw new DataError({
      file: term,
      problem,
      remedy: "A term is numbers in lists, a list of rows for a matrix.",
    });
  };
  if (!list) return refuse(`${place} is ${describe(value)}`);
  const items = list.map((item, i) => read(term, item, `${place}[${i}]`));
  const [first] = items;
  if (!first) return refuse(`${place} is an empty list`);
  const odd = items.findIndex((item) => !isSame(item.shape, first.shape));
  if (odd > 0)
    return refuse(
      `${place}[${odd}] has ${inWords(items[odd]!.shape)}, but ${place}[0] has ${inWords(first.shape)}`,
    );
  return { shape: [items.length, ...first.shape], flat: items.flatMap((item) => item.flat) };
}

const isTyped = (value: unknown): value is Float64Array =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

const describe = (value: unknown): string =>
  value === undefined || value === null ? String(value) : `of type ${typeof value}`;

/** "3 × 5 numbers". */
export const inWords = (shape: readonly number[]): string =>
  shape.length === 0 ? "one number" : `${shape.join(" × ")} numbers`;
