/**
 * The output layer of the notes, ŷ⟨t⟩ = g₂(w_ya a⟨t⟩ + b_y): here the linear part; g₂ (sigmoid, softmax or
 * none) belongs to the loss, where the two are computed together.
 */
import { product } from "../plan/index.js";
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
}

/**
 * A linear layer: z = w_ya a + b_y, with w_ya of shape (units, input width) and b_y of shape (units), for every
 * token or, after pooling, every sequence.
 *
 * @param options.units width of the result: number of classes or outputs Y
 */
export function linear(options: { readonly units: number }): LinearLayer {
  if (!Number.isInteger(options.units) || options.units < 1)
    throw new NetworkError(`a linear layer has ${options.units} units; it needs a whole number, 1 or more`);
  return Object.freeze({ kind: "linear", units: options.units });
}

const weight = (layer: LinearLayer, input: Shape, name: string): ParameterSpec => ({
  name: `${name}.w_ya`,
  shape: [layer.units, input.width],
  blocks: [
    {
      buffer: `${name}.w_ya`,
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
  parameters: (layer, input, name) => [weight(layer, input, name), bias(layer, name)],
  build(layer, input, { builder, name }) {
    const [w, b] = [weight(layer, input.shape, name), bias(layer, name)].map((spec) =>
      blockBuffer(builder, spec, spec.blocks[0] as (typeof spec.blocks)[number]),
    );
    const value = product(builder, `${name}.z`, input.value, w as NonNullable<typeof w>, b);
    return { shape: { over: input.shape.over, width: layer.units }, value };
  },
  write: ({ units }) => ({ units }),
  read: ({ number }) => linear({ units: number("units") }),
};
