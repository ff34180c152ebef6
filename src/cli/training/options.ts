/**
 * The options of training as the command line has them: what it writes in another way than the library, and what the library
 * makes of that.
 */
import type { Option } from "commander";
import { type ExecutorOptions, executorNames, tiersOf } from "../../exec/registry/index.js";
import { defaultOf, type OptionRow, type OptionTable } from "../../options/index.js";
import type { OptionsOfTask, trainingOptions } from "../../tasks/help/index.js";
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
import type { ChosenOf, OwnOptions } from "../terminal/command-table.js";
import { choice } from "../terminal/options.js";
import type { Conversions } from "../terminal/row-options.js";

/** The optimisers by name, each with the rate it has where none is given: adam's is the task's own. */
const optimizers = {
  adam: (own: number, learningRate = own) => adam({ learningRate }),
  adamW: (own: number, learningRate = own, weightDecay = adamW().weightDecay) =>
    adamW({ learningRate, weightDecay }),
  rmsProp: (_: number, learningRate = rmsProp().learningRate, weightDecay = 0) =>
    rmsProp({ learningRate, weightDecay }),
  sgd: (_: number, learningRate = sgd().learningRate, weightDecay = 0) => sgd({ learningRate, weightDecay }),
} as const satisfies Record<string, (own: number, rate?: number, weightDecay?: number) => Optimizer>;

const schedules = { constant, cosine, plateau } as const satisfies Record<string, () => Schedule>;

const names = <Name extends string>(of: Readonly<Record<Name, unknown>>): Name[] => Object.keys(of) as Name[];

/** How executors compute, all of them: those of the chosen one are checked where it is made. */
const tierNames = executorNames.flatMap(tiersOf) as readonly Tier[];

type Tier = Exclude<NonNullable<ExecutorOptions["tier"]>, "auto" | "fastest">;

/** The rows that differ by the task's defaults are made of its rows. */
const ownRows = {
  optimizer: { kind: "name", names: names(optimizers), default: "adam" },
  learningRate: { kind: "number", above: 0 },
  weightDecay: { kind: "number", above: 0, needs: { optimizer: ["adamW", "rmsProp", "sgd"] } },
  schedule: { kind: "name", names: names(schedules) },
  warmUp: { kind: "whole" },
  freeze: { kind: "list", of: { kind: "text" } },
  executor: { kind: "name", names: executorNames },
  tier: { kind: "name", names: tierNames },
  run: { kind: "file" },
  resume: { kind: "flag", default: false },
  resumeAt: { kind: "whole", needs: { resume: true } },
  checkpointEvery: { kind: "number", above: 0, default: 60 },
  config: { kind: "file" },
} as const satisfies OptionTable;

const fixed = {
  batch: { of: "batchSize" },
  warmUp: {
    row: ownRows.warmUp,
    after: "schedule",
    heading: "Training:",
    text: "steps over which the learning rate rises",
  },
  weightDecay: {
    row: ownRows.weightDecay,
    after: "schedule",
    heading: "Training:",
    text: "share of the weights taken off per step, times the learning rate",
    usual: `adamW ${adamW().weightDecay}`,
  },
  freeze: {
    of: "groups",
    row: ownRows.freeze,
    value: "name",
    variadic: true,
    text: "parameters or layers that stay as they are: embedding1",
    usual: "none",
  },
  threads: { of: "threads", row: { kind: "whole", most: 64, default: 1 } },
  executor: {
    row: ownRows.executor,
    after: "threads",
    heading: "Training:",
    text: "where plans run",
    usual: executorNames[0]!,
  },
  tier: {
    row: ownRows.tier,
    after: "executor",
    heading: "Training:",
    text: `how it computes, of ${executorNames.map((name) => `${name} ${tiersOf(name).join(", ")}`).join("; of ")}`,
    usual: "the fastest",
  },
  run: {
    row: ownRows.run,
    after: "tier",
    heading: "Training:",
    value: "dir",
    text: "folder of the run",
    usual: "that of {out}, ending in .run",
  },
  resume: { of: "resume", row: ownRows.resume, text: "go on from the newest checkpoint of the run" },
  resumeAt: {
    row: ownRows.resumeAt,
    after: "resume",
    heading: "Training:",
    text: "go on from its checkpoint of this step instead",
    usual: "the newest",
  },
  checkpointEvery: {
    row: ownRows.checkpointEvery,
    after: "run",
    heading: "Training:",
    value: "s",
    text: "seconds between two checkpoints",
  },
  config: {
    row: ownRows.config,
    after: "anyTier",
    heading: "Training:",
    text: 'JSON with these options by name, --no-x as "x": false; the command line wins',
  },
  // A run ends by epochs, minutes or patience; the memory that there is, is looked up.
  steps: null,
  fixedAt: null,
  memoryLimit: null,
} as const satisfies OwnOptions;

/** What stands where the task's own rate and schedule show. */
const byTask = {
  optimizer: { of: "optimizer", row: ownRows.optimizer },
  learningRate: {
    row: ownRows.learningRate,
    after: "optimizer",
    heading: "Training:",
    text: `size of updates of adam and adamW; where none is given rmsProp has ${rmsProp().learningRate}, sgd ${sgd().learningRate}`,
  },
  schedule: { of: "schedule", row: ownRows.schedule },
} as const satisfies OwnOptions;

type Own = typeof fixed & typeof byTask;

/** The command line's own options of training, for a task's rows. */
export function ownTraining({ rows }: Pick<OptionsOfTask, "rows">): Own {
  const of = <Value>(key: string, value: (of: never) => Value): Partial<OptionRow> => {
    const { default: usual, by, defaults = {} } = rows[key]!;
    const special = Object.entries(defaults).map(([name, each]) => [name, value(each as never)]);
    return {
      default: value(usual as never),
      ...(by === undefined ? {} : { by, defaults: Object.fromEntries(special) }),
    };
  };
  const rate = of("optimizer", ({ learningRate }: Optimizer) => learningRate);
  const kind = of("schedule", (schedule: Schedule) => schedule.kind);
  return {
    ...fixed,
    optimizer: byTask.optimizer,
    learningRate: { ...byTask.learningRate, row: { ...ownRows.learningRate, ...rate } },
    schedule: { ...byTask.schedule, row: { ...ownRows.schedule, ...kind } },
  } as Own;
}

/** What the options of training were parsed to. */
export type ChosenTraining = ChosenOf<(typeof trainingOptions)["rows"], Own>;

/** What the library is told of training. */
export const trainingConversions = ({ rows }: Pick<OptionsOfTask, "rows">): Conversions<ChosenTraining> => ({
  optimizer({ optimizer, learningRate, weightDecay }, facts) {
    if (optimizer === undefined && learningRate === undefined) return undefined;
    const own = defaultOf(rows["optimizer"]!, facts) as Optimizer;
    return optimizers[optimizer ?? "adam"](own.learningRate, learningRate, weightDecay);
  },
  schedule({ schedule, warmUp: steps }, facts) {
    const chosen = schedule === undefined ? undefined : schedules[schedule]();
    if (steps === undefined) return chosen;
    // Also what follows a warm-up is the task's own where none is chosen.
    return warmUp({ steps, next: chosen ?? (defaultOf(rows["schedule"]!, facts) as Schedule) });
  },
  groups: ({ freeze }) => freeze?.map((parameters): ParameterGroup => ({ parameters, frozen: true })),
  // The command makes the executor, and finds what a run goes on from.
  threads: () => undefined,
  resume: () => undefined,
});

/** Only the keys that have a value: to the library, an option that is undefined is not one that is left out. */
export function given<T extends object>(value: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Partial<T>;
}

/** The options by which a command other than training chooses an executor. @param usual what is taken where none is given */
export const executorOptions = (
  group: string,
  usual: { readonly executor: string; readonly tier: string },
): Option[] => [
  choice(group, "--executor <name>", `where plans run (default: ${usual.executor})`, executorNames),
  choice(group, "--tier <name>", `how it computes (default: ${usual.tier})`, tierNames),
];
