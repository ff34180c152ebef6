/**
 * The options of training that all tasks share: what they are called, how they read, and what the library makes of them.
 */
import type { Option } from "commander";
import {
  type ExecutorName,
  type ExecutorOptions,
  executorNames,
  tiersOf,
} from "../../exec/registry/index.js";
import type { TaskTraining } from "../../tasks/index.js";
import {
  adam,
  adamW,
  constant,
  cosine,
  type Optimizer,
  type ParameterGroup,
  plateau,
  rmsProp,
  type Schedule,
  sgd,
  warmUp,
} from "../../train/index.js";
import { UsageError } from "../terminal/errors.js";
import { choice, fraction, option, positiveNumber, wholeNumber } from "../terminal/options.js";

/** What a task has where nothing is chosen. */
export interface TaskDefaults {
  /** What a batch consists of: "texts". */
  readonly examples: string;
  /** Passes over the data, and examples per step (default 32), as the help has them. */
  readonly epochs: number | string;
  readonly batch?: number | string;
  /** Of adam and adamW. */
  readonly learningRate: number;
  /** Largest norm of the gradients; default 1. */
  readonly clip?: number | string;
  /** How the learning rate changes; default constant. */
  readonly schedule?: string;
  /** Epochs without a better score after which training ends; default: it does not. */
  readonly patience?: number;
  /** How weights are averaged, in words; default: they are not. */
  readonly average?: string;
}

/** The optimisers by name, each with the rate it has where none is given: adam's is the task's own. */
const optimizers: Readonly<Record<string, (own: number, rate?: number, weightDecay?: number) => Optimizer>> =
  {
    adam: (own, learningRate = own) => adam({ learningRate }),
    adamW: (own, learningRate = own, weightDecay = 0.01) => adamW({ learningRate, weightDecay }),
    rmsProp: (_, learningRate = 0.001, weightDecay = 0) => rmsProp({ learningRate, weightDecay }),
    sgd: (_, learningRate = 0.1, weightDecay = 0) => sgd({ learningRate, weightDecay }),
  };

const schedules: Readonly<Record<string, () => Schedule>> = { constant, cosine, plateau };

/** What the options were parsed to. What was not chosen is left to the library's defaults, which the help repeats. */
export interface ChosenTraining {
  readonly epochs?: number;
  readonly minutes?: number;
  readonly patience?: number;
  readonly batch?: number;
  readonly accumulate?: number;
  readonly recompute?: number;
  readonly optimizer?: string;
  readonly learningRate?: number;
  readonly schedule?: string;
  readonly warmUp?: number;
  readonly weightDecay?: number;
  readonly average?: number;
  readonly clip?: number;
  readonly clipValue?: number;
  readonly freeze?: readonly string[];
  readonly mostSkipped?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly resume?: boolean;
  readonly run?: string;
  readonly executor?: ExecutorName;
  readonly tier?: NonNullable<ExecutorOptions["tier"]>;
  readonly anyTier?: boolean;
}

const heading = "Training:";

/** The options, in the order of the help. */
export function trainingOptions({
  examples,
  epochs,
  learningRate,
  batch = 32,
  clip = 1,
  schedule = "constant",
  average,
  patience,
}: Omit<TaskDefaults, "learningRate"> & { readonly learningRate: number | string }): Option[] {
  return [
    option(heading, "--epochs <n>", `passes over the training data (default: ${epochs})`, wholeNumber(1)),
    option(
      heading,
      "--minutes <m>",
      "train for so long: the first steps are measured, then the number of steps is fixed",
      positiveNumber,
    ),
    option(
      heading,
      "--patience <n>",
      `stop after so many epochs without a better validation score${patience ? ` (default: ${patience})` : ""}`,
      wholeNumber(1),
    ),
    option(heading, "--batch <n>", `${examples} per step (default: ${batch})`, wholeNumber(1)),
    option(heading, "--accumulate <n>", "compute a step in so many parts, with less memory", wholeNumber(1)),
    option(
      heading,
      "--recompute <steps>",
      "of sequences keep the states of every so many steps, and compute those between again: less memory, more time",
      wholeNumber(1),
    ),
    choice(heading, "--optimizer <name>", "how weights are updated (default: adam)", Object.keys(optimizers)),
    option(
      heading,
      "--learning-rate <r>",
      `size of updates (default: adam and adamW ${learningRate}, rmsProp 0.001, sgd 0.1)`,
      positiveNumber,
    ),
    choice(
      heading,
      "--schedule <name>",
      `how the learning rate changes: down along a cosine, or when validation stops getting better (default: ${schedule})`,
      Object.keys(schedules),
    ),
    option(heading, "--warm-up <n>", "steps over which the learning rate rises", wholeNumber(1)),
    option(
      heading,
      "--weight-decay <r>",
      "share of the weights taken off per step, times the learning rate (default: adamW 0.01)",
      positiveNumber,
    ),
    option(
      heading,
      "--average <b>",
      `use an average of the weights over the steps, as in 0.999${average ? ` (default: ${average})` : ""}`,
      fraction,
    ),
    option(heading, "--clip <r>", `largest norm of the gradients (default: ${clip})`, positiveNumber),
    option(heading, "--clip-value <r>", "largest size of each number of a gradient", positiveNumber),
    option(heading, "--freeze <name...>", "parameters or layers that stay as they are: embedding1"),
    option(
      heading,
      "--most-skipped <n>",
      "stop after so many steps in a row whose gradients are not finite, and say why (default: 1)",
      wholeNumber(1),
    ),
    option(heading, "--seed <n>", "of everything random (default: 1)", wholeNumber(0, 2 ** 32 - 1)),
    option(heading, "--threads <n>", "threads to train with (default: 1)", wholeNumber(1, 64)),
    ...executorOptions(heading, { executor: executorNames[0]!, tier: "the fastest" }),
    option(heading, "--run <dir>", "folder of the run (default: that of --out, ending in .run)"),
    option(heading, "--resume", "go on from the newest checkpoint of the run"),
    option(
      heading,
      "--any-tier",
      "with --resume: also where the tier is another one, which rounds differently",
    ),
    option(
      heading,
      "--config <file>",
      'JSON with these options by name, --no-x as "x": false; the command line wins',
    ),
  ];
}

/** The options by which an executor is chosen. @param usual what is taken where none is given, in words */
export const executorOptions = (
  group: string,
  usual: { readonly executor: string; readonly tier: string },
): Option[] => [
  choice(group, "--executor <name>", `where plans run (default: ${usual.executor})`, executorNames),
  choice(
    group,
    "--tier <name>",
    `how it computes, of ${executorNames.map((name) => `${name} ${tiersOf(name).join(", ")}`).join("; of ")} (default: ${usual.tier})`,
    executorNames.flatMap(tiersOf),
  ),
];

/** @throws UsageError naming the options that contradict each other */
export function refuseTrainingContradictions(chosen: ChosenTraining): void {
  const { epochs, minutes, optimizer = "adam", weightDecay } = chosen;
  if (epochs !== undefined && minutes !== undefined) {
    throw new UsageError(
      "--epochs and --minutes contradict each other; give the one that is to end training",
    );
  }
  if (weightDecay !== undefined && optimizer === "adam")
    throw new UsageError("--weight-decay is for --optimizer adamW, rmsProp or sgd; adam has none");
}

/** The library's options for what was chosen; keys without a value are undefined. */
export function trainingSettings(
  chosen: ChosenTraining,
  { learningRate }: TaskDefaults,
): { readonly [K in keyof TaskTraining]: TaskTraining[K] | undefined } {
  const { optimizer = "adam", schedule, warmUp: warm, freeze } = chosen;
  const next = schedule === undefined ? undefined : schedules[schedule]!();
  const groups = freeze?.map((parameters): ParameterGroup => ({ parameters, frozen: true }));
  return {
    epochs: chosen.epochs,
    minutes: chosen.minutes,
    patience: chosen.patience,
    batchSize: chosen.batch,
    accumulate: chosen.accumulate,
    recompute: chosen.recompute,
    optimizer: optimizers[optimizer]!(learningRate, chosen.learningRate, chosen.weightDecay),
    schedule: warm === undefined ? next : warmUp({ steps: warm, ...(next ? { next } : {}) }),
    average: chosen.average,
    clip: chosen.clip,
    clipValue: chosen.clipValue,
    groups,
    mostSkipped: chosen.mostSkipped,
    seed: chosen.seed,
    anyTier: chosen.anyTier,
  };
}

/** Only the keys that have a value: to the library, an option that is undefined is not one that is left out. */
export function given<T extends object>(value: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Partial<T>;
}
