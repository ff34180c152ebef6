/**
 * The data of a task in its parts, and how a report speaks of them: what trains, what chooses the best epoch, and what is
 * tested on at the end.
 */
import { count, counted } from "../terminal/talk.js";
import type { TaskData } from "../training/train.js";

/** Examples of a task in their parts. */
export interface DataParts<Example> extends TaskData {
  readonly train: readonly Example[];
  readonly valid: readonly Example[];
  readonly test?: readonly Example[];
  /** Where the validation data comes from, if not from files of its own. */
  readonly validFrom?: string;
}

/** Where validation data comes from that was held back. */
export const heldBack = "held back from training";

/** How many examples there are of each part. @param noun what one is called: "sentence" */
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

/** How a model did on validation data, and on test data where there is some. */
export interface Judged<Result> {
  readonly onValid: Result;
  readonly onTest: Result | undefined;
  /** The latter of the two that is there: what baselines are held against. */
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
