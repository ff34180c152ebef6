// How a classifier did, in words: its scores with their uncertainty beside what it had to beat, whichever wins.
import type { ClassifierEvaluation } from "../../tasks/index.js";
import { count, percent } from "../talk.js";

/** Accuracies of what a classifier has to beat. */
export interface Baselines {
  readonly majority: number;
  readonly naiveBayes: number;
}

type Scores = Pick<ClassifierEvaluation, "metrics" | "accuracyInterval">;

/** "accuracy 77.1 % (95 % interval 74.6 % to 79.5 %), macro F1 77.0 %". */
export function scoreText({ metrics, accuracyInterval: { low, high } }: Scores): string {
  const interval = `95 % interval ${percent(low)} to ${percent(high)}`;
  return `accuracy ${percent(metrics.accuracy)} (${interval}), macro F1 ${percent(metrics.macroF1)}`;
}

/** "commonest label 50.0 %, naive Bayes 78.1 %". */
export function baselineText({ majority, naiveBayes }: Baselines): string {
  return `commonest label ${percent(majority)}, naive Bayes ${percent(naiveBayes)}`;
}

/** Who is better, the model or the better baseline, and whether the examples are enough to tell. */
export function verdict(
  { metrics: { accuracy }, accuracyInterval: { low, high } }: Scores,
  { majority, naiveBayes }: Baselines,
): string {
  const name = naiveBayes >= majority ? "naive Bayes" : "the commonest label";
  const best = Math.max(naiveBayes, majority);
  if (best < low) return `the model is better than ${name}`;
  if (best > high) return `${name} is better than the model`;
  if (accuracy === best) return `the model and ${name} are equally good`;
  const ahead = accuracy > best ? `the model is ahead of ${name}` : `${name} is ahead of the model`;
  return `${ahead}, but by less than chance explains`;
}

/** What was left out of the data, one remark per reason. */
export function skippedText(skipped: Readonly<Record<string, number>>): string[] {
  return Object.entries(skipped).map(
    ([reason, rows]) => `skipped ${rows === 1 ? "1 row" : `${count(rows)} rows`}: ${reason}`,
  );
}
