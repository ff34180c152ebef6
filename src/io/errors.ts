/**
 * The one error of reading model and tensor files: it says which file, where in it, what is wrong there, and
 * what would be right. Data sets have their own (data/errors.ts).
 */

/** What a {@link FileFormatError} is made of. */
export interface FileFormatProblem {
  /** The file's name as the caller gave it. */
  readonly file: string;
  /** The part of the file: "header", "tensor w_aa", … */
  readonly where: string;
  /** What is wrong, without a full stop. */
  readonly problem: string;
  /** What would be right, as a sentence. */
  readonly remedy: string;
}

/** A file that is not what its format says. */
export class FileFormatError extends Error implements FileFormatProblem {
  override readonly name = "FileFormatError";
  readonly file: string;
  readonly where: string;
  readonly problem: string;
  readonly remedy: string;

  constructor(problem: FileFormatProblem) {
    super(`${problem.file}, ${problem.where}: ${problem.problem}. ${problem.remedy}`);
    this.file = problem.file;
    this.where = problem.where;
    this.problem = problem.problem;
    this.remedy = problem.remedy;
  }
}
