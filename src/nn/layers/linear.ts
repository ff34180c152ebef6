/**
 * The output layer of the notes, ŷ⟨t⟩ = g₂(w_ya a⟨t⟩ + b_y): here the linear part; g₂ (sigmoid, softmax or
 * none) belongs to the loss, where the two are computed together.
 */
import { checkOptions } from "../../options/check.js";
import type { RowsOf } from "../../options/row.js";
import { product } from "../../plan/index.js";
import {
  blockBuffer,
  type LayerKind,
  NetworkError,
  type ParameterSpec,
  type Shape,
  vectorSpec,
} from "./layer.js";

/** The record of a linear layer. */
export interface LinearLayer {
  readonly kind: "linear";
  readonly units: number;
  /** The parameter that is its weights, if they are another layer's. */
  readonly tied?: string;
}

/** The options of a linear layer. */
export interface LinearOptions {
  /** Width of the result: number of classes or outputs Y. */
  readonly units: number;
  /**
   * Name of an embedding's table, of shape (units, input width), that is w_ya as well: what a token is read as is then what it
   * is recognised by (Press and Wolf 2017). Default: weights of its own.
   */
  readonly tied?: string;
}

const linearRows = {
  units: { kind: "whole", required: true },
  tied: { kind: "text" },
} as const satisfies RowsOf<LinearOptions>;

/**
 * A linear layer: z = w_ya a + b_y, with w_ya of shape (units, input width) and b_y of shape (units), for every
 * token or, after pooling, every sequence.
 *
 * @example
 * linear({ units: 5000, tied: "decoder1.target.embedding1.w_e" });
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function linear(options: LinearOptions): LinearLayer {
  checkOptions(options, linearRows, "linear");
  const { units, tied } = options;
  return Object.freeze({ kind: "linear", units, ...(tied === undefined ? {} : { tied }) });
}

const weight = (layer: LinearLayer, input: Shape, name: string): ParameterSpec => ({
  name: layer.tied ?? `${name}.w_ya`,
  shape: [layer.units, input.width],
  blocks: [
    {
      buffer: layer.tied ?? `${name}.w_ya`,
      columns: input.width,
      transposed: false,
      start: { glorot: { fanIn: input.width } },
    },
  ],
});
const bias = (layer: LinearLayer, name: string): ParameterSpec => vectorSpec(`${name}.b_y`, layer.units, 0);

/** The row of the kind. */
export const linearKind: LayerKind<LinearLayer> = {
  output(layer, input, name) {
    if (input.over === "ids")
      throw new NetworkError(
        `${name} needs vectors, not token ids; put an embedding or a recurrent layer before it`,
      );
    return { over: input.over, width: layer.units };
  },
  parameters: (layer, input, name) => [
    ...(layer.tied === undefined ? [weight(layer, input, name)] : []),
    bias(layer, name),
  ],
  borrows: (layer, input) => (layer.tied === undefined ? [] : [weight(layer, input, "")]),
  build(layer, input, { builder, name }) {
    const [w, b] = [weight(layer, input.shape, name), bias(layer, name)].map((spec) =>
      blockBuffer(builder, spec, spec.blocks[0]!),
    );
    const value = product(builder, `${name}.z`, input.value, w!, b);
    return { shape: { over: input.shape.over, width: layer.units }, value };
  },
  write: ({ units, tied }) => ({ units, ...(tied === undefined ? {} : { tied }) }),
  read: ({ number, text, optional }) =>
    linear({
      units: number("units"),
      ...optional("tied", (key): { tied?: string } => ({ tied: text(key) }), {}),
    }),
};
