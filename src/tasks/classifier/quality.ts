/**
 * What is wrong with a classifier's data. Inputs that it cannot tell apart count as the same, so texts are compared after
 * tokenising, which drops case, spaces and the form of apostrophes.
 */
import {
  type DataQuality,
  dataQuality,
  type KeyedExample,
  type LabelledExample,
  labelKey,
} from "../../data/index.js";
import { inputKind, inputOf, kindOfExamples } from "./inputs.js";

/**
 * Training inputs with different labels, and inputs of other data that also occur in training.
 *
 * @param others data that the model is chosen or judged by, by name
 */
export function quality(
  train: readonly LabelledExample[],
  others: Readonly<Record<string, readonly LabelledExample[]>> = {},
): DataQuality {
  const { key } = inputKind(kindOfExamples(train));
  const keyed = (examples: readonly LabelledExample[]): KeyedExample[] =>
    examples.map((example) => ({
      key: key(inputOf(example)),
      label: labelKey(example),
      file: example.file,
      line: example.line,
    }));
  return dataQuality(
    keyed(train),
    Object.fromEntries(Object.entries(others).map(([name, examples]) => [name, keyed(examples)])),
  );
}
