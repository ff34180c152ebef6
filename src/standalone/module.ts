/**
 * A model as one module of JavaScript that imports nothing: its equations as loops, its weights as texts, and a test of
 * itself. It runs wherever ES modules do: in Node, on a page, in a worker, at the edge. What the pieces are stands beside
 * this file; here they are put in order, from what people read to what only machines do.
 */
import type { ModelFile } from "../io/index.js";
import { checkModel, wholeSequenceReason } from "../nn/build/index.js";
import { identifiers, literal } from "./identifiers.js";
import { inputCode } from "./inputs.js";
import { kitCode, pieceNames } from "./kit/index.js";
import { isGraph, layerLines, type Page } from "./layers.js";
import { outputCode } from "./losses.js";
import { buildText, casesText, headerText, outputsText, runText, selfTestText } from "./sections.js";
import { selfTestCases } from "./self-test.js";
import { taskCode } from "./tasks.js";
import { type StandaloneWeights, writeWeights } from "./weights.js";

/** How a module is written. */
export interface StandaloneOptions {
  /**
   * "float32" (default) holds the weights as they are; "int8" holds matrices as whole numbers with a scale for each row, a
   * quarter of the size, and predictions change a little.
   */
  readonly weights?: StandaloneWeights;
  /** The model file's name, for messages. Default "model". */
  readonly name?: string;
}

/**
 * The text of a module that holds a model.
 *
 * ```ts
 * const text = await standaloneModule(readModel(bytes), { weights: "int8" });
 * ```
 *
 * It exports `predict` for classifiers and taggers, `run` for whole sequences, `createStream`, `step`, `state`, `restore`
 * and `reset` where the network can run step by step, `selfTest`, and `data`, what the task keeps (vocabulary, labels). The
 * same model gives the same text.
 *
 * @throws NetworkError naming a layer that cannot be written so (a decoder), or a weight that is not finite
 * @throws FileFormatError if what the task keeps does not fit the network
 */
export async function standaloneModule(
  model: ModelFile,
  { weights = "float32", name: file = "model" }: StandaloneOptions = {},
): Promise<string> {
  checkModel("standaloneModule", model);
  const { network: net, data } = model;
  const needs = new Set<string>();
  const page: Page = { names: identifiers(pieceNames()), cells: new Map(), needs };
  const layers = layerLines(net, page);
  const task = await taskCode(model, file);
  const input = inputCode(net.input);
  const output = outputCode[net.loss];
  const stored = writeWeights(net, model.parameters, weights);
  const noSteps = wholeSequenceReason(net);
  for (const name of [...task.needs, ...input.needs, ...output.needs, ...stored.needs]) needs.add(name);
  const graph = isGraph(net.layers);
  if (noSteps === undefined) needs.add("streamOf");
  if (graph) needs.add("runGraph");
  if (graph && noSteps === undefined) needs.add("stepGraph");
  const cases = await selfTestCases(net, stored.parameters);
  const parts = [
    headerText(model, { task, weights, noSteps, input: input.says }),
    task.code.trim(),
    runText(net, { steps: noSteps === undefined, graph }),
    selfTestText(task, net),
    `// ---- The network: layers, ${graph ? "each with the values that it reads" : "one after the other"}.`,
    buildText(layers),
    input.code,
    outputsText(net),
    ...[...page.cells.values()].map(({ code }) => code),
    "// ---- What all of this is made of.",
    kitCode(needs),
    "// ---- What the model keeps: the task's own data, the cases of the self-test, the weights.",
    `export const data = ${literal(data)};`,
    casesText(cases, task),
    stored.code,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
