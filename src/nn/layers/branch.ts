/**
 * Layers inside a layer: the chains that several inputs go through before a layer reads them. Placed they have names,
 * "features1.characters.recurrent1", and parameters of their own.
 */
import {
  type Activation,
  type BuildContext,
  type LayerKind,
  type LayerRecord,
  NetworkError,
  type PackedActivation,
  type ParameterSpec,
  type Shape,
} from "./layer.js";
import { type Layer, singleKinds } from "./single.js";

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

/** The row of a layer inside another. */
export function insideKind(layer: Layer): LayerKind<Layer> {
  return singleKinds[layer.kind] as LayerKind<Layer>;
}

/** Whether a layer may stand inside another: it reads one input, and brings no states along with examples. */
const fits = (layer: LayerRecord, name: string): layer is Layer =>
  Object.hasOwn(singleKinds, layer.kind) &&
  !insideKind(layer as Layer).given?.(layer as Layer, name, false).length;

/**
 * Gives the layers names and shapes.
 *
 * @param prefix of their names: "features1.characters"
 * @throws NetworkError if a layer cannot stand inside another, or does not fit
 */
export function placeBranch(layers: readonly LayerRecord[], input: Shape, prefix: string): Branch {
  let shape = input;
  const counts = new Map<string, number>();
  const all = layers.map((layer): PlacedInside => {
    const count = (counts.get(layer.kind) ?? 0) + 1;
    counts.set(layer.kind, count);
    const name = `${prefix}.${layer.kind}${count}`;
    if (!fits(layer, name)) throw new NetworkError(`${name} cannot stand inside another layer`);
    const at = { layer, name, input: shape };
    shape = insideKind(layer).output(layer, shape, name);
    return at;
  });
  return { all, output: shape };
}

/** The parameters of all its layers. */
export function branchParameters({ all }: Branch): readonly ParameterSpec[] {
  return all.flatMap(({ layer, input, name }) => insideKind(layer).parameters(layer, input, name));
}

/**
 * Builds the layers one on the other.
 *
 * @param context of the layer around them
 * @param stream number of the first one's random stream; the others follow
 */
export function buildBranch(
  { all }: Branch,
  from: PackedActivation,
  { context, stream }: { readonly context: BuildContext; readonly stream: number },
): Activation {
  const { packing } = from;
  return all.reduce((activation: Activation, { layer, name }, i) => {
    const inside: BuildContext = { ...context, packing, name, index: stream + i, carried: false };
    return insideKind(layer).build(layer, activation, inside);
  }, from);
}
