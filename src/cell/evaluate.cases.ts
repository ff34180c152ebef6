/**
 * For tests: the value of expressions in float64, one step of one sequence, straight from the meaning of the
 * ops, and numbers to bind their leaves to. It shares no code with plans and executors.
 */
import type { CellEquations } from "./cell.js";
import { type Expr, rowsOf, topological } from "./expr.js";
import { ops } from "./ops.js";

/** A value: its features; one number where the width is "1". Over a source its rows, one after another. */
export type Vector = readonly number[];
/** Row after row. */
export type Matrix = readonly Vector[];

/** What leaves stand for, by kind and name. */
export interface Bindings {
  /** Width symbols -> numbers. */
  readonly widths: Readonly<Record<string, number>>;
  /** How many rows the source has; absent: there is none. */
  readonly source?: number;
  readonly input: Readonly<Record<string, Vector>>;
  readonly state: Readonly<Record<string, Vector>>;
  /** Vectors, biases and scalars. */
  readonly parameter: Readonly<Record<string, Vector>>;
  readonly incoming: Readonly<Record<string, Vector>>;
  /** Blocks of columns by name: w_uc, w_ux. */
  readonly blocks: Readonly<Record<string, Matrix>>;
}

/** The value of every node that `roots` depend on. */
export function evaluate(roots: readonly Expr[], bindings: Bindings): ReadonlyMap<Expr, Vector> {
  const values = new Map<Expr, Vector>();
  for (const e of topological(roots)) {
    const args = e.args.map((arg) => values.get(arg)!);
    values.set(e, valueOf(e, args, bindings));
  }
  return values;
}

function valueOf(e: Expr, args: readonly Vector[], bindings: Bindings): Vector {
  const { widths, blocks, source = 0, ...leaves } = bindings;
  const { kind, evaluate: meaning } = ops[e.op];
  if (e.op === "constant") return [e.value!];
  if (e.op === "featureCount") return [widths[e.name!]!];
  if (kind === "leaf") return leaves[e.op as "input" | "state" | "parameter" | "incoming"][e.name!]!;
  if (kind === "reduce") return rowsIn(e.args[0]!, args[0]!, source).map(sum);
  if (e.op === "spread") return Array.from({ length: source }, () => args[0]!).flat();
  if (kind === "source") {
    const fold = e.op === "sumSource" ? sum : logSumExp;
    const rows = rowsIn(e.args[0]!, args[0]!, source);
    const features = e.width === "1" ? 1 : widths[e.width]!;
    return Array.from({ length: features }, (_, f) => fold(rows.map((row) => row[f]!)));
  }
  if (e.op === "transposed") return multiply(transpose(blocks[e.weight!.blocks[0]!]!), args[0]!);
  if (e.op === "affine") {
    const { bias, blocks: names } = e.weight!;
    const start: Vector = bias ? leaves.parameter[bias]! : Array<number>(widths["H"]!).fill(0);
    return args.reduce((sum, arg, i) => plus(sum, multiply(blocks[names[i]!]!, arg)), start);
  }
  const width = e.width === "1" ? 1 : widths[e.width]!;
  const parts = args.map((a, k) => rowsIn(e.args[k]!, a, source));
  const at = (list: readonly Vector[], i: number): Vector => list[list.length === 1 ? 0 : i]!;
  return Array.from({ length: rowsOf(e) === "source" ? source : 1 }, (_, i) =>
    Array.from({ length: width }, (_, f) =>
      meaning!(...parts.map((rows) => at(rows, i)).map((row) => (row.length === 1 ? row[0]! : row[f]!))),
    ),
  ).flat();
}

/** The rows of a value: one of a step, as many as the source has. */
function rowsIn(e: Expr, value: Vector, source: number): Vector[] {
  if (rowsOf(e) === "step") return [value];
  const width = value.length / source;
  return Array.from({ length: source }, (_, i) => value.slice(i * width, (i + 1) * width));
}

const sum = (values: Vector): number => values.reduce((a, b) => a + b, 0);
const logSumExp = (values: Vector): number =>
  values.length === 0 ? 0 : Math.log(sum(values.map((v) => Math.exp(v))));

/** M v. */
export function multiply(matrix: Matrix, vector: Vector): Vector {
  return matrix.map((row) => row.reduce((sum, weight, i) => sum + weight * vector[i]!, 0));
}

/** Mᵀ. */
export function transpose(matrix: Matrix): Matrix {
  return (matrix[0] ?? []).map((_, i) => matrix.map((row) => row[i]!));
}

/** a + b. */
export function plus(a: Vector, b: Vector): Vector {
  return a.map((value, i) => value + b[i]!);
}

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
