/**
 * The training step as an object: holds the prepared plan, writes a batch, runs it, says what happened, and gives and
 * takes its whole state, so that training can go on elsewhere to the bit. What goes around it (epochs, validation,
 * checkpoints) is in fit.ts.
 */
import type { Home, Session } from "../../exec/executor.js";
import { type OpenHome, openHome } from "../../exec/home.js";
import { disposeSymbol, type Resource } from "../../exec/resource.js";
import {
  type Example,
  type Extent,
  type Network,
  NetworkError,
  type Parameters,
  readParameters,
  type States,
  writeParameters,
} from "../../nn/index.js";
import type { PlanBuffer } from "../../plan/index.js";
import { constant, freshMemory, observeScore, type ScheduleMemory, scheduleFactor } from "../schedules.js";
import type { TrainingSettings } from "../settings.js";
import { optimizerRow, power } from "./optimizers.js";
import { type CarriedStates, StepRunner } from "./parts.js";
import { type GroupOptimizer, groupOptimizers, trainingNames } from "./plan.js";
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
  /** Gives its memory back; a session that it was given keeps the weights. */
  dispose(): void;
}

/**
 * Prepares training. Memory is sized here, for the largest batch, and does not grow afterwards.
 *
 * @param home an executor, on which it opens a session of its own; or a session, which keeps the weights
 */
export function createTrainer(
  net: Network,
  parameters: Parameters,
  home: Home,
  options: TrainerOptions,
): Trainer {
  const opened = openHome(home);
  let trainer: StepTrainer | undefined;
  try {
    trainer = new StepTrainer(net, opened, options);
    trainer.setParameters(parameters);
    return trainer;
  } catch (error) {
    (trainer ?? opened).dispose();
    throw error;
  }
}

/** Guards what training has become so far. */
class StepTrainer implements Trainer {
  readonly net: Network;
  steps: number | undefined;
  readonly session: Session;
  private readonly home: OpenHome;
  private readonly options: TrainerOptions;
  private readonly runner: StepRunner;
  private readonly optimizers: readonly GroupOptimizer[];
  /** Parameters and slots. */
  private readonly kept: readonly PlanBuffer[];
  private done = 0;
  private applied = 0;
  private memory = freshMemory;
  private carried: CarriedStates = new Map();
  /** Those with which the last step began. */
  private carriedBefore = this.carried;

  constructor(net: Network, home: OpenHome, options: TrainerOptions) {
    const { session } = home;
    [this.net, this.home, this.session] = [net, home, session];
    [this.options, this.steps] = [options, options.steps];
    this.runner = new StepRunner(net, session, options);
    this.optimizers = [...groupOptimizers(options).values()];
    const buffers = Object.values(this.runner.program.plan.buffers);
    this.kept = buffers.filter(({ role }) => role === "parameter" || role === "slot");
    for (const { name, role } of this.kept) {
      if (role === "slot") session.write(name, new Float32Array(session.read(name).length));
    }
  }

  get bytes(): number {
    return this.runner.bytes;
  }

  step(examples: readonly Example[], of = examples.length): StepReport {
    const { runner, options, done, steps, memory } = this;
    const { schedule = constant(), carry, classWeights } = options;
    const step = done + 1;
    this.carriedBefore = this.carried;
    if (carry) this.carried = new Map(this.carried);
    const factor = scheduleFactor(schedule, { done, steps, memory });
    this.writeNumbers(factor);
    runner.write(trainingNames.weight, 1 / Math.max(of, 1));
    if (classWeights) runner.program.write(trainingNames.classWeights, classWeights);
    const { loss, rows, tokens } = runner.run(examples, step, this.carried);
    const norm = runner.program.read(trainingNames.norm)[0]!;
    const updated = Number.isFinite(norm) && Number.isFinite(loss);
    this.done = step;
    if (updated) this.applied++;
    // States that came with such a step may be no numbers either.
    else this.carried = new Map();
    const rate = options.optimizer.learningRate * factor;
    return { step, loss: loss / Math.max(rows, 1), norm, rate, updated, tokens };
  }

  /** The optimisers' numbers of this step. */
  private writeNumbers(factor: number): void {
    for (const { optimizer, prefix } of this.optimizers) {
      const row = optimizerRow(optimizer);
      // Corrections for the start count the updates that were made.
      const values = row.at(
        { ...optimizer, learningRate: optimizer.learningRate * factor },
        this.applied + 1,
      );
      values.forEach((value, i) => this.runner.write(prefix + row.numbers[i], value));
    }
  }

  observe(score: number): void {
    this.memory = observeScore(this.options.schedule ?? constant(), this.memory, score);
  }

  forgetStates(): void {
    this.carried = new Map();
  }

  parameters(): Parameters {
    return readParameters(this.net, this.session);
  }

  averaged(): Parameters {
    const { net, session, kept, applied } = this;
    const { average } = this.options;
    if (average === undefined || applied === 0) return this.parameters();
    const weight = 1 - power(average, applied);
    const read = (name: string): ArrayLike<number> =>
      kept.some((buffer) => buffer.name === trainingNames.average + name)
        ? session.read(trainingNames.average + name).map((value) => value / weight)
        : session.read(name);
    return readParameters(net, { read });
  }

  weightSizes(): WeightSizes {
    const weights = this.kept.filter(({ role }) => role === "parameter");
    return new Map(weights.map(({ name }) => [name, largestSize(this.session.read(name))]));
  }

  setParameters(parameters: Parameters): void {
    writeParameters(this.net, parameters, this.session);
  }

  state(): TrainerState {
    return {
      step: this.done,
      applied: this.applied,
      schedule: this.memory,
      carried: new Map(this.carried),
      buffers: new Map(this.kept.map(({ name }) => [name, this.session.read(name)])),
    };
  }

  stateBefore(): TrainerState {
    return { ...this.state(), step: this.done - 1, carried: new Map(this.carriedBefore) };
  }

  restore(state: TrainerState): void {
    checkBuffers(
      this.kept.map(({ name }) => name),
      state,
    );
    for (const [name, values] of state.buffers) this.session.write(name, values);
    [this.done, this.applied, this.memory] = [state.step, state.applied, state.schedule];
    this.carried = new Map(state.carried);
  }

  dispose(): void {
    this.runner.dispose();
    this.home.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}

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
