/**
 * What a model of any task says about an input: the value that the task's own verb returns, the same as JSON, and the same
 * as text. The command line prints these and a server sends them, so both say the same. The JSON and the text of each
 * task are defined in its own folder, in answering.ts.
 */
import type { Home } from "../exec/executor.js";
import type { ModelFile } from "../io/index.js";
import type { TranslationSearch } from "./translator/model.js";

/** What a model says about one input. */
export interface Answer<Value = unknown> {
  /** As the task's own verb returns it: a `Classification`, a `Translation`, a `GeneratedText`. */
  readonly value: Value;
  /** What `unrolled predict --json` and `unrolled generate --json` print. */
  readonly json: Readonly<Record<string, unknown>>;
  /** What they print without `--json`: one or several lines. */
  readonly text: string;
}

/** How inputs are answered. An option that does nothing for the model is refused. */
export interface AnswerOptions {
  /**
   * For a classifier: what each input is called in the text of its answer: a list, or a function of the input and its index
   * from 0. Default: the text itself; for other inputs their number, from 1.
   */
  readonly names?: readonly string[] | ((input: never, index: number) => string);
  /** For a forecaster in the mode `recursive`: steps ahead. Default: as trained. */
  readonly horizon?: number;
  /** For a translator: how it searches. Default: see `TranslationSearch`. */
  readonly search?: TranslationSearch;
  /** For a generator: stops the writing when it is aborted. Default: none. */
  readonly signal?: AbortSignal;
}

/** How models of a task, or of one kind of its models, answer. */
export interface AnsweringRow<Model, Input, Value> {
  /** What they take, for messages: "texts". */
  readonly inputs: string;
  /** Whether a value has the form of an input. The model checks its contents. */
  readonly takes: (input: unknown) => boolean;
  /** The options that have an effect. */
  readonly options: readonly (keyof AnswerOptions)[];
  /** How many of many inputs are answered at a time, so that the first answers come soon. */
  readonly atOnce: number;
  readonly open: (
    file: ModelFile,
    options: { readonly name: string; readonly executor?: Home },
  ) => Promise<Model>;
  /**
   * A method, so that the table of tasks can hold rows for different models; each is given its own.
   *
   * @param options `names` has one for each of these inputs, where the row has `nameOf`
   */
  answer(model: Model, inputs: readonly Input[], options: RowOptions): Promise<Answer<Value>[]>;
  /** What an input is called where nobody names it, given its index from 0. Absent: no answer names its input. */
  nameOf?(input: Input, index: number): string;
}

/** What a row is told. */
export interface RowOptions extends Omit<AnswerOptions, "names"> {
  readonly names?: readonly string[];
}

/** Fields with tabs between them: a tab or a line end in a field would make it two, and is written as in JSON. */
export const tabbed = (fields: readonly (string | undefined)[]): string =>
  fields
    .map((field = "") => field.replaceAll(/[\t\n\r]/g, (end) => JSON.stringify(end).slice(1, -1)))
    .join("\t");

/** Whether a value is a list of numbers, or of lists of them, judging by its first element. */
export function isNumbers(value: unknown): boolean {
  if (ArrayBuffer.isView(value)) return true;
  if (!Array.isArray(value)) return false;
  const [first] = value as readonly unknown[];
  return first === undefined || first === null || typeof first === "number" || isNumbers(first);
}
