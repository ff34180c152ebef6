/**
 * How any task is trained on the command line: options in, a model file and a report out. Errors in the command are
 * found before the data is read, errors in the data before training starts; a file is written only when everything
 * has succeeded. A task says what its options, its data and its report are.
 */
import type { Command, Option } from "commander";
import { writeFileAtomically } from "../../data/node.js";
import type { ExecutorOptions } from "../../exec/registry/index.js";
import type { Network } from "../../nn/index.js";
import type { TaskTraining } from "../../tasks/index.js";
import type { FitReport } from "../../train/index.js";
import type { ChosenTask } from "../tasks/options.js";
import { applyConfig } from "../terminal/config.js";
import { UsageError, withNames } from "../terminal/errors.js";
import { requireUnread, requireWritable } from "../terminal/out-file.js";
import type { Surroundings } from "../terminal/surroundings.js";
import { aligned, count, counted, duration, print, say } from "../terminal/talk.js";
import { given } from "./options.js";
import { progressDisplay, type ScoreText } from "./progress.js";
import { beginRun, requireRun, runPath } from "./run.js";

/** What was read to train with. */
export interface TaskData {
  /** What a person should know: what was read, skipped and held back. */
  readonly remarks: readonly string[];
}

/** The result of training: for --json, and as rows of a report. */
export interface TaskResult {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly lines: readonly (readonly string[])[];
  /** Lines that follow the rows, on their own. Default: none. */
  readonly after?: readonly string[];
}

/** A model that was trained. */
export interface TrainedModel {
  readonly training?: FitReport;
  save(): Uint8Array;
}

/** The options of a training that the command line adds. */
export type RunTraining = TaskTraining & { readonly executor: NonNullable<TaskTraining["executor"]> };

/** What is specific to a task. */
export interface TrainableTask<
  Chosen extends ChosenTask,
  Settings,
  Data extends TaskData,
  Model extends TrainedModel,
> {
  readonly name: string;
  readonly describes: string;
  readonly usage: string;
  readonly examples: string;
  readonly options: readonly Option[];
  /** What options of the library are called here, for errors about them. */
  readonly names: Readonly<Record<string, string>>;
  /** The validation score in words, shown while training. */
  readonly score: (valid: number, data: Data, chosen: Chosen) => string;
  /** @throws UsageError naming the options that contradict each other */
  readonly refuse: (chosen: Chosen) => void;
  /** The library's options for what was chosen. @throws CellError or FileFormatError about a file that an option names */
  readonly settings: (chosen: Chosen) => Promise<Settings>;
  /** @throws DataError naming file and line of what cannot be used */
  readonly read: (
    chosen: Chosen & { readonly train: readonly string[] },
    settings: Settings,
  ) => Promise<Data>;
  readonly train: (settings: Settings, data: Data, training: RunTraining) => Promise<Model>;
  readonly judge: (model: Model, data: Data, chosen: Chosen) => Promise<TaskResult>;
}

/** Trains with the options of an earlier command, but with other stopping points and hooks. */
export type Retrain = (chosen: Readonly<Record<string, unknown>>, training: RunTraining) => Promise<void>;

/** The part of the row that tasks with training have. */
export const trainableRow = <
  Chosen extends ChosenTask,
  Settings,
  Data extends TaskData,
  Model extends TrainedModel,
>(
  task: TrainableTask<Chosen, Settings, Data, Model>,
): {
  readonly addTrain: (train: Command, around: Surroundings) => void;
  readonly retrain: Retrain;
} => ({
  addTrain: (train, around) => addTrainable(train, around, task),
  async retrain(options, training) {
    // They were parsed by the command that they belong to, if the file that has them is what it says.
    const chosen = options as unknown as Chosen & { readonly train: readonly string[] };
    task.refuse(chosen);
    const settings = await task.settings(chosen);
    await task.train(settings, await task.read(chosen, settings), training);
  },
});

/** Adds a task to `unrolled train`. */
function addTrainable<Chosen extends ChosenTask, Settings, Data extends TaskData, Model extends TrainedModel>(
  train: Command,
  around: Surroundings,
  task: TrainableTask<Chosen, Settings, Data, Model>,
): void {
  const command = train
    .command(task.name)
    .description(task.describes)
    .usage(task.usage)
    .addHelpText("after", `\nExamples:\n${task.examples}`);
  for (const each of task.options) command.addOption(each);
  command.action(async () => {
    await applyConfig(command);
    const chosen = { out: `${task.name}.safetensors`, ...command.opts() } as unknown as Chosen;
    await withNames(task.names, () => trainTask(task, chosen, around));
  });
}

async function trainTask<
  Chosen extends ChosenTask,
  Settings,
  Data extends TaskData,
  Model extends TrainedModel,
>(task: TrainableTask<Chosen, Settings, Data, Model>, chosen: Chosen, around: Surroundings): Promise<void> {
  const { train, out, quiet } = chosen;
  if (train === undefined) throw new UsageError("nothing to train with; give --train FILE");
  task.refuse(chosen);
  const settings = await task.settings(chosen);
  await requireOutputs(chosen);
  await requireRun(chosen);
  const data = await task.read({ ...chosen, train }, settings);
  for (const remark of data.remarks) say(around, quiet, remark);
  const {
    facts,
    lines,
    after = [],
  } = await withTrained(
    chosen,
    {
      name: task.name,
      score: (valid) => task.score(valid, data, chosen),
      train: (training) => task.train(settings, data, training),
      judge: (model: Model) => task.judge(model, data, chosen),
    },
    around,
  );
  if (chosen.json) print(around, JSON.stringify({ ...facts, model: out }));
  else for (const line of [...aligned([...lines, ["model", out]]), ...after]) print(around, line);
}

/** @throws DataError if the model, or the run, would be written over something that is to stay */
async function requireOutputs(chosen: ChosenTask): Promise<void> {
  const { out, run: _, force, resume, train = [], valid = [], test = [], ...others } = chosen;
  const reads = { ...others, train, valid, test };
  const folders = [train, valid, test].flat();
  const run = runPath(chosen);
  await requireWritable(out, { force: force || resume, reads, folders, run });
  await requireUnread(run, { reads, folders });
}

/** A task with its settings and its data. */
interface ReadyTask<Model> {
  readonly name: string;
  readonly score: ScoreText;
  readonly train: (training: RunTraining) => Promise<Model>;
  readonly judge: (model: Model) => Promise<TaskResult>;
}

async function withTrained<Model extends TrainedModel>(
  chosen: ChosenTask,
  task: ReadyTask<Model>,
  around: Surroundings,
): Promise<TaskResult> {
  const { out, quiet, threads, executor: name, tier, train, valid, test } = chosen;
  const executor = await around.createExecutor(given<ExecutorOptions>({ name, threads, tier }));
  const display = progressDisplay(around.stderr, task.score);
  try {
    const signal = around.interruption();
    around.outliveReaders();
    const { run: path, resume, resumeAt, force, checkpointEvery } = chosen;
    const run = await beginRun({
      task: task.name,
      out,
      run: path,
      resume,
      resumeAt,
      force,
      checkpointEvery,
      files: { train, valid, test },
      configuration: Object.fromEntries(Object.entries(chosen)),
      tier: executor.tier,
    });
    try {
      for (const remark of run.remarks) say(around, quiet, remark);
      if (run.after > 0) say(around, quiet, `resuming after step ${count(run.after)} of ${run.folder}`);
      return await run.during(async () => {
        const model = await task.train({
          ...run.options,
          executor,
          signal,
          onMemory: ({ total }) =>
            say(around, quiet, `about ${count(Math.ceil(total / 2 ** 20))} MiB of memory for training`),
          onWeights(share) {
            if (!quiet) display.weights(share);
          },
          onProgress(progress) {
            run.options.onProgress?.(progress);
            if (!quiet) display.show(progress);
          },
        });
        display.clear();
        const result = await task.judge(model);
        signal.throwIfAborted();
        await writeFileAtomically(out, model.save());
        const { steps, fixedAt } = model.training!;
        await run.finish({ steps, fixedAt, model: out, ...result.facts });
        return result;
      });
    } finally {
      await run.release();
    }
  } finally {
    display.clear();
    executor.dispose();
  }
}

/** How long training took, on what, and how it ended, as rows of a report. */
export function trainingLines({ training }: TrainedModel): string[][] {
  const { seconds, epochs, bestEpoch, skipped, tier, stoppedEarly, tokensPerSecond } = training!;
  const speed = `${count(tokensPerSecond)} tokens/s`;
  const early = stoppedEarly ? ", stopped early" : "";
  return [
    [
      "training",
      `${counted(epochs, "epoch")} in ${duration(seconds)} on ${tier}, ${speed}${early}; the model is that of epoch ${bestEpoch}`,
    ],
    ...(skipped > 0
      ? [
          [
            "",
            `${counted(skipped, "step")} skipped: their gradients, or the weights after them, were not finite`,
          ],
        ]
      : []),
  ];
}

/** The recurrent layers of a model, as reports describe them. */
export function recurrentLayers(model: { readonly network: Network }): {
  /** The name of the first one's cell; "" if there is none. */
  readonly cell: string;
  /** Hidden units of each. */
  readonly units: readonly number[];
  readonly bothDirections: boolean;
} {
  const layers = model.network.layers.flatMap(({ layer }) => (layer.kind === "recurrent" ? [layer] : []));
  const [first] = layers;
  return {
    cell: first?.cell.name ?? "",
    units: layers.map(({ units }) => units),
    bothDirections: first?.direction === "both",
  };
}
