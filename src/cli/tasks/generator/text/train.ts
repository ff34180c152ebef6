/**
 * Generators of text on the command line: their training data and their report.
 */

import { generatorOptions } from "../../../../tasks/help/index.js";
import {
  type GeneratedText,
  type GeneratorData,
  type GeneratorKind,
  generator,
  type TextGenerator,
  type TextGeneratorOptions,
} from "../../../../tasks/index.js";
import { count, counted, percent } from "../../../terminal/talk.js";
import { recurrentLayers, type TaskResult, trainingLines } from "../../../training/train.js";
import { judgeParts, metricFacts } from "../../parts.js";
import { modelOptions } from "../options.js";
import type { UnitTraining } from "../unit.js";
import { readTextData, type TextData } from "./data.js";
import { copiedText, onText, sampleLines, scoreText, verdict } from "./report.js";

/** What the library takes beside data, executor and callbacks, by the kind that the data turns out to be. */
type TextSettings = Readonly<
  Record<GeneratorKind, Omit<TextGeneratorOptions, "train" | "valid" | "executor">>
>;

/** How generators of text are trained. */
export const textTraining: UnitTraining<TextSettings, TextData, TextGenerator> = {
  settings: async (chosen) => ({
    text: await modelOptions(chosen, generatorOptions.text, { data: "one long text" }),
    lines: await modelOptions(chosen, generatorOptions.text, { data: "lines" }),
  }),
  read: readTextData,
  train: (settings, { train, valid }, training) =>
    generator.train({ ...settings[typeof train === "string" ? "text" : "lines"], ...training, train, valid }),
  judge,
  score: (valid) => `token probability ${percent(valid)}`,
};

async function judge(model: TextGenerator, data: TextData): Promise<TaskResult> {
  const { train, valid, test, validFrom } = data;
  const judged = await judgeParts({ valid, test }, (part) => model.evaluate(part));
  const { onValid, onTest, last } = judged;
  const held = test ?? valid;
  const { ngram } = generator.baselines(model, { train, test: held });
  const sample = await sampleOf(model);
  const written = sample.map(({ text }) => text);
  const copying = {
    written: generator.copied(model, { train, written }),
    held: generator.copied(model, { train, written: samePart(held, written) }),
  };
  const heldName = test === undefined ? "validation" : "test";
  const { cell, units } = recurrentLayers(model);
  const lines = [
    ["generator", `${cell}, ${units.join(", ")} units, by ${model.tokens.unit}`],
    ["vocabulary", `${counted(model.tokens.size, "token")}${labelText(model)}`],
    ["parameters", count(model.parameterCount)],
    ...trainingLines(model),
    ["validation", scoreText(onValid) + onText(onValid, validFrom)],
    ...(onTest ? [["test", scoreText(onTest) + onText(onTest)]] : []),
    ["baseline", `${ngram.order}-grams of the same data: ${scoreText(ngram)}`],
    ["", verdict(last, ngram)],
    ["copied", `in what it wrote at temperature 1: ${copiedText(copying.written)}`],
    ["", `in as much of the ${heldName} data: ${copiedText(copying.held)}`],
    ...dataLines(model, train),
    ...sampleLines(sample),
  ];
  const { seconds, epochs, tokensPerSecond } = model.training!;
  const facts = {
    task: "generator",
    cell,
    parameters: model.parameterCount,
    seconds,
    epochs,
    tokensPerSecond,
    metrics: metricFacts(judged),
    baselines: { ngram: { ...ngram.metrics, order: ngram.order } },
    copied: copying,
    sample: written.slice(0, SHOWN),
  };
  return { facts, lines };
}

/** How many lines are generated for the report, and how many of them are shown. */
const [LINES, SHOWN] = [100, 10] as const;

/** What the report looks at: some lines, or one text. */
async function sampleOf(model: TextGenerator): Promise<(GeneratedText & { readonly label?: string })[]> {
  const { kind, labels, tokens } = model;
  if (kind === "text") return model.generate({ length: tokens.unit === "character" ? 2000 : 400 });
  if (labels.length === 0) return model.generate({ count: LINES });
  const each: (GeneratedText & { readonly label: string })[] = [];
  for (let i = 0; i < LINES; i++) {
    const label = labels[i % labels.length]!;
    const [text] = await model.generate({ label, sequence: i });
    each.push({ ...text!, label });
  }
  return each;
}

/** As many lines of the data, or characters of a text, as were written. */
function samePart(data: GeneratorData, written: readonly string[]): string[] {
  if (typeof data === "string") return [data.slice(0, written[0]!.length)];
  return data.slice(0, written.length).map((line) => (typeof line === "string" ? line : line.text));
}

/** With this many weights per token of the training data, a model has room to memorise all of it. */
const ROOM = 10;

/** A warning for those with little data. */
function dataLines({ tokens, parameterCount }: TextGenerator, train: GeneratorData): string[][] {
  const texts = typeof train === "string" ? [train] : train;
  const size = texts.reduce(
    (sum, text) => sum + tokens.encode(typeof text === "string" ? text : text.text).length,
    0,
  );
  if (parameterCount < ROOM * size) return [];
  return [
    [
      "data",
      `${counted(size, "token")} for ${count(parameterCount)} weights: so little text can only be memorised; give more`,
    ],
  ];
}

const labelText = ({ labels }: TextGenerator): string =>
  labels.length === 0 ? "" : `, ${counted(labels.length, "label")}`;
