/**
 * What a classifier says: one of several labels, or any number of them, one row each. A row holds the loss to train
 * with, and how labels become targets and outputs become answers. judge.ts judges the answers.
 */
import { DataError, type LabelledExample, type Labels, labelKey, type Place } from "../../data/index.js";
import type { LossName } from "../../nn/index.js";
import { someOf } from "../../options/index.js";
import { type MultiLabelResult, multiLabelMetrics } from "../../train/metrics/index.js";
import { placesOf } from "../shared/places.js";

/** What a classifier says about an input. */
export interface Classification {
  /** The most probable label. */
  readonly label: string;
  /** If an input can have several labels: those with a probability of at least ½. */
  readonly labels?: readonly string[];
  /** Probability of every label. They sum to 1, unless an input can have several. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** Rows of numbers, one per example: the numbers of its labels, or the probabilities of all labels. */
export type Rows = readonly (readonly number[])[];

/** The row of a kind of answer. */
export interface AnswerKind {
  readonly loss: LossName;
  /** The metric that chooses the best epoch and compares with baselines, and its name for people. */
  readonly score: "accuracy" | "microF1";
  readonly scoreText: string;
  /** The numbers of an example's labels. */
  readonly target: (numbers: readonly number[], labels: number) => readonly number[];
  /** The numbers of the labels that a row of probabilities stands for. */
  readonly chosen: (row: readonly number[]) => readonly number[];
  readonly lossOf: (row: readonly number[], numbers: readonly number[]) => number;
  /** The score alone, as it is needed after every epoch. @param truth numbers of the labels of each example */
  readonly scoreOf: (truth: Rows, chosen: Rows, labels: number) => number;
}

/** The index of the largest value; the first of several equal ones. */
const best = (row: readonly number[]): number => row.reduce((at, value, i) => (value > row[at]! ? i : at), 0);

/** A probability that float32 rounds to zero would make the loss infinite. */
const minusLog = (p: number): number => -Math.log(Math.max(p, 1e-38));

/** The rows. */
export const answerKinds = {
  one: {
    loss: "crossEntropy",
    score: "accuracy",
    scoreText: "accuracy",
    target: (numbers) => numbers,
    chosen: (row) => [best(row)],
    lossOf: (row, [number]) => minusLog(row[number!]!),
    scoreOf: (truth, chosen) =>
      truth.filter(([label], i) => label === chosen[i]?.[0]).length / Math.max(truth.length, 1),
  },
  several: {
    loss: "binaryCrossEntropy",
    score: "microF1",
    scoreText: "micro F1",
    target(numbers, labels) {
      const out = new Array<number>(labels).fill(0);
      for (const k of numbers) out[k] = 1;
      return out;
    },
    chosen: (row) => row.flatMap((p, k) => (p >= 0.5 ? [k] : [])),
    lossOf(row, numbers) {
      const own = new Set(numbers);
      return row.reduce((sum, p, k) => sum + minusLog(own.has(k) ? p : 1 - p), 0);
    },
    scoreOf: (truth, chosen, labels) => multiLabelMetrics.microF1.of(decisions(truth, chosen, labels)),
  },
} as const satisfies Record<string, AnswerKind>;

/** "one" or "several". */
export type AnswerKindName = keyof typeof answerKinds;

/** The row of a kind. */
export const answerKind = (name: AnswerKindName): AnswerKind => answerKinds[name];

/** The kind of a network's answers, by its loss; undefined if it is not a classifier. */
export const answersByLoss = (loss: LossName): AnswerKindName | undefined =>
  (Object.keys(answerKinds) as AnswerKindName[]).find((name) => answerKinds[name].loss === loss);

/** An example's labels as a list. */
export const labelsOf = ({ label, labels }: Labels): readonly string[] =>
  labels === undefined ? [label] : labels;

/** Different labels of examples, in order. */
export const allLabels = (examples: readonly LabelledExample[]): string[] =>
  [...new Set(examples.flatMap(labelsOf))].sort();

/** The numbers of an example's labels. @throws DataError naming file and line if there is no such label, or another kind */
export function labelNumbers(
  kind: AnswerKindName,
  known: readonly string[],
  example: Labels & Place,
): readonly number[] {
  const { file = "data", line } = example;
  const fail = (problem: string, remedy: string): DataError => new DataError({ file, line, problem, remedy });
  if ((example.labels !== undefined) !== (kind === "several"))
    throw fail(
      `has ${example.labels === undefined ? "one label" : "a list of labels"}`,
      `The classifier gives ${kind === "several" ? "a list of labels" : "one label"}.`,
    );
  return labelsOf(example).map((label) => {
    const at = placesOf(known).get(label);
    if (at !== undefined) return at;
    throw fail(
      `has the label "${label}", which does not occur in the training data`,
      `Known labels are ${someOf(known)}.`,
    );
  });
}

/** A row of probabilities in words. */
export function classification(
  kind: AnswerKindName,
  known: readonly string[],
  row: readonly number[],
): Classification {
  const names = answerKind(kind)
    .chosen(row)
    .map((k) => known[k]!);
  return {
    label: known[best(row)]!,
    ...(kind === "several" ? { labels: names } : {}),
    probabilities: Object.fromEntries(known.map((label, i) => [label, row[i]!])),
  };
}

/** The labels of these numbers as one text. */
export const namesOf = (
  kind: AnswerKindName,
  known: readonly string[],
  numbers: readonly number[],
): string => {
  const names = numbers.map((k) => known[k]!);
  return kind === "one" ? names[0]! : labelKey({ labels: names });
};

/** What was decided about every label of every example. */
export function decisions(truth: Rows, chosen: Rows, labels: number): MultiLabelResult {
  const table = (rows: Rows): Uint8Array => {
    const out = new Uint8Array(rows.length * labels);
    rows.forEach((numbers, i) => {
      for (const k of numbers) out[i * labels + k] = 1;
    });
    return out;
  };
  return { labels, truth: table(truth), predicted: table(chosen) };
}
