/**
 * What the commands need to know about a task: the type of its row, and the types of what its methods take and return.
 * The rows are in the tasks' folders, their table in table.ts.
 */
import type { Command } from "commander";
import type { DecimalSign, Source, Streamed } from "../../data/index.js";
import type { Diagnosis } from "../../insight/index.js";
import type { ModelFile } from "../../io/index.js";
import type { AnswerOptions, AnyInput, OpenedModel, TaskName, TaskTrace } from "../../tasks/index.js";
import type { Surroundings } from "../terminal/surroundings.js";
import type { Retrain } from "../training/train.js";
import type { ChosenGenerate } from "./generate.js";

/** Data for a model, and how to read it. */
export interface DataRequest {
  readonly sources: readonly Source[];
  readonly format?: string | undefined;
  readonly text?: string | undefined;
  readonly label?: string | undefined;
  /** For a table with one step of a series per row: the column that names the series, and those of the channels. */
  readonly series?: string | undefined;
  readonly channels?: readonly string[] | undefined;
  /** For a table of vectors: the columns of numbers. */
  readonly features?: readonly string[] | undefined;
  /** Separates several labels of one example. */
  readonly separator?: string | undefined;
  /** For tables: whether the first row holds names, what ends a field, and the sign before decimals. */
  readonly header?: boolean | undefined;
  readonly delimiter?: string | undefined;
  readonly decimal?: DecimalSign | undefined;
  /** For tables: the column of the times, or several of them. */
  readonly time?: string | undefined;
  /** For tagged sentences: the columns of the token and of the tag, from 1, or from −1 at the end. */
  readonly tokenColumn?: number | undefined;
  readonly tagColumn?: number | undefined;
  /** Steps ahead. */
  readonly horizon?: number | undefined;
}

/** The same of a single source, to be asked about. */
export interface AskRequest extends Omit<DataRequest, "sources"> {
  readonly source: Source;
}

/** What a request can say besides where the data is. */
export type DataAspect = Exclude<keyof DataRequest, "sources">;

/** How a model did. */
export interface Evaluation {
  readonly metrics: Readonly<Record<string, number>>;
  /** Number of examples. */
  readonly count: number;
  /** More for --json, besides metrics and count. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** The same for people. */
  readonly lines: readonly string[];
  /** What a person should know about the data. */
  readonly remarks: readonly string[];
}

/** A model file on the command line: already read, and opened when its network is first needed. */
export interface OpenedFile<Task extends TaskName = TaskName> {
  readonly file: string;
  readonly model: ModelFile;
  /** The row of its task. */
  readonly row: TaskRow;
  /** The model, ready to run: opened by the first call, and the same for every later one. */
  opened(): Promise<OpenedModel<Task>>;
}

/** What a model is asked about, as it is read. */
export interface Asked extends Streamed<AnyInput> {
  readonly options?: AnswerOptions;
}

/** Inputs one after the other, made of what is read. */
export async function* inputsOf<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  inputOf: (item: Item) => AnyInput,
): AsyncGenerator<AnyInput> {
  for await (const item of items) yield inputOf(item);
}

/** The same of series or vectors, called by where they stand: the file and the line. */
export function placedInputs<Item extends { readonly file: string; readonly line: number }>(
  items: AsyncIterable<Item>,
  inputOf: (item: Item) => AnyInput & object,
): Pick<Asked, "items" | "options"> {
  // Weak, so that a name goes with its input when that has been answered.
  const names = new WeakMap<object, string>();
  const placed = (item: Item): AnyInput => {
    const input = inputOf(item);
    names.set(input, `${item.file}:${item.line}`);
    return input;
  };
  return { items: inputsOf(items, placed), options: { names: (input: object) => names.get(input)! } };
}

/** What `diagnose` asks of a task: how many examples to examine, and the number, from 1, of the one to show step by step. */
export interface LookRequest {
  readonly most: number;
  readonly show: number;
}

/** What was seen inside a model. */
export interface Looked {
  readonly diagnosis: Diagnosis;
  /** How many examples there are; the diagnosis says how many of them were examined. */
  readonly count: number;
  /** The example that is shown. */
  readonly shown: TaskTrace;
  /** What a person should know about the data. */
  readonly remarks: readonly string[];
}

/**
 * The row of a task. It has methods, not function properties, so that the table can hold rows for different models;
 * each is given its own.
 */
export interface TaskRow<Task extends TaskName = TaskName> {
  /** Adds the task to `unrolled train`. Absent: its models are not trained here. */
  readonly addTrain?: (train: Command, around: Surroundings) => void;
  /** Repeats a training from a run's configuration, and keeps nothing. Absent: its models are not trained here. */
  readonly retrain?: Retrain;
  /** The parts of a request for data that apply to a model of the task; the rest is refused. */
  takes(model: ModelFile): readonly DataAspect[];
  evaluate(opened: OpenedModel<Task>, data: DataRequest): Promise<Evaluation>;
  /** Looks inside a model while it reads labelled examples. */
  look(opened: OpenedModel<Task>, data: DataRequest, request: LookRequest): Promise<Looked>;
  /** Whether a model takes such a file as data other than texts, which `streamInputs` then reads. Absent: none does. */
  takesData?(model: ModelFile, data: { readonly file: string; readonly format?: string }): boolean;
  /** Reads what a model is asked about, if that is not texts; where the format allows it, while it is asked. */
  streamInputs?(opened: OpenedModel<Task>, data: AskRequest): Promise<Asked>;
  /** Writes what the model generates to standard output, or to the files that were named. Absent: the model answers instead. */
  generate?(file: OpenedFile<Task>, chosen: ChosenGenerate, around: Surroundings): Promise<void>;
  /** What the task keeps in its models, by their names in --json, each also as text for people. */
  facts(model: ModelFile): Readonly<Record<string, { readonly value: unknown; readonly text: string }>>;
}
