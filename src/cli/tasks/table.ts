/**
 * The table of tasks: one row each. The commands themselves ask for no task's name.
 */
import type { TaskName } from "../../tasks/index.js";
import { classifierTask } from "./classifier/row.js";
import { forecasterTask } from "./forecaster/row.js";
import { generatorTask } from "./generator/row.js";
import { networkTask } from "./network/row.js";
import type { TaskRow } from "./row.js";
import { taggerTask } from "./tagger/row.js";
import { translatorTask } from "./translator/row.js";

/** The tasks by name. */
export const tasks: Readonly<Record<TaskName, TaskRow>> = {
  classifier: classifierTask,
  forecaster: forecasterTask,
  tagger: taggerTask,
  translator: translatorTask,
  generator: generatorTask,
  network: networkTask,
};
