/**
 * Which examples are for training, validation and testing: by position (the order of a file often means time), or by
 * seed. A seeded part depends only on the seed and the number of examples, so it is the same on every machine.
 */

import { compareCodePoints } from "../io/order.js";
import { checkArguments } from "../options/check.js";
import { permutation, purposes } from "../tensor/random.js";
import { DataError } from "./errors.js";

/** Rows `start` to `end - 1`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Random parts of 0 to n − 1, each in ascending order. Every row is in exactly one part.
 *
 * @param fractions the parts' shares of n, which sum to 1
 * @throws DataError if they do not, or if a part would be empty
 */
export function splitBySeed(n: number, fractions: readonly number[], seed: number): Int32Array[] {
  checkArguments(
    "splitBySeed",
    { n, fractions },
    {
      n: { kind: "whole", least: 0 },
      fractions: { kind: "list", of: { kind: "number", least: 0, most: 1 } },
    },
  );
  const spec = fractions.join(",");
  if (Math.abs(sum(fractions) - 1) > 1e-9) {
    throw splitError(spec, `the shares sum to ${round(sum(fractions))}`, "Give shares that sum to 1.");
  }
  const order = permutation({ seed, purpose: purposes.split }, n);
  return rangesOf(spec, n, fractions).map(({ start, end }) => order.slice(start, end).sort());
}

/**
 * Consecutive parts: training first, then validation, then test. What follows the last part is not used.
 *
 * ```ts
 * splitByPosition(17420, "8640,2880,2880"); // [{ start: 0, end: 8640 }, …, { start: 11520, end: 14400 }]
 * splitByPosition(100, "0.8,0.1,0.1");      // [{ start: 0, end: 80 }, { start: 80, end: 90 }, { start: 90, end: 100 }]
 * ```
 *
 * @param n number of rows
 * @param spec two or three numbers, as `split` takes them: either all numbers of rows, or all fractions below 1
 * @throws DataError if it is anything else, asks for more rows than there are, or leaves a part empty
 */
export function splitByPosition(n: number, spec: string | readonly number[]): Range[] {
  const parts = typeof spec === "string" ? spec.split(",").map((part) => part.trim()) : spec.map(String);
  const text = parts.join(",");
  const sizes = parts.map((part) => (/^(?:[0-9]+|[0-9]*\.[0-9]+)$/.test(part) ? Number(part) : Number.NaN));
  const rows = sizes.every((size) => Number.isSafeInteger(size) && size >= 1);
  const shares = sizes.every((size) => size > 0 && size < 1);
  if (parts.length < 2 || parts.length > 3 || !(rows || shares)) {
    const remedy =
      "Give two or three numbers of rows (800,100,100), or two or three fractions (0.8,0.1,0.1).";
    throw splitError(text, "is no split", remedy);
  }
  if (shares && sum(sizes) > 1 + 1e-9) {
    throw splitError(
      text,
      `the fractions sum to ${round(sum(sizes))}`,
      "Give fractions that sum to 1 or less.",
    );
  }
  if (rows && sum(sizes) > n) {
    throw splitError(text, `asks for ${sum(sizes)} rows of ${n}`, `Give numbers that sum to ${n} or less.`);
  }
  return rangesOf(text, n, rows ? sizes.map((size) => size / n) : sizes);
}

/** Rows that were held back, and the others; both in ascending order. */
export interface HoldOut {
  readonly train: Int32Array;
  readonly held: Int32Array;
}

/**
 * Holds back a random share of every class. A class with a single example stays in training; at least one example
 * is held back overall.
 *
 * @param labels each example's label
 * @param options `fraction` to hold back, default a tenth; `seed` of the draw
 * @throws DataError if every class has only one example
 */
export function stratifiedHoldOut(
  labels: readonly string[],
  { fraction = 0.1, seed }: { readonly fraction?: number; readonly seed: number },
): HoldOut {
  if (!(fraction > 0 && fraction < 1))
    throw new RangeError(`fraction is ${fraction}; give one between 0 and 1`);
  const members = new Map<string, number[]>();
  for (const [i, label] of labels.entries()) {
    const rows = members.get(label);
    if (rows === undefined) members.set(label, [i]);
    else rows.push(i);
  }
  const isHeld = new Uint8Array(labels.length);
  const classes = [...members].sort(([a], [b]) => compareCodePoints(a, b));
  let before = 0;
  for (const [number, [, rows]] of classes.entries()) {
    // Rounding the running total instead of each class keeps the overall share right.
    const share = Math.round((before + rows.length) * fraction) - Math.round(before * fraction);
    before += rows.length;
    const order = permutation({ seed, purpose: purposes.split, sequence: number }, rows.length);
    for (const i of order.subarray(0, Math.min(share, rows.length - 1))) isHeld[rows[i]!] = 1;
  }
  if (!isHeld.includes(1)) {
    // Too few examples: one of the largest class.
    const largest = classes.reduce(
      (most, [, rows]) => (rows.length > most.length ? rows : most),
      [] as number[],
    );
    if (largest.length < 2) {
      const none =
        labels.length === 1
          ? "there is only one example, and one must be held back for validation"
          : `${labels.length} examples, each the only one of its class, so none can be held back`;
      throw new DataError({
        file: "data",
        problem: none,
        remedy: "Give more examples, or files for validation.",
      });
    }
    isHeld[largest[permutation({ seed, purpose: purposes.split }, largest.length)[0]!]!] = 1;
  }
  const rows = Int32Array.from(labels.keys());
  return { train: rows.filter((i) => isHeld[i] === 0), held: rows.filter((i) => isHeld[i] === 1) };
}

/** Examples for training, and examples held back for validation. */
export interface HeldOut<Example> {
  readonly train: readonly Example[];
  readonly valid: readonly Example[];
}

/**
 * Holds back a tenth of every kind of example, as {@link stratifiedHoldOut} draws it; data that has validation data stays
 * as it is.
 *
 * @param data what there is
 * @param kindOf the kind of an example; the same share of every kind is held back
 * @throws DataError if there are too few examples to hold one back
 */
export function heldOut<Example>(
  data: { readonly train: readonly Example[]; readonly valid?: readonly Example[] | undefined },
  kindOf: (example: Example) => string,
  seed: number,
): HeldOut<Example> {
  const { train, valid } = data;
  if (valid) return { train, valid };
  const parts = stratifiedHoldOut(train.map(kindOf), { seed });
  const take = (rows: Int32Array): Example[] => Array.from(rows, (i) => train[i] as Example);
  return { train: take(parts.train), valid: take(parts.held) };
}

/**
 * Consecutive ranges of the given shares. Boundaries are rounded down, like `int(0.9 * n)` in the programs whose splits
 * are commonly used; the small term keeps 0.29 · 100 = 28.999… from becoming 28.
 */
function rangesOf(spec: string, n: number, shares: readonly number[]): Range[] {
  let share = 0;
  let start = 0;
  return shares.map((part, i) => {
    share += part;
    const end = Math.min(n, Math.floor(share * n + 1e-6));
    const range = { start, end };
    if (start === end)
      throw splitError(spec, `of ${n} rows, part ${i + 1} gets none`, "Give that part a larger share.");
    start = end;
    return range;
  });
}

function splitError(spec: string, problem: string, remedy: string): DataError {
  return new DataError({ file: `split ${spec}`, problem, remedy });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** For messages: 1.1, not 1.1000000000000003. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}
