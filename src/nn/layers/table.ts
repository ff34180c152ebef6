/**
 * All layers of a network: those that read one input (single.ts), those that begin a network of several, and those that stand
 * between the layers of a network that is more than a row (graph/).
 */
import { type DecoderLayer, decoderKind } from "./decoder.js";
import { type FeaturesLayer, featuresKind } from "./features.js";
import { type AttentionLayer, attentionKind } from "./graph/attention.js";
import { type JoinLayer, joinKind } from "./graph/join.js";
import { type RepeatLayer, repeatKind } from "./graph/repeat.js";
import type { LayerKind } from "./layer.js";
import { type Layer, singleKinds } from "./single.js";

/** Any layer of a network: one that reads one value; first of all, one that reads several inputs; or one between others. */
export type NetworkLayer = Layer | FeaturesLayer | DecoderLayer | JoinLayer | RepeatLayer | AttentionLayer;

/** One row per kind of layer. */
export const layerKinds: {
  readonly [K in NetworkLayer["kind"]]: LayerKind<Extract<NetworkLayer, { kind: K }>>;
} = {
  ...singleKinds,
  features: featuresKind,
  decoder: decoderKind,
  join: joinKind,
  repeat: repeatKind,
  attention: attentionKind,
};

/** The layers that stand inside a layer, by name. */
export function layersInside(layer: NetworkLayer): Readonly<Record<string, readonly Layer[]>> {
  // No network is made with others (branch.ts).
  return (kindOf(layer).inside?.(layer) ?? {}) as Readonly<Record<string, readonly Layer[]>>;
}

/** The row of a layer. */
export function kindOf(layer: NetworkLayer): LayerKind<NetworkLayer> {
  return layerKinds[layer.kind] as LayerKind<NetworkLayer>;
}
