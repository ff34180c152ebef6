/**
 * An embedding: each token id gets a row of a table. It is the product of the table with a one-hot vector,
 * done as a lookup.
 */
import { checkOptions } from "../../options/check.js";
import type { RowsOf } from "../../options/row.js";
import { lookUp } from "../../plan/index.js";
import { blockBuffer, type LayerKind, NetworkError, type ParameterSpec, type Shape } from "./layer.js";

/** The record of an embedding. */
export interface EmbeddingLayer {
  readonly kind: "embedding";
  /** Features per token. */
  readonly width: number;
}

/** The options of an embedding. */
export interface EmbeddingOptions {
  /** Features per token. */
  readonly width: number;
}

const embeddingRows = {
  width: { kind: "whole", required: true },
} as const satisfies RowsOf<EmbeddingOptions>;

/**
 * An embedding of token ids: e⟨t⟩ = w_e[id], with w_e of shape (vocabulary, width).
 *
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function embedding(options: EmbeddingOptions): EmbeddingLayer {
  checkOptions(options, embeddingRows, "embedding");
  return Object.freeze({ kind: "embedding", width: options.width });
}

const table = (layer: EmbeddingLayer, input: Shape, name: string): ParameterSpec => ({
  name: `${name}.w_e`,
  shape: [input.width, layer.width],
  // Rows of the length that a Glorot start gives a layer's inputs would be too short to tell words apart.
  blocks: [
    { buffer: `${name}.w_e`, columns: layer.width, transposed: false, start: { from: -0.25, to: 0.25 } },
  ],
});

/** The row of the kind. */
export const embeddingKind: LayerKind<EmbeddingLayer> = {
  output(layer, input, name) {
    if (input.over !== "ids")
      throw new NetworkError(
        `${name} embeds token ids; it must be the first layer of a network whose input is tokens`,
      );
    return { over: "tokens", width: layer.width };
  },
  parameters: (layer, input, name) => [table(layer, input, name)],
  build(layer, input, { builder, name }) {
    const spec = table(layer, input.shape, name);
    const w = blockBuffer(builder, spec, spec.blocks[0]!);
    return { shape: { over: "tokens", width: layer.width }, value: lookUp(builder, name, w, input.value) };
  },
  write: ({ width }) => ({ width }),
  read: ({ number }) => embedding({ width: number("width") }),
};
