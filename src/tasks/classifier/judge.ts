/**
 * How a classifier's answers are judged: metrics with intervals, confusions, calibration. A separate module, loaded on
 * evaluation: a page that predicts and a worker that trains do not need it.
 */
import { classCounts, MOST_IN_MATRIX } from "../../train/metrics/classification.js";
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
} from "../../train/metrics/index.js";
import { type AnswerKindName, answerKind, decisions, type Rows } from "./answers.js";

/** Metrics of a classifier: fractions, the loss in nats per example. */
export type ClassifierMetrics = {
  /** Share of examples whose label is right, or, with several labels, whose whole set is. */
  readonly accuracy: number;
  readonly macroF1: number;
  readonly loss: number;
  /** Expected calibration error over 15 bins; with several labels, over all decisions. */
  readonly calibrationError: number;
  /** Only with several labels. */
  readonly microF1?: number;
  /** Only with several labels; the same as accuracy. */
  readonly exactMatch?: number;
};

/** The result of comparing answers with the truth. */
export interface Judgement {
  readonly metrics: ClassifierMetrics;
  /** 95 % bootstrap interval of the accuracy. */
  readonly accuracyInterval: Interval;
  /** 95 % bootstrap interval of microF1, with several labels. */
  readonly microF1Interval?: Interval;
  /** `confusion[i][j]` examples of label i were given label j; only with one label each. */
  readonly confusion?: readonly (readonly number[])[];
  /** For each label: how often it was rightly given, wrongly given, and missed. */
  readonly labelCounts: readonly LabelCounts[];
  /** 15 bins of confidence, with how often the answers in each were right. */
  readonly reliability: readonly ReliabilityBin[];
}

/** @param truth numbers of the labels of each example @param rows probabilities of all labels */
type Judge = (truth: Rows, rows: Rows, losses: readonly number[], labels: number) => Judgement;

const seed = 1;

/** How answers of each kind are judged. */
export const judges: Readonly<Record<AnswerKindName, Judge>> = {
  one(truths, rows, losses, classes) {
    const truth = flat(truths);
    const predicted = flat(rows.map(answerKind("one").chosen));
    const correct = hits(truth, predicted);
    const confidence = {
      confidences: rows.map((row, i) => row[predicted[i]!]!),
      correct,
    };
    // Of very many classes no matrix is made: it would be nearly all zeros, and larger than memory.
    const matrix = classes > MOST_IN_MATRIX ? undefined : confusion({ classes, truth, predicted });
    return {
      metrics: {
        ...classificationReport({ classes, truth, predicted, losses }),
        calibrationError: calibrationError(confidence),
      },
      accuracyInterval: bootstrapInterval(correct, { seed }),
      ...(matrix ? { confusion: matrix } : {}),
      labelCounts: classCounts({ classes, truth, predicted }),
      reliability: reliability(confidence),
    };
  },
  several(truths, rows, losses, labels) {
    const result = decisions(truths, rows.map(answerKind("several").chosen), labels);
    const byExample = exampleCounts(result);
    const confidence = {
      confidences: rows.flatMap((row) => row.map((p) => Math.max(p, 1 - p))),
      correct: hits(result.truth, result.predicted),
    };
    return {
      metrics: {
        ...multiLabelReport(result),
        loss: losses.reduce((a, b) => a + b, 0) / losses.length,
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
};

const flat = (rows: Rows): number[] => rows.map(([number]) => number!);
