/**
 * What is said about the options of the translator.
 */
import { translatorRows } from "../translator/options.js";
import type { HelpFor, OptionsOfTask } from "./help.js";
import { trainingHelp } from "./training.js";

const { recompute: _, ...training } = trainingHelp("pairs");
const [data, model] = [{ group: "data" }, { group: "model" }] as const;

const help = {
  train: { ...data, text: "texts and their translations" },
  valid: { ...data, text: "pairs that choose the best epoch", usual: "a tenth of {train} is held back" },
  unit: { ...model, text: "what texts are cut into" },
  vocabularySize: { ...model, text: "most tokens of each side" },
  cell: { ...model, text: "recurrent cell" },
  units: { ...model, text: "hidden units of the decoder, and of the encoder per direction" },
  layers: { ...model, text: "recurrent layers of each" },
  embedding: { ...model, text: "features per token" },
  attention: { ...model, text: "how the decoder looks at the source" },
  inputFeeding: {
    ...model,
    text: "what the decoder made of one step goes into the next",
    off: "what the decoder made of one step does not go into the next",
  },
  tied: {
    ...model,
    text: "one table for the target's tokens as they are read and as they are written",
    off: "tokens are written with other weights than they are read with",
  },
  dropout: { ...model, text: "share of values dropped in training" },
  ...training,
  labelSmoothing: { group: "training", text: "share of each target spread over all tokens" },
} satisfies HelpFor<typeof translatorRows>;

/** The options of `translator.train`. */
export const translatorOptions = {
  what: "translator.train",
  rows: translatorRows,
  help,
} satisfies OptionsOfTask;
