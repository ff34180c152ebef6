/**
 * Several inputs side by side: each goes through layers of its own, and what they give for a step is put together into
 * one vector. A step's own sequence, the characters of a word, becomes a vector by pooling; so the network of Lample et
 * al. 2016 reads words and their characters. With an input that is there once for each example, all are put together
 * for the sequence: what a recurrent layer made of the steps beside what is known of the whole, as LSTNet (Lai et al. 2018)
 * has its autoregressive part.
 */
import { checkOptions } from "../../options/check.js";
import { concatenate, lookUp, type Value } from "../../plan/index.js";
import { placeInside } from "../names.js";
import { type Branch, branchParameters, buildBranch, firstStream, placeBranch } from "./branch.js";
import {
  type BuildContext,
  type InputShape,
  type LayerKind,
  layerList,
  NetworkError,
  type Shape,
} from "./layer.js";
import type { Layer } from "./single.js";

/** The record of a layer of features. */
export interface FeaturesLayer {
  readonly kind: "features";
  /** The layers of each input. */
  readonly of: Readonly<Record<string, readonly Layer[]>>;
}

/**
 * Puts several inputs together, side by side, in the order of their names here.
 *
 * @param of for each input its layers: they must end in a vector per step, or, of a sequence inside a step, in one per
 *   sequence (pooling). Where an input is there once for each example, all must end in a vector per sequence.
 * @throws OptionError if they are no lists of layers
 * @example
 * const words = features({
 *   word: [embedding({ width: 64 }), dropout({ rate: 0.5 })],
 *   characters: [embedding({ width: 16 }), recurrent({ cell: gru, units: 16, direction: "both" }), pool({ by: "last" })],
 * });
 */
export function features(of: Readonly<Record<string, readonly Layer[]>>): FeaturesLayer {
  checkOptions(of, Object.fromEntries(Object.keys(Object(of)).map((name) => [name, layerList])), "features");
  return Object.freeze({ kind: "features", of: Object.freeze({ ...of }) });
}

function placedBranches(
  layer: FeaturesLayer,
  input: Shape,
  name: string,
): readonly { readonly of: string; readonly shape: InputShape; readonly branch: Branch }[] {
  checkNames(layer, input, name);
  return Object.entries(layer.of).map(([of, layers]) => {
    const shape = input.inputs![of]!;
    return { of, shape, branch: placeBranch(layers, shape, `${name}.${of}`) };
  });
}

/** The row of the kind. */
export const featuresKind: LayerKind<FeaturesLayer> = {
  severalInputs: true,
  inside: ({ of }) => of,
  output(layer, input, name) {
    const parts = placedBranches(layer, input, name);
    const over = resultOf(input);
    for (const { of, shape, branch } of parts)
      (over === "tokens" ? checkEnd : checkWhole)(`${name}.${of}`, shape, branch.output);
    return { over, width: parts.reduce((sum, { branch }) => sum + branch.output.width, 0) };
  },
  parameters: (layer, input, name) =>
    placedBranches(layer, input, name).flatMap(({ branch }) => branchParameters(branch)),
  build(layer, input, context) {
    let stream = firstStream(context);
    const parts = placedBranches(layer, input.shape, context.name).map(({ of, shape, branch }) => {
      const from = input.inputs!.get(of)!;
      const last = buildBranch(branch, from, { context, stream });
      stream += branch.all.length;
      return shape.place === "inside" ? perToken(last.value, of, context) : last.value;
    });
    const value = concatenate(context.builder, `${context.name}.output`, parts);
    return { shape: { over: resultOf(input.shape), width: value.width }, value };
  },
  wholeSequence: () => "reads several inputs, which a stream does not bring",
  freshStart: () => "reads several inputs, whose states are not carried",
  write: ({ of }, to) => ({
    of: Object.fromEntries(Object.entries(of).map(([name, layers]) => [name, layers.map(to.layer)])),
  }),
  // Whether these layers may stand inside another is asked when the network is made.
  read: ({ branches }) => features(branches("of") as FeaturesLayer["of"]),
};

/** A vector per sequence where an input has no steps, else one per step. */
const resultOf = ({ inputs = {} }: Shape): "tokens" | "sequences" =>
  Object.values(inputs).some(({ place }) => place === "once") ? "sequences" : "tokens";

function checkWhole(name: string, { place }: InputShape, output: Shape): void {
  if (place === "inside" || place === "beside")
    throw new NetworkError(
      `${name} reads sequences of its own, which cannot stand beside an input without steps`,
    );
  if (output.over === "sequences") return;
  throw new NetworkError(
    `${name} stands beside an input that is there once for each example, and must give one vector too; end its layers with pool`,
  );
}

/** What is there for each sequence of an input inside the steps, for each step. */
function perToken(value: Value, of: string, { builder, packing, name }: BuildContext): Value {
  const index = builder.input(placeInside(of), `tokens:${packing}`, 1, "index");
  return lookUp(builder, `${name}.${of}`, value, index);
}

function checkNames({ of }: FeaturesLayer, { inputs = {} }: Shape, name: string): void {
  const [has, wants] = [Object.keys(inputs), Object.keys(of)];
  const missing = wants.find((input) => !has.includes(input)) ?? has.find((input) => !wants.includes(input));
  if (missing === undefined) return;
  throw new NetworkError(
    `${name} has layers for ${wants.join(", ")}, and the network's inputs are ${has.join(", ")}: "${missing}" is not in both`,
  );
}

function checkEnd(name: string, { place }: InputShape, output: Shape): void {
  if (place === "beside")
    throw new NetworkError(
      `${name} reads a sequence beside the network's own, which has no vector for each step`,
    );
  const over = place === "inside" ? "sequences" : "tokens";
  if (output.over === over) return;
  const remedy = place === "inside" ? "end its layers with pool" : "end its layers before any pooling";
  throw new NetworkError(`${name} must give one vector for every step; ${remedy}`);
}
