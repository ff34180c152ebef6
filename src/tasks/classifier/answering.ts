/**
 * A classifier's answers as JSON and as text: label, its probability and the input, with tabs between them.
 */
import type { Vector } from "../../data/index.js";
import { type Answer, type AnsweringRow, isNumbers, tabbed } from "../answer.js";
import type { Classification } from "./answers.js";
import { classifier } from "./classifier.js";
import type { ClassifierInput } from "./inputs.js";
import type { Classifier } from "./model.js";

/** The row of classifiers. */
export const classifierAnswering: AnsweringRow<Classifier, ClassifierInput, Classification> = {
  inputs: "texts, series of steps × channels, or vectors",
  takes: (input) => typeof input === "string" || isNumbers(input),
  options: ["names"],
  atOnce: 1024,
  open: (file, options) => classifier.open(file, options),
  async answer(model, inputs, { names = [] }) {
    const values = await model.predict(model.inputs === "vector" ? inputs.map(withoutNulls) : inputs);
    return values.map((value, i) => answerOf(value, names[i]!));
  },
  nameOf: (input, i) => (typeof input === "string" ? oneLine(input) : String(i + 1)),
};

/** JSON has no NaN: a number that is missing in a vector comes as null. */
const withoutNulls = (input: ClassifierInput): ClassifierInput =>
  Array.isArray(input) ? input.map((value: Vector[number] | null) => value ?? Number.NaN) : input;

/** A text without the tabs and line ends that would break the columns. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

function answerOf(value: Classification, name: string): Answer<Classification> {
  const { label, labels, probabilities } = value;
  const probability = (of: string): string => probabilities[of]!.toFixed(3);
  if (labels === undefined)
    return { value, json: { label, probabilities }, text: tabbed([label, probability(label), name]) };
  const said = [labels.join(", "), labels.map(probability).join(", "), name];
  return { value, json: { labels, probabilities }, text: tabbed(said) };
}
