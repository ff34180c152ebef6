// What `unrolled train classifier` can be told: its options, what contradicts what, and the library's options for it.
import type { Option } from "commander";
import { tableFormats } from "../../data/index.js";
import type { ClassifierOptions } from "../../tasks/index.js";
import { adam, adamW, type Optimizer, rmsProp, sgd } from "../../train/index.js";
import { loadCell } from "../cell-file.js";
import { UsageError } from "../errors.js";
import { choice, dropRate, option, positiveNumber, sizes, split, wholeNumber } from "../options.js";

/** The optimisers by name, each with the rate it has where none is given: adam's is the classifier's own. */
const optimizers: Readonly<Record<string, (rate?: number) => Optimizer>> = {
  adam: (learningRate = 0.002) => adam({ learningRate }),
  adamW: (learningRate = 0.002) => adamW({ learningRate }),
  rmsProp: (learningRate) => rmsProp(learningRate === undefined ? {} : { learningRate }),
  sgd: (learningRate) => sgd(learningRate === undefined ? {} : { learningRate }),
};

const poolings: readonly NonNullable<ClassifierOptions["pooling"]>[] = ["max", "mean", "last"];

/** With --minutes time ends training; so many epochs would overfit any data by far. */
const mostEpochs = 100;

/** What the options were parsed to. What was not chosen is left to the library's defaults, which the help repeats. */
export interface TrainOptions {
  readonly train?: readonly string[];
  readonly valid?: readonly string[];
  readonly test?: readonly string[];
  readonly out: string;
  readonly force?: boolean;
  readonly format?: string;
  readonly text?: string;
  readonly label?: string;
  readonly split?: string;
  readonly cell?: string;
  readonly units?: readonly number[];
  readonly layers?: number;
  readonly bidirectional?: boolean;
  readonly embedding?: number;
  readonly dropout?: number;
  readonly pooling?: NonNullable<ClassifierOptions["pooling"]>;
  readonly epochs?: number;
  readonly minutes?: number;
  readonly batch?: number;
  readonly optimizer?: string;
  readonly learningRate?: number;
  readonly clip?: number;
  readonly seed?: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const [data, model, training, output] = ["Data:", "Model:", "Training:", "Output:"] as const;

/** The options, in the order of the help. */
export const trainOptions: readonly Option[] = [
  option(data, "--train <file...>", "examples to train with (required)"),
  option(
    data,
    "--valid <file...>",
    "examples that choose the best epoch (default: a tenth of --train is held back)",
  ),
  option(data, "--test <file...>", "examples to report on at the end"),
  choice(
    data,
    "--format <name>",
    "format of all the files (default: by extension)",
    Object.keys(tableFormats),
  ),
  option(data, "--text <column>", "column of the text, by name or number (default: found)"),
  option(data, "--label <column>", "column of the label, by name or number (default: found)"),
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
  option(model, "--no-bidirectional", "read from the first word to the last only"),
  option(model, "--embedding <n>", "features per word (default: 64)", wholeNumber(1)),
  option(model, "--dropout <p>", "share of values dropped in training (default: 0.5)", dropRate),
  choice(model, "--pooling <name>", "from steps to one vector (default: max)", poolings),
  option(training, "--epochs <n>", "passes over the training data (default: 12)", wholeNumber(1)),
  option(training, "--minutes <m>", `train for so long, for ${mostEpochs} epochs at most`, positiveNumber),
  option(training, "--batch <n>", "texts per step (default: 32)", wholeNumber(1)),
  choice(training, "--optimizer <name>", "how weights are updated (default: adam)", Object.keys(optimizers)),
  option(
    training,
    "--learning-rate <r>",
    "size of updates (default: adam and adamW 0.002, rmsProp 0.001, sgd 0.1)",
    positiveNumber,
  ),
  option(training, "--clip <r>", "largest norm of the gradients (default: 1)", positiveNumber),
  option(training, "--seed <n>", "of everything random (default: 1)", wholeNumber(0, 2 ** 32 - 1)),
  option(training, "--config <file>", "JSON with these options by name; the command line wins"),
  option(output, "--out <file>", "the model").default("classifier.safetensors"),
  option(output, "--force", "replace the model if it exists"),
  option(output, "--quiet", "print the report only"),
  option(output, "--json", "print the report as one JSON object"),
];

/** @throws UsageError naming the options that contradict each other */
export function refuseContradictions(chosen: TrainOptions): void {
  const { epochs, minutes, units, layers, split: parts, valid, test } = chosen;
  if (epochs !== undefined && minutes !== undefined) {
    throw new UsageError(
      "--epochs and --minutes contradict each other; give the one that is to end training",
    );
  }
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
  const { units = [64], layers = units.length, bidirectional, optimizer = "adam", learningRate } = chosen;
  return given<ModelOptions>({
    cell: chosen.cell === undefined ? undefined : await loadCell(chosen.cell),
    units: units.length === layers ? units : Array.from({ length: layers }, () => units[0]!),
    direction: bidirectional === false ? "forward" : undefined,
    embedding: chosen.embedding,
    dropout: chosen.dropout,
    pooling: chosen.pooling,
    epochs: chosen.minutes === undefined ? chosen.epochs : mostEpochs,
    minutes: chosen.minutes,
    batchSize: chosen.batch,
    optimizer: optimizers[optimizer]!(learningRate),
    clip: chosen.clip,
    seed: chosen.seed,
  });
}

/** What the library takes beside data, executor and callbacks. */
export type ModelOptions = Omit<ClassifierOptions, "train" | "valid" | "executor" | "onProgress" | "signal">;

/** Only the keys that have a value: to the library, an option that is undefined is not one that is left out. */
function given<T extends object>(value: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Partial<T>;
}
