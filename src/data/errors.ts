/**
 * The one error of reading data: it names the file and the line, what is wrong there, and what to do about it.
 */

/** What a {@link DataError} is made of. */
export interface DataProblem {
  /** The file's name as the caller gave it; for an option rather than a file, the option: "split 0.9,0.5". */
  readonly file: string;
  /** Line number from 1, where the problem has one. */
  readonly line?: number | undefined;
  /** What is wrong, without a full stop. */
  readonly problem: string;
  /** What to do about it, as a sentence. */
  readonly remedy: string;
}

/**
 * Data that cannot be used as it is. The message reads `train.tsv:7: problem. Remedy.`, and most terminals open
 * the file at that line.
 */
export class DataError extends Error implements DataProblem {
  override readonly name = "DataError";
  readonly file: string;
  readonly line: number | undefined;
  readonly problem: string;
  readonly remedy: string;

  constructor(problem: DataProblem) {
    const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
    super(`${place}: ${problem.problem}. ${problem.remedy}`);
    this.file = problem.file;
    this.line = problem.line;
    this.problem = problem.problem;
    this.remedy = problem.remedy;
  }
}
