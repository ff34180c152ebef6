/**
 * The one error of reading data: it names the file and the line, what is wrong there, and what to do about it.
 */

import { type Keyed, plain, spelled } from "../options/error.js";

/** What a {@link DataError} is made of. */
export interface DataProblem {
  /** The file's name as the caller gave it; or, for an option, the option itself: "split 0.9,0.5". */
  readonly file: string;
  /** Line number from 1, if the problem has one. */
  readonly line?: number | undefined;
  /** What is wrong, without a final full stop. */
  readonly problem: string;
  /** What to do about it, as a sentence; if it names options, their keys are marked: keyed("Choose it with {label}."). */
  readonly remedy: string | Keyed;
}

/**
 * Data that cannot be used as it is. The message reads `train.tsv:7: problem. Remedy.`, which most terminals turn
 * into a link to that line.
 */
export class DataError extends Error implements DataProblem {
  override readonly name = "DataError";
  readonly file: string;
  readonly line: number | undefined;
  readonly problem: string;
  readonly remedy: string;
  /** If the remedy names options: the message with their keys in braces, for surfaces that spell them in their own way. */
  readonly template?: string;

  constructor(problem: DataProblem) {
    const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
    const what = `${place}: ${problem.problem}.`;
    const remedy = typeof problem.remedy === "string" ? problem.remedy : spelled(problem.remedy.template);
    super(`${what} ${remedy}`);
    if (typeof problem.remedy !== "string") this.template = `${plain(what)} ${problem.remedy.template}`;
    this.file = problem.file;
    this.line = problem.line;
    this.problem = problem.problem;
    this.remedy = remedy;
  }
}
