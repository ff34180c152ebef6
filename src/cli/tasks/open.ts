/**
 * Opens a task's model on an executor of its own, and gives it back when the work is done.
 */
import type { ModelFile } from "../../io/index.js";
import type { Surroundings } from "../terminal/surroundings.js";
import type { OpenedFile } from "./row.js";

type ExecutorOf = Awaited<ReturnType<Surroundings["createExecutor"]>>;

/** How a task opens its models. */
export interface Opener<Model extends { dispose(): void }> {
  open(model: ModelFile, options: { readonly name: string; readonly executor: ExecutorOf }): Promise<Model>;
}

/** A model, which disposes of its executor. @throws FileFormatError if the file is not such a model */
async function openOn<Model extends { dispose(): void }>(
  task: Opener<Model>,
  { file, model }: OpenedFile,
  around: Surroundings,
): Promise<Model> {
  const executor = await around.createExecutor();
  try {
    return await task.open(model, { name: file, executor });
  } catch (error) {
    executor.dispose();
    throw error;
  }
}

/** Does something with a model. @throws FileFormatError if the file is not such a model */
export async function withModel<Model extends { dispose(): void }, Result>(
  task: Opener<Model>,
  { file, model, around }: OpenedFile & { readonly around: Surroundings },
  use: (model: Model) => Promise<Result>,
): Promise<Result> {
  const opened = await openOn(task, { file, model }, around);
  try {
    return await use(opened);
  } finally {
    opened.dispose();
  }
}

/**
 * Answers to many inputs, a few at a time.
 *
 * @param request.chunk inputs that are answered before the first answers are printed
 * @throws FileFormatError if the file is not such a model
 */
export async function* answersInTurn<Model extends { dispose(): void }, Input, Answer>(
  task: Opener<Model>,
  {
    file,
    model,
    around,
    inputs,
    chunk,
  }: OpenedFile & {
    readonly around: Surroundings;
    readonly inputs: readonly Input[];
    readonly chunk: number;
  },
  answer: (model: Model, inputs: readonly Input[], from: number) => Promise<readonly Answer[]>,
): AsyncGenerator<readonly Answer[]> {
  const opened = await openOn(task, { file, model }, around);
  try {
    for (let from = 0; from < inputs.length; from += chunk)
      yield await answer(opened, inputs.slice(from, from + chunk), from);
  } finally {
    opened.dispose();
  }
}
