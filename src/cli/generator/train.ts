// Generators of text on the command line: what they are trained with, and what is reported of them.
import { generator, type TextGenerator } from "../../tasks/index.js";
import { count, counted } from "../talk.js";
import { type TaskResult, trainingLines } from "../train-task.js";
import { readTextData, type TextData } from "./data.js";
import { modelOptions, refuse } from "./options.js";
import { onText, scoreText } from "./report.js";
import type { UnitTraining } from "./units.js";

/** How generators of text are trained. */
export const textTraining: UnitTraining<TextData, TextGenerator> = {
  refuse,
  read: readTextData,
  async train(chosen, { train, valid }, training) {
    return generator.train({ ...(await modelOptions(chosen)), ...training, train, valid });
  },
  judge,
};

async function judge(model: TextGenerator, data: TextData): Promise<TaskResult> {
  const { valid, test, validFrom } = data;
  const onValid = await model.evaluate(valid);
  const onTest = test === undefined ? undefined : await model.evaluate(test);
  const { cell, units } = layersOf(model);
  const lines = [
    ["generator", `${cell}, ${units.join(", ")} units, by ${model.tokens.unit}`],
    ["vocabulary", `${counted(model.tokens.size, "token")}${labelText(model)}`],
    ["parameters", count(model.parameterCount)],
    ...trainingLines(model),
    ["validation", scoreText(onValid) + onText(onValid, validFrom)],
    ...(onTest ? [["test", scoreText(onTest) + onText(onTest)]] : []),
  ];
  const { seconds, epochs, tokensPerSecond } = model.training as NonNullable<TextGenerator["training"]>;
  const facts = {
    ...{ task: "generator", cell, parameters: model.parameterCount, seconds, epochs, tokensPerSecond },
    metrics: { valid: onValid.metrics, ...(onTest ? { test: onTest.metrics } : {}) },
  };
  return { facts, lines };
}

const labelText = ({ labels }: TextGenerator): string =>
  labels.length === 0 ? "" : `, ${counted(labels.length, "label")}`;

function layersOf({ network }: TextGenerator): { readonly cell: string; readonly units: readonly number[] } {
  const layers = network.layers.flatMap(({ layer }) => (layer.kind === "recurrent" ? [layer] : []));
  return { cell: layers[0]?.cell.name ?? "", units: layers.map(({ units }) => units) };
}
