/**
 * When checkpoints are made and which are kept. Where they lie is a store's concern: a folder (train/node.ts), or
 * whatever a browser offers.
 */

import { writeModel } from "../../io/index.js";
import type { Network, Parameters } from "../../nn/index.js";
import { TrainingError } from "../errors.js";

/** Holds named files. Saving is all or nothing: a name has its old contents or the new. */
export interface CheckpointStore {
  save(name: string, bytes: Uint8Array): Promise<void>;
  /** Names, in no order. */
  list(): Promise<readonly string[]>;
  load(name: string): Promise<Uint8Array>;
  remove(name: string): Promise<void>;
}

/** How checkpoints are kept. */
export interface Checkpointing {
  readonly store: CheckpointStore;
  /** Seconds between two of them; default 60. One is always made at the end, and when training is stopped. */
  readonly everySeconds?: number;
  /** Also after so many steps; default: never. */
  readonly everySteps?: number;
  /** The newest so many are kept, and the best model; default 2. */
  readonly keep?: number;
  /** What a model file says beside the weights: the task, and what it keeps (vocabulary, labels). Default: "network", nothing. */
  readonly model?: { readonly task: string; readonly data: Readonly<Record<string, unknown>> };
}

/** The best weights so far, as a model file. */
export const bestName = "best.safetensors";

const nameOf = (step: number): string => `step-${String(step).padStart(9, "0")}.safetensors`;
const stepOf = (name: string): number => Number(/^step-(\d+)\.safetensors$/.exec(name)?.[1] ?? Number.NaN);

/**
 * The newest checkpoint of a store; undefined if it has none.
 *
 * @param options.upTo the newest that was made after this step or one before it; default: of all
 */
export async function newestCheckpoint(
  store: CheckpointStore,
  options: { readonly upTo?: number } = {},
): Promise<{ readonly name: string; readonly step: number; readonly bytes: Uint8Array } | undefined> {
  if (typeof Object(store).list !== "function")
    throw new TrainingError("newestCheckpoint takes a store of checkpoints, { save, list, load, remove }");
  const { upTo = Number.POSITIVE_INFINITY } = options;
  const name = byAge(await store.list()).find((candidate) => stepOf(candidate) <= upTo);
  return name === undefined ? undefined : { name, step: stepOf(name), bytes: await store.load(name) };
}

/** Checkpoints among names, the newest first. */
const byAge = (names: readonly string[]): string[] =>
  names.filter((name) => stepOf(name) >= 0).sort((a, b) => stepOf(b) - stepOf(a));

/** Makes the checkpoints of a run. */
export interface CheckpointKeeper {
  due(): boolean;
  save(): Promise<void>;
  /** Saves the best weights so far. */
  best(): Promise<void>;
}

/** Of a run, what its checkpoints are made of. */
export interface KeptRun {
  /** Steps done. */
  readonly done: number;
  readonly network: Network;
  bestParameters(): Promise<Parameters>;
  checkpoint(model: NonNullable<Checkpointing["model"]>): Promise<Uint8Array>;
}

/** The keeper of a run; without a place for checkpoints it does nothing. */
export function checkpointKeeper(options: Checkpointing | undefined, run: KeptRun): CheckpointKeeper {
  if (!options) return { due: () => false, save: async () => {}, best: async () => {} };
  const { store, everySeconds = 60, everySteps = Number.POSITIVE_INFINITY, keep = 2 } = options;
  const model = options.model ?? { task: "network", data: {} };
  let saved = { step: run.done, time: performance.now() };
  return {
    due: () => run.done - saved.step >= everySteps || performance.now() - saved.time >= 1000 * everySeconds,
    async save() {
      await store.save(nameOf(run.done), await run.checkpoint(model));
      saved = { step: run.done, time: performance.now() };
      // Only when the new one is safe are old ones removed. Later ones are of steps that are made again.
      const earlier = byAge(await store.list()).filter((name) => stepOf(name) <= run.done);
      for (const name of earlier.slice(keep)) await store.remove(name);
    },
    async best() {
      const parameters = await run.bestParameters();
      await store.save(bestName, writeModel({ ...model, network: run.network, parameters }));
    },
  };
}
