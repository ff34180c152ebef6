/**
 * How a classifier did, in words: its scores with their uncertainty next to what it had to beat, whichever wins; which
 * labels it confused, and whether its probabilities can be trusted.
 */
import type { BaselineScores, Judgement } from "../../../tasks/index.js";
import { aligned, count, percent } from "../../terminal/talk.js";

type Scores = Pick<Judgement, "metrics" | "accuracyInterval" | "microF1Interval">;

/** The most labels for which the whole matrix is printed; with more of them, this many confusions are listed. */
const [matrixLabels, mixUps] = [12, 5];

/** "accuracy 77.1 % (95 % interval 74.6 % to 79.5 %), macro F1 77.0 %"; with several labels micro F1 comes first. */
export function scoreText({ metrics, accuracyInterval, microF1Interval }: Scores): string {
  const interval = ({ low, high }: Scores["accuracyInterval"]): string =>
    `95 % interval ${percent(low)} to ${percent(high)}`;
  const { accuracy, macroF1, microF1 } = metrics;
  if (microF1 === undefined || microF1Interval === undefined)
    return `accuracy ${percent(accuracy)} (${interval(accuracyInterval)}), macro F1 ${percent(macroF1)}`;
  const first = `micro F1 ${percent(microF1)} (${interval(microF1Interval)})`;
  return `${first}, macro F1 ${percent(macroF1)}, exact match ${percent(accuracy)}`;
}

/** The names of the baselines, in a list and in a sentence. */
const baselineNames: Readonly<Record<keyof BaselineScores, readonly [listed: string, said: string]>> = {
  majority: ["commonest label", "the commonest label"],
  naiveBayes: ["naive Bayes", "naive Bayes"],
  nearestNeighbour: ["nearest neighbour", "the nearest neighbour"],
};

const listOf = (scores: BaselineScores): [keyof BaselineScores, number][] =>
  Object.entries(scores) as [keyof BaselineScores, number][];

/** "commonest label 50.0 %, naive Bayes 78.1 %". */
export function baselineText(scores: BaselineScores): string {
  return listOf(scores)
    .map(([name, score]) => `${baselineNames[name][0]} ${percent(score)}`)
    .join(", ");
}

/** Who is better, the model or the better baseline, and whether the examples are enough to tell. */
export function verdict(
  { metrics, accuracyInterval, microF1Interval = accuracyInterval }: Scores,
  scores: BaselineScores,
): string {
  const { low, high } = microF1Interval;
  const own = metrics.microF1 ?? metrics.accuracy;
  // Of equal ones the cleverer, which comes last.
  const [best, score] = listOf(scores).reduce((a, b) => (b[1] >= a[1] ? b : a));
  const [, name] = baselineNames[best];
  if (score < low) return `the model is better than ${name}`;
  if (score > high) return `${name} is better than the model`;
  if (own === score) return `the model and ${name} are equally good`;
  const ahead = own > score ? `the model is ahead of ${name}` : `${name} is ahead of the model`;
  return `${ahead}, but by less than chance explains`;
}

/** "confidence is 3.1 points off accuracy on average". */
export function calibrationText({ metrics }: Pick<Judgement, "metrics">): string {
  const points = (100 * metrics.calibrationError).toFixed(1);
  return `confidence and accuracy are ${points} points apart on average (expected calibration error, 15 bins)`;
}

/** What was confused with what: a matrix, or the commonest confusions; with several labels, the parts of F1 by label. */
export function confusionLines(
  { confusion, labelCounts }: Pick<Judgement, "confusion" | "labelCounts">,
  labels: readonly string[],
): string[] {
  if (confusion === undefined) {
    const rows = labelCounts.map((counts, k) => [labels[k]!, ...counts.map(count)]);
    return numbered([["", "right", "wrong", "missed"], ...rows]);
  }
  if (labels.length <= matrixLabels) {
    const rows = confusion.map((row, k) => [labels[k]!, ...row.map(count)]);
    return numbered([["truth \\ predicted", ...labels], ...rows]);
  }
  const pairs = confusion.flatMap((row, i) =>
    row.flatMap((times, j) =>
      i !== j && times > 0 ? [{ times, truth: labels[i], predicted: labels[j] }] : [],
    ),
  );
  return pairs
    .sort((a, b) => b.times - a.times)
    .slice(0, mixUps)
    .map(({ times, truth, predicted }) => `${truth} taken for ${predicted}: ${count(times)}`);
}

/** Rows whose columns after the first are numbers, aligned right. */
function numbered(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.flatMap(([, ...cells]) => cells.map(({ length }) => length)));
  return aligned(rows.map(([name, ...cells]) => [name!, ...cells.map((cell) => cell.padStart(width))]));
}

/** How the model did, for --json. */
export function judgementFacts(
  judged: Pick<Judgement, "confusion" | "labelCounts" | "reliability">,
  labels: readonly string[],
): Readonly<Record<string, unknown>> {
  const { confusion, labelCounts, reliability } = judged;
  return {
    labels,
    ...(confusion === undefined ? { labelCounts } : { confusion }),
    calibration: reliability.filter((bin) => bin.count > 0),
  };
}

/** The intervals, by metric. */
export const intervalFacts = ({
  accuracyInterval,
  microF1Interval,
}: Scores): Readonly<Record<string, unknown>> => ({
  accuracy: accuracyInterval,
  ...(microF1Interval === undefined ? {} : { microF1: microF1Interval }),
});

/** What was skipped in the data, one remark per reason. */
export function skippedText(skipped: Readonly<Record<string, number>>): string[] {
  return Object.entries(skipped).map(
    ([reason, rows]) => `skipped ${rows === 1 ? "1 row" : `${count(rows)} rows`}: ${reason}`,
  );
}
