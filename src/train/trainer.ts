/**
 * The training step as an object: holds the prepared plan, writes a batch, runs it, says what happened. What
 * goes around it (epochs, validation, keeping the best) is in fit.ts.
 */
import type { Executor } from "../exec/executor.js";
import {
  bindBatch,
  capacityFor,
  type Example,
  exampleLength,
  type Network,
  names,
  type Parameters,
  readParameters,
  writeParameters,
} from "../nn/index.js";
import { type Optimizer, optimizerRow } from "./optimizers.js";
import { trainingNames, trainingPlan } from "./plan.js";

/** What a trainer needs. */
export interface TrainerOptions {
  readonly optimizer: Optimizer;
  /** Largest global norm of the gradients; absent: no clipping. */
  readonly clip?: number;
  /** Seed of everything random in training; default 0. */
  readonly seed?: number;
  /** The largest batch there will be, as the lengths of its sequences; or several, of which each must fit. */
  readonly batches: readonly (readonly number[])[];
}

/** What one training step did. */
export interface StepReport {
  /** Number of the step, from 1. */
  readonly step: number;
  /** Loss per token, or per sequence if the network pools: the mean over the batch before the update. */
  readonly loss: number;
  /** Global norm of the gradients before clipping. */
  readonly norm: number;
  /** False if the norm was not finite: weights and optimiser were left as they were. */
  readonly updated: boolean;
  /** Tokens in the batch. */
  readonly tokens: number;
}

/** Trains a network on an executor, a step at a time. */
export interface Trainer {
  readonly net: Network;
  /** Bytes of memory of this program beside the parameters: fixed from the start. */
  readonly bytes: number;
  /**
   * One training step.
   * @throws NetworkError if an example does not fit the network, ExecutorError if the batch is larger than announced
   */
  step(examples: readonly Example[]): StepReport;
  /** The parameters as they stand, as a copy. */
  parameters(): Parameters;
  /** Replaces the parameters; the optimiser's slots stay. */
  setParameters(parameters: Parameters): void;
  dispose(): void;
}

/** Prepares training. Memory is sized here, for the largest batch, and does not grow afterwards. */
export function createTrainer(
  net: Network,
  parameters: Parameters,
  executor: Executor,
  options: TrainerOptions,
): Trainer {
  const { optimizer, clip, seed = 0, batches } = options;
  const plan = trainingPlan(net, clip === undefined ? { optimizer } : { optimizer, clip });
  const program = executor.prepare(plan, { [names.packing]: capacityFor(batches) });
  writeParameters(net, parameters, executor);
  const row = optimizerRow(optimizer);
  let done = 0;
  return {
    net,
    bytes: program.bytes,
    step(examples) {
      const step = done + 1;
      const bound = bindBatch(net, program, examples, { seed, step });
      program.write(trainingNames.weight, [1 / Math.max(examples.length, 1)]);
      row.at(optimizer, step).forEach((value, i) => {
        program.write(trainingNames.number + row.numbers[i], [value]);
      });
      program.run(bound.batch);
      const [norm, sum] = [
        program.read(trainingNames.norm)[0] as number,
        program.read(trainingNames.loss)[0] as number,
      ];
      done = step;
      const rows = net.output.over === "tokens" ? bound.packing.N : bound.packing.B;
      return {
        step,
        loss: sum / Math.max(rows, 1),
        norm,
        updated: Number.isFinite(norm),
        tokens: bound.packing.N,
      };
    },
    parameters: () => readParameters(net, executor),
    setParameters: (next) => writeParameters(net, next, executor),
    dispose: () => program.dispose(),
  };
}

/** Lengths of the examples of each batch, as `createTrainer` wants them. */
export function batchLengths(
  net: Network,
  examples: readonly Example[],
  batches: readonly ArrayLike<number>[],
): number[][] {
  const lengths = examples.map((e) => exampleLength(net, e));
  return batches.map((batch) => Array.from(batch, (i) => lengths[i] as number));
}
