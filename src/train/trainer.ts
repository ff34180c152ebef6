/**
 * What a trainer is: it trains a network, a step at a time, and gives and takes its whole state, so that training can go
 * on elsewhere to the bit. `createTrainer` (step/trainer.ts) makes the usual one; one of another kind can stand in for it.
 */
import type { Home, Session } from "../exec/executor.js";
import type { Resource } from "../exec/resource.js";
import type { Extent } from "../nn/build/index.js";
import type { Example, Network, Parameters, States } from "../nn/index.js";
import type { ScheduleMemory } from "./schedules.js";
import type { TrainingSettings } from "./settings.js";
import type { WeightSizes } from "./step/weight-sizes.js";

/** What a trainer needs. */
export interface TrainerOptions extends TrainingSettings {
  /** Seed of everything random in training; default 0. */
  readonly seed?: number;
  /** The largest batch there will be, as the extents of its examples; or several, of which each must fit. */
  readonly batches: readonly (readonly Extent[])[];
  /** Steps of the whole run, for schedules that need to know; it can be set later. */
  readonly steps?: number | undefined;
}

/** What one training step did. */
export interface StepReport {
  /** Number of the step, from 1. */
  readonly step: number;
  /** Loss per token, or per sequence if the network pools: the mean over the batch before the update. */
  readonly loss: number;
  /** Global norm of the gradients before clipping. */
  readonly norm: number;
  /** Learning rate of the step, of parameters in no group. */
  readonly rate: number;
  /** False if the norm or the loss was not finite, or a weight would have become so: all was left as it was. */
  readonly updated: boolean;
  /** True if norm and loss were finite, and a weight would not have been after the update, which was undone. */
  readonly undone?: boolean;
  /** Tokens in the batch. */
  readonly tokens: number;
}

/** All that a trainer has become: with it, another one goes on to the bit. */
export interface TrainerState {
  /** Steps done, and how many of them changed the weights. */
  readonly step: number;
  readonly applied: number;
  readonly schedule: ScheduleMemory;
  /** Parameters and slots by the names of their buffers, exactly as the session holds them. */
  readonly buffers: ReadonlyMap<string, Float64Array>;
  /** Carried states by the sequence's id. */
  readonly carried: ReadonlyMap<number, States>;
}

/** Trains a network, a step at a time. */
export interface Trainer extends Resource {
  readonly net: Network;
  /** Where it trains: `createPredictor(net, trainer.session)` works on its weights. */
  readonly session: Session;
  /** Bytes of memory of this program beside the parameters: fixed from the start. */
  readonly bytes: number;
  /** Steps of the whole run, for the schedule. */
  steps: number | undefined;
  /**
   * One training step.
   * @param of sequences over which the objective is averaged; default: those that are given
   * @throws NetworkError if an example does not fit the network, ExecutorError if the batch is larger than announced
   */
  step(examples: readonly Example[], of?: number): StepReport;
  /**
   * The same on any executor, also on one that reads asynchronously: a step has ended before the next may begin.
   * @throws as `step`, and TrainingError if the step before is still under way
   */
  stepAsync(examples: readonly Example[], of?: number): Promise<StepReport>;
  /** Tells the schedule a validation score, of which higher is better. */
  observe(score: number): void;
  /** Starts every sequence from zero again, where states are carried. */
  forgetStates(): void;
  /** The parameters as they stand, or as they were in a state of this trainer: a copy. */
  parameters(from?: TrainerState): Parameters;
  /** The averaged parameters, corrected for their start at zero; as they stand where no average is kept. */
  averaged(from?: TrainerState): Parameters;
  /** How large the weights are. */
  weightSizes(from?: TrainerState): WeightSizes;
  /** Replaces the parameters; the optimiser's slots stay. */
  setParameters(parameters: Parameters): void;
  /** A copy of everything. */
  state(): TrainerState;
  /** The same on any executor: where reading at once is refused, this is what everything else is asked of. */
  stateAsync(): Promise<TrainerState>;
  /** What the last step began from, if it changed nothing (`updated` is false): with it, it is done again to the bit. */
  stateBefore(from?: TrainerState): TrainerState;
  /** Goes on from a state of a trainer of the same network and settings. @throws NetworkError if it is of another */
  restore(state: TrainerState): void;
  /** Gives its memory back; a session that it was given keeps the weights. */
  dispose(): void;
}

/** Makes a trainer: `createTrainer`, or a function that makes one to stand in for it. */
export type TrainerMaker = (
  net: Network,
  parameters: Parameters,
  home: Home,
  options: TrainerOptions,
) => Trainer;

/** Sums over a batch, or over a part of it. */
export interface StepSums {
  readonly loss: number;
  /** Losses that are in it: one per token, or per sequence if the network pools. */
  readonly rows: number;
  readonly tokens: number;
}

/** Where the gradient of a block of weights lies between the halves of a step. */
export interface GradientBuffer {
  /** The buffer of the weights: "recurrent1.w_uc" holds columns of the parameter "recurrent1.w_u". */
  readonly weights: string;
  /** The persistent buffer of its gradient, of the same shape: rows × width numbers. */
  readonly name: string;
  readonly rows: number;
  readonly width: number;
}

/** Told of gradients that are final, while those of the layers before are still computed. */
export type FinalGradients = (gradients: readonly GradientBuffer[]) => void;

/**
 * A trainer whose step is also there in two halves, between which gradients can be exchanged with other processes. Both
 * together give the bits of the step in one.
 */
export interface SplitTrainer extends Trainer {
  /** The gradients, in the order of the plan. */
  readonly gradientBuffers: readonly GradientBuffer[];
  /**
   * The first half of a step: leaves the gradients of these examples in `gradientBuffers` and changes no weight.
   * @param of sequences over which the objective is averaged: those of all processes; default: those that are given
   * @param final told layer by layer, the last one first, whose gradients are final; where a step is several runs
   *   (`accumulate`, `recompute`) they become so at its end. What it throws ends the step
   */
  gradients(examples: readonly Example[], of?: number, final?: FinalGradients): StepSums;
  /** A gradient in place, row after row, for an exchange to change: good until a plan is prepared on the executor. */
  gradient(buffer: GradientBuffer): Float32Array | Float64Array;
  /**
   * The second half: updates the weights with the gradients as they lie in `gradientBuffers` by now.
   * @param sums of all whose gradients are in them; default: those of the first half
   * @throws TrainingError if no first half went before
   */
  update(sums?: StepSums): StepReport;
}
