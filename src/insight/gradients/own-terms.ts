/**
 * Gradients as somebody gave them, read: by the names of terms, in their shapes, whole weights parted into their blocks.
 */
import type { Vector } from "../../cell/evaluate.js";
import { DataError } from "../../data/errors.js";
import type { GradientCase, Over } from "./case.js";
import type { TermValues } from "./derive.js";
import type { FoundMistake } from "./search.js";
import { inWords, type Numbers, type ReadTerm, readTerm, shapeMistakes } from "./shape-mistakes.js";
import type { Term, Terms, WholeWeight } from "./terms.js";

/** Gradients by name: any of those that `gradientTerms` lists. What is left out is not compared. */
export type GivenTerms = Readonly<Record<string, Numbers>>;

/** A term as it was given. */
export interface OwnTerm extends ReadTerm {
  /** What is wrong with its shape. */
  readonly misfit?: FoundMistake;
  /** Of a block that was given as part of a whole weight: that. */
  readonly whole?: Vector;
}

/** Shapes by the names of terms and of whole weights. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** The right shape of every term, and of whole weights. */
export function shapesOf(
  { all, whole }: Terms,
  truth: ReadonlyMap<string, TermValues>,
  { over, sizes: { H, T, B } }: GradientCase<Over>,
): Shapes {
  const outer = { step: [], sequence: [T], batch: [B, T] }[over];
  const shapes = new Map<string, readonly number[]>(
    all.map(({ name, summed, factor }) => {
      const width = truth.get(name)?.parts[0]?.[0]?.length ?? 0;
      return [name, factor ? [H, width / H] : summed ? [width] : [...outer, width]];
    }),
  );
  for (const { name, blocks } of whole)
    shapes.set(name, [H, blocks.reduce((sum, block) => sum + (shapes.get(block.name)?.[1] ?? 0), 0)]);
  return shapes;
}

/**
 * The terms that were given, whole weights by their blocks.
 *
 * @throws DataError for names that the cell does not have, and for values that are not numbers
 */
export function readAll(
  cell: string,
  terms: Terms,
  values: GivenTerms,
  shapes: Shapes,
): ReadonlyMap<string, OwnTerm> {
  if (typeof values !== "object" || values === null || Array.isArray(values))
    throw new DataError({
      file: "mine",
      problem: `gave ${Array.isArray(values) ? "a list" : String(values)}`,
      remedy: "It gives gradients by name, { dz_u: […], dw_u: [[…]], … }.",
    });
  const own = new Map<string, OwnTerm>();
  const names = new Map([...shapes.keys()].flatMap((name) => spellings(name).map((other) => [other, name])));
  for (const [key, value] of Object.entries(values)) {
    const name = names.get(key.normalize("NFC"));
    const right = name === undefined ? undefined : shapes.get(name);
    if (name === undefined || !right)
      throw new DataError({
        file: key,
        problem: `is no gradient of the cell ${cell}`,
        remedy: `Its gradients are ${[...shapes.keys()].join(", ")}.`,
      });
    const read = readTerm(key, value, right);
    const whole = terms.whole.find((weight) => weight.name === name);
    const blocks = whole?.blocks ?? [terms.all.find((term) => term.name === name)!];
    const misfit = misfitOf(read.shape, right, { blocks, shapes });
    if (blocks.some((block) => own.has(block.name)))
      throw new DataError({
        file: key,
        problem: "is given twice",
        remedy: "Give a weight whole or by its blocks.",
      });
    if (misfit) own.set(blocks[0]!.name, { ...read, misfit });
    else if (whole) splitWhole(whole, read.flat, shapes).forEach((part, name) => own.set(name, part));
    else own.set(name, read);
  }
  return own;
}

/** "dΓu" is also "dGamma_u", "dc̃" also "dc_tilde", for keyboards without them. */
function spellings(name: string): string[] {
  const plain = name.replace(/Γ/g, "Gamma_").replace(/\u0303/g, "_tilde");
  return [...new Set([name.normalize("NFC"), plain])];
}

function misfitOf(
  is: readonly number[],
  right: readonly number[],
  { blocks: [term], shapes }: { readonly blocks: readonly Term[]; readonly shapes: Shapes },
): FoundMistake | undefined {
  if (is.length === right.length && is.every((n, i) => n === right[i])) return undefined;
  const [first] = shapes.values();
  const outer = first?.slice(0, -1) ?? [];
  const place = { is, right, summed: term?.summed ?? false, outer, H: first?.at(-1) ?? 0 };
  const { name, says } = shapeMistakes.find((row) => row.fits(place))!;
  return { name, says: `it has ${inWords(is)} where ${inWords(right)} are right: ${says}` };
}

function splitWhole({ blocks }: WholeWeight, flat: Vector, shapes: Shapes): Map<string, OwnTerm> {
  const widths = blocks.map(({ name }) => shapes.get(name)![1]!);
  const total = widths.reduce((a, b) => a + b, 0);
  return new Map(
    blocks.map(({ name }, i) => {
      const from = widths.slice(0, i).reduce((a, b) => a + b, 0);
      const part = flat.filter((_, at) => at % total >= from && at % total < from + widths[i]!);
      return [name, { shape: shapes.get(name)!, flat: part, whole: flat }];
    }),
  );
}

/** The whole weight that a block was given in, and what it would be with its blocks in the opposite order. */
export function wholeOf(
  terms: Terms,
  own: ReadonlyMap<string, OwnTerm>,
  { name, expected, shapes }: { name: string; expected: ReadonlyMap<string, TermValues>; shapes: Shapes },
): { whole?: { mine: Vector; swapped: Vector } } {
  const mine = own.get(name)?.whole;
  const weight = terms.whole.find(({ blocks }) => blocks.some((block) => block.name === name));
  if (!mine || !weight) return {};
  const H = shapes.get(name)![0]!;
  const rowsOf = (block: Term, r: number): Vector => {
    const { flat } = expected.get(block.name)!;
    return flat.slice((r * flat.length) / H, ((r + 1) * flat.length) / H);
  };
  const swapped = Array.from({ length: H }, (_, r) =>
    [...weight.blocks].reverse().flatMap((b) => rowsOf(b, r)),
  );
  return { whole: { mine, swapped: swapped.flat() } };
}
