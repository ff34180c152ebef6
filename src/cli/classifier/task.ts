// The classifier's row in the table of tasks: how its models are evaluated, asked and shown.

import { readTextExamples } from "../../data/index.js";
import type { ModelFile } from "../../io/index.js";
import { type Classifier, classifier } from "../../tasks/index.js";
import type { Surroundings } from "../surroundings.js";
import { count, counted } from "../talk.js";
import type { Answer, OpenedFile, TaskRow } from "../tasks.js";
import { scoreText, skippedText } from "./report.js";
import { addTrainClassifier } from "./train.js";

/** Texts that are predicted before the first answers are printed. */
const chunk = 1024;

/** Labels that `inspect` writes out. */
const shownLabels = 10;

/** The classifier's row. */
export const classifierTask: TaskRow = {
  addTrain: addTrainClassifier,
  async evaluate(opened, { sources, format, text, label }, around) {
    const { examples, skipped, notices } = await readTextExamples(sources, { format, text, label });
    return withClassifier(opened, around, async (model) => {
      const { metrics, count: size, accuracyInterval } = await model.evaluate(examples);
      const lines = [
        `${scoreText({ metrics, accuracyInterval })} on ${counted(size, "example")}`,
        `loss ${metrics.loss.toFixed(3)} nats per text`,
      ];
      return { metrics, count: size, lines, remarks: [...notices, ...skippedText(skipped)] };
    });
  },
  async *predict(opened, texts, around) {
    const model = await open(opened, around);
    try {
      for (let from = 0; from < texts.length; from += chunk) {
        const part = texts.slice(from, from + chunk);
        const answers = await model.predict(part);
        yield answers.map(({ label, probabilities }, i): Answer => {
          const probability = probabilities[label]!.toFixed(3);
          return { json: { label, probabilities }, line: [label, probability, oneLine(part[i]!)].join("\t") };
        });
      }
    } finally {
      model.dispose();
    }
  },
  facts({ data }: ModelFile) {
    const labels = listOf(data["labels"]);
    const vocabulary = listOf(data["vocabulary"]).length;
    const more = labels.length > shownLabels ? `, and ${count(labels.length - shownLabels)} more` : "";
    return {
      labels: { value: labels, text: `${labels.length}: ${labels.slice(0, shownLabels).join(", ")}${more}` },
      vocabulary: { value: vocabulary, text: counted(vocabulary, "word") },
    };
  },
};

async function open({ file, model }: OpenedFile, around: Surroundings): Promise<Classifier> {
  const executor = await around.createExecutor();
  try {
    return await classifier.open(model, { name: file, executor });
  } catch (error) {
    executor.dispose();
    throw error;
  }
}

async function withClassifier<T>(
  opened: OpenedFile,
  around: Surroundings,
  use: (model: Classifier) => Promise<T>,
): Promise<T> {
  const model = await open(opened, around);
  try {
    return await use(model);
  } finally {
    model.dispose();
  }
}

/** A text without the tabs and line ends that would break the columns of the output. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** `inspect` shows files that `open` would refuse, so nothing is taken for granted. */
function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
