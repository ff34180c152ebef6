/**
 * The table of commands: a new command is one file beside this one, and its row here.
 */
import { addCells } from "./cells.js";
import { addCompress } from "./compress.js";
import { addDiagnose } from "./diagnose.js";
import { addEvaluate } from "./evaluate.js";
import { addExport } from "./export.js";
import { addGenerate } from "./generate.js";
import { addImport } from "./import.js";
import { addInspect } from "./inspect.js";
import { addPredict } from "./predict.js";
import { addReplay } from "./replay.js";
import type { CommandRow } from "./row.js";
import { addTrain } from "./train.js";

/** One row per command, in the order of the help. */
export const commands: readonly CommandRow[] = [
  addTrain,
  addEvaluate,
  addPredict,
  addGenerate,
  addDiagnose,
  addReplay,
  addExport,
  addImport,
  addCompress,
  addCells,
  addInspect,
];
