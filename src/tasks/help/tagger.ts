/**
 * What is said about the options of the tagger.
 */
import { taggerRows } from "../tagger/options.js";
import type { HelpFor, OptionsOfTask } from "./help.js";
import { trainingHelp } from "./training.js";

const { recompute: _, ...training } = trainingHelp("sentences");
const [data, model] = [{ group: "data" }, { group: "model" }] as const;

const help = {
  train: { ...data, text: "tagged sentences to train with" },
  valid: { ...data, text: "sentences that choose the best epoch", usual: "a tenth of {train} is held back" },
  tagScheme: {
    ...data,
    text: "how tags mark spans: IOB2 (BIO), IOBES (BIOES, BILOU), IOB1, or not at all",
    usual: "as they show",
  },
  cell: { ...model, text: "recurrent cell, for words and for characters" },
  units: { ...model, text: "hidden units per direction, for each layer" },
  embedding: { ...model, text: "features per word" },
  characters: { ...model, text: "features per character; 0 reads none" },
  output: { ...model, text: "tags chosen as whole sequences, or each by itself" },
  dropout: { ...model, text: "share of values dropped in training" },
  wordDropout: { ...model, text: "share of words left out in training" },
  recurrentDropout: { ...model, text: "share of states that recurrent products do not see in training" },
  minimumCount: { ...model, text: "how often a word has to occur in the training data to be known" },
  ...training,
  labelSmoothing: {
    group: "training",
    text: "share of each target spread over all tags, for {output} softmax",
  },
} satisfies HelpFor<typeof taggerRows>;

/** The options of `tagger.train`. */
export const taggerOptions = { what: "tagger.train", rows: taggerRows, help } satisfies OptionsOfTask;
