/**
 * The plan: what an executor runs. Plain readonly data, no functions: it can be printed, compared, hashed,
 * stored and sent to a worker. A plan lists buffers and steps; sizes that change from batch to batch are
 * spaces ("tokens:words"), feature widths are fixed. An executor knows the step kinds below and no cell.
 */
import type { ElementwiseOp } from "../cell/meanings.js";

/**
 * What the rows of a buffer are:
 * - `tokens:P`      the N rows of packing P, time-major; inside a loop over P the `active[t]` rows of step t
 * - `sequences:P`   the B places of packing P; inside a loop over P the first `active[t]` of them
 * - `aligned:P:Q`   the N rows of packing Q, sequence-major in the order of P's places; inside a loop over P
 *                   those of the first `active[t]` places
 * - `rows:n`        n rows, always
 * Inside a loop over P, `tokens:P` and `sequences:P` have the same number of rows and may meet in one step.
 */
export type Space =
  | `tokens:${string}`
  | `sequences:${string}`
  | `aligned:${string}:${string}`
  | `rows:${number}`;

/**
 * Who writes a buffer and how long it lives:
 * - `parameter`, `slot`  weights and optimiser state: persistent, shared by name between the plans of one executor
 * - `input`   written by the caller before each run
 * - `output`  readable after each run
 * - `state`   the program's own, zero at first: keeps its values from run to run, and the caller may change them
 * - `temporary`  written before it is read within a run; its memory may be shared with others
 */
export type Role = "parameter" | "slot" | "input" | "output" | "state" | "temporary";

/** A buffer: `space` rows of `width` values. `real` is float64 in reference and float32 in fast executors. */
export interface PlanBuffer {
  readonly name: string;
  readonly dtype: "real" | "index";
  readonly space: Space;
  readonly width: number;
  readonly role: Role;
  /** The buffer of the same shape whose memory this one overwrites; absent: memory of its own. */
  readonly storage?: string;
}

/** What a result starts from: nothing, what the buffer holds already, or a row that is repeated (a bias). */
export type Start = "zero" | "accumulate" | { readonly row: string };

/**
 * Products of one operand `a` with several matrices.
 * - form `apply`: c[rows, n] = start + a[rows, k] · b, with b [k, n], or bᵀ with b [n, k] if `transpose`.
 * - form `gradient`: c[m, n] = start + aᵀ b, summed over the rows of `space`; a [rows, m], b [rows, n]. Outputs may have
 *   operands of their own; of each operand stand together, with the same factors b in the same order as of all others.
 * `c` never overlaps `a` or `b`.
 */
export interface GemmStep {
  readonly kind: "gemm";
  readonly form: "apply" | "gradient";
  readonly space: Space;
  readonly a: string;
  readonly outputs: readonly GemmOutput[];
}

/** The operand of an output. */
export const operandOf = (step: GemmStep, output: GemmOutput): string => output.a ?? step.a;

/** One product of a gemm step. */
export interface GemmOutput {
  /** Of the form `gradient`: this output's operand instead of the step's. */
  readonly a?: string;
  readonly b: string;
  readonly transpose: boolean;
  readonly c: string;
  readonly start: Start;
}

/**
 * One instruction of an elementwise program. Its result is the next register; registers 0.. are the
 * step's inputs, then one per instruction (static single assignment).
 */
export interface Instruction {
  readonly op: ElementwiseOp | "constant";
  /** Registers. */
  readonly args: readonly number[];
  /** The number of a `constant`. */
  readonly value?: number;
}

/**
 * A register program over `space` rows of `width` values. An input is read as what its shape says: the
 * step's rows and width; width 1 (repeated over the features); one row (`rows:1`, repeated over the rows);
 * one number. An output has the step's rows and width and may be one of the inputs (same element only).
 */
export interface ElementwiseStep {
  readonly kind: "elementwise";
  readonly space: Space;
  readonly width: number;
  readonly inputs: readonly string[];
  readonly program: readonly Instruction[];
  readonly outputs: readonly { readonly buffer: string; readonly register: number }[];
}

/**
 * A reduction of `from`, whose rows are `space`:
 * - `features`  each row to one value: into [rows, 1]; sum, max, argmax, logSumExp
 * - `rows`      all rows to one row: into rows:1 of the same width; sum
 * - `all`       everything to one number: into rows:1, width 1; sum, sumSquares
 * - `segments`  `space` is aligned:P:Q, each place's rows to one row: into sequences:P; sum, max, argmax, logSumExp
 * `argmax` gives indices (the first of equals): the feature, or the aligned row. A segment without rows gives
 * 0, and −1 for argmax. `accumulate` is for sum and sumSquares.
 */
export interface ReduceStep {
  readonly kind: "reduce";
  readonly op: "sum" | "sumSquares" | "max" | "argmax" | "logSumExp";
  readonly along: "features" | "rows" | "all" | "segments";
  readonly space: Space;
  readonly from: string;
  readonly into: string;
  readonly start: "zero" | "accumulate";
}

/**
 * The adjoint of a sum along segments: each place's row to all its rows. `space` is aligned:P:Q and `from` per
 * sequence of P: into[i, :] = from[place of i, :].
 */
export interface SpreadStep {
  readonly kind: "spread";
  readonly space: Space;
  readonly from: string;
  readonly into: string;
}

/**
 * Reads by index, for every row i of `space`:
 * - axis `rows`: into[i, :] = start + from[index[i], :]; `from` is addressed as a whole, also inside a loop
 * - axis `columns`: into[i, 0] = start + from[i, index[i]]
 * An index of −1 reads zeros.
 */
export interface GatherStep {
  readonly kind: "gather";
  readonly axis: "rows" | "columns";
  readonly space: Space;
  readonly from: string;
  readonly index: string;
  readonly into: string;
  readonly start: Start;
}

/**
 * The adjoint of a gather, row after row in order: rows: into[index[i], :] += from[i, :];
 * columns: into[i, index[i]] += from[i, 0]. An index of −1 writes nothing.
 */
export interface ScatterAddStep {
  readonly kind: "scatter-add";
  readonly axis: "rows" | "columns";
  readonly space: Space;
  readonly from: string;
  readonly index: string;
  readonly into: string;
}

/** Copies columns: into[i, intoColumn + j] = from[i, fromColumn + j] for j < width; other columns stay. */
export interface ColumnsStep {
  readonly kind: "columns";
  readonly space: Space;
  readonly from: string;
  readonly fromColumn: number;
  readonly into: string;
  readonly intoColumn: number;
  readonly width: number;
}

/**
 * Uniform numbers in [0, 1): into[i, f] = element f at (seed, purpose, layer, step, sequence[i], time[i]) of
 * tensor/random.ts. `seed` and `step` are index buffers of one number; `time` absent means 0 (one mask per sequence).
 */
export interface RandomStep {
  readonly kind: "random";
  readonly space: Space;
  readonly width: number;
  readonly into: string;
  readonly purpose: number;
  readonly layer: number;
  readonly seed: string;
  readonly step: string;
  readonly sequence: string;
  readonly time?: string;
}

/** The body once per time step of `packing`, from the first step to the last, or back if `reverse`. */
export interface LoopStep {
  readonly kind: "loop";
  readonly packing: string;
  readonly reverse: boolean;
  readonly body: readonly LeafStep[];
}

/** A step that is not a loop: loops do not nest. */
export type LeafStep =
  | GemmStep
  | ElementwiseStep
  | ReduceStep
  | SpreadStep
  | GatherStep
  | ScatterAddStep
  | ColumnsStep
  | RandomStep;

/** Any step. */
export type Step = LeafStep | LoopStep;

/** A whole computation: buffers by name, steps in order. */
export interface Plan {
  readonly name: string;
  /** The packings a run must hand over, each with its tables. */
  readonly packings: readonly string[];
  readonly buffers: Readonly<Record<string, PlanBuffer>>;
  readonly steps: readonly Step[];
}

/** What is wrong with a plan: which step, which buffer. A mistake of ours or of a layer's author, not of data. */
export class PlanError extends Error {
  override readonly name = "PlanError";
}

/** A space taken apart. */
export type SpaceParts =
  | { readonly over: "tokens" | "sequences"; readonly packing: string }
  | { readonly over: "aligned"; readonly packing: string; readonly source: string }
  | { readonly over: "rows"; readonly count: number };

/** Reads a space's name. */
export function spaceParts(space: Space): SpaceParts {
  const [over, packing = "", source = ""] = space.split(":");
  if (over === "rows") return { over, count: Number(packing) };
  if (over === "aligned") return { over, packing, source };
  if (over === "tokens" || over === "sequences") return { over, packing };
  throw new PlanError(`there is no space "${space}"; spaces are tokens:, sequences:, aligned: and rows:`);
}

/** The buffer of a name. @throws PlanError if the plan has none */
export function bufferOf(plan: Pick<Plan, "buffers">, name: string): PlanBuffer {
  const buffer = plan.buffers[name];
  if (!buffer) throw new PlanError(`the plan has no buffer "${name}"`);
  return buffer;
}
