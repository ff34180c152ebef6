/**
 * For tests: numbers to bind the leaves of expressions to, and central differences. Expressions are evaluated by evaluate.ts.
 */
import type { CellEquations } from "./equations.js";
import type { Bindings, Matrix, Vector } from "./evaluate.js";

export { type Bindings, evaluate, type Matrix, multiply, plus, transpose, type Vector } from "./evaluate.js";

/** Numbers between −1 and 1 that look random and are the same everywhere: 0.9 · cos(1.7 · seed + 0.9 · k). */
export function numbers(seed: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => 0.9 * Math.cos(1.7 * seed + 0.9 * k));
}

/** Bindings for all leaves of a cell, from a seed; X = 2 and H = 3 unless told otherwise. */
export function bindingsFor(cell: CellEquations, seed = 1, widths = { X: 2, H: 3 }): Bindings {
  let next = seed;
  const vector = (width: number): Vector => numbers(next++, width);
  const width = (symbol: string): number => (symbol === "1" ? 1 : widths[symbol as "X" | "H"]);
  const blocks: Record<string, Matrix> = {};
  const parameter: Record<string, Vector> = {};
  for (const p of cell.parameters) {
    if (p.kind !== "weight") parameter[p.name] = vector(p.kind === "scalar" ? 1 : widths.H);
    for (const block of p.blocks) {
      blocks[block.name] = Array.from({ length: widths.H }, () => vector(width(block.columns)));
    }
  }
  const each = (names: readonly string[]): Record<string, Vector> =>
    Object.fromEntries(names.map((name) => [name, vector(widths.H)]));
  return {
    widths,
    input: { x: vector(widths.X) },
    state: each(cell.states),
    parameter,
    incoming: each(cell.states),
    blocks,
  };
}

/**
 * The derivative of `loss` by every element of every leaf and weight, by central differences, under
 * "input.x", "state.c", "parameter.b_u", "blocks.w_ux". With a step of 1e-5 the error is about 1e-10 times
 * the third derivative from cutting off, and about 1e-11 times the loss from rounding.
 */
export function centralDifferences(
  bindings: Bindings,
  loss: (bindings: Bindings) => number,
): Record<string, Vector | Matrix> {
  const step = 1e-5;
  const gradients: Record<string, Vector | Matrix> = {};
  for (const kind of ["input", "state", "parameter", "blocks"] as const) {
    for (const [name, value] of Object.entries(bindings[kind]) as [string, Vector | Matrix][]) {
      const at = (changed: Vector | Matrix): number =>
        loss({ ...bindings, [kind]: { ...bindings[kind], [name]: changed } });
      const slope = (move: (by: number) => Vector | Matrix): number =>
        (at(move(step)) - at(move(-step))) / (2 * step);
      const rowSlopes = (row: Vector, put: (row: Vector) => Vector | Matrix): Vector =>
        row.map((old, i) => slope((by) => put(replaced(row, i, old + by))));
      gradients[`${kind}.${name}`] = isMatrix(value)
        ? value.map((row, r) => rowSlopes(row, (changed) => replaced(value, r, changed)))
        : rowSlopes(value, (changed) => changed);
    }
  }
  return gradients;
}

const isMatrix = (value: Vector | Matrix): value is Matrix => Array.isArray(value[0]);

function replaced<T>(list: readonly T[], at: number, value: T): readonly T[] {
  return list.map((old, i) => (i === at ? value : old));
}
