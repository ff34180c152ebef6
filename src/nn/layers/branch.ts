/**
 * Layers inside a layer: the chains that several inputs go through before a layer reads them. Placed they have names,
 * "features1.characters.recurrent1", and parameters of their own.
 */

import type { Layer } from "../network.js";
import {
  type Activation,
  type BuildContext,
  type LayerKind,
  NetworkError,
  type PackedActivation,
  type ParameterSpec,
  type Shape,
} from "./layer.js";

/** The rows of layers, which what stands inside layers cannot import: the table holds their own rows. */
export type KindOf = (layer: Layer) => LayerKind<Layer>;

/** A layer inside another. */
export interface PlacedInside {
  readonly layer: Layer;
  readonly name: string;
  readonly input: Shape;
}

/** A chain of layers. */
export interface Branch {
  readonly all: readonly PlacedInside[];
  readonly output: Shape;
}

/** Numbers of random streams that a layer has for the layers inside it. */
const STREAMS = 256;

/** The first of the random streams of the layers inside a layer. */
export const firstStream = ({ index }: BuildContext): number => STREAMS * (index + 1);

/**
 * Gives the layers names and shapes.
 *
 * @param prefix of their names: "features1.characters"
 * @throws NetworkError if a layer cannot stand inside another, or does not fit
 */
export function placeBranch(kindOf: KindOf, layers: readonly Layer[], input: Shape, prefix: string): Branch {
  let shape = input;
  const counts = new Map<string, number>();
  const all = layers.map((layer): PlacedInside => {
    const count = (counts.get(layer.kind) ?? 0) + 1;
    counts.set(layer.kind, count);
    const name = `${prefix}.${layer.kind}${count}`;
    if (kindOf(layer).given?.(layer, name, false).length || kindOf(layer).severalInputs)
      throw new NetworkError(`${name} cannot stand inside another layer`);
    const at = { layer, name, input: shape };
    shape = kindOf(layer).output(layer, shape, name);
    return at;
  });
  return { all, output: shape };
}

/** The parameters of all its layers. */
export function branchParameters(kindOf: KindOf, { all }: Branch): readonly ParameterSpec[] {
  return all.flatMap(({ layer, input, name }) => kindOf(layer).parameters(layer, input, name));
}

/**
 * Builds the layers one on the other.
 *
 * @param context of the layer around them
 * @param stream number of the first one's random stream; the others follow
 */
export function buildBranch(
  kindOf: KindOf,
  { all }: Branch,
  from: PackedActivation,
  { context, stream }: { readonly context: BuildContext; readonly stream: number },
): Activation {
  const { packing } = from;
  return all.reduce((activation: Activation, { layer, name }, i) => {
    const inside: BuildContext = { ...context, packing, name, index: stream + i, carried: false };
    return kindOf(layer).build(layer, activation, inside);
  }, from);
}
