/**
 * `unrolled train classifier`: what it trains, and what it reports.
 */

import { haveSeveral } from "../../../data/index.js";
import { type Classifier, classifier } from "../../../tasks/index.js";
import { namesOf, optionsOf } from "../../terminal/row-options.js";
import { count, percent } from "../../terminal/talk.js";
import { recurrentLayers, type TaskResult, type TrainableTask, trainingLines } from "../../training/train.js";
import { mistakeFacts, mistakeRows, qualityFacts, qualityRows } from "../judgement-report.js";
import { judgeParts, metricFacts, scoreLines } from "../parts.js";
import { type ClassifierData, readClassifierData } from "./data.js";
import {
  type ChosenClassifier,
  type ClassifierSettings,
  classifierTable,
  modelOptions,
  refuse,
} from "./options.js";
import {
  baselineText,
  calibrationText,
  confusionLines,
  intervalFacts,
  judgementFacts,
  scoreText,
  verdict,
} from "./report.js";

/** The classifier as `unrolled train` has it. */
export const trainableClassifier: TrainableTask<
  ChosenClassifier,
  ClassifierSettings,
  ClassifierData,
  Classifier
> = {
  name: "classifier",
  describes:
    "Train a model that gives a text, a series or a vector one label of several, or any number of them.",
  usage: "--train FILE... [options]",
  examples: `  unrolled train classifier --train train.tsv --valid valid.tsv --test test.tsv --out mood.safetensors
  unrolled train classifier --train reviews.csv --text review --label stars --cell lstm --epochs 5
  unrolled train classifier --train vowels_TRAIN.ts --test vowels_TEST.ts
  unrolled train classifier --train iris.csv --label species
  unrolled train classifier --train topics.csv --text title --label topics --label-separator "|"`,
  options: optionsOf(classifierTable),
  names: namesOf(classifierTable),
  score: (valid, { train }) => `${haveSeveral(train) ? "micro F1" : "accuracy"} ${percent(valid)}`,
  refuse,
  settings: modelOptions,
  read: readClassifierData,
  train: (settings, { train, valid, features }, training) =>
    classifier.train({ ...settings, ...training, train, valid, ...(features ? { features } : {}) }),
  judge,
};

async function judge(trained: Classifier, data: ClassifierData): Promise<TaskResult> {
  const { train, valid, test } = data;
  const judged = await judgeParts(data, (examples) => trained.evaluate(examples));
  const { onValid, onTest, last } = judged;
  const baselines = classifier.baselines(train, test ?? valid);
  const others = { valid, ...(test === undefined ? {} : { test }) };
  const found = classifier.quality(train, others);
  const sizes = { valid: valid.length, test: test?.length ?? 0 };
  const { seconds, epochs } = trained.training!;
  const { cell, units, bothDirections } = recurrentLayers(trained);
  const lines = [
    ["classifier", `${cell}, ${units.join(", ")} units, ${bothDirections ? "both directions" : "forward"}`],
    ["parameters", count(trained.parameterCount)],
    ...trainingLines(trained),
    ...scoreLines("example", data, { ...judged, text: scoreText }),
    ["baselines", `${baselineText(baselines)}, on the ${onTest === undefined ? "validation" : "test"} data`],
    ["", verdict(last, baselines)],
    ["calibration", calibrationText(last)],
    ...mistakeRows(last.mistakes),
    ...qualityRows(found, data.kind, sizes, { valid: "validation", test: "test" }),
  ];
  const facts = {
    task: "classifier",
    cell,
    parameters: trained.parameterCount,
    seconds,
    epochs,
    metrics: metricFacts(judged),
    baselines,
    intervals: {
      valid: intervalFacts(onValid),
      ...(onTest === undefined ? {} : { test: intervalFacts(onTest) }),
    },
    ...judgementFacts(last, trained.labels),
    mistakes: mistakeFacts(last.mistakes),
    data: qualityFacts(found),
  };
  return { facts, lines, after: confusionLines(last, trained.labels) };
}
