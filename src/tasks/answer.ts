/**
 * What a model of any task says about an input: the value that the task's own verb gives, the same as JSON, and the same
 * as text. The command line prints these and a server sends them, so both say the same. What the JSON and the text of a
 * task are stands in its own folder, in answering.ts.
 */
import type { Home } from "../exec/executor.js";
import type { ModelFile } from "../io/index.js";
import type { TranslationSearch } from "./translator/model.js";

/** What a model says about one input. */
export interface Answer<Value = unknown> {
  /** As the task's own verb gives it: a `Classification`, a `Translation`, a `GeneratedText`. */
  readonly value: Value;
  /** What `unrolled predict --json` and `unrolled generate --json` print. */
  readonly json: Readonly<Record<string, unknown>>;
  /** What they print without `--json`: a line, or several. */
  readonly text: string;
}

/** How inputs are answered. An option that the task of the model has no use for is refused. */
export interface AnswerOptions {
  /** Of a classifier: what each input is called in the text of its answer. Default: a text itself, of others their number from 1. */
  readonly names?: readonly string[];
  /** Of a forecaster in the mode `recursive`: steps ahead. Default: as trained. */
  readonly horizon?: number;
  /** Of a translator: how it searches. Default: see `TranslationSearch`. */
  readonly search?: TranslationSearch;
  /** Of a generator: ends the writing when it is aborted. Default: none. */
  readonly signal?: AbortSignal;
}

/** What is done with the models of a task, or of one of its kinds. */
export interface AnsweringRow<Model, Input, Value> {
  /** What they take, for messages: "texts". */
  readonly inputs: string;
  /** Whether a value has the form of an input. What it holds is checked by the model. */
  readonly takes: (input: unknown) => boolean;
  /** The options that say something to them. */
  readonly options: readonly (keyof AnswerOptions)[];
  /** How many inputs are answered at a time where there are many, so that the first answers come soon. */
  readonly atOnce: number;
  readonly open: (
    file: ModelFile,
    options: { readonly name: string; readonly executor?: Home },
  ) => Promise<Model>;
  /** A method, so that the table of tasks holds rows of different models: it hands each its own. */
  answer(model: Model, inputs: readonly Input[], options: AnswerOptions): Promise<Answer<Value>[]>;
}

/** Whether a value is a list of numbers, or of lists of them, as far as its first element shows. */
export function isNumbers(value: unknown): boolean {
  if (ArrayBuffer.isView(value)) return true;
  if (!Array.isArray(value)) return false;
  const [first] = value as readonly unknown[];
  return first === undefined || first === null || typeof first === "number" || isNumbers(first);
}
