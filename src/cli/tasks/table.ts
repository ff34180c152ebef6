/**
 * The table of tasks, one row each, and the row of a model file. The commands themselves ask for no task's name.
 */
import { readFileBytes } from "../../data/node.js";
import { FileFormatError, readModel } from "../../io/index.js";
import { classifierTask } from "./classifier/row.js";
import { forecasterTask } from "./forecaster/row.js";
import { generatorTask } from "./generator/row.js";
import { networkTask } from "./network/row.js";
import type { OpenedFile, TaskRow } from "./row.js";
import { taggerTask } from "./tagger/row.js";
import { translatorTask } from "./translator/row.js";

/** The tasks by name. */
export const tasks: Readonly<Record<string, TaskRow>> = {
  classifier: classifierTask,
  forecaster: forecasterTask,
  tagger: taggerTask,
  translator: translatorTask,
  generator: generatorTask,
  network: networkTask,
};

/** Reads a model file and finds its task's row. @throws FileFormatError or DataError when that is not possible */
export async function openModel(file: string): Promise<OpenedFile & { readonly task: TaskRow }> {
  const model = readModel(await readFileBytes(file), file);
  if (Object.hasOwn(tasks, model.task)) return { file, model, task: tasks[model.task]! };
  throw new FileFormatError({
    file,
    where: "metadata",
    problem: `is of the task "${model.task}"`,
    remedy: `This version knows ${Object.keys(tasks).join(", ")}.`,
  });
}
