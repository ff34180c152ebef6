/**
 * The NaN detective: finds out why a step of training was not finite. It is loaded when that has happened, and not before:
 * the interpreter in which it replays the step is no part of what trains.
 *
 *   isolate.ts  the fewest examples of the batch with which the step still fails
 *   observe.ts  the step again in the interpreter, in float32 with no memory shared: the first number that is not finite
 *   causes.ts   a row per likely cause: the rule that recognises it, and what to try
 */

import { createReferenceExecutor } from "../../exec/reference/index.js";
import { extentOf, stepsOfExtent } from "../../nn/build/index.js";
import type { Example } from "../../nn/index.js";
import { spelled } from "../../options/error.js";
import type { Finding } from "../errors.js";
import { createTrainer } from "../step/trainer.js";
import type { TrainerState } from "../trainer.js";
import { type Clues, likelyCause } from "./causes.js";
import type { FailedStep, Scene } from "./failed-step.js";
import { isolate } from "./isolate.js";
import { observer } from "./observe.js";
import { placeOf } from "./place.js";

/** Looks into a step that failed. */
export async function investigate(failed: FailedStep, scene: Scene): Promise<Finding> {
  const { trainer } = scene;
  const after = await (trainer.session.executor.synchronous ? trainer.state() : trainer.stateAsync());
  const before = trainer.stateBefore(after);
  try {
    const examples = await isolate(trainer, { before, batch: failed.batch });
    return await replay(failed, { ...scene, before, examples });
  } finally {
    trainer.restore(after);
  }
}

interface Replay extends Scene {
  readonly before: TrainerState;
  readonly examples: readonly Example[];
}

async function replay(
  { report, batch, recent, weights, nameOf }: FailedStep,
  { net, settings, seed, trainer, before, examples }: Replay,
): Promise<Finding> {
  const seen = observer();
  const executor = await createReferenceExecutor({ precision: "float32", watch: seen.watch });
  try {
    const extents = examples.map((example) => extentOf(net, example));
    const longest = extents.reduce<number>((most, extent) => Math.max(most, stepsOfExtent(extent)), 1);
    const again = createTrainer(net, trainer.parameters(before), executor, {
      ...settings,
      seed,
      steps: trainer.steps,
      // In one piece: the interpreter's memory is not short, and a row's time step is its own.
      ...(settings.recompute === undefined ? {} : { recompute: longest }),
      batches: [extents],
    });
    again.restore(before);
    again.step(examples, batch.length);
  } finally {
    executor.dispose();
  }
  const { origin } = seen;
  const place = origin && placeOf(origin, { net, examples, nameOf });
  const clues: Clues = {
    origin,
    place,
    report,
    recent,
    weights,
    loops: seen.loops,
    inputs: seen.inputs.map((input) => ({ ...input, where: placeOf(input, { net, examples, nameOf }) })),
    before: before.buffers,
    rate: report.rate,
  };
  const { cause, evidence, advice } = likelyCause(clues);
  return {
    step: report.step,
    cause,
    evidence,
    advice: spelled(advice),
    template: advice,
    ...(origin ? { tensor: origin.buffer, value: origin.value } : {}),
    ...(place?.example === undefined ? {} : { example: place.example }),
    ...(place?.time === undefined ? {} : { time: place.time }),
    where:
      place?.text ??
      `replayed in float32, ${examples.length === 1 ? nameOf(examples[0]!) : "the batch"} was finite`,
  };
}
