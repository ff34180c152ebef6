/**
 * What is said about the options of the classifier.
 */
import { classifierRows } from "../classifier/options.js";
import type { HelpFor, OptionsOfTask } from "./help.js";
import { trainingHelp } from "./training.js";

const [data, model, group] = [{ group: "data" }, { group: "model" }, "training"] as const;

const help = {
  train: { ...data, text: "examples to train with: texts, series or vectors, with labels" },
  valid: {
    ...data,
    text: "examples that choose the best epoch",
    usual: "a tenth of {train} is held back, of every label",
  },
  features: {
    ...data,
    text: "of vectors: names of their numbers, by which columns are found again",
    usual: "none",
  },
  cell: { ...model, text: "recurrent cell" },
  units: { ...model, text: "hidden units, for each layer" },
  direction: { ...model, text: "direction in which the layers read" },
  embedding: { ...model, text: "of texts: features per word" },
  dropout: {
    ...model,
    text: "share of values dropped in training: of embedded words, between layers, before the output",
  },
  wordDropout: { ...model, text: "of texts: share of words left out in training" },
  recurrentDropout: { ...model, text: "share of states that recurrent products do not see in training" },
  zoneout: { ...model, text: "how likely a state keeps its old value at a step" },
  pooling: { ...model, text: "from steps to one vector" },
  minimumCount: { ...model, text: "of texts: how often a word has to occur to be known" },
  from: {
    ...model,
    text: "train this classifier further: its network, words and labels are kept",
    usual: "a new one",
  },
  extendVocabulary: { ...model, text: "with {from}: words of the new data join its vocabulary" },
  ...trainingHelp("examples"),
  labelSmoothing: { group, text: "share of each target spread over all labels" },
  labelWeights: { group, text: "how much an example counts, by its label", usual: "1 each" },
} satisfies HelpFor<typeof classifierRows>;

/** The options of `classifier.train`. */
export const classifierOptions = {
  what: "classifier.train",
  rows: classifierRows,
  help,
} satisfies OptionsOfTask;
