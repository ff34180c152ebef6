/**
 * What a page and its training worker say to each other: plain data. A cell is sent as its expression graph; functions
 * stay where they are and are called by message.
 */
import { type Cell, cellFromEquations, fromGraph, toGraph } from "../../cell/index.js";
import type { TrainingErrorFacts } from "../../train/errors.js";
import type { FitReport } from "../../train/run/options.js";
import type { Progress } from "../../train/run/progress.js";
import type { MemoryEstimate } from "../../train/step/memory.js";

/** The functions of a store of checkpoints, called from the worker. */
export type StoreMethod = "save" | "list" | "load" | "remove";

/** To the worker. */
export type ToWorker =
  | { readonly kind: "start"; readonly task: string; readonly options: Readonly<Record<string, unknown>> }
  | { readonly kind: "pause" | "resume" | "abort" }
  | { readonly kind: "reply"; readonly call: number; readonly value?: unknown; readonly error?: string };

/** From the worker. */
export type FromWorker =
  | { readonly kind: "memory"; readonly estimate: MemoryEstimate }
  | { readonly kind: "weights"; readonly share: number }
  | { readonly kind: "progress"; readonly progress: Progress }
  | {
      readonly kind: "call";
      readonly call: number;
      readonly method: StoreMethod;
      readonly args: readonly unknown[];
    }
  | { readonly kind: "done"; readonly bytes: Uint8Array; readonly training: FitReport }
  | ({ readonly kind: "failed"; readonly name: string; readonly message: string } & TrainingErrorFacts);

/** Options whose values cannot be sent: hooks, which are called by message instead. */
const hooks = ["onMemory", "onWeights", "onProgress", "signal", "control", "executor", "worker"] as const;

/** A task's options as plain data. If `checkpoints` is there, so is a store. */
export function packOptions(options: object): Readonly<Record<string, unknown>> {
  const packed: Record<string, unknown> = { ...options };
  for (const hook of hooks) delete packed[hook];
  const { cell, checkpoints, from } = packed as {
    cell?: Cell;
    checkpoints?: { store: unknown };
    from?: { save: () => Uint8Array };
  };
  if (cell) packed["cell"] = toGraph(cell.equations());
  if (checkpoints) packed["checkpoints"] = { ...checkpoints, store: undefined };
  // A model is sent as its file, because its network holds cells.
  if (from) packed["from"] = from.save();
  return packed;
}

/** The options again, as far as they can be sent. */
export function unpackOptions(packed: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { cell } = packed;
  return { ...packed, ...(cell ? { cell: cellFromEquations(fromGraph(cell)) } : {}) };
}
