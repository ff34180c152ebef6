/**
 * The generator's row in the table of tasks: which unit a command is about, and what is the same for all of them.
 */
import { statSync } from "node:fs";
import { FileFormatError, type ModelFile } from "../../../io/index.js";
import { namesOf, optionsOfAny } from "../../terminal/row-options.js";
import { type TaskData, type TrainableTask, type TrainedModel, trainableRow } from "../../training/train.js";
import type { TaskRow } from "../row.js";
import { type ChosenGenerator, generatorTables, refuse, type UnitName } from "./options.js";
import type { UnitModels, UnitTraining } from "./unit.js";
import { units } from "./units.js";

/** The unit that is chosen, or the one that takes all files to train with; a folder is one of MIDI files. */
function unitOf({ unit, train = [] }: ChosenGenerator): UnitName {
  const isFolder = (file: string): boolean =>
    statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const names = Object.keys(units) as UnitName[];
  const found = names.find((name) =>
    train.every((file) => units[name].takes?.(isFolder(file) ? "folder.mid" : file)),
  );
  return unit ?? (train.length > 0 ? found : undefined) ?? "char";
}

const trainingOf = (chosen: ChosenGenerator): UnitTraining => units[unitOf(chosen)].training;

/** What was chosen for one of the units. */
interface UnitSettings {
  readonly unit: UnitTraining;
  readonly settings: unknown;
}

/** The generator as `unrolled train` has it. */
const trainableGenerator: TrainableTask<ChosenGenerator, UnitSettings, TaskData, TrainedModel> = {
  name: "generator",
  describes:
    "Train a model that writes more of what it was shown: one long text, names, lines; music as notes or performances.",
  usage: "--train FILE... [options]",
  examples: `  unrolled train generator --train plays.txt --units 512 --minutes 20 --out plays.safetensors
  unrolled train generator --train names.txt --lines --out names.safetensors
  unrolled train generator --train names.tsv --label gender --out names.safetensors
  unrolled train generator --train chorales.json --out chorales.safetensors
  unrolled train generator --train piano/ --unit event --minutes 20 --out piano.safetensors`,
  options: optionsOfAny(generatorTables),
  names: Object.assign({}, ...Object.values(generatorTables).map(namesOf)),
  score: (valid, data, chosen) => trainingOf(chosen).score(valid, data, chosen),
  refuse: (chosen) => refuse(chosen, unitOf(chosen)),
  async settings(chosen) {
    const unit = trainingOf(chosen);
    return { unit, settings: await unit.settings(chosen) };
  },
  read: (chosen, { unit, settings }) => unit.read(chosen, settings),
  train: ({ unit, settings }, data, training) => unit.train(settings, data, training),
  judge: (model, data, chosen) => trainingOf(chosen).judge(model, data, chosen),
};

/** The generator's row. */
export const generatorTask: TaskRow<"generator"> = {
  ...trainableRow(trainableGenerator),
  takes: (model) => modelsOf({ file: "model", model }).takes(model),
  evaluate: ({ model, file }, data) => modelsOf({ file: "model", model: file }).evaluate(model, data),
  look: ({ model, file }, data, request) =>
    modelsOf({ file: "model", model: file }).look(model, data, request),
  generate: (file, chosen, around) => modelsOf(file).generate(file, chosen, around),
  facts: (model) => modelsOf({ file: "model", model }).facts(model),
};

function modelsOf({ file, model }: { readonly file: string; readonly model: ModelFile }): UnitModels {
  const { unit } = model.data;
  const row = Object.values(units).find(({ stored }) => stored === unit);
  if (row) return row.models;
  throw new FileFormatError({
    file,
    where: "metadata",
    problem: `is of a generator of ${String(unit)}s`,
    remedy: `This version knows ${Object.values(units)
      .map(({ stored }) => stored)
      .join(", ")}.`,
  });
}
