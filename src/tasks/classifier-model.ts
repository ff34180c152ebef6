/**
 * A trained or loaded classifier: predicts, evaluates, saves. How one is trained stands in classifier.ts.
 */
import { DataError, encode, type TextExample, type Vocabulary, wordTokens } from "../data/index.js";
import type { Executor } from "../exec/executor.js";
import { writeModel } from "../io/index.js";
import {
  createPredictor,
  type Network,
  type Parameters,
  type Prediction,
  parameterCount,
} from "../nn/index.js";
import type { FitResult } from "../train/fit.js";
import {
  bootstrapInterval,
  type ClassificationMetricName,
  classificationReport,
  hits,
  type Interval,
} from "../train/metrics/index.js";

/** What a classifier says about a text. */
export interface Classification {
  readonly label: string;
  /** Probability of every label. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** How a classifier did on labelled texts. */
export interface ClassifierEvaluation {
  /** Number of examples. */
  readonly count: number;
  /** Predicted labels, in the order of the examples. */
  readonly predicted: readonly string[];
  /** accuracy and macroF1 as fractions, loss in nats per text. */
  readonly metrics: Readonly<Record<ClassificationMetricName, number>>;
  /** 95 % bootstrap interval of the accuracy. */
  readonly accuracyInterval: Interval;
}

/** A trained classifier. */
export interface Classifier {
  readonly labels: readonly string[];
  readonly vocabulary: Vocabulary;
  readonly network: Network;
  readonly parameters: Parameters;
  /** Number of weights. */
  readonly parameterCount: number;
  /** What training did; absent for a loaded model. */
  readonly training?: Omit<FitResult, "parameters">;
  /** Labels texts. An empty text is legal: it is a sequence of length zero. */
  predict(texts: readonly string[]): Promise<Classification[]>;
  /**
   * @throws DataError if an example has a label that the classifier does not know, naming file and line, or if
   * there are no examples
   */
  evaluate(examples: readonly TextExample[]): Promise<ClassifierEvaluation>;
  /** The model as the bytes of one safetensors file. */
  save(): Uint8Array;
  /** Frees the executor. */
  dispose(): void;
}

/** The class of the greatest probability. */
export const best = (p: Prediction): number =>
  (p.rows[0] as readonly number[]).reduce((m, v, i, row) => (v > (row[m] as number) ? i : m), 0);

/** The mean of some numbers; of none, 0. */
export const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / Math.max(values.length, 1);

/** The number of an example's label. @throws DataError naming file and line if there is no such label */
export function labelNumber(labels: readonly string[], { label, file = "data", line }: TextExample): number {
  const at = labels.indexOf(label);
  if (at < 0) {
    throw new DataError({
      file,
      line,
      problem: `has the label "${label}", which does not occur in the training data`,
      remedy: `Known labels are ${labels.join(", ")}.`,
    });
  }
  return at;
}

/** What a classifier is made of. */
export interface ClassifierParts {
  readonly net: Network;
  readonly parameters: Parameters;
  readonly labels: readonly string[];
  readonly vocabulary: Vocabulary;
  readonly executor: Executor;
  readonly training?: Omit<FitResult, "parameters">;
}

/** A classifier around its parts. The executor takes the parameters when it first predicts. */
export function classifierOf({
  net,
  parameters,
  labels,
  vocabulary,
  executor,
  training,
}: ClassifierParts): Classifier {
  const predictor = createPredictor(net, executor, { parameters });
  const run = (texts: readonly string[]): Prediction[] =>
    predictor.predict(texts.map((text) => ({ input: encode(vocabulary, wordTokens(text)) })));
  return {
    labels,
    vocabulary,
    network: net,
    parameters,
    parameterCount: parameterCount(net),
    ...(training ? { training } : {}),
    async predict(texts) {
      return run(texts).map((p) => ({
        label: labels[best(p)] as string,
        probabilities: Object.fromEntries(labels.map((label, i) => [label, p.rows[0]?.[i] as number])),
      }));
    },
    async evaluate(examples) {
      if (examples.length === 0)
        throw new DataError({
          file: "data",
          problem: "has no examples",
          remedy: "Give at least one labelled text.",
        });
      const truth = examples.map((e) => labelNumber(labels, e));
      const predictions = run(examples.map((e) => e.text));
      const predicted = predictions.map(best);
      // A probability that float32 rounds to zero would make the loss infinite.
      const losses = predictions.map(
        (p, i) => -Math.log(Math.max(p.rows[0]?.[truth[i] as number] as number, 1e-38)),
      );
      return {
        count: examples.length,
        predicted: predicted.map((k) => labels[k] as string),
        metrics: classificationReport({ classes: labels.length, truth, predicted, losses }),
        accuracyInterval: bootstrapInterval(hits(truth, predicted), { seed: 1 }),
      };
    },
    save: () =>
      writeModel({
        task: "classifier",
        network: net,
        parameters,
        data: { labels, vocabulary: vocabulary.tokens },
      }),
    dispose: () => executor.dispose(),
  };
}
