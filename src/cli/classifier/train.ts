// `unrolled train classifier`: options in, a model file and a report out. What is wrong with the command is found before
// the data is read, what is wrong with the data before training starts; a file is written when all has succeeded.
import type { Command } from "commander";
import { haveSeveral } from "../../data/index.js";
import { writeFileAtomically } from "../../data/node.js";
import { type Classifier, classifier } from "../../tasks/index.js";
import { applyConfig } from "../config.js";
import { UsageError } from "../errors.js";
import { mistakeFacts, mistakeRows, qualityFacts, qualityRows } from "../judgement-report.js";
import { requireWritable } from "../out-file.js";
import { progressDisplay } from "../progress.js";
import type { Surroundings } from "../surroundings.js";
import { aligned, count, counted, duration, print, say } from "../talk.js";
import { given } from "../training-options.js";
import { beginRun, requireRun } from "../training-run.js";
import { type ClassifierData, readClassifierData } from "./data.js";
import {
  type ModelOptions,
  modelOptions,
  refuseContradictions,
  type TrainOptions,
  trainOptions,
} from "./options.js";
import {
  baselineText,
  calibrationText,
  confusionLines,
  intervalFacts,
  judgementFacts,
  scoreText,
  verdict,
} from "./report.js";

/** Adds `classifier` to `unrolled train`. */
export function addTrainClassifier(train: Command, around: Surroundings): void {
  const command = train
    .command("classifier")
    .description("Train a model that gives a text or a series one of several labels, or several of them.")
    .usage("--train FILE... [options]")
    .addHelpText(
      "after",
      `
Examples:
  unrolled train classifier --train train.tsv --valid valid.tsv --test test.tsv --out mood.safetensors
  unrolled train classifier --train reviews.csv --text review --label stars --cell lstm --epochs 5
  unrolled train classifier --train vowels_TRAIN.ts --test vowels_TEST.ts
  unrolled train classifier --train topics.csv --text title --label topics --label-separator "|"`,
    );
  for (const each of trainOptions) command.addOption(each);
  command.action(async () => {
    await applyConfig(command);
    await trainClassifier(command.opts<TrainOptions>(), around);
  });
}

async function trainClassifier(chosen: TrainOptions, around: Surroundings): Promise<void> {
  const { train, out, force, resume, quiet } = chosen;
  if (train === undefined) throw new UsageError("nothing to train with; give --train FILE");
  refuseContradictions(chosen);
  const settings = await modelOptions(chosen);
  await requireWritable(out, { force: force || resume });
  await requireRun(chosen);
  const examples = await readClassifierData({ ...chosen, train });
  for (const remark of examples.remarks) say(around, quiet, remark);
  say(around, quiet, sizesText(examples));
  const { facts, lines, matrix } = await withTrained(settings, examples, chosen, around);
  if (chosen.json) print(around, JSON.stringify({ ...facts, model: out }));
  else for (const line of [...aligned([...lines, ["model", out]]), ...matrix]) print(around, line);
}

function sizesText({ train, valid, test, validFrom }: ClassifierData): string {
  const from = validFrom === undefined ? "" : ` (${validFrom})`;
  const testing = test === undefined ? "" : `, ${count(test.length)} to test on`;
  return `${counted(train.length, "example")} to train with, ${count(valid.length)} to validate on${from}${testing}`;
}

type ExecutorChoice = NonNullable<Parameters<Surroundings["createExecutor"]>[0]>;

/** What training came to: for --json, and as rows of a report. */
interface Result {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly lines: readonly (readonly string[])[];
  /** What was taken for what. */
  readonly matrix: readonly string[];
}

async function withTrained(
  settings: ModelOptions,
  examples: ClassifierData,
  chosen: TrainOptions,
  around: Surroundings,
): Promise<Result> {
  const { out, quiet, threads, tier, valid: validFiles, test: testFiles, train: trainFiles } = chosen;
  const executor = await around.createExecutor(given<ExecutorChoice>({ threads, tier }));
  const display = progressDisplay(around.stderr, {
    score: haveSeveral(examples.train) ? "micro F1" : "accuracy",
  });
  try {
    const { train, valid } = examples;
    const signal = around.interruption();
    const run = await beginRun({
      ...{ task: "classifier", out, run: chosen.run, resume: chosen.resume, force: chosen.force },
      files: { train: trainFiles, valid: validFiles, test: testFiles },
      configuration: { ...chosen },
      tier: executor.tier,
    });
    if (run.after > 0) say(around, quiet, `going on after step ${count(run.after)} of ${run.folder}`);
    return await run.during(async () => {
      const trained = await classifier.train({
        ...{ ...settings, ...run.options, train, valid, executor, signal },
        onMemory: ({ total }) =>
          say(around, quiet, `about ${count(Math.ceil(total / 2 ** 20))} MiB of memory for training`),
        onProgress(progress) {
          run.options.onProgress?.(progress);
          if (!quiet) display.show(progress);
        },
      });
      display.clear();
      const result = await judge(trained, examples);
      signal.throwIfAborted();
      await writeFileAtomically(out, trained.save());
      const { steps, fixedAt } = trained.training!;
      await run.finish({ steps, fixedAt, model: out, ...result.facts });
      return result;
    });
  } finally {
    display.clear();
    executor.dispose();
  }
}

async function judge(trained: Classifier, examples: ClassifierData): Promise<Result> {
  const { train, valid, test, validFrom } = examples;
  const onValid = await trained.evaluate(valid);
  const onTest = test === undefined ? undefined : await trained.evaluate(test);
  const judged = onTest ?? onValid;
  const baselines = classifier.baselines(train, test ?? valid);
  const others = { valid, ...(test === undefined ? {} : { test }) };
  const found = classifier.quality(train, others);
  const sizes = { valid: valid.length, test: test?.length ?? 0 };
  const { seconds, epochs, bestEpoch, skipped, tier, stoppedEarly } = trained.training!;
  const cells = trained.network.layers.flatMap(({ layer }) => (layer.kind === "recurrent" ? [layer] : []));
  const [first] = cells;
  const size = (n: number, from?: string) =>
    ` on ${counted(n, "example")}${from === undefined ? "" : `, ${from}`}`;
  const units = cells.map((layer) => layer.units).join(", ");
  const lines = [
    [
      "classifier",
      `${first!.cell.name}, ${units} units, ${first!.direction === "both" ? "both directions" : "forward"}`,
    ],
    ["parameters", count(trained.parameterCount)],
    [
      "training",
      `${counted(epochs, "epoch")} in ${duration(seconds)} on ${tier}${stoppedEarly ? ", stopped early" : ""}; the model is that of epoch ${bestEpoch}`,
    ],
    ...(skipped > 0 ? [["", `${counted(skipped, "step")} left out: their gradients were not finite`]] : []),
    ["validation", scoreText(onValid) + size(valid.length, validFrom)],
    ...(onTest === undefined ? [] : [["test", scoreText(onTest) + size(test!.length)]]),
    ["baselines", `${baselineText(baselines)}, on the ${onTest === undefined ? "validation" : "test"} data`],
    ["", verdict(judged, baselines)],
    ["calibration", calibrationText(judged)],
    ...mistakeRows(judged.mistakes),
    ...qualityRows(found, examples.kind, sizes, { valid: "validation", test: "test" }),
  ];
  const facts = {
    task: "classifier",
    cell: first!.cell.name,
    parameters: trained.parameterCount,
    seconds,
    epochs,
    metrics: { valid: onValid.metrics, ...(onTest === undefined ? {} : { test: onTest.metrics }) },
    baselines,
    intervals: {
      valid: intervalFacts(onValid),
      ...(onTest === undefined ? {} : { test: intervalFacts(onTest) }),
    },
    ...judgementFacts(judged, trained.labels),
    mistakes: mistakeFacts(judged.mistakes),
    data: qualityFacts(found),
  };
  return { facts, lines, matrix: confusionLines(judged, trained.labels) };
}
