/**
 * The scores of what a classifier has to beat, on the same examples and by the same metric: the commonest label (or set of
 * labels), and the baseline for its kind of input.
 */
import {
  fitScaler,
  haveSeveral,
  type LabelledExample,
  labelKey,
  type Series,
  scaled,
  type Vector,
  wordTokens,
} from "../../data/index.js";
import { f1OfCounts } from "../../train/metrics/index.js";
import {
  type Baseline,
  majorityBaseline,
  naiveBayesBaseline,
  nearestNeighbourBaseline,
} from "../shared/baselines.js";
import { allLabels, labelsOf } from "./answers.js";
import { type ClassifierInput, type InputKindName, inputOf, kindOfExamples } from "./inputs.js";

/** Scores of baselines by name; those for other kinds of input are absent. */
export interface BaselineScores {
  /** The commonest label, or the commonest set of labels. */
  readonly majority: number;
  /** For texts: multinomial naive Bayes on words. */
  readonly naiveBayes?: number;
  /** For series: the nearest neighbour by means and deviations of the channels; for vectors: the nearest one. */
  readonly nearestNeighbour?: number;
}

type Fit = (inputs: readonly ClassifierInput[], labels: readonly string[]) => Baseline<ClassifierInput>;

/** The baseline for each kind of input. Not a column of inputKinds, since a worker that trains does not need it. */
const inputBaselines: Readonly<
  Record<InputKindName, { readonly name: Exclude<keyof BaselineScores, "majority">; readonly fit: Fit }>
> = {
  text: {
    name: "naiveBayes",
    fit(inputs, labels) {
      const tokens = (input: ClassifierInput): string[] => wordTokens(input as string);
      const { predict } = naiveBayesBaseline(inputs.map(tokens), labels);
      return { predict: (input) => predict(tokens(input)) };
    },
  },
  series: {
    name: "nearestNeighbour",
    fit: (inputs, labels) =>
      nearestNeighbourBaseline(inputs as readonly Series[], labels) as Baseline<ClassifierInput>,
  },
  vector: {
    name: "nearestNeighbour",
    fit(inputs, labels) {
      // A vector is a series of one step, which is its own mean; missing values count as the mean of the others.
      const scaler = fitScaler(inputs.map((vector) => [vector as Vector]));
      const step = (input: ClassifierInput): Series => [scaled(scaler, [input as Vector])];
      const { predict } = nearestNeighbourBaseline(inputs.map(step), labels);
      return { predict: (input) => predict(step(input)) };
    },
  },
};

type Sets = readonly (readonly string[])[];

/**
 * What a classifier has to beat on `test`, counted from `train`.
 *
 * @returns accuracies, as fractions; with several labels micro F1, where the baseline for the inputs decides about each
 * label separately
 * @throws DataError if the examples are of several kinds
 */
export function baselines(
  train: readonly LabelledExample[],
  test: readonly LabelledExample[],
): BaselineScores {
  const baseline = inputBaselines[kindOfExamples([...train, ...test])];
  const several = haveSeveral([...train, ...test]);
  const inputs = train.map(inputOf);
  const truth = test.map(labelsOf);
  const sets = new Map(train.map((example) => [labelKey(example), labelsOf(example)]));
  const commonest = sets.get(majorityBaseline(train.map(labelKey)).predict([]))!;
  const fitted = several ? perLabel(baseline.fit, inputs, train) : single(baseline.fit, inputs, train);
  const score = several ? microF1 : accuracy;
  return {
    majority: score(
      truth,
      test.map(() => commonest),
    ),
    [baseline.name]: score(
      truth,
      test.map((example) => fitted(inputOf(example))),
    ),
  };
}

type Predict = (input: ClassifierInput) => readonly string[];

function single(fit: Fit, inputs: readonly ClassifierInput[], train: readonly LabelledExample[]): Predict {
  const { predict } = fit(inputs, train.map(labelKey));
  return (input) => [predict(input)];
}

function perLabel(fit: Fit, inputs: readonly ClassifierInput[], train: readonly LabelledExample[]): Predict {
  const deciders = allLabels(train).map((label) => ({
    label,
    ...fit(
      inputs,
      train.map((example) => (labelsOf(example).includes(label) ? "yes" : "no")),
    ),
  }));
  return (input) => deciders.flatMap(({ label, predict }) => (predict(input) === "yes" ? [label] : []));
}

function accuracy(truth: Sets, predicted: Sets): number {
  const right = truth.filter(([label], i) => label === predicted[i]?.[0]).length;
  return right / Math.max(truth.length, 1);
}

function microF1(truth: Sets, predicted: Sets): number {
  let [hits, given, actual] = [0, 0, 0];
  truth.forEach((labels, i) => {
    const said = predicted[i]!;
    hits += said.filter((label) => labels.includes(label)).length;
    given += said.length;
    actual += labels.length;
  });
  return f1OfCounts([hits, given - hits, actual - hits]);
}
