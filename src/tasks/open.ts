/**
 * Opens a model file of any task, for programs that serve any model: the file says which task it is of, and answers
 * come as values, as JSON and as text. A task's code is loaded when a model of it is opened.
 */

import { DataError } from "../data/index.js";
import type { Home } from "../exec/executor.js";
import { type Resource, resource } from "../exec/resource.js";
import { FileFormatError, type ModelFile, readModel, requireFinite } from "../io/index.js";
import { checkModel } from "../nn/build/index.js";
import type { Answer, AnsweringRow, AnswerOptions, RowOptions } from "./answer.js";
import { answersInTurn } from "./answers.js";
import type { Classification } from "./classifier/answers.js";
import type { ClassifierInput } from "./classifier/inputs.js";
import type { Classifier } from "./classifier/model.js";
import type { ForecasterInput } from "./forecaster/answering.js";
import type { Forecast, Forecaster } from "./forecaster/model.js";
import type { EventRequest } from "./generator/events/answering.js";
import type { EventGenerator, GeneratedEvents } from "./generator/events/model.js";
import type { NoteRequest } from "./generator/notes/answering.js";
import type { GeneratedNotes, NoteGenerator } from "./generator/notes/model.js";
import type { GeneratedText, TextGenerator } from "./generator/text/model.js";
import type { GenerateOptions } from "./generator/text/stream.js";
import type { PlainNetwork, SequenceOutput } from "./network/model.js";
import type { SequenceInput } from "./network/sequences.js";
import type { Tagger, Tagging } from "./tagger/model.js";
import type { Translation, Translator } from "./translator/model.js";

/** For each task: its models, what they are asked, and what they answer. */
interface Tasks {
  classifier: { model: Classifier; input: ClassifierInput; value: Classification };
  forecaster: { model: Forecaster; input: ForecasterInput; value: Forecast };
  generator: {
    model: TextGenerator | NoteGenerator | EventGenerator;
    input: GenerateOptions | NoteRequest | EventRequest;
    value: GeneratedText | GeneratedNotes | GeneratedEvents;
  };
  network: { model: PlainNetwork; input: SequenceInput; value: SequenceOutput };
  tagger: { model: Tagger; input: string | readonly string[]; value: Tagging };
  translator: { model: Translator; input: string; value: Translation };
}

/** The name of a task in model files; "network" is a network without a task, as imported models are. */
export type TaskName = keyof Tasks;

/** Anything that a model of some task can be asked about; each model checks what it takes. */
export type AnyInput = Tasks[TaskName]["input"];

/** A model of a task, ready to answer. */
export interface OpenedModel<Task extends TaskName = TaskName> extends Resource {
  readonly task: Task;
  /** The task's own model, with all its verbs. */
  readonly model: Tasks[Task]["model"];
  /** The model file that it came from. */
  readonly file: ModelFile;
  /** What it takes, in words: "texts". */
  readonly inputs: string;
  /** How many of many inputs are best answered at a time. */
  readonly atOnce: number;
  /**
   * Answers in the order of the inputs, one for each. The bits of an answer do not depend on what else is asked.
   *
   * @throws DataError if the model does not take an input, RangeError if an option makes no sense or does nothing
   */
  answer(inputs: readonly AnyInput[], options?: AnswerOptions): Promise<Answer<Tasks[Task]["value"]>[]>;
  /**
   * The same of inputs that are still to come, for files of any length and for pipes: answers come in the order of the
   * inputs, with the same bits, each as soon as the stream pauses or `atOnce` inputs are there. What has been answered is not
   * kept. An error, of the stream or of an input, comes after the answers before it.
   *
   * @throws as `answer`
   */
  answers(
    inputs: AsyncIterable<AnyInput> | Iterable<AnyInput>,
    options?: AnswerOptions,
  ): AsyncGenerator<Answer<Tasks[Task]["value"]>, void>;
  /** Gives back what the model holds. */
  dispose(): void;
}

/** A model of any task: `task` tells which, and with it the type of `model`. */
export type AnyModel = { [Task in TaskName]: OpenedModel<Task> }[TaskName];

type Row = AnsweringRow<Resource, AnyInput, unknown>;

/** The tasks by name, each with how to load the row of a model. */
const rows: Readonly<Record<TaskName, (file: ModelFile) => Promise<Row>>> = {
  classifier: async () => (await import("./classifier/answering.js")).classifierAnswering,
  forecaster: async () => (await import("./forecaster/answering.js")).forecasterAnswering,
  async generator({ data }) {
    if (data["unit"] === "note") return (await import("./generator/notes/answering.js")).noteAnswering;
    if (data["unit"] === "event") return (await import("./generator/events/answering.js")).eventAnswering;
    return (await import("./generator/text/answering.js")).textAnswering;
  },
  network: async () => (await import("./network/answering.js")).networkAnswering,
  tagger: async () => (await import("./tagger/answering.js")).taggerAnswering,
  translator: async () => (await import("./translator/answering.js")).translatorAnswering,
};

/** The names of the tasks. */
export const taskNames = Object.keys(rows) as readonly TaskName[];

/** How a model is opened. */
export interface OpenOptions {
  /** The file's name, for messages. Default "model". */
  readonly name?: string;
  /** Where it runs: an executor, which it shares with others. Default: a WebAssembly executor of its own. */
  readonly executor?: Home;
}

/**
 * Opens a model of any task. It answers as often as it is asked, until it is disposed of.
 *
 * @param source the bytes of a model file, or one that has been read
 * @throws FileFormatError if it is not a model file, or of a task that this version does not know
 * @example
 * const model = await openModel(bytes, { name: "mood.safetensors" });
 * const [answer] = await model.answer(["a warm , funny film"]);
 * JSON.stringify(answer.json); // what `unrolled predict mood.safetensors --json` prints
 */
export async function openModel(
  source: Uint8Array | ModelFile,
  { name = "model", executor }: OpenOptions = {},
): Promise<AnyModel> {
  const file = source instanceof Uint8Array ? readModel(source, name) : source;
  checkModel("openModel", file);
  requireFinite(file, name);
  const task = taskOf(file, name);
  const row = await rows[task](file);
  const model = await row.open(file, { name, ...(executor ? { executor } : {}) });
  const ask = async (
    inputs: readonly AnyInput[],
    options: AnswerOptions,
    from = 0,
  ): Promise<Answer<never>[]> => {
    requireInputs(row, task, inputs, from);
    const told = { ...options, ...namesFor(row, inputs, { options, from }) } as RowOptions;
    return (await row.answer(model, inputs, told)) as Answer<never>[];
  };
  const opened: OpenedModel = resource({
    task,
    model: model as OpenedModel["model"],
    file,
    inputs: row.inputs,
    atOnce: row.atOnce,
    async answer(inputs, options = {}) {
      refuseIdle(row, task, options);
      return ask(inputs, options);
    },
    answers(inputs, options = {}) {
      refuseIdle(row, task, options);
      return answersInTurn(inputs, row.atOnce, (group, from) => ask(group, options, from));
    },
    dispose: () => model.dispose(),
  });
  return opened as AnyModel;
}

/** The task of a model file. @throws FileFormatError naming the file if this version does not know it */
export function taskOf(model: ModelFile, file: string): TaskName {
  const { task } = Object(model) as ModelFile;
  const found = taskNames.find((name) => name === task);
  if (found !== undefined) return found;
  throw new FileFormatError({
    file,
    where: "metadata",
    problem: `is of the task "${task}"`,
    remedy: `This version knows ${taskNames.join(", ")}.`,
  });
}

/** @throws RangeError naming the first option that does nothing for such models */
function refuseIdle(row: Pick<Row, "options">, task: TaskName, options: AnswerOptions): void {
  for (const [key, value] of Object.entries(options))
    if (value !== undefined && !row.options.includes(key as keyof AnswerOptions))
      throw new RangeError(`a ${task} cannot use the option ${key}; leave it out`);
}

/** What inputs are called, the first of them having that index. */
function namesFor(
  { nameOf }: Row,
  inputs: readonly AnyInput[],
  { options: { names = [] }, from }: { readonly options: AnswerOptions; readonly from: number },
): Pick<RowOptions, "names"> {
  if (nameOf === undefined) return {};
  const chosen = (input: AnyInput, index: number): string | undefined =>
    typeof names === "function" ? names(input as never, index) : names[index];
  return { names: inputs.map((input, i) => chosen(input, from + i) ?? nameOf(input, from + i)) };
}

/** @throws DataError naming the first input of the wrong form */
function requireInputs(
  { takes, inputs: wanted }: Pick<Row, "takes" | "inputs">,
  task: TaskName,
  inputs: readonly unknown[],
  from: number,
): void {
  const odd = inputs.findIndex((input) => !takes(input));
  if (odd < 0) return;
  const found = inputs[odd];
  const what = found === null ? "null" : Array.isArray(found) ? "a list" : `of type ${typeof found}`;
  throw new DataError({
    file: "data",
    problem: `input ${from + odd + 1} is ${what}`,
    remedy: `This ${task} takes ${wanted}.`,
  });
}
