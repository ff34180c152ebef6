// The units of generators, one row each: what `--unit` calls them, what model files call them, and the module that trains
// on them and opens their models. Text by character, word or subword is one module; another kind of data is another row.
import type { TaskRow } from "../tasks.js";
import type { TaskData, TrainableTask, TrainedModel } from "../train-task.js";
import type { ChosenGenerator } from "./options.js";
import { textModels } from "./text.js";
import { textTraining } from "./train.js";

/** How a unit's generators are trained. */
export type UnitTraining<Data extends TaskData = TaskData, Model extends TrainedModel = TrainedModel> = Pick<
  TrainableTask<ChosenGenerator, Data, Model>,
  "refuse" | "read" | "train" | "judge"
>;

/** What is done with their model files. */
export type UnitModels = Required<Pick<TaskRow, "evaluate" | "generate" | "facts">>;

interface UnitRow {
  /** As model files have it. */
  readonly stored: string;
  readonly training: UnitTraining;
  readonly models: UnitModels;
}

/** A module's data and model are its own business: what reads hands on to what trains. */
const training = <Data extends TaskData, Model extends TrainedModel>(
  of: UnitTraining<Data, Model>,
): UnitTraining => ({
  refuse: of.refuse,
  read: of.read,
  train: (chosen, data, options) => of.train(chosen, data as Data, options),
  judge: (model, data, chosen) => of.judge(model as Model, data as Data, chosen),
});

const text = { training: training(textTraining), models: textModels };

/** The rows, by the names that `--unit` takes. */
export const units: Readonly<Record<string, UnitRow>> = {
  char: { stored: "character", ...text },
  word: { stored: "word", ...text },
  bpe: { stored: "subword", ...text },
};
