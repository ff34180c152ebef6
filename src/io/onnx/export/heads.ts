/**
 * The outputs of a network in ONNX: z, the linear output of the last layer, and ŷ, the prediction that its loss makes of it.
 */

import { losses } from "../../../nn/build/index.js";
import type { LossName, Network } from "../../../nn/index.js";
import type { GraphBuilder } from "../graph.js";
import type { Activation, ExportContext } from "./context.js";

const asItIs = (graph: GraphBuilder, z: string): string => graph.node("Identity", [z]);

/** What makes ŷ of z; absent: it takes whole sequences of tags, which are found from z and the transitions. */
const predictions: Readonly<Record<LossName, ((graph: GraphBuilder, z: string) => string) | undefined>> = {
  binaryCrossEntropy: (graph, z) => graph.node("Sigmoid", [z]),
  crossEntropy: (graph, z) => graph.node("Softmax", [z], { axis: -1 }),
  squaredError: asItIs,
  meanSquaredError: asItIs,
  pinball: asItIs,
  crf: undefined,
};

/** The names of the outputs. */
export const outputs = { scores: "scores", prediction: "prediction" } as const;

/** Declares z and ŷ. */
export function exportHeads(
  net: Network,
  { shape, value, steps }: Activation,
  { graph }: ExportContext,
): void {
  const rows = shape.over === "sequences" ? [steps.batch] : [steps.time, steps.batch];
  const info = { type: "float32", shape: [...rows, shape.width] } as const;
  graph.output(value, { name: outputs.scores, ...info });
  const predict = predictions[net.loss];
  if (predict) graph.output(predict(graph, value), { name: outputs.prediction, ...info });
}

/** A loss's own parameters, those of the chain of tags, for the caller of the graph: nested lists by name. */
export function chainParameters(
  net: Network,
  tensor: (name: string) => { readonly shape: readonly number[]; readonly data: Float32Array },
): Readonly<Record<string, unknown>> {
  const own = losses[net.loss].parameters?.(net.output.width) ?? [];
  return Object.fromEntries(
    own.map(({ name, shape }) => {
      const { data } = tensor(name);
      const [rows = 1, width = data.length] = shape.length === 1 ? [1, shape[0]] : shape;
      const lists = Array.from({ length: rows }, (_, r) => [...data.subarray(r * width, (r + 1) * width)]);
      return [name, shape.length === 1 ? lists[0] : lists];
    }),
  );
}
