/**
 * A run of training: where it is, what it has counted, the best weights so far. It makes steps, becomes a checkpoint and
 * comes out of one again. When to validate, save and stop is decided in fit.ts.
 */
import type { Example, Network, Parameters } from "../../nn/index.js";
import type { BatchSource } from "../batches.js";
import type { FailedStep } from "../detective/failed-step.js";
import { TrainingError } from "../errors.js";
import type { TrainingSettings } from "../settings.js";
import type { StepReport, Trainer, TrainerState } from "../trainer.js";
import {
  type BestSoFar,
  type Checkpoint,
  type RunPosition,
  readCheckpoint,
  writeCheckpoint,
} from "./checkpoint.js";
import type { Checkpointing } from "./checkpointing.js";
import type { FitReport, FitResult, RunOptions } from "./options.js";
import type { Progress } from "./progress.js";
import { requireSameRun } from "./same-run.js";

/** What a run is made of. */
export interface RunParts {
  readonly options: RunOptions;
  readonly settings: TrainingSettings;
  readonly source: BatchSource;
  readonly trainer: Trainer;
}

/** A budget of minutes is measured over so many seconds at most, or this share of it, after a first step to warm up. */
const measuring = { seconds: 5, share: 0.1 };

/** Settings that a run cannot change on its way. */
const conditionalSettings = [
  "optimizer",
  "schedule",
  "clip",
  "clipValue",
  "groups",
  "accumulate",
  "labelSmoothing",
  "classWeights",
  "average",
  "recompute",
] as const satisfies readonly (keyof TrainingSettings)[];

/** The settings among options, as the data leaves them. */
export function settingsOf(options: RunOptions): TrainingSettings {
  const given = conditionalSettings.filter((key) => options[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, options[key]])) as unknown as TrainingSettings;
}

/** How many steps before a failed one have their norms reported. */
const REMEMBERED = 5;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Guards the state of one run. */
export class Run {
  private readonly options: RunOptions;
  private readonly settings: TrainingSettings;
  private readonly source: BatchSource;
  private readonly trainer: Trainer;
  private readonly at: Mutable<RunPosition>;
  private best: BestSoFar | undefined;
  private last: StepReport | undefined;
  /** When counting seconds last started over: earlier time, and waiting, is not included. */
  private since = performance.now();
  /** Seconds of the first step, which compiles: measuring leaves it out. */
  private first = 0;
  /** What there is to say of a step that fails. */
  private batch: readonly Example[] = [];
  private recent: StepReport[] = [];
  private weights: FailedStep["weights"] = { atStart: new Map(), atEpoch: new Map() };
  /** True if the last validation was the best one. */
  isBest = false;

  /** @throws TrainingError or FileFormatError if the checkpoint is not of this run */
  constructor({ options, settings, source, trainer }: RunParts) {
    [this.options, this.settings, this.source, this.trainer] = [options, settings, source, trainer];
    this.at = {
      epoch: 0,
      batch: 0,
      steps: null,
      fixedAt: 0,
      lossSum: 0,
      rows: 0,
      tokens: 0,
      seconds: 0,
      inTraining: 0,
      skipped: 0,
      skippedInRow: 0,
      waited: 0,
    };
    if (options.resume) this.goOn(readCheckpoint(options.resume));
    const { epochs, steps, minutes, fixedAt = 0 } = options;
    const planned = steps ?? (minutes === undefined ? (epochs ?? 1) * source.perEpoch : undefined);
    if (planned !== undefined) {
      this.at.steps = planned;
      this.at.fixedAt = Math.max(this.at.fixedAt, fixedAt);
    }
    this.tellSteps();
  }

  /** To be waited for before the first step. */
  async begin(): Promise<void> {
    const sizes = this.trainer.weightSizes(await this.taken());
    this.weights = { atStart: sizes, atEpoch: sizes };
  }

  /** Steps done. */
  get done(): number {
    return this.last?.step ?? this.restored;
  }
  private restored = 0;

  /** True when all steps are done, or patience is over. */
  finished(patience: number): boolean {
    return this.done >= (this.at.steps ?? Number.POSITIVE_INFINITY) || this.at.waited >= patience;
  }

  /** One training step. */
  step(): Progress {
    this.takeBatch();
    const from = performance.now();
    return this.count(this.trainer.step(this.batch), from);
  }

  /** The same where results are read asynchronously. */
  async stepAsync(): Promise<Progress> {
    this.takeBatch();
    const from = performance.now();
    return this.count(await this.trainer.stepAsync(this.batch), from);
  }

  private takeBatch(): void {
    const { source, trainer, at } = this;
    if (at.batch === 0) trainer.forgetStates();
    this.batch = source.batch(at.epoch, at.batch);
  }

  /** Takes note of a step. @param from when it began */
  private count(report: StepReport, from: number): Progress {
    const { at, batch } = this;
    const seconds = (performance.now() - from) / 1000;
    if (this.last === undefined) this.first = seconds;
    this.last = report;
    at.inTraining += seconds;
    at.batch++;
    at.tokens += report.tokens;
    if (report.updated) {
      const weight = this.network.output.over === "tokens" ? report.tokens : batch.length;
      at.lossSum += report.loss * weight;
      at.rows += weight;
      at.skippedInRow = 0;
      this.recent = [...this.recent.slice(1 - REMEMBERED), report];
    } else {
      at.skipped++;
      at.skippedInRow++;
    }
    // The schedule may have waited for the number of steps until this one.
    if (at.fixedAt === report.step) this.tellSteps();
    return this.progress();
  }

  /** The last step, if it could not be applied and training is to end there. */
  get failed(): (FailedStep & { readonly inRow: number }) | undefined {
    const { last, at, options, batch, recent, weights, source } = this;
    if (!last || last.updated || at.skippedInRow < (options.mostSkipped ?? 1)) return undefined;
    const nameOf = (example: Example): string => source.nameOf(example, at.batch - 1);
    return { report: last, inRow: at.skippedInRow, batch, recent, weights, nameOf };
  }

  /** With a budget of minutes: fixes the number of steps once enough of them are measured. */
  async fixSteps(validate: (() => Promise<unknown>) | undefined): Promise<void> {
    const { at, options, source } = this;
    if (at.steps !== null || options.minutes === undefined) return;
    const budget = 60 * options.minutes;
    const measured = at.inTraining - this.first;
    if (this.done < 2 || this.elapsed() < Math.min(measuring.seconds, measuring.share * budget)) return;
    const from = performance.now();
    await validate?.();
    const validating = (performance.now() - from) / 1000;
    const perStep = measured / (this.done - 1) + validating / source.perEpoch;
    at.steps = this.done + Math.max(0, Math.floor((budget - this.elapsed() - validating) / perStep));
    at.fixedAt = this.done;
    this.tellSteps();
  }

  /** True if the last step ended an epoch, or the run. */
  atEpochEnd(): boolean {
    return this.at.batch >= this.source.perEpoch || this.done === this.at.steps;
  }

  /** Ends an epoch. @param score of the validation, where there was one */
  async endEpoch(score: number | undefined): Promise<Progress> {
    const { at, trainer } = this;
    const taken = await this.taken();
    this.weights = { ...this.weights, atEpoch: trainer.weightSizes(taken) };
    if (score !== undefined) {
      trainer.observe(score);
      this.isBest = this.best === undefined || score > this.best.score;
      if (this.isBest) this.best = { parameters: trainer.averaged(taken), score, epoch: at.epoch + 1 };
      at.waited = this.isBest ? 0 : at.waited + 1;
    }
    const told = { ...this.progress(), ...(score === undefined ? {} : { valid: score }) };
    if (at.batch >= this.source.perEpoch) [at.epoch, at.batch, at.lossSum, at.rows] = [at.epoch + 1, 0, 0, 0];
    return told;
  }

  /** Runs something with the averaged weights in place, where an average is kept. */
  async withAverage<T>(use: () => Promise<T>): Promise<T> {
    const { trainer, settings } = this;
    if (settings.average === undefined) return use();
    const taken = await this.taken();
    const own = trainer.parameters(taken);
    trainer.setParameters(trainer.averaged(taken));
    try {
      return await use();
    } finally {
      trainer.setParameters(own);
    }
  }

  /** Waits for something that is no work of the run: its seconds are not counted. */
  async idle<T>(wait: () => Promise<T>): Promise<T> {
    this.at.seconds = this.elapsed();
    try {
      return await wait();
    } finally {
      this.since = performance.now();
    }
  }

  /** The run at this moment, as the bytes of a checkpoint. */
  async checkpoint(model: NonNullable<Checkpointing["model"]>): Promise<Uint8Array> {
    const { trainer, at, best, network } = this;
    const state = (await this.taken()) ?? trainer.state();
    const checkpoint: Checkpoint = {
      model: { ...model, network },
      trainer: state,
      position: { ...at, seconds: this.elapsed() },
      conditions: this.conditions(),
      ...(best ? { best } : {}),
    };
    return writeCheckpoint(checkpoint, trainer.parameters(state));
  }

  get network(): Network {
    return this.options.net;
  }

  /** The best weights so far. */
  async bestParameters(): Promise<Parameters> {
    return this.best?.parameters ?? this.trainer.averaged(await this.taken());
  }

  /** The trainer's state where nothing is read at once; undefined elsewhere: what is wanted is read when it is wanted. */
  private async taken(): Promise<TrainerState | undefined> {
    const { trainer } = this;
    return trainer.session.executor.synchronous ? undefined : trainer.stateAsync();
  }

  async result(): Promise<FitResult> {
    const { at, best, trainer } = this;
    const parameters = await this.bestParameters();
    trainer.setParameters(parameters);
    const epochs = at.epoch + (at.batch > 0 ? 1 : 0);
    const training: FitReport = {
      epochs,
      steps: this.done,
      fixedAt: at.fixedAt,
      bestEpoch: best?.epoch ?? epochs,
      ...(best ? { score: best.score } : {}),
      stoppedEarly: this.done < (at.steps ?? 0),
      seconds: this.elapsed(),
      tier: trainer.session.executor.tier,
      tokensPerSecond: at.tokens / at.inTraining,
      skipped: at.skipped,
    };
    return { parameters, training };
  }

  private elapsed(): number {
    return this.at.seconds + (performance.now() - this.since) / 1000;
  }

  private progress(): Progress {
    const { at, source, last } = this;
    const steps = at.steps ?? undefined;
    const elapsed = this.elapsed();
    const left = (elapsed / this.done) * ((steps ?? this.done) - this.done);
    const { minutes } = this.options;
    return {
      epoch: at.epoch + 1,
      epochs: steps === undefined ? undefined : Math.ceil(steps / source.perEpoch),
      step: this.done,
      steps,
      loss: at.lossSum / at.rows,
      stepLoss: last?.loss ?? Number.NaN,
      norm: last?.norm ?? Number.NaN,
      rate: last?.rate ?? Number.NaN,
      skipped: at.skipped,
      seconds: elapsed,
      tokensPerSecond: at.tokens / at.inTraining,
      secondsLeft: steps === undefined ? Math.max(60 * (minutes ?? 0) - elapsed, 0) : left,
    };
  }

  /** The schedule knows the number of steps from the step on at which it was fixed. */
  private tellSteps(): void {
    const { at, trainer } = this;
    trainer.steps = this.done >= at.fixedAt ? (at.steps ?? undefined) : undefined;
  }

  /** What must be the same for a run to go on to the bit, as plain data. */
  private conditions(): Readonly<Record<string, unknown>> {
    const { seed, batchSize, bptt } = this.options;
    const [tier] = this.trainer.session.executor.tier.split(",");
    const settings = Object.fromEntries(conditionalSettings.map((key) => [key, this.settings[key]]));
    const all = { ...settings, seed, batchSize, bptt, data: this.source.fingerprint, tier };
    return JSON.parse(JSON.stringify(all)) as Record<string, unknown>;
  }

  /** @throws TrainingError naming what is not as it was */
  private goOn({ conditions, trainer, position, best, model }: Checkpoint): void {
    requireSameRun(
      { conditions, network: model.network },
      { conditions: this.conditions(), network: this.network },
      this.options,
    );
    if (position.batch > this.source.perEpoch)
      throw new TrainingError(
        `the run cannot go on: its checkpoint is at batch ${position.batch} of an epoch, and an epoch has ${this.source.perEpoch}; take an earlier checkpoint`,
      );
    this.trainer.restore(trainer);
    Object.assign(this.at, position);
    this.best = best;
    this.restored = trainer.step;
  }
}
