/**
 * The classifier: from a text or a series of any length to one of several labels, or to any number of them, the notes'
 * many-to-one (sentiment); or from a vector, their one-to-one. Words are embedded, numbers standardised; then a recurrent
 * stack, pooling, and a softmax or a sigmoid per label. Configuration and data handling only; all arithmetic is the engine's.
 */
import { gru } from "../../cell/catalogue/gru/gru.js";
import type { Cell } from "../../cell/cell.js";
import {
  DataError,
  type HeldOut,
  haveSeveral,
  heldOut,
  type LabelledExample,
  labelKey,
  requireClasses,
} from "../../data/index.js";
import type { Home } from "../../exec/executor.js";
import { FileFormatError, type ModelFile, readModel } from "../../io/index.js";
import {
  type Direction,
  dropout,
  type Example,
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
} from "../../nn/index.js";
import { TrainingError } from "../../train/errors.js";
import { fit } from "../../train/run/fit.js";
import { adam } from "../../train/step/optimizers.js";
import { atHome } from "../shared/home.js";
import { exampleNames, fitOptions, type TaskTraining } from "../task.js";
import { trainInWorker, wantsWorker } from "../worker/in-worker.js";
import { type AnswerKindName, allLabels, answerKind, answersByLoss, labelNumbers } from "./answers.js";
import { baselines } from "./baselines.js";
import {
  type Encoder,
  type InputKindName,
  inputKind,
  inputOf,
  kindOfExamples,
  refuseInputOptions,
} from "./inputs.js";
import { type Classifier, type ClassifierParts, classifierOf, modelData } from "./model.js";
import { quality } from "./quality.js";

/**
 * What training a classifier takes. Only `train` is needed; how it is trained stands in TaskTraining, with these defaults:
 * 12 epochs, batches of 32 (texts), 30 epochs, batches of 8 (series) or 60 epochs, batches of 32 (vectors), adam({ learningRate: 0.002 }), gradients of a norm
 * up to 1.
 */
export interface ClassifierOptions extends TaskTraining {
  /** Texts, series or vectors, with one label each or with lists of labels. */
  readonly train: readonly LabelledExample[];
  /** Chooses the best epoch. Default: a seeded tenth of `train` is held back for it. */
  readonly valid?: readonly LabelledExample[];
  /** A cell of the catalogue or your own; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of each recurrent layer; one number per layer. Default [64]. */
  readonly units?: readonly number[];
  /** Direction in which the layers read; default "both". Not for vectors. */
  readonly direction?: Direction;
  /** Features per word; default 64. For texts. */
  readonly embedding?: number;
  /** Dropout on the embedding, between layers and before the output; default 0.5. */
  readonly dropout?: number;
  /** Share of words left out in training, each by chance; default 0. For texts. */
  readonly wordDropout?: number;
  /** Share of the states that recurrent products do not see in training, the same at all steps of a text; default 0.
   * Not for vectors. */
  readonly recurrentDropout?: number;
  /** How likely a state keeps its old value at a step: one number, or numbers by state; default 0. Not for vectors. */
  readonly zoneout?: Zoneout;
  /** From steps to one vector; default "max". Not for vectors. */
  readonly pooling?: Pooling;
  /** A word counts as known if it occurs so often in the training texts; default 2. For texts. */
  readonly minimumCount?: number;
  /** Names of a vector's numbers, by which columns of a table are found again. Default: none. */
  readonly features?: readonly string[];
  /** Share of a target's weight that is spread over all labels; default 0. */
  readonly labelSmoothing?: number;
  /** How much an example counts in training, by its label; default 1 each. Not where there are several labels. */
  readonly labelWeights?: Readonly<Record<string, number>>;
  /** A classifier to train further, on new data: its network, weights, vocabulary and labels are kept. Default: a new one. */
  readonly from?: Classifier;
  /** With `from`: words of the new data join the vocabulary, and start as what an unknown word is. Default false. */
  readonly extendVocabulary?: boolean;
}

/**
 * Trains a classifier; `valid` in its progress is the accuracy on the validation data, or where an input can have several
 * labels, micro F1; of epochs that are equal in it the one of the smaller loss is the best.
 *
 * @throws DataError if the data has fewer than two labels, or one that `from` does not know, or if texts, series and vectors, or
 * one label and lists of them, are mixed
 * @throws TrainingError if options contradict the data, and see `fit`
 */
export async function train(options: ClassifierOptions): Promise<Classifier> {
  if (wantsWorker(options)) {
    const { bytes, training } = await trainInWorker("classifier", options);
    return { ...(await load(bytes)), training };
  }
  const { seed = 1, optimizer = adam({ learningRate: 0.002 }), labelSmoothing } = options;
  const { train: examples, valid } = holdOut(options, seed);
  const { net, parameters: start, ...rest } = startOf(options, examples, seed);
  const { encoder, labels, answers } = rest;
  const kind = answerKind(answers);
  const { epochs, batchSize } = inputKind(encoder.kind).training;
  const toExample = (example: LabelledExample): Example => ({
    input: encoder.encode(inputOf(example), example),
    target: kind.target(labelNumbers(answers, labels, example), labels.length),
  });
  const truth = valid.map((example) => labelNumbers(answers, labels, example));
  const score = (predictions: readonly Prediction[]): number => {
    const rows = predictions.map((prediction) => prediction.rows[0]!);
    const loss = rows.reduce((sum, row, i) => sum + kind.lossOf(row, truth[i]!), 0);
    // Few validation examples make many equal scores; of these the smaller loss wins. It decides nothing else.
    const tie = loss / (rows.length + loss) / Math.max(1e6, 2 * rows.length);
    return kind.scoreOf(truth, rows.map(kind.chosen), labels.length) - (loss > 0 ? tie : 0);
  };
  return atHome(options, async (home) => {
    const { parameters, ...training } = await fit({
      net,
      parameters: start,
      executor: home.session.executor,
      optimizer,
      seed,
      clip: 1,
      batchSize,
      ...fitOptions(options, { epochs, model: { task: "classifier", data: modelData(rest) } }),
      ...(labelSmoothing === undefined ? {} : { labelSmoothing }),
      ...(options.labelWeights ? { classWeights: classWeights(rest, options.labelWeights) } : {}),
      ...exampleNames(examples),
      train: examples.map(toExample),
      valid: { examples: valid.map(toExample), score },
    });
    return classifierOf({ net, parameters, ...rest, home, training });
  });
}

/** Options of the network, which a model that is trained further has already. */
const settledByModel = [
  "cell",
  "units",
  "direction",
  "embedding",
  "dropout",
  "wordDropout",
  "recurrentDropout",
  "zoneout",
  "pooling",
] as const satisfies readonly (keyof ClassifierOptions)[];

/** What training starts from: a new network, or one that has learned, with as much of its vocabulary as is wanted. */
function startOf(
  options: ClassifierOptions,
  examples: readonly LabelledExample[],
  seed: number,
): Omit<ClassifierParts, "home" | "training"> {
  const { from, extendVocabulary: extend = false } = options;
  const inputs = examples.map(inputOf);
  if (!from) {
    const kind = kindOfExamples(options.train);
    refuseInputOptions(kind, { ...options });
    const answers = requireAnswers(options.train);
    const labels = allLabels(options.train);
    const encoder = inputKind(kind).fit(inputs, options);
    const net = classifierNetwork(options, encoder, answers, labels.length);
    return { net, parameters: initialParameters(net, seed), encoder, labels, answers };
  }
  const { network: net, parameters, labels, answers, inputs: kind } = from;
  for (const key of settledByModel) {
    if (options[key] === undefined) continue;
    throw new TrainingError(`${key} is settled by the classifier that training starts from; leave it out`);
  }
  refuseInputOptions(kind, { ...options, extendVocabulary: options.extendVocabulary || undefined });
  const encoder = inputKind(kind).of(from);
  if (!extend) return { net, parameters, encoder, labels, answers };
  const extended = inputKind(kind).extend(encoder, inputs, options);
  const { vocabulary: size } = extended.networkInput as { readonly vocabulary: number };
  return { ...extendVocabulary(net, parameters, size), encoder: extended, labels, answers };
}

/** Whether examples have one label each or several. @throws DataError if there are too few labels to tell apart */
function requireAnswers(examples: readonly LabelledExample[]): AnswerKindName {
  const file = examples[0]?.file ?? "training data";
  if (!haveSeveral(examples)) {
    requireClasses(
      examples.map((example) => ({ label: labelKey(example) })),
      file,
    );
    return "one";
  }
  if (allLabels(examples).length > 0) return "several";
  throw new DataError({
    file,
    problem: `all ${examples.length} lists of labels are empty`,
    remedy: "A classifier needs at least one label.",
  });
}

/** Weights in the order of the labels. @throws TrainingError naming a label that does not occur, or if there are several */
function classWeights(
  { labels, answers }: Pick<ClassifierParts, "labels" | "answers">,
  weights: Readonly<Record<string, number>>,
): number[] {
  if (answers === "several")
    throw new TrainingError(
      "labelWeights weigh examples by their one label; leave them out where there are several",
    );
  const unknown = Object.keys(weights).find((label) => !labels.includes(label));
  if (unknown !== undefined)
    throw new TrainingError(`labelWeights name "${unknown}"; labels are ${labels.join(", ")}`);
  return labels.map((label) => weights[label] ?? 1);
}

/** Opens a classifier that was saved. @throws FileFormatError if the bytes are not such a model */
export async function load(
  bytes: Uint8Array,
  options: { readonly name?: string; readonly executor?: Home } = {},
): Promise<Classifier> {
  const { name = "model" } = options;
  return open(readModel(bytes, name), { ...options, name });
}

/** Opens a classifier from a model file that has been read already. @throws FileFormatError if it is of another task */
async function open(
  model: ModelFile,
  options: { readonly name: string; readonly executor?: Home },
): Promise<Classifier> {
  const fail = (problem: string, remedy: string): FileFormatError =>
    new FileFormatError({ file: options.name, where: "metadata", problem, remedy });
  if (model.task !== "classifier") throw fail(`is of a ${model.task}`, `Open it as a ${model.task}.`);
  const labels = model.data["labels"];
  const { network: net, parameters } = model;
  const isTexts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((l) => typeof l === "string");
  if (!isTexts(labels) || labels.length !== net.output.width)
    throw fail("has no list of labels that fits its output", "Save the model again.");
  const answers = answersByLoss(net.loss);
  if (answers === undefined)
    throw fail(`has the loss ${net.loss}, which is none of a classifier`, "Save the model again.");
  const numbers = model.data["kind"] === "vector" ? "vector" : "series";
  const kind: InputKindName = "vocabulary" in net.input ? "text" : numbers;
  const encoder = inputKind(kind).open(model.data, net.input, options.name);
  return atHome(options, (home) => classifierOf({ net, parameters, labels, answers, encoder, home }));
}

/** What trains and what validates: of every label a seeded tenth is held back where there is no validation data. */
function holdOut<Example extends LabelledExample>(
  data: { readonly train: readonly Example[]; readonly valid?: readonly Example[] | undefined },
  seed: number,
): HeldOut<Example> {
  return heldOut(data, labelKey, seed);
}

/** The verbs of the task; evaluate, predict and save are a trained or loaded classifier's own. */
export const classifier = { train, load, open, baselines, quality, holdOut };

function classifierNetwork(
  options: ClassifierOptions,
  { kind, networkInput }: Encoder,
  answers: AnswerKindName,
  labels: number,
): Network {
  const { network: defaults } = inputKind(kind);
  const {
    cell = gru,
    units = [64],
    direction = defaults.direction,
    dropout: rate = 0.5,
    recurrentDropout = 0,
    zoneout = 0,
    pooling = defaults.pooling,
  } = options;
  const layers: Layer[] = [...inputKind(kind).layers(options)];
  units.forEach((n, i) => {
    if (i > 0) layers.push(dropout({ rate }));
    layers.push(recurrent({ cell, units: n, direction, recurrentDropout, zoneout }));
  });
  layers.push(pool({ by: pooling }), dropout({ rate }), linear({ units: labels }));
  return network({ input: networkInput, layers, loss: answerKind(answers).loss });
}
