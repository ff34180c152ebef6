/**
 * The units of generators, one row each: what `--unit` calls them, what model files call them, and the module that trains
 * on them and opens their models. Text by character, word or subword is one module, piano-rolls and performances are others.
 */
import type { TaskData, TrainedModel } from "../../training/train.js";
import { isMidi, isRolls } from "./music/data.js";
import { eventModels, eventTraining } from "./music/events.js";
import { noteModels, noteTraining } from "./music/notes.js";
import type { UnitName } from "./options.js";
import { textModels } from "./text/models.js";
import { textTraining } from "./text/train.js";
import type { UnitRow, UnitTraining } from "./unit.js";

/** A module's settings, data and model are its own business: what it reads is handed to what it trains. */
const training = <Settings, Data extends TaskData, Model extends TrainedModel>(
  of: UnitTraining<Settings, Data, Model>,
): UnitTraining => ({
  settings: of.settings,
  read: (chosen, settings) => of.read(chosen, settings as Settings),
  train: (settings, data, options) => of.train(settings as Settings, data as Data, options),
  judge: (model, data, chosen) => of.judge(model as Model, data as Data, chosen),
  score: (valid, data, chosen) => of.score(valid, data as Data, chosen),
});

const text = { training: training(textTraining), models: textModels };

/** The rows, by the names that `--unit` takes. */
export const units: Readonly<Record<UnitName, UnitRow>> = {
  char: { stored: "character", ...text },
  word: { stored: "word", ...text },
  bpe: { stored: "subword", ...text },
  note: {
    stored: "note",
    takes: (file) => isRolls(file) || isMidi(file),
    training: training(noteTraining),
    models: noteModels,
  },
  event: {
    stored: "event",
    training: training(eventTraining),
    models: eventModels,
  },
};
