/** Layers that look along time, in ONNX: a convolution, and attention to the steps of a sequence. */
import { type AttentionLayer, type ConvolutionLayer, NetworkError } from "../../../nn/index.js";
import { offsetsOf } from "../../../nn/layers/convolution.js";
import { attentionParts } from "../../../nn/layers/graph/attention.js";
import type { Activation, ExportContext } from "./context.js";
import { LOWEST } from "./equations.js";

/** Values where sequences have steps, and zeros elsewhere. */
const counted = ({ value, steps }: Activation, { graph }: ExportContext): string =>
  steps.lengths === undefined ? value : graph.node("Where", [steps.mask(), value, graph.number(0)]);

/** [time, batch, X] -> [time, batch, units]. @throws NetworkError in a stream, of which a graph would have to keep steps */
export function exportConvolution(
  layer: ConvolutionLayer,
  input: Activation,
  context: ExportContext,
): Activation {
  const { graph, parameters, name, stream } = context;
  if (stream && layer.kernel > 1)
    throw new NetworkError(
      `the network cannot be exported as a stream: ${name} keeps the last steps, which the graph of a stream does not; leave stream out`,
    );
  const { units, kernel, dilation } = layer;
  const X = input.shape.width;
  const offsets = offsetsOf(layer);
  // Ours has the columns of one step after those of another; ONNX's the steps of one feature.
  const weight = graph.weights(`${name}.w_x by feature`, [units, X, kernel], () => {
    const { data } = parameters.numbers(`${name}.w_x`);
    return Float32Array.from({ length: data.length }, (_, i) => {
      const [k, x, unit] = [i % kernel, Math.floor(i / kernel) % X, Math.floor(i / (kernel * X))];
      return data[(unit * kernel + k) * X + x]!;
    });
  });
  const rows = graph.node("Transpose", [counted(input, context)], { perm: [1, 2, 0] });
  const z = graph.node("Conv", [rows, weight, parameters.whole(`${name}.b_x`)], {
    dilations: [dilation],
    kernel_shape: [kernel],
    pads: [-offsets[0]!, offsets.at(-1)!],
  });
  const value = graph.node("Transpose", [z], { perm: [2, 0, 1] });
  return { shape: { over: "tokens", width: units }, steps: input.steps, value };
}

/** Queries [time, batch, Q], values and keys [source time, batch, …] -> [time, batch, S]. */
export function exportAttention(
  { score }: AttentionLayer,
  { values: all = [] }: Activation,
  context: ExportContext,
): Activation {
  const { graph, parameters, name } = context;
  const { query, values, keys } = attentionParts(all);
  const width = query.shape.width;
  const byBatch = (value: string): string => graph.node("Transpose", [value], { perm: [1, 0, 2] });
  const compared = (): string => {
    if (score === "additive") {
      const q = graph.node("Unsqueeze", [byBatch(query.value), graph.whole([2])]);
      const k = graph.node("Unsqueeze", [byBatch(keys.value), graph.whole([1])]);
      const hidden = graph.node("Tanh", [graph.node("Add", [q, k])]);
      const e = graph.node("MatMul", [hidden, parameters.block(`${name}.v_a`)]);
      return graph.node("Squeeze", [e, graph.whole([3])]);
    }
    const k = graph.node("Transpose", [keys.value], { perm: [1, 2, 0] });
    const e = graph.node("MatMul", [byBatch(query.value), k]);
    return score === "dot" ? e : graph.node("Mul", [e, graph.number(1 / Math.sqrt(width))]);
  };
  const mask = graph.node("Transpose", [values.steps.mask()], { perm: [1, 2, 0] });
  const scores = graph.node("Where", [mask, compared(), graph.number(LOWEST)]);
  const weights = graph.node("Softmax", [scores], { axis: -1 });
  const sum = graph.node("MatMul", [weights, byBatch(counted(values, context))]);
  return { shape: { over: "tokens", width: values.shape.width }, steps: query.steps, value: byBatch(sum) };
}
