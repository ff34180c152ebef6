/**
 * Opens a task's model on an executor that is given back when the work is done, the model's memory with it.
 */
import type { ModelFile } from "../../io/index.js";
import type { Surroundings } from "../terminal/surroundings.js";
import type { OpenedFile } from "./tasks.js";

type ExecutorOf = Awaited<ReturnType<Surroundings["createExecutor"]>>;

/** How a task opens its models. */
export interface Opener<Model> {
  open(model: ModelFile, options: { readonly name: string; readonly executor: ExecutorOf }): Promise<Model>;
}

/** Does something with a model. @throws FileFormatError if the file is not such a model */
export async function withModel<Model, Result>(
  task: Opener<Model>,
  { file, model, around }: OpenedFile & { readonly around: Surroundings },
  use: (model: Model) => Promise<Result>,
): Promise<Result> {
  const executor = await around.createExecutor();
  try {
    return await use(await task.open(model, { name: file, executor }));
  } finally {
    executor.dispose();
  }
}

/**
 * Answers to many inputs, a few at a time.
 *
 * @param request.chunk inputs that are answered before the first answers are printed
 * @throws FileFormatError if the file is not such a model
 */
export async function* answersInTurn<Model, Input, Answer>(
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
  const executor = await around.createExecutor();
  try {
    const opened = await task.open(model, { name: file, executor });
    for (let from = 0; from < inputs.length; from += chunk)
      yield await answer(opened, inputs.slice(from, from + chunk), from);
  } finally {
    executor.dispose();
  }
}
