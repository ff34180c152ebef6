/**
 * A trained or loaded classifier: predicts, evaluates, saves. Training is in classifier.ts.
 */
import {
  DataError,
  type LabelledExample,
  labelKey,
  type Scaler,
  type Vocabulary,
  wordTokens,
} from "../../data/index.js";
import { requireItems } from "../../data/items.js";
import type { OpenHome } from "../../exec/home.js";
import { type Resource, resource } from "../../exec/resource.js";
import { writeModel } from "../../io/index.js";
import { createPredictor, type Network, type Parameters, parameterCount } from "../../nn/index.js";
import type { FitReport } from "../../train/run/options.js";
import { type Insight, insightOf, numbered, type ReadInput } from "../shared/insight.js";
import { inputItems, labelledItems } from "../shared/items.js";
import { type Mistake, mistakesOf } from "../shared/mistakes.js";
import {
  type AnswerKindName,
  answerKind,
  type Classification,
  classification,
  labelNumbers,
  namesOf,
} from "./answers.js";
import { type ClassifierInput, type Encoder, inputOf } from "./inputs.js";
import type { Judgement } from "./judge.js";

/** How a classifier did on labelled examples. */
export interface ClassifierEvaluation extends Judgement {
  /** Number of examples. */
  readonly count: number;
  /** Predicted labels, in the order of the examples; several labels of one example as one text, joined by " + ". */
  readonly predicted: readonly string[];
  /** The examples that were predicted wrongly, those with the greatest loss first. */
  readonly mistakes: readonly Mistake[];
}

/** A trained classifier. */
export interface Classifier extends Insight<ClassifierInput, LabelledExample>, Resource {
  readonly labels: readonly string[];
  /** Whether it gives an input one label or any number of them. */
  readonly answers: AnswerKindName;
  /** Whether it takes texts, series or vectors. */
  readonly inputs: Encoder["kind"];
  /** Only of a classifier of texts. */
  readonly vocabulary?: Vocabulary;
  /** Only of a classifier of series or vectors: how each channel or feature is standardised. */
  readonly scaler?: Scaler;
  /** Only of a classifier of vectors: the names of their numbers, if training was given any. */
  readonly features?: readonly string[];
  readonly network: Network;
  readonly parameters: Parameters;
  /** Number of weights. */
  readonly parameterCount: number;
  /** What training did; absent for a loaded model. */
  readonly training?: FitReport;
  /**
   * Labels texts, series of steps × channels, or vectors. A text or a series may be empty; a missing number in a vector is
   * NaN.
   *
   * @throws DataError if an input is of another kind, or has other channels
   */
  predict(inputs: readonly ClassifierInput[]): Promise<Classification[]>;
  /**
   * @throws DataError naming file and line of an example with an unknown label, or that does not fit for another reason;
   * or if there are no examples
   */
  evaluate(examples: readonly LabelledExample[]): Promise<ClassifierEvaluation>;
  /** The model as the bytes of one safetensors file. */
  save(): Uint8Array;
  /** Gives its memory back, and the executor if it was made for this model. */
  dispose(): void;
}

/** What a classifier is made of. */
export interface ClassifierParts {
  readonly net: Network;
  readonly parameters: Parameters;
  readonly labels: readonly string[];
  readonly answers: AnswerKindName;
  readonly encoder: Encoder;
  readonly home: OpenHome;
  readonly training?: FitReport;
}

/** What a model file keeps of a classifier besides its network. */
export const modelData = ({ labels, encoder }: Pick<ClassifierParts, "labels" | "encoder">) => ({
  labels,
  ...encoder.data,
});

/** An input, or an example with its labels, as the network reads it. */
function readInput(
  { encoder, answers, labels }: ClassifierParts,
  input: ClassifierInput | LabelledExample,
): ReadInput {
  const labelled = typeof input === "object" && ("label" in input || "labels" in input) ? input : undefined;
  const bare = labelled ? inputOf(labelled) : (input as ClassifierInput);
  const values = encoder.encode(bare, labelled);
  const { networkInput } = encoder;
  const T = values.length / ("width" in networkInput ? networkInput.width : 1);
  const steps = typeof bare === "string" ? wordTokens(bare) : numbered(T);
  if (!labelled) return { example: { input: values }, steps };
  const target = answerKind(answers).target(labelNumbers(answers, labels, labelled), labels.length);
  return { example: { input: values, target }, steps };
}

/** A classifier around its parts. Its session takes the parameters when it first predicts. */
export function classifierOf(parts: ClassifierParts): Classifier {
  const { net, parameters, labels, answers, encoder, home, training } = parts;
  const { session } = home;
  const kind = answerKind(answers);
  const predictor = createPredictor(net, session, { parameters });
  const run = async (inputs: readonly ArrayLike<number>[]): Promise<(readonly number[])[]> =>
    (await predictor.predictAsync(inputs.map((input) => ({ input })))).map(({ rows }) => rows[0]!);
  const { vocabulary, scaler, features } = encoder;
  return resource({
    labels,
    answers,
    inputs: encoder.kind,
    ...(vocabulary ? { vocabulary } : {}),
    ...(scaler ? { scaler } : {}),
    ...(features ? { features } : {}),
    network: net,
    parameters,
    parameterCount: parameterCount(net),
    ...(training ? { training } : {}),
    ...insightOf({ net, session, parameters, read: (input) => readInput(parts, input) }),
    async predict(inputs) {
      requireItems(inputs, inputItems, "inputs");
      return (await run(inputs.map((input) => encoder.encode(input)))).map((row) =>
        classification(answers, labels, row),
      );
    },
    async evaluate(examples) {
      requireItems(examples, labelledItems);
      if (examples.length === 0)
        throw new DataError({
          file: "data",
          problem: "has no examples",
          remedy: "Give at least one labelled text.",
        });
      const { judges } = await import("./judge.js");
      const truth = examples.map((example) => labelNumbers(answers, labels, example));
      const rows = await run(examples.map((example) => encoder.encode(inputOf(example), example)));
      const losses = rows.map((row, i) => kind.lossOf(row, truth[i]!));
      const predicted = rows.map((row) => namesOf(answers, labels, kind.chosen(row)));
      const judged = examples.map((example, i) => ({
        truth: labelKey(example),
        predicted: predicted[i]!,
        loss: losses[i]!,
        file: example.file,
        line: example.line,
      }));
      return {
        count: examples.length,
        predicted,
        ...judges[answers](truth, rows, losses, labels.length),
        mistakes: mistakesOf(judged),
      };
    },
    save: () => writeModel({ task: "classifier", network: net, parameters, data: modelData(parts) }),
    dispose() {
      predictor.dispose();
      home.dispose();
    },
  });
}
