/**
 * The parts of a task's data, and how a report names them: training data, validation data that chooses the best epoch, and
 * test data.
 */
import { count, counted } from "../terminal/talk.js";
import type { TaskData } from "../training/train.js";

/** The parts of a task's examples. */
export interface DataParts<Example> extends TaskData {
  readonly train: readonly Example[];
  readonly valid: readonly Example[];
  readonly test?: readonly Example[];
  /** Where the validation data comes from, if it has no files of its own. */
  readonly validFrom?: string;
}

/** The source of validation data that was held back. */
export const heldBack = "held back from training";

/** How many examples each part has. @param noun what one is called: "sentence" */
export function sizesText(
  noun: string,
  { train, valid, test, validFrom }: Omit<DataParts<unknown>, "remarks">,
): string {
  const from = validFrom === undefined ? "" : ` (${validFrom})`;
  const testing = test === undefined ? "" : `, ${count(test.length)} to test on`;
  return `${counted(train.length, noun)} to train with, ${count(valid.length)} to validate on${from}${testing}`;
}

/** The row or rows of a report that say how a model did on each part. */
export function scoreLines<Result>(
  noun: string,
  { valid, test, validFrom }: Omit<DataParts<unknown>, "remarks">,
  { onValid, onTest, text }: Judged<Result> & { readonly text: (result: Result) => string },
): string[][] {
  const from = validFrom === undefined ? "" : `, ${validFrom}`;
  return [
    ["validation", `${text(onValid)} on ${counted(valid.length, noun)}${from}`],
    ...(onTest === undefined ? [] : [["test", `${text(onTest)} on ${counted(test?.length ?? 0, noun)}`]]),
  ];
}

/** How a model did on validation data, and on test data if there is any. */
export interface Judged<Result> {
  readonly onValid: Result;
  readonly onTest: Result | undefined;
  /** The last of the two that exists: what baselines are compared with. */
  readonly last: Result;
}

/** Judges a model on its parts, one after the other. */
export async function judgeParts<Part, Result>(
  { valid, test }: { readonly valid: Part; readonly test?: Part | undefined },
  judge: (part: Part) => Promise<Result>,
): Promise<Judged<Result>> {
  const onValid = await judge(valid);
  const onTest = test === undefined ? undefined : await judge(test);
  return { onValid, onTest, last: onTest ?? onValid };
}

/** The metrics of each part, for --json. */
export const metricFacts = ({ onValid, onTest }: Judged<{ readonly metrics: object }>): object => ({
  valid: onValid.metrics,
  ...(onTest === undefined ? {} : { test: onTest.metrics }),
});

/** The interval of each part, for --json. */
export const intervalFacts = ({ onValid, onTest }: Judged<{ readonly interval: object }>): object => ({
  valid: onValid.interval,
  ...(onTest === undefined ? {} : { test: onTest.interval }),
});
