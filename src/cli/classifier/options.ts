// What `unrolled train classifier` can be told: its options, what contradicts what, and the library's options for it.
import type { Option } from "commander";
import { readFileBytes } from "../../data/node.js";
import { type Pooling, poolings } from "../../nn/index.js";
import { type ClassifierOptions, classifier } from "../../tasks/index.js";
import { loadCell } from "../cell-file.js";
import { type ChosenColumns, columnOptions } from "../data-options.js";
import { UsageError } from "../errors.js";
import { choice, dropRate, option, sizes, split, wholeNumber } from "../options.js";
import {
  type ChosenTraining,
  given,
  refuseTrainingContradictions,
  type TaskDefaults,
  trainingOptions,
  trainingSettings,
} from "../training-options.js";

/** What the classifier has where nothing is chosen. */
export const defaults: TaskDefaults = {
  examples: "examples",
  epochs: "12; series: 30",
  batch: "32; series: 8",
  learningRate: 0.002,
};

/** What the options were parsed to. What was not chosen is left to the library's defaults, which the help repeats. */
export interface TrainOptions extends ChosenTraining, ChosenColumns {
  readonly train?: readonly string[];
  readonly valid?: readonly string[];
  readonly test?: readonly string[];
  readonly out: string;
  readonly force?: boolean;
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
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const [data, model, output] = ["Data:", "Model:", "Output:"] as const;

/** The options, in the order of the help. */
export const trainOptions: readonly Option[] = [
  option(data, "--train <file...>", "examples to train with (required)"),
  option(
    data,
    "--valid <file...>",
    "examples that choose the best epoch (default: a tenth of --train is held back)",
  ),
  option(data, "--test <file...>", "examples to report on at the end"),
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
  option(output, "--out <file>", "the model").default("classifier.safetensors"),
  option(output, "--force", "replace the model and the run if they exist"),
  option(output, "--quiet", "print the report only"),
  option(output, "--json", "print the report as one JSON object"),
];

/** @throws UsageError naming the options that contradict each other */
export function refuseContradictions(chosen: TrainOptions): void {
  refuseTrainingContradictions(chosen);
  const { units, layers, split: parts, valid, test, from, extendVocabulary } = chosen;
  if (extendVocabulary && from === undefined)
    throw new UsageError("--extend-vocabulary is for a model that is trained further; give it with --from");
  const settled = [
    ...["cell", "units", "layers", "bidirectional", "embedding", "dropout", "wordDropout"],
    ...["recurrentDropout", "zoneout", "pooling"],
  ] as const satisfies readonly (keyof TrainOptions)[];
  const again = from === undefined ? undefined : settled.find((key) => chosen[key] !== undefined);
  if (again !== undefined)
    throw new UsageError(
      `--${again.replace(/[A-Z]/g, (x) => `-${x.toLowerCase()}`)} is settled by the model of --from; leave it out`,
    );
  if (layers !== undefined && units !== undefined && units.length > 1 && units.length !== layers) {
    throw new UsageError(
      `--units ${units.join(",")} are ${units.length} layers, and --layers says ${layers}`,
    );
  }
  if (parts === undefined) return;
  if (valid !== undefined)
    throw new UsageError("--split makes validation data of --train; leave --valid out");
  if (test !== undefined && parts.split(",").length === 3) {
    throw new UsageError(`--split ${parts} makes test data of --train; leave --test or the third part out`);
  }
}

/** The library's options for what was chosen. */
export async function modelOptions(chosen: TrainOptions): Promise<ModelOptions> {
  const { units, layers, bidirectional, from } = chosen;
  const training = trainingSettings(chosen, defaults);
  if (from !== undefined) {
    const { extendVocabulary, labelSmoothing } = chosen;
    return given<ModelOptions>({
      ...training,
      labelSmoothing,
      from: await openClassifier(from),
      extendVocabulary,
    });
  }
  return given<ModelOptions>({
    ...training,
    cell: chosen.cell === undefined ? undefined : await loadCell(chosen.cell),
    units: layerSizes(units, layers),
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

/** One size for each layer; undefined where neither sizes nor their number were chosen. */
function layerSizes(
  units: readonly number[] | undefined,
  layers: number | undefined,
): readonly number[] | undefined {
  if (layers === undefined) return units;
  const [first = 64] = units ?? [];
  return units?.length === layers ? units : Array.from({ length: layers }, () => first);
}

/** The classifier to train further. Its executor is given back: training makes its own. */
async function openClassifier(file: string): Promise<NonNullable<ClassifierOptions["from"]>> {
  const opened = await classifier.load(await readFileBytes(file), { name: file });
  opened.dispose();
  return opened;
}

/** What the library takes beside data, executor and callbacks. */
export type ModelOptions = Omit<ClassifierOptions, "train" | "valid" | "executor" | "onProgress" | "signal">;
