/**
 * What a classifier says: one of several labels, or any number of them, one row each. A row knows the loss that it is
 * trained with, how labels become targets and outputs become answers, and how the answers are judged.
 */
import { DataError, type LabelledExample, type Labels, labelKey, type Place } from "../data/index.js";
import type { LossName } from "../nn/index.js";
import {
  bootstrapInterval,
  bootstrapStatistic,
  calibrationError,
  classificationReport,
  confusion,
  exampleCounts,
  f1OfCounts,
  hits,
  type Interval,
  type LabelCounts,
  labelCounts,
  multiLabelReport,
  type ReliabilityBin,
  reliability,
} from "../train/metrics/index.js";

/** What a classifier says about an input. */
export interface Classification {
  /** The most probable label. */
  readonly label: string;
  /** Where an input can have several labels: those of a probability of ½ or more. */
  readonly labels?: readonly string[];
  /** Probability of every label. They sum to 1, except where an input can have several. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** Metrics of a classifier: fractions, the loss in nats per example. */
export type ClassifierMetrics = {
  /** Examples whose label is right; where there are several: whose whole set is. */
  readonly accuracy: number;
  readonly macroF1: number;
  readonly loss: number;
  /** Expected calibration error over 15 bins; where there are several labels, of all decisions. */
  readonly calibrationError: number;
  /** Only where there are several labels. */
  readonly microF1?: number;
  /** Only where there are several labels; the same as accuracy. */
  readonly exactMatch?: number;
};

/** What is found out by comparing answers with the truth. */
export interface Judgement {
  readonly metrics: ClassifierMetrics;
  /** 95 % bootstrap interval of the accuracy. */
  readonly accuracyInterval: Interval;
  /** 95 % bootstrap interval of microF1, where there are several labels. */
  readonly microF1Interval?: Interval;
  /** `confusion[i][j]` examples of label i were given label j; only where there is one label each. */
  readonly confusion?: readonly (readonly number[])[];
  /** Of each label: rightly given, wrongly given, missed. */
  readonly labelCounts: readonly LabelCounts[];
  /** 15 bins of confidence, with how often it was right. */
  readonly reliability: readonly ReliabilityBin[];
}

/** Rows of numbers, one per example: targets as 0 and 1 per label, probabilities of the labels. */
type Rows = readonly (readonly number[])[];

/** The row of a kind of answer. */
export interface AnswerKind {
  readonly loss: LossName;
  /** The metric that chooses the best epoch and that baselines are compared by, and its name for people. */
  readonly score: "accuracy" | "microF1";
  readonly scoreText: string;
  /** The numbers of an example's labels. */
  readonly target: (numbers: readonly number[], labels: number) => readonly number[];
  /** The numbers of the labels that a row of probabilities gives. */
  readonly chosen: (row: readonly number[]) => readonly number[];
  readonly lossOf: (row: readonly number[], numbers: readonly number[]) => number;
  /** @param truth numbers of the labels of each example */
  readonly judge: (truth: Rows, rows: Rows, losses: readonly number[], labels: number) => Judgement;
  /** Score alone, as it is asked for after every epoch. */
  readonly scoreOf: (truth: Rows, chosen: Rows, labels: number) => number;
}

/** The number of the greatest value; of equals the first. */
const best = (row: readonly number[]): number =>
  row.reduce((at, value, i) => (value > (row[at] as number) ? i : at), 0);

/** A probability that float32 rounds to zero would make the loss infinite. */
const minusLog = (p: number): number => -Math.log(Math.max(p, 1e-38));

const seed = 1;

/** The rows. */
export const answerKinds = {
  one: {
    loss: "crossEntropy",
    score: "accuracy",
    scoreText: "accuracy",
    target: (numbers) => numbers,
    chosen: (row) => [best(row)],
    lossOf: (row, [number]) => minusLog(row[number as number] as number),
    scoreOf: (truth, chosen) => share(hits(flat(truth), flat(chosen))),
    judge(truths, rows, losses, classes) {
      const truth = flat(truths);
      const predicted = rows.map(best);
      const correct = hits(truth, predicted);
      const confidence = {
        confidences: rows.map((row, i) => row[predicted[i] as number] as number),
        correct,
      };
      const matrix = confusion({ classes, truth, predicted });
      return {
        metrics: {
          ...classificationReport({ classes, truth, predicted, losses }),
          calibrationError: calibrationError(confidence),
        },
        accuracyInterval: bootstrapInterval(correct, { seed }),
        confusion: matrix,
        labelCounts: countsOfMatrix(matrix),
        reliability: reliability(confidence),
      };
    },
  },
  several: {
    loss: "binaryCrossEntropy",
    score: "microF1",
    scoreText: "micro F1",
    target: (numbers, labels) => Array.from({ length: labels }, (_, k) => Number(numbers.includes(k))),
    chosen: (row) => row.flatMap((p, k) => (p >= 0.5 ? [k] : [])),
    lossOf: (row, numbers) => row.reduce((sum, p, k) => sum + minusLog(numbers.includes(k) ? p : 1 - p), 0),
    scoreOf: (truth, chosen, labels) => multiLabelReport(decisions(truth, chosen, labels)).microF1,
    judge(truths, rows, losses, labels) {
      const result = decisions(truths, rows.map(answerKinds.several.chosen), labels);
      const byExample = exampleCounts(result);
      const confidence = {
        confidences: rows.flatMap((row) => row.map((p) => Math.max(p, 1 - p))),
        correct: hits(result.truth, result.predicted),
      };
      return {
        metrics: {
          ...multiLabelReport(result),
          loss: share(losses),
          calibrationError: calibrationError(confidence),
        },
        accuracyInterval: bootstrapInterval(
          byExample.map(([, falseAlarms, misses]) => Number(falseAlarms + misses === 0)),
          { seed },
        ),
        microF1Interval: bootstrapStatistic(byExample, f1OfCounts, { seed }),
        labelCounts: labelCounts(result),
        reliability: reliability(confidence),
      };
    },
  },
} as const satisfies Record<string, AnswerKind>;

/** "one" or "several". */
export type AnswerKindName = keyof typeof answerKinds;

/** The row of a kind. */
export const answerKind = (name: AnswerKindName): AnswerKind => answerKinds[name];

/** The kind of a network's answers, by its loss; undefined: it is no classifier. */
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
    const at = known.indexOf(label);
    if (at >= 0) return at;
    throw fail(
      `has the label "${label}", which does not occur in the training data`,
      `Known labels are ${known.join(", ")}.`,
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
    .map((k) => known[k] as string);
  return {
    label: known[best(row)] as string,
    ...(kind === "several" ? { labels: names } : {}),
    probabilities: Object.fromEntries(known.map((label, i) => [label, row[i] as number])),
  };
}

/** The labels of these numbers as one text. */
export const namesOf = (
  kind: AnswerKindName,
  known: readonly string[],
  numbers: readonly number[],
): string => {
  const names = numbers.map((k) => known[k] as string);
  return kind === "one" ? (names[0] as string) : labelKey({ labels: names });
};

const flat = (rows: Rows): number[] => rows.map(([number]) => number as number);

const share = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / Math.max(values.length, 1);

function decisions(truth: Rows, chosen: Rows, labels: number) {
  const table = (rows: Rows): Uint8Array => {
    const out = new Uint8Array(rows.length * labels);
    rows.forEach((numbers, i) => {
      for (const k of numbers) out[i * labels + k] = 1;
    });
    return out;
  };
  return { labels, truth: table(truth), predicted: table(chosen) };
}

function countsOfMatrix(matrix: readonly (readonly number[])[]): LabelCounts[] {
  return matrix.map((row, k) => {
    const right = row[k] as number;
    const given = matrix.reduce((sum, other) => sum + (other[k] as number), 0);
    return [right, given - right, row.reduce((a, b) => a + b, 0) - right];
  });
}
