/** What a run of training is asked for, and what it gives. */
import type { Home } from "../../exec/executor.js";
import type { Example, Network, Parameters, Sample } from "../../nn/index.js";
import type { LaneOptions } from "../batches.js";
import type { TrainingSettings } from "../settings.js";
import type { MemoryEstimate } from "../step/memory.js";
import type { Optimizer } from "../step/optimizers.js";
import type { TrainerMaker } from "../trainer.js";
import type { Checkpointing } from "./checkpointing.js";
import type { TrainingControl } from "./control.js";
import type { Progress } from "./progress.js";
import type { Validation } from "./validation.js";

/** How a network is trained: all that shapes a step beside what the data decides, with an optimiser by default. */
export interface FitSettings extends Omit<TrainingSettings, "optimizer" | "carry" | "sampleWeights"> {
  /** Default: `adam({ learningRate: 0.002 })`, together with `clip: 1`. */
  readonly optimizer?: Optimizer;
}

/** What training takes; only the data is needed. */
export interface FitOptions extends FitSettings {
  /**
   * Where the weights start, or a function of initial ones that says; a run that goes on has its own. Default:
   * `initialParameters(net, seed)`. They are made once memory is known to suffice.
   */
  readonly parameters?: Parameters | ((initial: Parameters) => Parameters);
  /**
   * Where to train: an executor, or a session, which is left with the returned parameters. Default: the executor that
   * `createExecutor` makes, for as long as the trained network lives.
   */
  readonly executor?: Home;
  /** Threads of the executor that is made where none is given; default 1. */
  readonly threads?: number;
  /** Makes the trainer, for example one that exchanges gradients with other processes. Default: `createTrainer`. */
  readonly trainer?: TrainerMaker;
  /** Examples, or the token ids of one long text together with `bptt`. */
  readonly train: readonly Sample[] | { readonly text: ArrayLike<number> };
  /** For one long text: truncated back-propagation through time, over `steps` steps of each of `lanes` lanes. */
  readonly bptt?: LaneOptions;
  /** Validation data, and perhaps how good predictions on it are; the weights of the best epoch win. */
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
  /** Examples per step, where it is examples that train; default 32. */
  readonly batchSize?: number;
  /** Seed of everything random; default 1. */
  readonly seed?: number;
  /** Stop after so many validations in a row without a better score. Default: never. */
  readonly patience?: number;
  /**
   * Steps in a row whose loss or gradients were not finite, or whose update would have made a weight so, after which training
   * ends and says why. Default 1: the first one ends it. Whatever it is, such a step changes nothing.
   */
  readonly mostSkipped?: number;
  /** What an example is called in messages, by its id: "train.tsv:13". Default: "example 12". */
  readonly exampleName?: (id: number) => string;
  /** Most bytes that training may take; see `estimateMemory`. Default: what the executor can hold. */
  readonly memoryLimit?: number;
  /** Where checkpoints go, and how often. Default: none are made. */
  readonly checkpoints?: Checkpointing;
  /** The bytes of a checkpoint to go on from. */
  readonly resume?: Uint8Array;
  /** Go on although the tier of the kernels is another one, which rounds differently. Default false: refuse. */
  readonly anyTier?: boolean;
  /** Told once, before memory is taken, what it will be. */
  readonly onMemory?: (estimate: MemoryEstimate) => void;
  /** Told while initial weights are made, which takes seconds for thousands of units: the share that is there. */
  readonly onWeights?: (share: number) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Pauses training, and lets it go on. */
  readonly control?: TrainingControl;
  /** Stops training: it saves a checkpoint, where they are kept, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Options as a run takes them: with defaults, and with samples as examples. */
export interface RunOptions extends Omit<FitOptions, "threads"> {
  readonly net: Network;
  readonly executor: Home;
  readonly optimizer: Optimizer;
  readonly seed: number;
  readonly train: readonly Example[] | { readonly text: ArrayLike<number> };
}

/** What became of a training. */
export interface FitReport {
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
  /** Steps that were not applied because their loss, a gradient or a new weight was not finite. */
  readonly skipped: number;
}

/** What a run gives. */
export interface FitResult {
  /** The weights of the epoch that scored best, or of the last one where nothing was validated. */
  readonly parameters: Parameters;
  readonly training: FitReport;
}
