/**
 * Opens model files: a command opens one once, asks it as often as it needs, and disposes of it and its executor at the end.
 */
import { readFileBytes } from "../../data/node.js";
import { type ModelFile, readModel } from "../../io/index.js";
import { type OpenedModel, openModel, taskOf } from "../../tasks/index.js";
import type { Surroundings } from "../terminal/surroundings.js";
import type { OpenedFile } from "./row.js";
import { tasks } from "./table.js";

/**
 * Does something with a model file. What was opened of it is disposed of afterwards.
 *
 * @param model the file's contents, if they have been read already; default: they are read
 * @throws DataError or FileFormatError if the file cannot be read, or is of a task that is not known
 */
export async function withModelFile<Result>(
  { file, model }: { readonly file: string; readonly model?: ModelFile },
  around: Surroundings,
  use: (file: OpenedFile) => Promise<Result>,
): Promise<Result> {
  const read = model ?? readModel(await readFileBytes(file), file);
  const row = tasks[taskOf(read, file)];
  let opening: Promise<OpenedModel> | undefined;
  const opened = (): Promise<OpenedModel> => {
    opening ??= openOn(file, read, around);
    return opening;
  };
  try {
    return await use({ file, model: read, row, opened });
  } finally {
    // If it could not be opened, `use` has already thrown the reason.
    const model = await opening?.catch(() => undefined);
    model?.dispose();
  }
}

async function openOn(name: string, model: ModelFile, around: Surroundings): Promise<OpenedModel> {
  const executor = await around.createExecutor();
  try {
    return await openModel(model, { name, executor });
  } catch (error) {
    executor.dispose();
    throw error;
  }
}
