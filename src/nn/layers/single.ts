/**
 * The layers that read one input: the union of their records, and a row for each kind. They stand in a network one after
 * the other, and inside the layers that read several inputs (table.ts).
 */
import { type ActivationLayer, activationKind } from "./activation.js";
import { type ConvolutionLayer, convolutionKind } from "./convolution.js";
import { type DropoutLayer, dropoutKind } from "./dropout.js";
import { type EmbeddingLayer, embeddingKind } from "./embedding.js";
import type { LayerKind } from "./layer.js";
import { type LinearLayer, linearKind } from "./linear.js";
import { type NormaliseLayer, normaliseKind } from "./normalise.js";
import { type PoolLayer, poolKind } from "./pool.js";
import { type RecurrentLayer, recurrentKind } from "./recurrent.js";
import { type ScaleLayer, scaleKind } from "./scale.js";

/** Any layer that reads one input. */
export type Layer =
  | EmbeddingLayer
  | RecurrentLayer
  | LinearLayer
  | DropoutLayer
  | ActivationLayer
  | PoolLayer
  | NormaliseLayer
  | ScaleLayer
  | ConvolutionLayer;

/** One row per kind of layer that reads one input. */
export const singleKinds: { readonly [K in Layer["kind"]]: LayerKind<Extract<Layer, { kind: K }>> } = {
  embedding: embeddingKind,
  recurrent: recurrentKind,
  linear: linearKind,
  dropout: dropoutKind,
  activation: activationKind,
  pool: poolKind,
  normalise: normaliseKind,
  scale: scaleKind,
  convolution: convolutionKind,
};
