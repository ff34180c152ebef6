/**
 * The classifier: from a text to one of several labels, the notes' many-to-one (sentiment). A word vocabulary,
 * an embedding, a recurrent stack, pooling and a softmax. Configuration and data handling only; all arithmetic
 * is the engine's.
 */

import { gru } from "../cell/catalogue/gru.js";
import type { Cell } from "../cell/cell.js";
import {
  buildVocabulary,
  encode,
  extendedVocabulary,
  requireClasses,
  stratifiedHoldOut,
  type TextExample,
  vocabularyFromJson,
  wordTokens,
} from "../data/index.js";
import type { Executor } from "../exec/executor.js";
import { createWasmExecutor } from "../exec/wasm/index.js";
import { FileFormatError, type ModelFile, readModel } from "../io/index.js";
import {
  type Direction,
  dropout,
  type Example,
  embedding,
  extendVocabulary,
  initialParameters,
  type Layer,
  linear,
  type Network,
  network,
  type Pooling,
  type Prediction,
  pool,
  recurrent,
  type Zoneout,
} from "../nn/index.js";
import { TrainingError } from "../train/errors.js";
import { fit } from "../train/fit.js";
import { hits } from "../train/metrics/index.js";
import { adam } from "../train/optimizers.js";
import { type Baseline, majorityBaseline, naiveBayesBaseline } from "./baselines.js";
import {
  best,
  type Classifier,
  type ClassifierParts,
  classifierOf,
  labelNumber,
  mean,
} from "./classifier-model.js";
import { trainInWorker, wantsWorker } from "./in-worker.js";
import { fitOptions, type TaskTraining } from "./training.js";

/**
 * What training a classifier takes. Only `train` is needed; how it is trained stands in TaskTraining, with these defaults:
 * 12 epochs, batches of 32 texts, adam({ learningRate: 0.002 }), gradients of a norm up to 1.
 */
export interface ClassifierOptions extends TaskTraining {
  readonly train: readonly TextExample[];
  /** Chooses the best epoch. Default: a seeded tenth of `train` is held back for it. */
  readonly valid?: readonly TextExample[];
  /** A cell of the catalogue or your own; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of each recurrent layer; one number per layer. Default [64]. */
  readonly units?: readonly number[];
  /** Direction in which the layers read; default "both". */
  readonly direction?: Direction;
  /** Features per word; default 64. */
  readonly embedding?: number;
  /** Dropout on the embedding and before the output; default 0.5. */
  readonly dropout?: number;
  /** Share of words left out in training, each by chance; default 0. */
  readonly wordDropout?: number;
  /** Share of the states that recurrent products do not see in training, the same at all steps of a text; default 0. */
  readonly recurrentDropout?: number;
  /** How likely a state keeps its old value at a step: one number, or numbers by state; default 0. */
  readonly zoneout?: Zoneout;
  /** From steps to one vector; default "max". */
  readonly pooling?: Pooling;
  /** A word counts as known if it occurs so often in the training texts; default 2. */
  readonly minimumCount?: number;
  /** Share of a target's weight that is spread over all labels; default 0. */
  readonly labelSmoothing?: number;
  /** How much a text counts in training, by its label; default 1 each. */
  readonly labelWeights?: Readonly<Record<string, number>>;
  /** A classifier to train further, on new data: its network, weights, vocabulary and labels are kept. Default: a new one. */
  readonly from?: Classifier;
  /** With `from`: words of the new data join the vocabulary, and start as what an unknown word is. Default false. */
  readonly extendVocabulary?: boolean;
}

/**
 * Trains a classifier; `valid` in its progress is the accuracy on the validation data.
 *
 * @throws DataError if the data has fewer than two labels, or one that `from` does not know
 * @throws TrainingError, see `fit`
 */
async function train(options: ClassifierOptions): Promise<Classifier> {
  if (wantsWorker(options)) {
    const { bytes, training } = await trainInWorker("classifier", options);
    return { ...(await load(bytes)), training };
  }
  const { seed = 1, optimizer = adam({ learningRate: 0.002 }), labelSmoothing } = options;
  if (!options.from) requireClasses(options.train, options.train[0]?.file ?? "training data");
  const { train: examples, valid } = holdOut(options, seed);
  const tokens = examples.map((e) => wordTokens(e.text));
  const { net, parameters: start, vocabulary, labels } = startOf(options, tokens, seed);
  const executor = options.executor ?? (await createWasmExecutor({ threads: options.threads ?? 1 }));
  const toExample = (e: TextExample, words: readonly string[]): Example => ({
    input: encode(vocabulary, words),
    target: [labelNumber(labels, e)],
  });
  const validLabels = valid.map((e) => labelNumber(labels, e));
  const score = (predictions: readonly Prediction[]): number =>
    mean(hits(validLabels, predictions.map(best)));
  const data = { labels, vocabulary: vocabulary.tokens };
  const { parameters, ...training } = await fit({
    ...{ net, parameters: start, executor, optimizer, seed, clip: 1, batchSize: 32 },
    ...fitOptions(options, { epochs: 12, model: { task: "classifier", data } }),
    ...(labelSmoothing === undefined ? {} : { labelSmoothing }),
    ...(options.labelWeights ? { classWeights: classWeights(labels, options.labelWeights) } : {}),
    train: examples.map((e, i) => toExample(e, tokens[i] as string[])),
    valid: { examples: valid.map((e) => toExample(e, wordTokens(e.text))), score },
  });
  return classifierOf({ net, parameters, labels, vocabulary, executor, training });
}

/** Options of the network, which a model that is trained further has already. */
const settledByModel = [
  ...["cell", "units", "direction", "embedding", "dropout", "wordDropout"],
  ...["recurrentDropout", "zoneout", "pooling"],
] as const satisfies readonly (keyof ClassifierOptions)[];

/** What training starts from: a new network, or one that has learned, with as much of its vocabulary as is wanted. */
function startOf(
  options: ClassifierOptions,
  tokens: readonly (readonly string[])[],
  seed: number,
): Pick<ClassifierParts, "net" | "parameters" | "vocabulary" | "labels"> {
  const { from, minimumCount = 2, extendVocabulary: extend = false } = options;
  if (!from) {
    const labels = [...new Set(options.train.map((e) => e.label))].sort();
    const vocabulary = buildVocabulary(tokens, { minimumCount });
    const net = classifierNetwork(options, vocabulary.tokens.length, labels.length);
    return { net, parameters: initialParameters(net, seed), vocabulary, labels };
  }
  const { network: net, parameters, labels } = from;
  for (const key of settledByModel) {
    if (options[key] === undefined) continue;
    throw new TrainingError(`${key} is settled by the classifier that training starts from; leave it out`);
  }
  if (!extend) return { net, parameters, vocabulary: from.vocabulary, labels };
  const vocabulary = extendedVocabulary(from.vocabulary, tokens, { minimumCount });
  return { ...extendVocabulary(net, parameters, vocabulary.tokens.length), vocabulary, labels };
}

/** Weights in the order of the labels. @throws TrainingError naming a label that does not occur */
function classWeights(labels: readonly string[], weights: Readonly<Record<string, number>>): number[] {
  const unknown = Object.keys(weights).find((label) => !labels.includes(label));
  if (unknown !== undefined)
    throw new TrainingError(`labelWeights name "${unknown}"; labels are ${labels.join(", ")}`);
  return labels.map((label) => weights[label] ?? 1);
}

/** Opens a classifier that was saved. @throws FileFormatError if the bytes are not such a model */
async function load(
  bytes: Uint8Array,
  options: { readonly name?: string; readonly executor?: Executor } = {},
): Promise<Classifier> {
  const { name = "model" } = options;
  return open(readModel(bytes, name), { ...options, name });
}

/** Opens a classifier from a model file that has been read already. @throws FileFormatError if it is of another task */
async function open(
  model: ModelFile,
  options: { readonly name: string; readonly executor?: Executor },
): Promise<Classifier> {
  const fail = (problem: string, remedy: string): FileFormatError =>
    new FileFormatError({ file: options.name, where: "metadata", problem, remedy });
  if (model.task !== "classifier") throw fail(`is of a ${model.task}`, `Open it as a ${model.task}.`);
  const labels = model.data["labels"];
  const isTexts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((l) => typeof l === "string");
  if (!isTexts(labels) || labels.length !== model.network.output.width)
    throw fail("has no list of labels that fits its output", "Save the model again.");
  const vocabulary = vocabularyFromJson(model.data["vocabulary"], options.name);
  const { input } = model.network;
  if (!("vocabulary" in input) || input.vocabulary !== vocabulary.tokens.length)
    throw fail("has a vocabulary that does not fit its input", "Save the model again.");
  const executor = options.executor ?? (await createWasmExecutor());
  return classifierOf({ net: model.network, parameters: model.parameters, labels, vocabulary, executor });
}

/**
 * Accuracy on `test` of what a classifier has to beat, counted from `train`.
 *
 * @returns `majority` (the commonest label) and `naiveBayes` (multinomial, on words), as fractions
 */
function baselines(
  train: readonly TextExample[],
  test: readonly TextExample[],
): { readonly majority: number; readonly naiveBayes: number } {
  const labels = train.map((e) => e.label);
  const tokens = test.map((e) => wordTokens(e.text));
  const accuracy = ({ predict }: Baseline): number =>
    mean(tokens.map((t, i) => Number(predict(t) === test[i]?.label)));
  return {
    majority: accuracy(majorityBaseline(labels)),
    naiveBayes: accuracy(
      naiveBayesBaseline(
        train.map((e) => wordTokens(e.text)),
        labels,
      ),
    ),
  };
}

/** The verbs of the task; evaluate, predict and save are a trained or loaded classifier's own. */
export const classifier = { train, load, open, baselines };

function holdOut(
  { train: all, valid }: ClassifierOptions,
  seed: number,
): { train: readonly TextExample[]; valid: readonly TextExample[] } {
  if (valid) return { train: all, valid };
  const parts = stratifiedHoldOut(
    all.map((e) => e.label),
    { seed },
  );
  const take = (indices: Int32Array): TextExample[] => Array.from(indices, (i) => all[i] as TextExample);
  return { train: take(parts.train), valid: take(parts.held) };
}

function classifierNetwork(options: ClassifierOptions, vocabulary: number, classes: number): Network {
  const {
    cell = gru,
    units = [64],
    direction = "both",
    embedding: width = 64,
    dropout: rate = 0.5,
    wordDropout = 0,
    recurrentDropout = 0,
    zoneout = 0,
    pooling = "max",
  } = options;
  const layers: Layer[] = [embedding({ width })];
  if (wordDropout > 0) layers.push(dropout({ rate: wordDropout, mask: "token" }));
  layers.push(dropout({ rate }));
  units.forEach((n, i) => {
    if (i > 0) layers.push(dropout({ rate }));
    layers.push(recurrent({ cell, units: n, direction, recurrentDropout, zoneout }));
  });
  layers.push(pool({ by: pooling }), dropout({ rate }), linear({ units: classes }));
  return network({ input: { vocabulary }, layers, loss: "crossEntropy" });
}
