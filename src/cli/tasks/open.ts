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
  let creating: ReturnType<Surroundings["createExecutor"]> | undefined;
  let opening: Promise<OpenedModel> | undefined;
  const open = async (): Promise<OpenedModel> => {
    creating = around.createExecutor();
    return openModel(read, { name: file, executor: await creating });
  };
  const opened = (): Promise<OpenedModel> => {
    opening ??= open();
    return opening;
  };
  try {
    return await use({ file, model: read, row, opened });
  } finally {
    // Why there is none is what `use` ended with. With the executor goes what the model holds of it.
    const executor = await creating?.catch(() => undefined);
    executor?.dispose();
  }
}
