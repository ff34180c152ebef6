/**
 * Training for epochs: shuffled batches of similar length, validation after every epoch, the best weights kept.
 * Asynchronous, so that a page or a server stays alive: between steps it gives way at least every 40 ms.
 */
import { epochBatches } from "../data/batches.js";
import type { Executor } from "../exec/executor.js";
import {
  createPredictor,
  type Example,
  exampleLength,
  type Network,
  type Parameters,
  type Prediction,
} from "../nn/index.js";
import type { Optimizer } from "./optimizers.js";
import { batchLengths, createTrainer } from "./trainer.js";

/** What is told after every step and every epoch. */
export interface Progress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done in all, and planned. */
  readonly step: number;
  readonly steps: number;
  /** Mean loss of the epoch so far, per token or per sequence as the network has it. */
  readonly loss: number;
  readonly tokensPerSecond: number;
  readonly secondsLeft: number;
  /** Score on the validation data: present in the report that ends an epoch, where there is validation data. */
  readonly valid?: number;
}

/** What training needs. */
export interface FitOptions {
  readonly net: Network;
  readonly parameters: Parameters;
  readonly executor: Executor;
  readonly train: readonly Example[];
  /** Validation data and how good predictions on it are; the weights of the best epoch win. */
  readonly valid?: {
    readonly examples: readonly Example[];
    readonly score: (predictions: readonly Prediction[]) => number;
  };
  readonly epochs: number;
  /** Stop after so many minutes, at the end of a step. */
  readonly minutes?: number;
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  readonly clip?: number;
  readonly seed: number;
  readonly onProgress?: (progress: Progress) => void;
  /** Stops training; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What training gives. */
export interface FitResult {
  /** The weights of the epoch that scored best, or of the last one where nothing was validated. */
  readonly parameters: Parameters;
  readonly bestEpoch: number;
  /** Validation score of the best epoch. */
  readonly score?: number;
  /** Epochs that were finished. */
  readonly epochs: number;
  readonly seconds: number;
  /** What it ran on, "wasm simd": tiers differ in the last bits of their sums. */
  readonly tier: string;
  readonly tokensPerSecond: number;
  /** Steps that were not applied because a gradient was not finite. */
  readonly skipped: number;
}

/** Trains a network. Leaves the executor with the returned parameters. @throws the signal's reason when aborted */
export async function fit(options: FitOptions): Promise<FitResult> {
  const {
    net,
    executor,
    train,
    valid,
    epochs,
    batchSize,
    seed,
    signal,
    minutes = Number.POSITIVE_INFINITY,
  } = options;
  const lengths = train.map((e) => exampleLength(net, e));
  const batchesOf = (epoch: number): Int32Array[] => epochBatches({ lengths, batchSize, seed, epoch });
  // Lengths of all batches of all epochs, so that memory is sized once.
  const all = Array.from({ length: epochs }, (_, epoch) => batchLengths(net, train, batchesOf(epoch))).flat();
  const { optimizer, clip } = options;
  const trainer = createTrainer(net, options.parameters, executor, {
    optimizer,
    seed,
    batches: all,
    ...(clip === undefined ? {} : { clip }),
  });
  const predictor = createPredictor(net, executor);
  const steps = all.length;
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  let best: { parameters: Parameters; score: number; epoch: number } | undefined;
  let [step, tokens, skipped, done, inTraining] = [0, 0, 0, 0, 0];
  let rested = began;
  try {
    for (let epoch = 0; epoch < epochs && elapsed() < 60 * minutes; epoch++) {
      let [sum, rows] = [0, 0];
      for (const batch of batchesOf(epoch)) {
        signal?.throwIfAborted();
        const from = performance.now();
        const report = trainer.step(
          Array.from(batch, (i) => ({ ...(train[i] as Example), id: train[i]?.id ?? i })),
        );
        inTraining += (performance.now() - from) / 1000;
        step++;
        tokens += report.tokens;
        if (report.updated) {
          const weight = net.output.over === "tokens" ? report.tokens : batch.length;
          sum += report.loss * weight;
          rows += weight;
        } else skipped++;
        const progress = { epoch: epoch + 1, epochs, step, steps, loss: sum / rows };
        options.onProgress?.({
          ...progress,
          tokensPerSecond: tokens / inTraining,
          secondsLeft: secondsLeft(elapsed(), step, steps, minutes),
        });
        if (performance.now() - rested > 40) {
          await rest();
          rested = performance.now();
        }
        if (elapsed() >= 60 * minutes) break;
      }
      done = epoch + 1;
      if (!valid) continue;
      const score = valid.score(predictor.predict(valid.examples));
      if (!best || score > best.score) best = { parameters: trainer.parameters(), score, epoch: done };
      const progress = { epoch: done, epochs, step, steps, loss: sum / rows, valid: score };
      options.onProgress?.({
        ...progress,
        tokensPerSecond: tokens / inTraining,
        secondsLeft: secondsLeft(elapsed(), step, steps, minutes),
      });
      await rest();
    }
    if (best) trainer.setParameters(best.parameters);
    const common = {
      epochs: done,
      seconds: elapsed(),
      tokensPerSecond: tokens / inTraining,
      skipped,
      tier: executor.tier,
    };
    if (!best) return { ...common, parameters: trainer.parameters(), bestEpoch: done };
    return { ...common, parameters: best.parameters, bestEpoch: best.epoch, score: best.score };
  } finally {
    trainer.dispose();
  }
}

function secondsLeft(elapsed: number, step: number, steps: number, minutes: number): number {
  return Math.max(0, Math.min((elapsed / step) * (steps - step), 60 * minutes - elapsed));
}

/** Lets other work of the thread go on: timers, input, painting. */
function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
