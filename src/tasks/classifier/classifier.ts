/**
 * The classifier: from a text or a series of any length to one of several labels, or to any number of them, the notes'
 * many-to-one (sentiment); or from a vector, their one-to-one. Words are embedded, numbers standardised; then a recurrent
 * stack, pooling, and a softmax or a sigmoid per label. Configuration and data handling only; all arithmetic is the engine's.
 */
import {
  DataError,
  type HeldOut,
  haveSeveral,
  heldOut,
  type LabelledExample,
  labelKey,
  requireClasses,
} from "../../data/index.js";
import { requireItems } from "../../data/items.js";
import type { Home } from "../../exec/executor.js";
import { FileFormatError, type ModelFile, readFiniteModel } from "../../io/index.js";
import {
  dropout,
  type Example,
  extendVocabulary,
  type Layer,
  linear,
  type Network,
  network,
  type Prediction,
  pool,
  recurrent,
} from "../../nn/index.js";
import {
  checkNeeds,
  checkOptions,
  type Facts,
  OptionError,
  plain,
  shown,
  type WithDefaults,
  withDefaults,
} from "../../options/index.js";
import { fit } from "../../train/fit.js";
import { atHome } from "../shared/home.js";
import { labelledItems } from "../shared/items.js";
import { exampleNames, fitOptions } from "../task.js";
import { trainInWorker, wantsWorker } from "../worker/in-worker.js";
import { type AnswerKindName, allLabels, answerKind, answersByLoss, labelNumbers } from "./answers.js";
import { baselines } from "./baselines.js";
import { type Encoder, type InputKindName, inputKind, inputOf, kindOfExamples } from "./inputs.js";
import { type Classifier, type ClassifierParts, classifierOf, modelData } from "./model.js";
import { type ClassifierOptions, classifierRows } from "./options.js";
import { quality } from "./quality.js";

/**
 * Trains a classifier; `valid` in its progress is the accuracy on the validation data, or micro F1 if an input can have
 * several labels; among epochs with the same score, the one with the smaller loss is the best.
 *
 * @throws DataError if the data has fewer than two labels, or one that `from` does not know, or if texts, series and
 * vectors, or
 * one label and lists of them, are mixed
 * @throws OptionError if options contradict each other or the data
 * @throws TrainingError, see `fit`
 */
export async function train(options: ClassifierOptions): Promise<Classifier> {
  checkOptions(options, classifierRows, "classifier.train");
  if (wantsWorker(options)) {
    const { bytes, training } = await trainInWorker("classifier", options);
    return { ...(await load(bytes)), training };
  }
  const { labelSmoothing, from } = options;
  const { train: all } = options;
  for (const examples of [all, options.valid ?? []]) requireItems(examples, labelledItems);
  const kinds = from ?? { inputs: kindOfExamples(all), answers: requireAnswers(all) };
  const facts = factsOf(options, kinds);
  checkNeeds(options, classifierRows, facts);
  const chosen = withDefaults(options, classifierRows, facts);
  const { seed } = chosen;
  const { train: examples, valid } = holdOut(options, seed);
  const { net, parameters: start, ...rest } = startOf(chosen, examples, kinds);
  const { encoder, labels, answers } = rest;
  const kind = answerKind(answers);
  const toExample = (example: LabelledExample): Example => ({
    input: encoder.encode(inputOf(example), example),
    target: kind.target(labelNumbers(answers, labels, example), labels.length),
  });
  const truth = valid.map((example) => labelNumbers(answers, labels, example));
  const score = (predictions: readonly Prediction[]): number => {
    const rows = predictions.map((prediction) => prediction.rows[0]!);
    const loss = rows.reduce((sum, row, i) => sum + kind.lossOf(row, truth[i]!), 0);
    // With few validation examples many scores are equal; among them the smaller loss wins. It decides nothing else.
    const tie = loss / (rows.length + loss) / Math.max(1e6, 2 * rows.length);
    return kind.scoreOf(truth, rows.map(kind.chosen), labels.length) - (loss > 0 ? tie : 0);
  };
  return atHome({ executor: options.executor, threads: chosen.threads }, async (home) => {
    const { parameters, training } = await fit(net, {
      ...(start ? { parameters: start } : {}),
      executor: home.session.executor,
      ...fitOptions(options, chosen, {
        rows: classifierRows,
        model: { task: "classifier", data: modelData(rest) },
      }),
      ...(labelSmoothing === undefined ? {} : { labelSmoothing }),
      ...(options.labelWeights ? { classWeights: classWeights(rest, options.labelWeights) } : {}),
      ...exampleNames(examples),
      train: examples.map(toExample),
      valid: { examples: valid.map(toExample), score },
    });
    return classifierOf({ net, parameters, ...rest, home, training });
  });
}

type Chosen = WithDefaults<ClassifierOptions, typeof classifierRows>;

/** What options and defaults depend on: what the data is, and whether its words join a vocabulary. */
function factsOf(
  { from, extendVocabulary }: ClassifierOptions,
  { inputs, answers }: Pick<Classifier, "inputs" | "answers">,
): Facts {
  return {
    data: inputKind(inputs).plural,
    labels: answers === "one" ? "one label each" : "several labels",
    words: from && !extendVocabulary ? "words that the model knows" : "new words",
  };
}

/** What training starts from: a new network, whose weights are still to be made, or a trained one, its vocabulary extended if that is wanted. */
function startOf(
  options: Chosen,
  examples: readonly LabelledExample[],
  { inputs: kind, answers }: Pick<Classifier, "inputs" | "answers">,
): Omit<ClassifierParts, "home" | "training" | "parameters"> & Partial<Pick<ClassifierParts, "parameters">> {
  const { from, extendVocabulary: extend } = options;
  const inputs = examples.map(inputOf);
  if (!from) {
    const labels = allLabels(options.train);
    const encoder = inputKind(kind).fit(inputs, options);
    const net = classifierNetwork(options, encoder, answers, labels.length);
    return { net, encoder, labels, answers };
  }
  const { network: net, parameters, labels } = from;
  const encoder = inputKind(kind).of(from);
  if (!extend) return { net, parameters, encoder, labels, answers };
  const extended = inputKind(kind).extend(encoder, inputs, options);
  const { vocabulary: size } = extended.networkInput as { readonly vocabulary: number };
  return { ...extendVocabulary(net, parameters, size), encoder: extended, labels, answers };
}

/** Whether examples have one label each or several. @throws DataError if there are too few different labels */
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

/** Weights in the order of the labels. @throws OptionError naming a label that does not occur */
function classWeights(
  { labels }: Pick<ClassifierParts, "labels">,
  weights: Readonly<Record<string, number>>,
): number[] {
  const unknown = Object.keys(weights).find((label) => !labels.includes(label));
  if (unknown !== undefined)
    throw new OptionError(`{labelWeights} name ${shown(unknown)}; labels are ${plain(labels.join(", "))}`);
  return labels.map((label) => weights[label] ?? 1);
}

/** Opens a classifier that was saved. @throws FileFormatError if the bytes are not such a model */
export async function load(
  bytes: Uint8Array,
  options: { readonly name?: string; readonly executor?: Home } = {},
): Promise<Classifier> {
  const { name = "model" } = options;
  return open(readFiniteModel(bytes, name), { ...options, name });
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
    throw fail(`has the loss ${net.loss}, which a classifier does not use`, "Save the model again.");
  const numbers = model.data["kind"] === "vector" ? "vector" : "series";
  const kind: InputKindName = "vocabulary" in net.input ? "text" : numbers;
  const encoder = inputKind(kind).open(model.data, net.input, options.name);
  return atHome(options, (home) => classifierOf({ net, parameters, labels, answers, encoder, home }));
}

/** Training and validation data: if there is no validation data, a seeded tenth of every label is held back. */
function holdOut<Example extends LabelledExample>(
  data: { readonly train: readonly Example[]; readonly valid?: readonly Example[] | undefined },
  seed: number,
): HeldOut<Example> {
  return heldOut(data, labelKey, seed);
}

/** The verbs of the task; a trained or loaded classifier itself has evaluate, predict and save. */
export const classifier = { train, load, open, baselines, quality, holdOut };

function classifierNetwork(
  options: Chosen,
  { kind, networkInput }: Encoder,
  answers: AnswerKindName,
  labels: number,
): Network {
  const { cell, units, direction, dropout: rate, recurrentDropout, zoneout, pooling } = options;
  const layers: Layer[] = [...inputKind(kind).layers(options)];
  units.forEach((n, i) => {
    if (i > 0) layers.push(dropout({ rate }));
    layers.push(recurrent({ cell, units: n, direction, recurrentDropout, zoneout }));
  });
  layers.push(pool({ by: pooling }), dropout({ rate }), linear({ units: labels }));
  return network({ input: networkInput, layers, loss: answerKind(answers).loss });
}
