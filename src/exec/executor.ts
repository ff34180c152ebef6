/**
 * What an executor is: something that runs plans. Creating one is asynchronous (compiling, workers), and so may be
 * reading results; everything else is synchronous. Models are apart from each other in sessions.
 */

import type { Plan } from "../plan/plan.js";
import type { Alignment, Packing } from "../tensor/packing.js";
import type { Resource } from "./resource.js";

/** The largest batch a program must hold, per packing: sequences, steps, rows. */
export interface Capacity {
  readonly B: number;
  readonly T: number;
  readonly N: number;
}

/** What a run hands over: the tables of each packing and of each alignment ("reader:source"). */
export interface Batch {
  readonly packings: Readonly<Record<string, Packing>>;
  readonly alignments?: Readonly<Record<string, Alignment>>;
}

/**
 * A buffer in place, row after row: value f of row i is `values[i * stride + f]`. What lies behind a row's width
 * is not the caller's.
 */
export interface BufferView {
  readonly values: Float32Array | Float64Array | Int32Array;
  readonly stride: number;
}

/** Where a run stops on its way, for a look at what is there by then. The results are the same bits. */
export interface Stops {
  /** Top-level steps of the plan, as rising numbers from 0. */
  readonly after: readonly number[];
  /**
   * Called behind each of these steps, before the next one begins. What the steps so far have written can be read and, where
   * no later step touches it, written.
   */
  reached(step: number): void;
}

/** A plan made ready: memory sized, weights bound. */
export interface Program extends Resource {
  readonly plan: Plan;
  /** True once it, its session or its executor is disposed of. */
  readonly disposed: boolean;
  /** Bytes of memory that belong to this program alone (inputs, outputs, temporaries at full capacity). */
  readonly bytes: number;
  /**
   * Writes an input buffer: rows × width values, row after row, without padding. Fewer rows than the
   * capacity are fine.
   * @throws ExecutorError if the buffer is no input or the values do not fit
   */
  write(name: string, values: ArrayLike<number>): void;
  /**
   * Reads an input, output or persistent buffer as it stands after the last run: a copy, rows × width values
   * without padding.
   * @throws ExecutorError for a temporary, whose memory others may have used since, or if the executor reads
   * asynchronously alone
   */
  read(name: string): Float64Array;
  /** The same; what it gives is what the buffer held when it was called, whatever runs until it comes. */
  readAsync(name: string): Promise<Float64Array>;
  /**
   * An input, output, state or slot in place, all rows of the capacity: for callers that may not copy. It is
   * good until the next `prepare` on this executor, which may move memory; a view that has gone has length 0.
   * @throws ExecutorError for other buffers, or if the executor reads asynchronously alone
   */
  view(name: string): BufferView;
  /**
   * Runs the plan once.
   *
   * @param stops where it stops on its way; default: nowhere
   * @throws ExecutorError if the batch exceeds the capacity, or the plan has no such steps
   */
  run(batch: Batch, stops?: Stops): void;
  /**
   * Runs the plan again with the tables of the last `run`: nothing is checked, nothing allocated.
   * @throws ExecutorError if there was no run before
   */
  rerun(): void;
  /** Gives the program's memory back to its executor; persistent buffers stay in the session. */
  dispose(): void;
}

/**
 * A room of its own on an executor: persistent buffers (parameters, optimiser slots) are shared by name between the
 * programs of a session, so that weights stay where they are, and between no others. Two models have two sessions;
 * a predictor that is to see what a trainer learns shares its session.
 */
export interface Session extends Resource {
  readonly executor: Executor;
  /**
   * Makes a plan ready for batches up to the capacity of each packing. Persistent buffers that do not
   * exist yet are created as zeros.
   * @throws ExecutorError naming the step and the reason if the plan cannot be run here
   */
  prepare(plan: Plan, capacity: Readonly<Record<string, Capacity>>): Program;
  /** Whether there is a persistent buffer of this name. */
  has(name: string): boolean;
  /** Writes a persistent buffer. @throws ExecutorError if it does not exist or the size differs */
  write(name: string, values: ArrayLike<number>): void;
  /**
   * Reads a persistent buffer as a copy.
   * @throws ExecutorError if it does not exist, or the executor reads asynchronously alone
   */
  read(name: string): Float64Array;
  /** The same; what it gives is what the buffer held when it was called. @throws ExecutorError if it does not exist */
  readAsync(name: string): Promise<Float64Array>;
  /** Counts the changes of persistent buffers: as long as it stays, they hold what they held. */
  readonly version: number;
  /** Bytes held: persistent buffers and programs. */
  readonly bytes: number;
  /** Frees the memory of its buffers and programs, which are unusable afterwards. Other sessions do not notice. */
  dispose(): void;
}

/** Bytes that a plan takes, by what they are for. */
export interface PlanMemory {
  /** Parameters, and copies of them in the order in which products read them. */
  readonly weights: number;
  /** What the plan keeps beside them from run to run, such as an optimiser's slots. */
  readonly slots: number;
  /** Everything that grows with the batch: inputs, outputs, and all between them. */
  readonly working: number;
}

/** Runs plans. */
export interface Executor extends Resource {
  /** "reference" or "wasm". */
  readonly name: string;
  /** What ran, to be recorded with results: "reference float64", "wasm simd". */
  readonly tier: string;
  /** False if results can only be read asynchronously: `read` and `view` then throw, and nothing can be streamed. */
  readonly synchronous: boolean;
  /** What numbers are stored in; default float32. */
  readonly precision?: "float32" | "float64";
  /** A new session, with nothing in it. @throws ExecutorError if the executor is disposed of */
  session(): Session;
  /** What a plan would take for batches up to a capacity, to within a tenth, before any of it is taken. */
  estimate(plan: Plan, capacity: Readonly<Record<string, Capacity>>): PlanMemory;
  /** Bytes held by all sessions. */
  readonly bytes: number;
  /** The most that it can hold; infinite where that is the host's matter. */
  readonly mostBytes: number;
  /** Frees memory and threads; the executor, its sessions and their programs are unusable afterwards. */
  dispose(): void;
}

/** Where something is to live: in a session that is there, sharing its weights, or in one of its own on an executor. */
export type Home = Executor | Session;

/** What an executor cannot do, or was asked wrongly: names the step or buffer and the reason. */
export class ExecutorError extends Error {
  override readonly name = "ExecutorError";
}
