/**
 * What all tasks' `train` have in common: the options that shape training, under the same names everywhere, and how they
 * are passed on. A task adds its data and its model.
 */
import type { Place } from "../data/tables/labels.js";
import type { Home } from "../exec/executor.js";
import type { OptionTable } from "../options/index.js";
import { fitRows, type SharedOption } from "../train/options.js";
import type { Checkpointing } from "../train/run/checkpointing.js";
import type { FitOptions } from "../train/run/options.js";
import type { Optimizer } from "../train/step/optimizers.js";
import type { WorkerChoice } from "./worker/choice.js";

/** How any task is trained. Every option has a sensible default; those that differ between tasks are stated there. */
export interface TaskTraining
  extends Partial<
    Pick<
      FitOptions,
      | ("schedule" | "clip" | "clipValue" | "groups" | "accumulate" | "recompute" | "average" | "patience")
      | ("epochs" | "steps" | "minutes" | "fixedAt" | "batchSize" | "mostSkipped" | "memoryLimit")
      | ("resume" | "anyTier" | "onMemory" | "onWeights" | "onProgress" | "control" | "signal")
    >
  > {
  /** Default: Adam, at a rate that the task states. */
  readonly optimizer?: Optimizer;
  /** Seed of everything random; default 1. */
  readonly seed?: number;
  /**
   * Where to train, and where the model is to run: an executor, which it shares with others, in a session of its own.
   * Default: a WebAssembly executor of its own, which ends with the model.
   */
  readonly executor?: Home;
  /** Threads of the executor that is made if none is given; default 1. */
  readonly threads?: number;
  /**
   * Train in a worker, so that this thread stays free, or in the one that this function makes. Default: on a browser's page
   * true, elsewhere false.
   */
  readonly worker?: WorkerChoice;
  /** Where checkpoints go, and how often; default: none are made. They open as models of the task. */
  readonly checkpoints?: Omit<Checkpointing, "model">;
}

/** What examples are called in messages: the place in the data that they come from, if known. */
export function exampleNames(examples: readonly unknown[]): Pick<FitOptions, "exampleName"> {
  return {
    exampleName(id) {
      // Readers add places to the examples of a task.
      const { file, line } = Object(examples[id]) as Place;
      const place = [file, line].filter((part) => part !== undefined).join(":");
      return place === "" ? `example ${id}` : `example ${id} (${place})`;
    },
  };
}

const shared = Object.keys(fitRows) as readonly SharedOption[];

/**
 * A task's training options as `fit` takes them: what is given, and the defaults that are the task's own.
 *
 * @param options as they were given
 * @param chosen the same with the task's defaults
 * @param of.rows of the task
 * @param of.model what checkpoints say of the model
 */
export function fitOptions(
  options: TaskTraining,
  chosen: TaskTraining,
  of: { readonly rows: OptionTable; readonly model: NonNullable<Checkpointing["model"]> },
): Pick<FitOptions, SharedOption | "checkpoints"> {
  const ends = options.steps !== undefined || options.minutes !== undefined;
  // Defaults of `fit` are not passed to it: a run that resumes compares the options it was given.
  const isOwn = (key: SharedOption): boolean =>
    of.rows[key] !== undefined && of.rows[key] !== fitRows[key] && !(key === "epochs" && ends);
  const told = shared.flatMap((key) => {
    const value = options[key] ?? (isOwn(key) ? chosen[key] : undefined);
    // Only defined values: to `fit`, an undefined option is not the same as one that is left out.
    return value === undefined ? [] : [[key, value]];
  });
  const { checkpoints } = options;
  return {
    ...(Object.fromEntries(told) as Pick<FitOptions, SharedOption>),
    seed: options.seed ?? fitRows.seed.default,
    ...(checkpoints ? { checkpoints: { ...checkpoints, model: of.model } } : {}),
  };
}
