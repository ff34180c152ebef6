/**
 * The training step as an object: holds the prepared plan, writes a batch, runs it, says what happened, and gives and
 * takes its whole state, so that training can go on elsewhere to the bit. What goes around it (epochs, validation,
 * checkpoints) is in fit.ts.
 */
import type { Executor, Program } from "../exec/executor.js";
import {
  type BoundBatch,
  bindBatch,
  capacityFor,
  type Example,
  type Extent,
  extentOf,
  largestExtents,
  type Network,
  NetworkError,
  type Parameters,
  readParameters,
  writeParameters,
} from "../nn/index.js";
import { optimizerRow, power } from "./optimizers.js";
import { createCutter, finalStates, type Piece, pieceExtents, runPiece, type States } from "./pieces.js";
import { groupOptimizers, trainingNames, trainingPlan } from "./plan.js";
import { constant, freshMemory, observeScore, type ScheduleMemory, scheduleFactor } from "./schedules.js";
import type { TrainingSettings } from "./settings.js";
import { largestSize, type WeightSizes } from "./weight-sizes.js";

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
  /** False if the norm or the loss was not finite: weights and optimiser were left as they were. */
  readonly updated: boolean;
  /** Tokens in the batch. */
  readonly tokens: number;
}

/** All that a trainer has become: with it, another one goes on to the bit. */
export interface TrainerState {
  /** Steps done, and how many of them changed the weights. */
  readonly step: number;
  readonly applied: number;
  readonly schedule: ScheduleMemory;
  /** Parameters and slots by the names of their buffers, exactly as the executor holds them. */
  readonly buffers: ReadonlyMap<string, Float64Array>;
  /** Carried states by the sequence's id. */
  readonly carried: ReadonlyMap<number, States>;
}

/** Trains a network on an executor, a step at a time. */
export interface Trainer {
  readonly net: Network;
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
  /** Tells the schedule a validation score, of which higher is better. */
  observe(score: number): void;
  /** Starts every sequence from zero again, where states are carried. */
  forgetStates(): void;
  /** The parameters as they stand, as a copy. */
  parameters(): Parameters;
  /** The averaged parameters, corrected for their start at zero; as they stand where no average is kept. */
  averaged(): Parameters;
  /** How large the weights are as they stand. */
  weightSizes(): WeightSizes;
  /** Replaces the parameters; the optimiser's slots stay. */
  setParameters(parameters: Parameters): void;
  /** A copy of everything. */
  state(): TrainerState;
  /** What the last step began from, if it changed nothing (`updated` is false): with it, it is done again to the bit. */
  stateBefore(): TrainerState;
  /** Goes on from a state of a trainer of the same network and settings. @throws NetworkError if it is of another */
  restore(state: TrainerState): void;
  dispose(): void;
}

/** Prepares training. Memory is sized here, for the largest batch, and does not grow afterwards. */
export function createTrainer(
  net: Network,
  parameters: Parameters,
  executor: Executor,
  options: TrainerOptions,
): Trainer {
  const {
    seed = 0,
    batches,
    schedule = constant(),
    accumulate = 1,
    carry = false,
    average,
    classWeights,
    sampleWeights = false,
    recompute,
  } = options;
  const plan = trainingPlan(net, options);
  const largest = batches.map((extents) => largestPart(extents, accumulate));
  const program = executor.prepare(
    plan,
    capacityFor(
      recompute === undefined ? largest : largest.map((extents) => pieceExtents(extents, recompute)),
    ),
  );
  const cutter =
    recompute === undefined
      ? undefined
      : createCutter(net, executor, { sampleWeights, steps: recompute, batches: largest });
  const persistent = Object.values(plan.buffers).filter(
    ({ role }) => role === "parameter" || role === "slot",
  );
  for (const { name, role } of persistent) {
    if (role === "slot") executor.write(name, new Float32Array(executor.read(name).length));
  }
  writeParameters(net, parameters, executor);
  const optimizers = [...groupOptimizers(options).values()];
  let [done, applied, memory] = [0, 0, freshMemory];
  let carried = new Map<number, States>();
  let carriedBefore = carried;
  const write = (name: string, value: number): void => {
    if (name in plan.buffers) program.write(name, [value]);
  };
  const writeNumbers = (factor: number): void => {
    for (const { optimizer, prefix } of optimizers) {
      const row = optimizerRow(optimizer);
      // Corrections for the start count the updates that were made.
      const values = row.at({ ...optimizer, learningRate: optimizer.learningRate * factor }, applied + 1);
      values.forEach((value, i) => write(prefix + row.numbers[i], value));
    }
  };
  /** Part of a step, in one run or piece by piece. @param first, last whether it is the step's first, and its last part */
  const runPart = (
    examples: readonly Example[],
    { step, first, last }: { readonly step: number; readonly first: boolean; readonly last: boolean },
    sums: { loss: number; rows: number; tokens: number },
  ): void => {
    const facts = { seed, step, carried: carry || cutter !== undefined };
    const pieces = cutter?.cut(examples, facts) ?? [whole(examples)];
    const handed = new Map<number, States>();
    for (const [i, piece] of [...pieces].reverse().entries()) {
      write(trainingNames.keep, Number(!first || i > 0));
      write(trainingNames.apply, Number(last && i + 1 === pieces.length && Number.isFinite(sums.loss)));
      const bound = bindBatch(net, program, piece.examples, { ...facts, from: piece.from });
      if (cutter) runPiece(net, program, piece, { bound, handed });
      else program.run(bound.batch);
      if (carry) keepStates(carried, program, bound, piece);
      sums.loss += program.read(trainingNames.loss)[0] as number;
      sums.tokens += bound.packing.N;
      sums.rows += net.output.over === "tokens" ? bound.packing.N : piece.ends.filter(Boolean).length;
    }
  };
  const trainer: Trainer = {
    net,
    bytes: program.bytes + (cutter?.bytes ?? 0),
    steps: options.steps,
    step(examples, of = examples.length) {
      const step = done + 1;
      carriedBefore = carried;
      if (carry) carried = new Map(carried);
      const factor = scheduleFactor(schedule, { done, steps: trainer.steps, memory });
      writeNumbers(factor);
      write(trainingNames.weight, 1 / Math.max(of, 1));
      if (classWeights) program.write(trainingNames.classWeights, classWeights);
      const size = Math.max(Math.ceil(examples.length / accumulate), 1);
      const sums = { loss: 0, rows: 0, tokens: 0 };
      for (let part = 0; part < accumulate; part++) {
        const some = examples.slice(part * size, (part + 1) * size);
        if (some.length === 0 && part > 0 && part + 1 < accumulate) continue;
        const from = carry ? some.map((e) => withStates(e, carried)) : some;
        runPart(from, { step, first: part === 0, last: part + 1 === accumulate }, sums);
      }
      const norm = program.read(trainingNames.norm)[0] as number;
      const updated = Number.isFinite(norm) && Number.isFinite(sums.loss);
      done = step;
      if (updated) applied++;
      // States that came with such a step may be no numbers either.
      else carried = new Map();
      const rate = options.optimizer.learningRate * factor;
      return { step, loss: sums.loss / Math.max(sums.rows, 1), norm, rate, updated, tokens: sums.tokens };
    },
    observe(score) {
      memory = observeScore(schedule, memory, score);
    },
    forgetStates() {
      carried = new Map();
    },
    parameters: () => readParameters(net, executor),
    averaged() {
      if (average === undefined || applied === 0) return readParameters(net, executor);
      const trained = new Set(persistent.map(({ name }) => name));
      const weight = 1 - power(average, applied);
      const read = (name: string): ArrayLike<number> =>
        trained.has(trainingNames.average + name)
          ? executor.read(trainingNames.average + name).map((value) => value / weight)
          : executor.read(name);
      return readParameters(net, { read });
    },
    weightSizes() {
      const weights = persistent.filter(({ role }) => role === "parameter");
      return new Map(weights.map(({ name }) => [name, largestSize(executor.read(name))]));
    },
    setParameters: (next) => writeParameters(net, next, executor),
    state: () => ({
      ...{ step: done, applied, schedule: memory, carried: new Map(carried) },
      buffers: new Map(persistent.map(({ name }) => [name, executor.read(name)])),
    }),
    stateBefore: () => ({ ...trainer.state(), step: done - 1, carried: new Map(carriedBefore) }),
    restore(state) {
      checkBuffers(
        persistent.map(({ name }) => name),
        state,
      );
      for (const [name, values] of state.buffers) executor.write(name, values);
      [done, applied, memory, carried] = [state.step, state.applied, state.schedule, new Map(state.carried)];
    },
    dispose() {
      program.dispose();
      cutter?.dispose();
    },
  };
  return trainer;
}

/** Extents of the largest part of a batch that is computed in so many. */
export function largestPart(extents: readonly Extent[], parts: number): Extent[] {
  return largestExtents(extents, Math.ceil(extents.length / parts));
}

/** An example that starts where its sequence stopped. */
function withStates(example: Example, carried: ReadonlyMap<number, States>): Example {
  const states = carried.get(example.id ?? -1);
  return states === undefined ? example : { ...example, states };
}

/** Remembers the states in which sequences ended. */
function keepStates(
  carried: Map<number, States>,
  program: Program,
  bound: BoundBatch,
  { examples, ends }: Piece,
): void {
  finalStates(program, bound).forEach((states, i) => {
    if (ends[i]) carried.set(examples[i]?.id ?? i, states);
  });
}

/** A batch in one piece. */
const whole = (examples: readonly Example[]): Piece => ({
  ...{ from: 0, examples, places: [...examples.keys()] },
  ends: examples.map(() => true),
});

/** @throws NetworkError if a state has other buffers than the trainer */
function checkBuffers(wanted: readonly string[], { buffers }: TrainerState): void {
  const missing = wanted.find((name) => !buffers.has(name));
  const unknown = [...buffers.keys()].find((name) => !wanted.includes(name));
  const name = missing ?? unknown;
  if (name === undefined) return;
  throw new NetworkError(
    `the state ${missing === undefined ? "has" : "lacks"} ${name}: it is of a training with another network, optimiser or settings`,
  );
}

/** Extents of the examples of each batch, as `createTrainer` wants them. */
export function batchLengths(
  net: Network,
  examples: readonly Example[],
  batches: readonly ArrayLike<number>[],
): Extent[][] {
  const extents = examples.map((e) => extentOf(net, e));
  return batches.map((batch) => Array.from(batch, (i) => extents[i] as Extent));
}
