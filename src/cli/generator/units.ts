// The units of generators, one row each: what `--unit` calls them, what model files call them, and the module that trains
// on them and opens their models. Text by character, word or subword is one module; another kind of data is another row.
import type { TaskRow } from "../tasks.js";
import type { TaskData, TrainableTask, TrainedModel } from "../train-task.js";
import type { ChosenGenerator } from "./options.js";
import { textModels } from "./text.js";
import { textTraining } from "./train.js";

/** How a unit's generators are trained. */
export type UnitTraining<
  Settings = unknown,
  Data extends TaskData = TaskData,
  Model extends TrainedModel = TrainedModel,
> = Pick<
  TrainableTask<ChosenGenerator, Settings, Data, Model>,
  "refuse" | "settings" | "read" | "train" | "judge"
>;

/** What is done with their model files. */
export type UnitModels = Required<Pick<TaskRow, "evaluate" | "generate" | "facts">>;

interface UnitRow {
  /** As model files have it. */
  readonly stored: string;
  readonly training: UnitTraining;
  readonly models: UnitModels;
}

/** A module's settings, data and model are its own business: what reads hands on to what trains. */
const training = <Settings, Data extends TaskData, Model extends TrainedModel>(
  of: UnitTraining<Settings, Data, Model>,
): UnitTraining => ({
  refuse: of.refuse,
  settings: of.settings,
  read: of.read,
  train: (settings, data, options) => of.train(settings as Settings, data as Data, options),
  judge: (model, data, chosen) => of.judge(model as Model, data as Data, chosen),
});

const text = { training: training(textTraining), models: textModels };

/** The rows, by the names that `--unit` takes. */
export const units: Readonly<Record<string, UnitRow>> = {
  char: { stored: "character", ...text },
  word: { stored: "word", ...text },
  bpe: { stored: "subword", ...text },
};
