/**
 * The one error of reading model and tensor files: it says which file, where in it, what is wrong there, and
 * what would be right. Data sets have their own (data/errors.ts).
 */

import { type Keyed, plain, spelled } from "../options/error.js";

/** What a {@link FileFormatError} is made of. */
export interface FileFormatProblem {
  /** The file's name as the caller gave it. */
  readonly file: string;
  /** The part of the file: "header", "tensor w_aa", … */
  readonly where: string;
  /** What is wrong, without a full stop. */
  readonly problem: string;
  /** What would be right, as a sentence; if it names options, their keys are marked: keyed("{mostBytes} raises it."). */
  readonly remedy: string | Keyed;
}

/** A file that is not what its format says. */
export class FileFormatError extends Error implements FileFormatProblem {
  override readonly name = "FileFormatError";
  readonly file: string;
  readonly where: string;
  readonly problem: string;
  readonly remedy: string;
  /** If the remedy names options: the message with their keys in braces, for surfaces that spell them in their own way. */
  readonly template?: string;

  constructor(problem: FileFormatProblem) {
    const what = `${problem.file}, ${problem.where}: ${problem.problem}.`;
    const remedy = typeof problem.remedy === "string" ? problem.remedy : spelled(problem.remedy.template);
    super(`${what} ${remedy}`);
    if (typeof problem.remedy !== "string") this.template = `${plain(what)} ${problem.remedy.template}`;
    this.file = problem.file;
    this.where = problem.where;
    this.problem = problem.problem;
    this.remedy = remedy;
  }
}
