/**
 * The training step as an object: holds the prepared plans, writes a batch, runs it, says what happened, and gives and
 * takes its whole state. What goes around it (epochs, validation, checkpoints) is in fit.ts.
 */
import type { Home, Program, Session, Stops } from "../../exec/executor.js";
import { openHome } from "../../exec/home.js";
import { later, now, type Reading, reads } from "../../exec/reads.js";
import { disposeSymbol, type Held, madeOf } from "../../exec/resource.js";
import { readParameters, writeParameters } from "../../nn/build/index.js";
import type { Example, Network, Parameters } from "../../nn/index.js";
import { checkOptions } from "../../options/check.js";
import { type PlanBuffer, spaceParts } from "../../plan/index.js";
import { TrainingError } from "../errors.js";
import { trainerRows } from "../options.js";
import { constant, freshMemory, observeScore, scheduleFactor } from "../schedules.js";
import type {
  FinalGradients,
  GradientBuffer,
  SplitTrainer,
  StepReport,
  StepSums,
  Trainer,
  TrainerOptions,
  TrainerState,
} from "../trainer.js";
import { gradientCuts } from "./cuts.js";
import { gradientName, gradientPlan, trainedParameters } from "./gradients.js";
import { checkBuffers, keptBuffers } from "./kept.js";
import { trainingNames } from "./names.js";
import { optimizerRow, power } from "./optimizers.js";
import { type CarriedStates, StepRunner, writeNumber } from "./parts.js";
import { trainingPlan } from "./plan.js";
import { allFinite, type ComingUpdate, Reach } from "./reach.js";
import { type GroupOptimizer, groupOptimizers, updatePlan } from "./update.js";
import { largestSize, type WeightSizes } from "./weight-sizes.js";

/**
 * Prepares training, of which every step is one plan. Memory is sized here, for the largest batch, and does not grow
 * afterwards.
 *
 * @param home an executor, on which it opens a session of its own; or a session, which keeps the weights
 */
export function createTrainer(
  net: Network,
  parameters: Parameters,
  home: Home,
  options: TrainerOptions,
): Trainer {
  checkOptions(options, trainerRows, "createTrainer");
  return trainerOf(net, parameters, home, (session, held) => {
    const runner = held.keep(new StepRunner(net, session, { plan: trainingPlan(net, options), options }));
    return { options, runner, updater: runner.program, gradientBuffers: [] };
  });
}

/**
 * Prepares training in two halves, between which gradients can be exchanged: the same bits as of `createTrainer`, whose
 * states it takes and gives too.
 *
 * ```ts
 * const sums = trainer.gradients(shard, all);    // forward and backward
 * exchange(trainer.gradientBuffers, sums);       // adds those of the other processes
 * trainer.update(sums);                          // norm, clipping, optimiser
 * ```
 */
export function createSplitTrainer(
  net: Network,
  parameters: Parameters,
  home: Home,
  options: TrainerOptions,
): SplitTrainer {
  checkOptions(options, trainerRows, "createSplitTrainer");
  return trainerOf(net, parameters, home, (session, held) => {
    const runner = held.keep(new StepRunner(net, session, { plan: gradientPlan(net, options), options }));
    const updater = held.keep(session.prepare(updatePlan(net, options), {}));
    const gradientBuffers = trainedParameters(net, options).map(({ name: weights, rows, width }) => {
      return { weights, name: gradientName(options, weights), rows, width };
    });
    return { options, runner, updater, gradientBuffers };
  });
}

function trainerOf(
  net: Network,
  parameters: Parameters,
  home: Home,
  partsIn: (session: Session, held: Held) => TrainerParts,
): StepTrainer {
  return madeOf((held) => {
    const { session } = held.keep(openHome(home));
    const trainer = new StepTrainer(net, session, { ...partsIn(session, held), held });
    trainer.setParameters(parameters);
    return trainer;
  });
}

/** What a trainer runs. */
interface TrainerParts {
  readonly options: TrainerOptions;
  /** Computes the gradients. */
  readonly runner: StepRunner;
  /** The program that updates: the runner's own, where a step is one plan. */
  readonly updater: Program;
  /** Of none, where a step is one plan. */
  readonly gradientBuffers: readonly GradientBuffer[];
}

/** A first half whose second one is to come. */
interface HalfStep {
  readonly sums: StepSums;
  /** States as the batch left them. */
  readonly carried: CarriedStates;
}

/** Guards what training has become so far. */
class StepTrainer implements SplitTrainer {
  readonly net: Network;
  readonly gradientBuffers: readonly GradientBuffer[];
  steps: number | undefined;
  readonly session: Session;
  private readonly held: Held;
  private readonly options: TrainerOptions;
  private readonly runner: StepRunner;
  private readonly updater: Program;
  private readonly optimizers: readonly GroupOptimizer[];
  /** Parameters and slots. */
  private readonly kept: readonly PlanBuffer[];
  private done = 0;
  private applied = 0;
  private memory = freshMemory;
  private carried: CarriedStates = new Map();
  /** Those with which the last step began. */
  private carriedBefore = this.carried;
  private half: HalfStep | undefined;
  private readonly reach: Reach;
  /** The updates of the step under way. */
  private coming: readonly ComingUpdate[] = [];
  /** What the step under way began from, if its update could make a weight infinite. */
  private before: TrainerState | undefined;
  /** True while a step is under way. */
  private stepIsOpen = false;

  constructor(net: Network, session: Session, parts: TrainerParts & { readonly held: Held }) {
    const { options, runner, updater, gradientBuffers, held } = parts;
    [this.net, this.session, this.options, this.steps] = [net, session, options, options.steps];
    [this.runner, this.updater, this.held] = [runner, updater, held];
    this.optimizers = [...groupOptimizers(options).values()];
    this.gradientBuffers = gradientBuffers;
    this.reach = new Reach(options.optimizer, options, session.executor.precision !== "float64");
    this.kept = keptBuffers([runner.program, updater]);
    for (const { name, role, space, width } of this.kept) {
      const parts = spaceParts(space);
      if (role === "slot" && parts.over === "rows")
        session.write(name, new Float32Array(parts.count * width));
    }
  }

  get bytes(): number {
    return this.runner.bytes + (this.apart ? this.updater.bytes : 0);
  }

  /** True if the two halves of a step are plans of their own. */
  private get apart(): boolean {
    return this.updater !== this.runner.program;
  }

  step(examples: readonly Example[], of = examples.length): StepReport {
    return now(this.stepping(examples, of));
  }

  stepAsync(examples: readonly Example[], of = examples.length): Promise<StepReport> {
    return later(this.stepping(examples, of), this.session);
  }

  gradients(examples: readonly Example[], of = examples.length, final?: FinalGradients): StepSums {
    return now(this.computing(examples, of, final));
  }

  update(given?: StepSums): StepReport {
    return now(this.updating(given));
  }

  private *stepping(examples: readonly Example[], of: number): Reading<StepReport> {
    if (this.stepIsOpen) throw new TrainingError("a step is still under way; wait for it before the next");
    this.stepIsOpen = true;
    try {
      yield* this.computing(examples, of);
      return yield* this.updating();
    } finally {
      this.stepIsOpen = false;
    }
  }

  private *computing(examples: readonly Example[], of: number, final?: FinalGradients): Reading<StepSums> {
    const { runner, options, done } = this;
    const { carry, classWeights } = options;
    const carried = carry ? new Map(this.carried) : this.carried;
    if (!this.apart) yield* this.preparing();
    writeNumber(runner.program, trainingNames.weight, 1 / Math.max(of, 1));
    if (classWeights) runner.program.write(trainingNames.classWeights, classWeights);
    const stops = final && this.stops(final);
    const sums = yield* runner.run(examples, { step: done + 1, carried, stops });
    this.half = { sums, carried };
    return sums;
  }

  /** Stops behind each layer whose gradients are final there. */
  private stops(final: FinalGradients): Stops {
    const cuts = gradientCuts(this.runner.program.plan, this.gradientBuffers);
    const after = cuts.map((cut) => cut.after);
    return { after, reached: (step) => final(cuts[after.indexOf(step)]!.gradients) };
  }

  gradient({ name, rows, width }: GradientBuffer): Float32Array | Float64Array {
    const { values } = this.runner.program.view(name);
    return (values as Float32Array | Float64Array).subarray(0, rows * width);
  }

  private *updating(given?: StepSums): Reading<StepReport> {
    const { half, updater, done } = this;
    if (!half)
      throw new TrainingError("an update takes the gradients of a step: call gradients(examples) before it");
    const { loss, rows, tokens } = given ?? half.sums;
    if (this.apart) {
      yield* this.preparing();
      updater.write(trainingNames.apply, [Number(Number.isFinite(loss))]);
      updater.run({ packings: {} });
    }
    const rate = this.options.optimizer.learningRate * this.factor();
    const [norms] = yield* reads(updater, trainingNames.norm);
    const norm = norms![0]!;
    const isFinite = Number.isFinite(norm) && Number.isFinite(loss);
    const undone = isFinite && (yield* this.undoing(norm));
    const updated = isFinite && !undone;
    // States that came with a step that is not finite may be no numbers either.
    [this.carriedBefore, this.carried] = [this.carried, updated ? half.carried : new Map()];
    [this.done, this.half] = [done + 1, undefined];
    if (updated) this.applied++;
    const report = { step: done + 1, loss: loss / Math.max(rows, 1), norm, rate, updated, tokens };
    return undone ? { ...report, undone } : report;
  }

  /** Writes the numbers of the update that comes. Where it could make a weight infinite, what was before it is kept. */
  private *preparing(): Reading<void> {
    const { reach } = this;
    const updates = this.updates();
    this.coming = updates;
    for (const [i, { optimizer, numbers }] of updates.entries()) {
      const { prefix } = this.optimizers[i]!;
      numbers.forEach((value, k) => {
        writeNumber(this.updater, prefix + optimizerRow(optimizer).numbers[k], value);
      });
    }
    this.before = undefined;
    if (!reach.mayOverflow(updates)) return;
    // Where the bound has only grown with the steps, the weights themselves show that they are far from it.
    const state = yield* this.takingState();
    reach.ofBuffers(state.buffers);
    if (reach.mayOverflow(updates)) this.before = state;
  }

  /** Undoes an update that made a number infinite. @returns whether it did */
  private *undoing(norm: number): Reading<boolean> {
    const { before, reach } = this;
    this.before = undefined;
    if (!before) {
      reach.note(this.coming, norm);
      return false;
    }
    const { buffers } = yield* this.takingState();
    const undone = !allFinite(buffers);
    if (undone) this.writeBuffers(before);
    else reach.ofBuffers(buffers);
    return undone;
  }

  /** What the schedule makes of the learning rate in the step that comes. */
  private factor(): number {
    const { options, done, steps, memory } = this;
    return scheduleFactor(options.schedule ?? constant(), { done, steps, memory });
  }

  /** The optimisers' updates of the step that comes. */
  private updates(): readonly ComingUpdate[] {
    const factor = this.factor();
    return this.optimizers.map(({ optimizer }) => {
      const now = { ...optimizer, learningRate: optimizer.learningRate * factor };
      // Corrections for the start count the updates that were made.
      return { optimizer, numbers: optimizerRow(optimizer).at(now, this.applied + 1) };
    });
  }

  observe(score: number): void {
    this.memory = observeScore(this.options.schedule ?? constant(), this.memory, score);
  }

  forgetStates(): void {
    this.carried = new Map();
  }

  parameters(from?: TrainerState): Parameters {
    return readParameters(this.net, this.holder(from));
  }

  /** What holds the buffers: a state, or the session. */
  private holder(from: TrainerState | undefined): { read(name: string): Float64Array } {
    return from ? { read: (name) => from.buffers.get(name)! } : this.session;
  }

  averaged(from?: TrainerState): Parameters {
    const { net, kept } = this;
    const applied = from ? from.applied : this.applied;
    const holder = this.holder(from);
    const { average } = this.options;
    if (average === undefined || applied === 0) return this.parameters(from);
    const weight = 1 - power(average, applied);
    const read = (name: string): ArrayLike<number> =>
      kept.some((buffer) => buffer.name === trainingNames.average + name)
        ? holder.read(trainingNames.average + name).map((value) => value / weight)
        : holder.read(name);
    return readParameters(net, { read });
  }

  weightSizes(from?: TrainerState): WeightSizes {
    const weights = this.kept.filter(({ role }) => role === "parameter");
    const holder = this.holder(from);
    return new Map(weights.map(({ name }) => [name, largestSize(holder.read(name))]));
  }

  setParameters(parameters: Parameters): void {
    writeParameters(this.net, parameters, this.session);
    this.reach.ofWeights([...parameters.values()].map(({ data }) => data));
  }

  state(): TrainerState {
    return now(this.takingState());
  }

  stateAsync(): Promise<TrainerState> {
    return later(this.takingState(), this.session);
  }

  private *takingState(): Reading<TrainerState> {
    const { done: step, applied, memory: schedule } = this;
    const carried = new Map(this.carried);
    const names = this.kept.map(({ name }) => name);
    const values = yield* reads(this.session, ...names);
    return { step, applied, schedule, carried, buffers: new Map(names.map((name, i) => [name, values[i]!])) };
  }

  stateBefore(from = this.state()): TrainerState {
    return { ...from, step: this.done - 1, carried: new Map(this.carriedBefore) };
  }

  restore(state: TrainerState): void {
    checkBuffers(
      this.kept.map(({ name }) => name),
      state,
    );
    this.writeBuffers(state);
    [this.done, this.applied, this.memory] = [state.step, state.applied, state.schedule];
    this.carried = new Map(state.carried);
  }

  private writeBuffers({ buffers }: TrainerState): void {
    for (const [name, values] of buffers) this.session.write(name, values);
    this.reach.ofBuffers(buffers);
  }

  dispose(): void {
    this.held.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}
