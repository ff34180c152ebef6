// The generator's row in the table of tasks: which unit a command is about, and what is the same for all of them.
import { FileFormatError, type ModelFile } from "../../io/index.js";
import { UsageError } from "../errors.js";
import type { TaskRow } from "../tasks.js";
import { addTrainable, type TaskData, type TrainableTask, type TrainedModel } from "../train-task.js";
import { type ChosenGenerator, generatorOptions } from "./options.js";
import { type UnitModels, type UnitTraining, units } from "./units.js";

const trainingOf = ({ unit = "char" }: ChosenGenerator): UnitTraining =>
  (units[unit] as (typeof units)[string]).training;

/** The generator as `unrolled train` has it. */
const trainableGenerator: TrainableTask<ChosenGenerator, TaskData, TrainedModel> = {
  name: "generator",
  describes: "Train a model that makes up texts like those it is shown: one long text, names, lines.",
  usage: "--train FILE... [options]",
  examples: `  unrolled train generator --train plays.txt --units 512 --minutes 20 --out plays.safetensors
  unrolled train generator --train names.txt --lines --out names.safetensors
  unrolled train generator --train names.tsv --label gender --out names.safetensors`,
  options: generatorOptions(Object.keys(units)),
  score: "token probability",
  refuse: (chosen) => trainingOf(chosen).refuse(chosen),
  read: (chosen) => trainingOf(chosen).read(chosen),
  train: (chosen, data, training) => trainingOf(chosen).train(chosen, data, training),
  judge: (model, data, chosen) => trainingOf(chosen).judge(model, data, chosen),
};

/** The generator's row. */
export const generatorTask: TaskRow = {
  addTrain: (train, around) => addTrainable(train, around, trainableGenerator),
  evaluate: (opened, data, around) => modelsOf(opened).evaluate(opened, data, around),
  predict: ({ file }) => {
    throw new UsageError(`${file} is of a generator, which answers nothing; unrolled generate lets it write`);
  },
  generate: (opened, chosen, around) => modelsOf(opened).generate(opened, chosen, around),
  facts: (model) => modelsOf({ file: "model", model }).facts(model),
};

function modelsOf({ file, model }: { readonly file: string; readonly model: ModelFile }): UnitModels {
  const { unit } = model.data;
  const row = Object.values(units).find(({ stored }) => stored === unit);
  if (row) return row.models;
  throw new FileFormatError({
    ...{ file, where: "metadata", problem: `is of a generator of ${String(unit)}s` },
    remedy: `This version knows ${Object.values(units)
      .map(({ stored }) => stored)
      .join(", ")}.`,
  });
}
