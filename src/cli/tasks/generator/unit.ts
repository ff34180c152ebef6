/**
 * What the generator's commands need to know about a unit: the type of its row. The table of rows is units.ts.
 */
import type { OpenedModel } from "../../../tasks/index.js";
import type { Surroundings } from "../../terminal/surroundings.js";
import type { TaskData, TrainableTask, TrainedModel } from "../../training/train.js";
import type { ChosenGenerate } from "../generate.js";
import type { DataRequest, Evaluation, Looked, LookRequest, OpenedFile, TaskRow } from "../row.js";
import type { ChosenGenerator } from "./options.js";

/** How a unit's generators are trained. */
export type UnitTraining<
  Settings = unknown,
  Data extends TaskData = TaskData,
  Model extends TrainedModel = TrainedModel,
> = Pick<
  TrainableTask<ChosenGenerator, Settings, Data, Model>,
  "settings" | "read" | "train" | "judge" | "score"
>;

/** What is done with a unit's model files: of a task's row what a generator has, with a model of the unit. */
export interface UnitModels<Model = OpenedModel<"generator">["model"]>
  extends Pick<TaskRow<"generator">, "takes" | "facts"> {
  evaluate(model: Model, data: DataRequest): Promise<Evaluation>;
  look(model: Model, data: DataRequest, request: LookRequest): Promise<Looked>;
  /** Opens the model when nothing is wrong with the command. */
  generate(file: OpenedFile<"generator">, chosen: ChosenGenerate, around: Surroundings): Promise<void>;
}

/** The row of a unit. */
export interface UnitRow {
  /** Whether it is meant where no unit is chosen and this is a file to train with. Absent: never. */
  readonly takes?: (file: string) => boolean;
  /** As model files have it. */
  readonly stored: string;
  readonly training: UnitTraining;
  readonly models: UnitModels;
}
