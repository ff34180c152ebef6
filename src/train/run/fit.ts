/**
 * Training as people run it: epochs of batches, validation, the best weights kept, checkpoints, a budget of time.
 * Asynchronous, so that a page or a server stays alive: between steps it gives way at least every 40 ms. What a run has
 * become is in a Run (run.ts), from which it goes on to the bit.
 */
import type { Home } from "../../exec/executor.js";
import type { Example, Network, Parameters } from "../../nn/index.js";
import { type BatchSource, type LaneOptions, laneBatches, shuffledBatches } from "../batches.js";
import { TrainingError } from "../errors.js";
import { needsScores } from "../schedules.js";
import type { TrainingSettings } from "../settings.js";
import { checkMemory, type MemoryEstimate } from "../step/memory.js";
import { createTrainer } from "../step/trainer.js";
import { type Checkpointing, checkpointKeeper } from "./checkpointing.js";
import type { TrainingControl } from "./control.js";
import { notFinite } from "./not-finite.js";
import { type Progress, Run } from "./run.js";
import { type Validation, type Validator, validator } from "./validation.js";

/** What training needs. */
export interface FitOptions extends TrainingSettings {
  readonly net: Network;
  /** Where the weights start; a run that goes on has its own. */
  readonly parameters: Parameters;
  /** Where to train: an executor, or a session, which is left with the returned parameters. */
  readonly executor: Home;
  /** Examples, or the token ids of one long text together with `bptt`. */
  readonly train: readonly Example[] | { readonly text: ArrayLike<number> };
  /** For one long text: truncated back-propagation through time, over `steps` steps of each of `lanes` lanes. */
  readonly bptt?: LaneOptions;
  /** Validation data and how good predictions on it are; the weights of the best epoch win. */
  readonly valid?: Validation;
  /** Passes over the training data. Give one of `epochs`, `steps` and `minutes`; with none it is one epoch. */
  readonly epochs?: number;
  /** Training steps of the whole run. */
  readonly steps?: number;
  /**
   * Minutes of the whole run. The first steps are measured, then the number of steps is fixed and recorded, so that the
   * run can be interrupted, and replayed, like any other.
   */
  readonly minutes?: number;
  /** Repeats a run with `minutes`: its number of steps became known after this step. Default 0: from the start. */
  readonly fixedAt?: number;
  /** Examples per step; of no concern with `bptt`. Default 32. */
  readonly batchSize?: number;
  readonly seed: number;
  /** Stop after so many validations in a row without a better score. Default: never. */
  readonly patience?: number;
  /**
   * Steps in a row whose loss or gradients were not finite, after which training ends and says why. Default 1: the first
   * one ends it. Whatever it is, such a step changes nothing.
   */
  readonly mostSkipped?: number;
  /** What an example is called in messages, by its id: "train.tsv:13". Default: "example 12". */
  readonly exampleName?: (id: number) => string;
  /** Most bytes that training may take; see `estimateMemory`. Default: what WebAssembly can address, 4 GiB. */
  readonly memoryLimit?: number;
  /** Where checkpoints go, and how often. Default: none are made. */
  readonly checkpoints?: Checkpointing;
  /** The bytes of a checkpoint to go on from. */
  readonly resume?: Uint8Array;
  /** Go on although the tier of the kernels is another one, which rounds differently. Default false: refuse. */
  readonly anyTier?: boolean;
  /** Told once, before memory is taken, what it will be. */
  readonly onMemory?: (estimate: MemoryEstimate) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Pauses training, and lets it go on. */
  readonly control?: TrainingControl;
  /** Stops training: it saves a checkpoint, where they are kept, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What training gives. */
export interface FitResult {
  /** The weights of the epoch that scored best, or of the last one where nothing was validated. */
  readonly parameters: Parameters;
  readonly bestEpoch: number;
  /** Validation score of the best epoch. */
  readonly score?: number;
  /** Epochs that were begun. */
  readonly epochs: number;
  readonly steps: number;
  /** After which step a budget of minutes became this number of steps; 0: it was known from the start. */
  readonly fixedAt: number;
  /** True if it ended because `patience` was over. */
  readonly stoppedEarly: boolean;
  readonly seconds: number;
  /** What it ran on, "wasm simd": tiers differ in the last bits of their sums. */
  readonly tier: string;
  readonly tokensPerSecond: number;
  /** Steps that were not applied because their loss or a gradient was not finite. */
  readonly skipped: number;
}

/**
 * Trains a network. A session that it is given is left with the returned parameters.
 *
 * @throws the signal's reason when aborted
 * @throws TrainingError if settings contradict each other, memory does not suffice, the checkpoint is of another run,
 * or a step is not finite: then with what the detective found as its `finding`
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  checkOptions(options);
  const { net, executor, valid, signal, control, patience = Number.POSITIVE_INFINITY } = options;
  const source = sourceOf(options);
  const settings: TrainingSettings = {
    ...options,
    carry: source.continues,
    sampleWeights: "text" in options.train ? false : options.train.some(({ weight }) => weight !== undefined),
  };
  const estimate = checkMemory(net, settings, source.largest, options.memoryLimit);
  options.onMemory?.(estimate);
  const trainer = createTrainer(net, options.parameters, executor, {
    ...settings,
    seed: options.seed,
    batches: [source.largest],
  });
  let judge: Validator | undefined;
  try {
    const run = new Run({ options, settings, source, trainer });
    const keeper = checkpointKeeper(options.checkpoints, run);
    const judging = valid && validator(net, trainer.session, valid);
    judge = judging;
    const validate = judging && ((): number => run.withAverage(judging.score));
    let rested = performance.now();
    const rest = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve));
      await control?.whenRunning();
      rested = performance.now();
    };
    await control?.whenRunning();
    try {
      while (!run.finished(patience)) {
        signal?.throwIfAborted();
        const paused = control?.paused === true;
        if (paused || performance.now() - rested > 40) await run.idle(rest);
        signal?.throwIfAborted();
        const progress = run.step();
        options.onProgress?.(progress);
        if (run.failed) {
          const { failed } = run;
          throw await run.idle(() => notFinite(failed, { net, settings, seed: options.seed, trainer }));
        }
        run.fixSteps(validate);
        if (run.atEpochEnd()) {
          const ended = run.endEpoch(validate?.());
          if (valid) options.onProgress?.(ended);
          if (run.isBest) await run.idle(() => keeper.best());
          await run.idle(rest);
        }
        if (keeper.due()) await run.idle(() => keeper.save());
      }
    } catch (error) {
      // Whatever ended it, what was learned so far is kept.
      if (signal?.aborted || error instanceof TrainingError) await keeper.save();
      throw error;
    }
    await keeper.save();
    return run.result();
  } finally {
    judge?.dispose();
    trainer.dispose();
  }
}

function sourceOf({ net, train, bptt, batchSize = 32, seed, exampleName }: FitOptions): BatchSource {
  if ("text" in train) return laneBatches(train.text, bptt!);
  return shuffledBatches(net, train, { batchSize, seed, exampleName });
}

function checkOptions(options: FitOptions): void {
  const { epochs, steps, minutes, train, bptt, batchSize = 32, schedule, valid, patience } = options;
  const given = Object.entries({ epochs, steps, minutes }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(" and ");
    throw new TrainingError(`${names} contradict each other; give the one that is to end training`);
  }
  for (const [name, value] of given) {
    const whole = name !== "minutes";
    if (value! > 0 && (!whole || Number.isInteger(value))) continue;
    throw new TrainingError(`${name} is ${value}; it must be a ${whole ? "whole " : ""}number above 0`);
  }
  if (!(Number.isInteger(batchSize) && batchSize >= 1))
    throw new TrainingError(`batchSize is ${batchSize}; it must be a whole number from 1`);
  if ("text" in train && !bptt)
    throw new TrainingError(
      "one long text is read in lanes: give bptt, for example { lanes: 32, steps: 64 }",
    );
  if (!("text" in train) && bptt)
    throw new TrainingError("bptt cuts one long text; examples are trained whole: leave bptt out");
  if (!valid && (patience !== undefined || (schedule && needsScores(schedule))))
    throw new TrainingError("patience and the schedule plateau look at validation scores; give valid");
}
