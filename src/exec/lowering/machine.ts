/**
 * What runs tables: the part of an executor that is its own. A machine has memory, threads and kernels that interpret the
 * table of table.ts; plans, sessions, checks and copies are the same for all machines.
 */
import type { PlanBuffer } from "../../plan/plan.js";
import type { Program } from "../executor.js";
import type { TableMemory } from "./slots.js";

/** The memory of a machine. Addresses are bytes from its start; views are good until the next `allocate`. */
export interface MachineMemory extends TableMemory {
  readonly floats: Float32Array;
  /** Bytes of all blocks. */
  readonly bytes: number;
  /** A block of zeros, aligned to cache lines. @throws ExecutorError if there is no more */
  allocate(bytes: number): number;
  /** Gives a block back, once; its bytes serve later blocks. */
  release(address: number): void;
}

/** Runs tables. */
export interface Machine {
  /** The executor's name, "wasm". */
  readonly name: string;
  /** The kernels and how they run, "simd, 3 threads". */
  readonly tier: string;
  readonly memory: MachineMemory;
  /** The most bytes that its memory can hold. */
  readonly mostBytes: number;
  readonly threads: number;
  /** Address of what threads meet through (TEAM_SIZE ints); 0 where there is one thread. */
  readonly team: number;
  /** Columns of a panel of weights: those of the kernels' tile. */
  readonly panelColumns: number;
  /** Runs a program. @param header of thread 0 @throws ExecutorError if a thread fails, or has failed before */
  run(header: number, repack: boolean): void;
  /** Ends its threads; not waited for. */
  stop(): void;
}

/** What a program shares with the others of its session. */
export interface ProgramRoom {
  readonly machine: Machine;
  /** Address of a persistent buffer, created as zeros if it is new. @param plan that has it, for messages */
  persistent(buffer: PlanBuffer, plan: string): number;
  /** Counts every change of a persistent buffer: panels packed at another count are stale. */
  version: number;
  /** Called when a program has given its memory back. */
  forget(program: Program): void;
}
