/**
 * Models of Keras 1: other names of options and classes, and a matrix for each gate where Keras 2 has them side by side.
 * Source: keras 2's legacy/interfaces.py and preprocess_weights_for_loading in its engine/saving.py.
 */
import { isObject } from "./fields.js";
import type { Call, Json, SourceTensor, Topology, WeightReader } from "./source.js";

/** Options by their names of then. */
const renamed: Readonly<Record<string, string>> = {
  inner_activation: "recurrent_activation",
  output_dim: "units",
  nb_filter: "filters",
  filter_length: "kernel_size",
  border_mode: "padding",
  subsample_length: "strides",
  atrous_rate: "dilation_rate",
  dropout_W: "dropout",
  dropout_U: "recurrent_dropout",
  bias: "use_bias",
};

/** Options that said nothing about what is computed. */
const unneeded = /^(input_dim|consume_less|return_state)$/;

/** True if a layer was written by Keras 1. */
const isOld = ({ className, config }: Call["layer"]): boolean =>
  ("output_dim" in config && className !== "Embedding") ||
  "inner_activation" in config ||
  "nb_filter" in config;

/** True if a model was written by Keras 1. */
export const isKeras1 = ({ calls }: Topology): boolean => calls.some(({ layer }) => isOld(layer));

/** The model with the options of Keras 2. */
export function asKeras2({ calls, outputs }: Topology): Topology {
  const config = (layer: Call["layer"]): Json => {
    const { config: old, className } = layer;
    const wrapped = old["layer"];
    if (className === "TimeDistributed" || className === "Bidirectional")
      return isObject(wrapped) && isObject(wrapped["config"])
        ? { ...old, layer: { ...wrapped, config: plain(wrapped["config"]) } }
        : old;
    return className === "Embedding" ? old : plain(old);
  };
  return {
    calls: calls.map((call) => ({ ...call, layer: { ...call.layer, config: config(call.layer) } })),
    outputs,
  };
}

function plain(old: Json): Json {
  const entries = Object.entries(old).filter(([key]) => !unneeded.test(key) || key === "return_state");
  return Object.fromEntries(entries.map(([key, value]) => [renamed[key] ?? key, value]));
}

/** How many matrices each kind of weight has, and at which place in Keras 2's order each gate stands. */
const gates: Readonly<Record<number, readonly number[]>> = { 12: [0, 2, 1, 3], 9: [0, 1, 2] };

/** Reads weights that are one for each gate: W, U and b of i, c, f, o (LSTM) or z, r, h (GRU), side by side as in Keras 2. */
export function joinedGates(read: WeightReader): WeightReader {
  return async (layer, variables) => {
    const found = await read(layer, variables);
    const perDirection = variables.length === 6 ? 2 : 1;
    const each = found.length / perDirection;
    const order = gates[each];
    if (!order || variables.length !== 3 * perDirection) return found.map(flatKernel);
    return Array.from({ length: perDirection }, (_, i) =>
      joined(found.slice(i * each, (i + 1) * each), order),
    ).flat();
  };
}

function joined(all: readonly SourceTensor[], order: readonly number[]): SourceTensor[] {
  return ["kernel", "recurrent_kernel", "bias"].map((_, kind) => {
    const blocks: SourceTensor[] = [];
    order.forEach((place, gate) => {
      blocks[place] = all[3 * gate + kind]!;
    });
    const [first] = blocks as [SourceTensor];
    const width = first.shape.at(-1) ?? 0;
    const rows = first.shape.length === 1 ? 1 : first.shape[0]!;
    const values = new Float64Array(rows * width * blocks.length);
    blocks.forEach(({ values: own }, b) => {
      for (let r = 0; r < rows; r++)
        values.set(own.subarray(r * width, (r + 1) * width), (r * blocks.length + b) * width);
    });
    const columns = width * blocks.length;
    const names = blocks.map(({ name }) => name).join(", ");
    return { name: names, shape: first.shape.length === 1 ? [columns] : [rows, columns], values };
  });
}

/** A convolution over time had an axis of 1 after its length. */
function flatKernel(tensor: SourceTensor): SourceTensor {
  const { shape } = tensor;
  return shape.length === 4 && shape[1] === 1
    ? { ...tensor, shape: [shape[0]!, shape[2]!, shape[3]!] }
    : tensor;
}
