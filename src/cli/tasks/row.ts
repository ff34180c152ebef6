/**
 * What the commands need to know about a task: the type of its row, and what its verbs are given and give back. The rows
 * stand in the tasks' folders, and the table of them in table.ts.
 */
import type { Command } from "commander";
import type { Source } from "../../data/index.js";
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
  /** Of a table with a step of a series on each row: the column that names the series, and those of the channels. */
  readonly series?: string | undefined;
  readonly channels?: readonly string[] | undefined;
  /** Of a table of vectors: the columns that are their numbers. */
  readonly features?: readonly string[] | undefined;
  /** Parts several labels of one example. */
  readonly separator?: string | undefined;
  /** Of tagged sentences: the column of the tag, from 1, or from −1 at the end. */
  readonly tagColumn?: number | undefined;
  /** Steps ahead. */
  readonly horizon?: number | undefined;
}

/** What a request can say beside where the data is. */
export type DataAspect = Exclude<keyof DataRequest, "sources">;

/** How a model did. */
export interface Evaluation {
  readonly metrics: Readonly<Record<string, number>>;
  /** Number of examples. */
  readonly count: number;
  /** More for --json, beside metrics and count. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** The same for people. */
  readonly lines: readonly string[];
  /** What a person should know about the data. */
  readonly remarks: readonly string[];
}

/** A model file on the command line: read, and opened when a verb first needs its network. */
export interface OpenedFile<Task extends TaskName = TaskName> {
  readonly file: string;
  readonly model: ModelFile;
  /** The row of its task. */
  readonly row: TaskRow;
  /** The model, ready to run: opened at the first call, and the same at every other. */
  opened(): Promise<OpenedModel<Task>>;
}

/** What a model is asked about. */
export interface Asked {
  readonly inputs: readonly AnyInput[];
  readonly options?: AnswerOptions;
  /** What a person should know about the data. */
  readonly notices: readonly string[];
}

/** What `diagnose` asks of a task: on how many examples to look, and of which one to show all steps, by its number from 1. */
export interface LookRequest {
  readonly most: number;
  readonly show: number;
}

/** What was seen inside a model. */
export interface Looked {
  readonly diagnosis: Diagnosis;
  /** Examples that there are, of which so many were looked at as the diagnosis says. */
  readonly count: number;
  /** The example that is shown. */
  readonly shown: TaskTrace;
  /** What a person should know about the data. */
  readonly remarks: readonly string[];
}

/** The row of a task. Its verbs are methods, so that the table holds rows of different models: each is handed its own. */
export interface TaskRow<Task extends TaskName = TaskName> {
  /** Adds the task's verb to `unrolled train`. Absent: its models are not trained here. */
  readonly addTrain?: (train: Command, around: Surroundings) => void;
  /** Trains again what a run's configuration says, and keeps nothing of it. Absent: its models are not trained here. */
  readonly retrain?: Retrain;
  /** What of a request for data says something to a model of the task; the rest is refused. */
  takes(model: ModelFile): readonly DataAspect[];
  evaluate(opened: OpenedModel<Task>, data: DataRequest): Promise<Evaluation>;
  /** Looks inside a model while it reads labelled examples. */
  look(opened: OpenedModel<Task>, data: DataRequest, request: LookRequest): Promise<Looked>;
  /** Whether a model takes such a file as data that is no text, which is then read by `readInputs`. Absent: none does. */
  takesData?(model: ModelFile, data: { readonly file: string; readonly format?: string }): boolean;
  /** What a model is asked about, where that is not texts. */
  readInputs?(opened: OpenedModel<Task>, data: DataRequest): Promise<Asked>;
  /** Writes what the model makes up to standard output, or where it is told. Absent: it answers instead. */
  generate?(file: OpenedFile<Task>, chosen: ChosenGenerate, around: Surroundings): Promise<void>;
  /** What the task keeps in its models, by the names that --json gives, each also as a text for people. */
  facts(model: ModelFile): Readonly<Record<string, { readonly value: unknown; readonly text: string }>>;
}
