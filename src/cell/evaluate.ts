/**
 * The value of expressions in float64, one step of one sequence, straight from the meaning of the ops. It shares no code with
 * plans and executors, so tests take it for an oracle; and values on the way can be replaced, so that equations can be computed
 * with somebody else's numbers.
 */
import { type Expr, rowsOf } from "./expr.js";
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
  const value = evaluator(bindings, values);
  for (const root of roots) value(root);
  return values;
}

/**
 * Values on demand.
 *
 * @param values what is known already, whatever the equations say; it takes on what is computed
 * @param instead node -> what stands in its place
 */
export function evaluator(
  bindings: Bindings,
  values: Map<Expr, Vector>,
  instead?: ReadonlyMap<Expr, Expr>,
): (e: Expr) => Vector {
  const value = (e: Expr): Vector => {
    const before = values.get(e);
    if (before) return before;
    const other = instead?.get(e);
    const found = other ? value(other) : valueOf(e, e.args.map(value), bindings);
    values.set(e, found);
    return found;
  };
  return value;
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
