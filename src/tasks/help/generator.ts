/**
 * What is said about the options of generators: of texts, of piano-rolls and of performances.
 */
import { eventRows } from "../generator/events/options.js";
import { noteRows } from "../generator/notes/options.js";
import { generatorRows } from "../generator/options.js";
import { textRows } from "../generator/text/options.js";
import type { HelpFor, OptionsOfTask } from "./help.js";
import { trainingHelp } from "./training.js";

const [data, model, group] = [{ group: "data" }, { group: "model" }, "training"] as const;
const training = trainingHelp("lanes in which one text is read, lines, or pieces");
const clip = { ...training.clip, usual: "{share} of {bptt}" };
const common = {
  cell: { ...model, text: "recurrent cell" },
  units: { ...model, text: "hidden units of each layer" },
  dropout: { ...model, text: "share of values dropped in training" },
  recurrentDropout: { ...model, text: "share of the states that recurrent products do not see in training" },
} as const;

const text = {
  train: { ...data, text: "one long text, or texts that are sequences of their own" },
  valid: {
    ...data,
    text: "chooses the best epoch",
    usual: "of one text the last tenth, of lines a tenth is held back",
  },
  unit: { ...data, text: "what texts are cut into" },
  vocabularySize: { ...data, text: "most tokens", usual: "all" },
  minimumCount: { ...data, text: "how often a token has to occur to be known" },
  ...common,
  embedding: { ...model, text: "features per token; 0: one-hot", usual: "as the last layer" },
  tied: {
    ...model,
    text: "one table for tokens as they are read and as they are written",
    off: "tokens are written with other weights than they are read with",
  },
  ...training,
  clip,
  bptt: {
    group,
    text: "steps of one text over which gradients flow back, and after which weights are updated",
  },
} satisfies HelpFor<typeof textRows>;

const notes = {
  unit: { ...data, text: "piano-rolls" },
  train: { ...data, text: "pieces" },
  valid: { ...data, text: "chooses the best epoch", usual: "a tenth is held back" },
  stepsPerBeat: { ...data, text: "steps of a quarter note, of piano-rolls" },
  beatsPerMinute: { ...data, text: "quarter notes per minute in which pieces are written" },
  ...common,
  output: { ...model, text: "a sigmoid for each key, or one note after another" },
  inputDropout: { ...model, text: "share of the keys that are not read" },
  zoneout: { ...model, text: "how likely a state keeps its old value at a step" },
  ...training,
  segment: { group, text: "longer pieces are cut into parts of so many steps" },
} satisfies HelpFor<typeof noteRows>;

const events = {
  unit: { ...data, text: "performances" },
  train: { ...data, text: "pieces" },
  valid: { ...data, text: "chooses the best epoch", usual: "a tenth is held back" },
  ...common,
  ...training,
  clip,
  bptt: { ...text.bptt, text: "steps over which gradients flow back, and after which weights are updated" },
} satisfies HelpFor<typeof eventRows>;

const what = "generator.train";

/** The options of `generator.train`, by what it learns. */
export const generatorOptions = {
  text: { what, rows: textRows, help: text },
  note: { what, rows: noteRows, help: notes },
  event: { what, rows: eventRows, help: events },
} satisfies Readonly<Record<string, OptionsOfTask>>;

/** The options of a unit, and beside them those of the others, which are refused for it by what they are for. */
export function optionsOfUnit(unit: string): OptionsOfTask {
  const own = unit === "note" ? notes : unit === "event" ? events : text;
  return { what, rows: generatorRows(unit), help: { ...text, ...notes, ...events, ...own } };
}
