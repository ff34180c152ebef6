/**
 * Training as people run it: epochs of batches, validation, the best weights kept, checkpoints, a budget of time.
 * Asynchronous, so that a page or a server stays alive: between steps it yields at least every 40 ms. What a run has
 * become is in a Run (run.ts), from which it goes on to the bit.
 */

import { initialSteps, zeroParameters } from "../../nn/build/index.js";
import type { Parameters } from "../../nn/index.js";
import { type BatchSource, laneBatches, shuffledBatches } from "../batches.js";
import { TrainingError } from "../errors.js";
import { needsScores } from "../schedules.js";
import type { TrainingSettings } from "../settings.js";
import { checkMemory } from "../step/memory.js";
import { createTrainer } from "../step/trainer.js";
import { checkpointKeeper } from "./checkpointing.js";
import type { TrainingControl } from "./control.js";
import { notFinite } from "./not-finite.js";
import type { FitResult, RunOptions } from "./options.js";
import { Run, settingsOf } from "./run.js";
import { type Validator, validator } from "./validation.js";

/**
 * Makes the run that options ask for. A session that it is given is left with the returned parameters.
 *
 * @throws as `fit`
 */
export async function runTraining(options: RunOptions): Promise<FitResult> {
  checkTogether(options);
  const { net, executor, valid, signal, control, patience = Number.POSITIVE_INFINITY } = options;
  const source = sourceOf(options);
  const settings: TrainingSettings = {
    ...settingsOf(options),
    carry: source.continues,
    sampleWeights: "text" in options.train ? false : options.train.some(({ weight }) => weight !== undefined),
  };
  const memory = { settings, batch: source.largest, limit: options.memoryLimit };
  const estimate = checkMemory(net, executor, memory);
  options.onMemory?.(estimate);
  const { trainer: make = createTrainer } = options;
  const parameters = await startOf(options);
  const trainer = make(net, parameters, executor, {
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
    const validate = judging && ((): Promise<number> => run.withAverage(judging.score));
    const { synchronous } = trainer.session.executor;
    let rested = performance.now();
    const rest = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve));
      await whenRunning(control, signal);
      rested = performance.now();
    };
    await whenRunning(control, signal);
    await run.begin();
    try {
      while (!run.finished(patience)) {
        signal?.throwIfAborted();
        const paused = control?.paused === true;
        if (paused || performance.now() - rested > 40) await run.idle(rest);
        signal?.throwIfAborted();
        // A promise for each step would cost time where none is needed.
        const progress = synchronous ? run.step() : await run.stepAsync();
        options.onProgress?.(progress);
        if (run.failed) {
          const { failed } = run;
          throw await run.idle(() => notFinite(failed, { net, settings, seed: options.seed, trainer }));
        }
        await run.fixSteps(validate);
        if (run.atEpochEnd()) {
          const ended = await run.endEpoch(await validate?.());
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
    // Waited for here: what follows gives the memory back.
    return await run.result();
  } finally {
    judge?.dispose();
    trainer.dispose();
  }
}

/** Waits while training is paused; one that is aborted waits for nothing. */
async function whenRunning(
  control: TrainingControl | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!control?.paused || signal?.aborted) return;
  let stop: (() => void) | undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal?.addEventListener("abort", stop);
  });
  await Promise.race([control.whenRunning(), aborted]);
  signal?.removeEventListener("abort", stop!);
}

/** The weights that a run begins with. It yields like the run itself. @throws the signal's reason when aborted */
async function startOf({
  net,
  seed,
  parameters,
  resume,
  signal,
  control,
  onWeights,
}: RunOptions): Promise<Parameters> {
  // A run that goes on brings its weights along.
  if (resume) return zeroParameters(net);
  if (parameters !== undefined && typeof parameters !== "function") return parameters;
  const work = initialSteps(net, seed);
  let rested = performance.now();
  let step = work.next();
  for (; !step.done; step = work.next()) {
    if (performance.now() - rested < 40) continue;
    onWeights?.(step.value);
    await new Promise((resolve) => setTimeout(resolve));
    await whenRunning(control, signal);
    signal?.throwIfAborted();
    rested = performance.now();
  }
  return parameters === undefined ? step.value : parameters(step.value);
}

function sourceOf({ net, train, bptt, batchSize = 32, seed, exampleName }: RunOptions): BatchSource {
  if ("text" in train) return laneBatches(net, train.text, bptt!);
  return shuffledBatches(net, train, { batchSize, seed, exampleName });
}

/** @throws TrainingError if options that look at one another do not go together */
function checkTogether({ train, bptt, schedule, valid, patience }: RunOptions): void {
  if ("text" in train && !bptt)
    throw new TrainingError(
      "one long text is read in lanes: give bptt, for example { lanes: 32, steps: 64 }",
    );
  if (!valid && (patience !== undefined || (schedule && needsScores(schedule))))
    throw new TrainingError("patience and the schedule plateau look at validation scores; give valid");
}
