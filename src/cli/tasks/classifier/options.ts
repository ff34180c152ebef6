/**
 * What `unrolled train classifier` can be told: its options, what contradicts what, and the library's options for it.
 */
import type { Option } from "commander";
import { readFileBytes } from "../../../data/node.js";
import { type Pooling, poolings } from "../../../nn/index.js";
import { type ClassifierOptions, classifier } from "../../../tasks/index.js";
import { loadCell } from "../../terminal/cell-file.js";
import { UsageError } from "../../terminal/errors.js";
import { choice, dropRate, option, sizes, split, wholeNumber } from "../../terminal/options.js";
import {
  given,
  refuseTrainingContradictions,
  type TaskDefaults,
  trainingOptions,
  trainingSettings,
} from "../../training/options.js";
import type { ChosenTask } from "../../training/train.js";
import { type ChosenColumns, columnOptions } from "../columns.js";
import { fileOptions, layerSizes, outputOptions, refuseLayers } from "../options.js";

/** What the classifier has where nothing is chosen. */
export const defaults: TaskDefaults = {
  examples: "examples",
  epochs: "12; series: 30; vectors: 60",
  batch: "32; series: 8",
  learningRate: 0.002,
};

/** What the options were parsed to. What was not chosen is left to the library's defaults, which the help repeats. */
export interface ChosenClassifier extends ChosenTask, ChosenColumns {
  readonly split?: string;
  readonly cell?: string;
  readonly units?: readonly number[];
  readonly layers?: number;
  readonly bidirectional?: boolean;
  readonly embedding?: number;
  readonly dropout?: number;
  readonly wordDropout?: number;
  readonly recurrentDropout?: number;
  readonly zoneout?: number;
  readonly pooling?: Pooling;
  readonly labelSmoothing?: number;
  readonly from?: string;
  readonly extendVocabulary?: boolean;
}

const [data, model] = ["Data:", "Model:"] as const;

/** The options, in the order of the help. */
export const classifierOptions: readonly Option[] = [
  ...fileOptions("examples", "examples to train with"),
  ...columnOptions(),
  option(
    data,
    "--split <a,b[,c]>",
    "cut --train, by position, into training, validation and test: rows or fractions",
    split,
  ),
  option(model, "--cell <name|file.js>", "recurrent cell, see `unrolled cells` (default: gru)"),
  option(model, "--units <n[,n...]>", "hidden units, for each layer (default: 64)", sizes),
  option(model, "--layers <n>", "recurrent layers (default: 1)", wholeNumber(1)),
  option(model, "--bidirectional", "read in both directions (the default)"),
  option(model, "--no-bidirectional", "read from the first step to the last only"),
  option(model, "--embedding <n>", "features per word (default: 64)", wholeNumber(1)),
  option(model, "--dropout <p>", "share of values dropped in training (default: 0.5)", dropRate),
  option(model, "--word-dropout <p>", "share of words left out in training (default: 0)", dropRate),
  option(
    model,
    "--recurrent-dropout <p>",
    "share of states that recurrent products do not see in training (default: 0)",
    dropRate,
  ),
  option(model, "--zoneout <p>", "how likely a state keeps its old value at a step (default: 0)", dropRate),
  choice(model, "--pooling <name>", "from steps to one vector (default: max)", poolings),
  option(model, "--from <model>", "train this classifier further: its network, words and labels are kept"),
  option(model, "--extend-vocabulary", "with --from: words of the new data join its vocabulary"),
  ...trainingOptions(defaults),
  option(
    "Training:",
    "--label-smoothing <e>",
    "share of each target spread over all labels (default: 0)",
    dropRate,
  ),
  ...outputOptions("classifier"),
];

/** @throws UsageError naming the options that contradict each other */
export function refuse(chosen: ChosenClassifier): void {
  refuseTrainingContradictions(chosen);
  const { split: parts, valid, test, from, extendVocabulary } = chosen;
  if (extendVocabulary && from === undefined)
    throw new UsageError("--extend-vocabulary is for a model that is trained further; give it with --from");
  const settled = [
    "cell",
    "units",
    "layers",
    "bidirectional",
    "embedding",
    "dropout",
    "wordDropout",
    "recurrentDropout",
    "zoneout",
    "pooling",
  ] as const satisfies readonly (keyof ChosenClassifier)[];
  const again = from === undefined ? undefined : settled.find((key) => chosen[key] !== undefined);
  if (again !== undefined)
    throw new UsageError(
      `--${again.replace(/[A-Z]/g, (x) => `-${x.toLowerCase()}`)} is settled by the model of --from; leave it out`,
    );
  refuseLayers(chosen);
  if (parts === undefined) return;
  if (valid !== undefined)
    throw new UsageError("--split makes validation data of --train; leave --valid out");
  if (test !== undefined && parts.split(",").length === 3) {
    throw new UsageError(`--split ${parts} makes test data of --train; leave --test or the third part out`);
  }
}

/** The library's options for what was chosen. */
export async function modelOptions(chosen: ChosenClassifier): Promise<ClassifierSettings> {
  const { bidirectional, from } = chosen;
  const training = trainingSettings(chosen, defaults);
  if (from !== undefined) {
    const { extendVocabulary, labelSmoothing } = chosen;
    return given<ClassifierSettings>({
      ...training,
      labelSmoothing,
      from: await openClassifier(from),
      extendVocabulary,
    });
  }
  return given<ClassifierSettings>({
    ...training,
    cell: chosen.cell === undefined ? undefined : await loadCell(chosen.cell),
    units: layerSizes(chosen, 64),
    direction: bidirectional === false ? "forward" : undefined,
    embedding: chosen.embedding,
    dropout: chosen.dropout,
    wordDropout: chosen.wordDropout,
    recurrentDropout: chosen.recurrentDropout,
    zoneout: chosen.zoneout,
    pooling: chosen.pooling,
    labelSmoothing: chosen.labelSmoothing,
  });
}

/** The classifier to train further. Its executor is given back: training makes its own. */
async function openClassifier(file: string): Promise<NonNullable<ClassifierOptions["from"]>> {
  const opened = await classifier.load(await readFileBytes(file), { name: file });
  opened.dispose();
  return opened;
}

/** What the library takes beside data, executor and callbacks. */
export type ClassifierSettings = Omit<
  ClassifierOptions,
  "train" | "valid" | "executor" | "onProgress" | "signal"
>;
