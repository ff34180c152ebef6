/**
 * Typical mistakes that show in the numbers of a term rather than in its equation: sums over steps and sequences, the order of
 * rows and columns. One row each, in the order in which they are tried.
 */
import { plus, type Vector } from "../../cell/evaluate.js";
import type { TermValues } from "./derive.js";

/** What somebody gave for a term, and what is right. */
export interface ValuePlace {
  readonly mine: Vector;
  readonly right: TermValues;
  readonly summed: boolean;
  readonly sizes: Readonly<Record<"X" | "H" | "T" | "B", number>>;
  /** Numbers of a row: of a block of a weight its columns. */
  readonly columns: number;
  /** Of a block: the whole weight row after row, as it was given and with its blocks in the opposite order. */
  readonly whole?: { readonly mine: Vector; readonly swapped: Vector };
  /** The right values of all terms, by name. */
  readonly all: ReadonlyMap<string, TermValues>;
  /** True if both are the same within the tolerance. */
  readonly isClose: (a: Vector, b: Vector) => boolean;
}

/** The row of a mistake in values. */
export interface ValueMistake {
  readonly name: string;
  /** What it looks like in general. */
  readonly looksLike: string;
  /** The mistake in words, if it is this one. */
  readonly finds: (place: ValuePlace) => string | undefined;
}

const scaled = (values: Vector, by: number): Vector => values.map((v) => v * by);
const total = (parts: readonly Vector[]): Vector => parts.reduce(plus);

/** Values in rows, transposed. */
function transposed(values: Vector, columns: number): Vector {
  const rows = values.length / columns;
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** The rows that are specific. */
export const valueMistakes: readonly ValueMistake[] = [
  {
    name: "transposed",
    looksLike: "rows and columns of a weight's gradient exchanged: [c, x] dzᵀ where dz [c, x]ᵀ is right",
    finds: ({ mine, right, columns, isClose, sizes, summed }) =>
      summed &&
      columns === sizes.H &&
      right.flat.length === columns ** 2 &&
      isClose(mine, transposed(right.flat, columns))
        ? "it is transposed: rows belong to dz, columns to what the weight multiplies."
        : undefined,
  },
  {
    name: "columns swapped",
    looksLike: "the columns of [x, c] where those of [c, x] are right",
    finds: ({ whole, isClose }) =>
      whole && isClose(whole.mine, whole.swapped)
        ? "the blocks of columns stand in the opposite order: it multiplies [x, …] where the cell has x last, or the other way round."
        : undefined,
  },
  {
    name: "missing sum over steps",
    looksLike: "assigned at every step instead of added: one step's part remains",
    finds({ mine, right, summed, sizes: { T }, isClose }) {
      if (!summed || T < 2) return undefined;
      const ofStep = (t: number): Vector => total(right.parts.map((steps) => steps[t]!));
      if (isClose(mine, ofStep(0)))
        return "it is the part of step 1 alone, the last one on the way back: += instead of =, for the sum over t.";
      if (isClose(mine, ofStep(T - 1)))
        return `it is the part of step ${T} alone, the first one on the way back: the parts of all steps are added.`;
      const alone = right.parts.findIndex((steps) => isClose(mine, steps[0]!));
      return alone < 0
        ? undefined
        : `it is the part of step 1 of sequence ${alone + 1} alone: += instead of =, for the sum over steps and sequences.`;
    },
  },
  {
    name: "missing sum over sequences",
    looksLike: "one sequence's part of a parameter's gradient",
    finds({ mine, right, summed, sizes: { B }, isClose }) {
      if (!summed || B < 2) return undefined;
      const found = right.parts.findIndex((steps) => isClose(mine, total(steps)));
      return found < 0
        ? undefined
        : `it is the part of sequence ${found + 1} alone: the parts of all are added.`;
    },
  },
  {
    name: "averaged",
    looksLike: "divided by the number of steps or of sequences",
    finds({ mine, right, summed, sizes: { T, B }, isClose }) {
      if (!summed) return undefined;
      const divided: [number, string][] = [
        [T, `${T} steps`],
        [B, `${B} sequences`],
        [T * B, `${T} steps and ${B} sequences`],
      ];
      const found = divided.find(([by]) => by > 1 && isClose(mine, scaled(right.flat, 1 / by)));
      return found && `it is divided by the ${found[1]}: the loss is their sum, and so are its gradients.`;
    },
  },
  {
    name: "steps reversed",
    looksLike: "the steps in the order in which backward visits them, from T to 1",
    finds: ({ mine, right, summed, sizes: { T }, isClose }) =>
      !summed && T > 1 && isClose(mine, right.parts.map((steps) => [...steps].reverse()).flat(2))
        ? "the steps stand in the opposite order: step 1 comes first, though backward visits it last."
        : undefined,
  },
  {
    name: "clipped",
    looksLike: "clipped before it is compared",
    finds({ mine, right, isClose }) {
      const most = Math.max(...mine.map(Math.abs));
      const clipped = right.flat.map((v) => Math.max(-most, Math.min(most, v)));
      return most > 0 && isClose(mine, clipped)
        ? `it is clipped at ±${Number(most.toPrecision(3))}: compare before clipping.`
        : undefined;
    },
  },
  {
    name: "another term",
    looksLike: "the right numbers under another name",
    finds({ mine, all, isClose }) {
      const found = [...all].find(([, values]) => isClose(mine, values.flat));
      return found && `these are the right numbers of ${found[0]}.`;
    },
  },
  {
    name: "zero",
    looksLike: "never computed",
    finds: ({ mine }) => (mine.every((v) => v === 0) ? "it is all zero: was it ever added to?" : undefined),
  },
  {
    name: "scaled",
    looksLike: "every number is off by one factor",
    finds({ mine, right, isClose }) {
      const at = right.flat.reduce((best, v, i, all) => (Math.abs(v) > Math.abs(all[best]!) ? i : best), 0);
      const by = mine[at]! / right.flat[at]!;
      return mine.length > 1 && by !== 0 && isClose(mine, scaled(right.flat, by))
        ? `every number is ${Number(by.toPrecision(4))} times what is right.`
        : undefined;
    },
  },
];
