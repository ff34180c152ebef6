/**
 * A network: an input, layers, a loss. A frozen record, checked when it is made; it holds no weights. From it
 * come the list of parameters and, through build.ts, plans.
 */
import { type InputShape, NetworkError, type ParameterSpec, type Shape } from "./layers/layer.js";
import { kindOf, type NetworkLayer } from "./layers/table.js";
import type { LossName } from "./losses/loss.js";
import { losses } from "./losses/losses.js";

/** Token ids below `vocabulary`, or vectors of `width` numbers per step. */
export type FlatInput = { readonly vocabulary: number } | { readonly width: number };

/** One of several inputs: a value per step, unless it says otherwise. */
export type NamedInput = FlatInput & {
  /** A sequence of its own inside every step: the characters of a word. */
  readonly inside?: true;
  /** Another sequence for each example: the source of a translation. */
  readonly beside?: true;
  /** One vector for each example and none for its steps: what is known of the whole. */
  readonly once?: true;
};

/** What goes in: one input, or several by name, which the first layer puts together. */
export type NetworkInput = FlatInput | { readonly inputs: Readonly<Record<string, NamedInput>> };

/** True if an input has a value for each of the network's own steps. */
export const isOwn = ({ inside, beside, once }: NamedInput): boolean => !inside && !beside && !once;

/** The name of the input whose length is the sequence's. */
export const ownInput = (inputs: Readonly<Record<string, NamedInput>>): string =>
  Object.keys(inputs).find((name) => isOwn(inputs[name]!)) ?? "";

/** What a network is made of. */
export interface NetworkOptions {
  readonly input: NetworkInput;
  /** In order from input to output; stacks may be nested lists. */
  readonly layers: readonly (NetworkLayer | readonly NetworkLayer[])[];
  readonly loss: LossName;
  /** Of the loss `pinball`: the quantiles to predict, from small to large. The output is a target's width for each. */
  readonly quantiles?: readonly number[];
}

/** A layer with its name and the shapes before and after it. */
export interface PlacedLayer {
  /** Kind and number: "recurrent1", the notes' layer [1]. */
  readonly name: string;
  readonly layer: NetworkLayer;
  readonly input: Shape;
  readonly output: Shape;
}

/** A network. */
export interface Network {
  readonly input: NetworkInput;
  readonly layers: readonly PlacedLayer[];
  readonly loss: LossName;
  /** The quantiles that the loss looks at, where it does. */
  readonly quantiles?: readonly number[];
  /** The shape of the predictions: a vector per token or per sequence. */
  readonly output: Shape;
  readonly parameters: readonly ParameterSpec[];
}

/**
 * Puts a network together and checks that its layers fit.
 *
 * @example
 * const net = network({
 *   input: { vocabulary: 5000 },
 *   layers: [embedding({ width: 64 }), recurrent({ cell: gru, units: 64 }), pool({ by: "max" }), linear({ units: 2 })],
 *   loss: "crossEntropy",
 * });
 * @throws NetworkError naming the layer that does not fit and what would
 */
export function network(options: NetworkOptions): Network {
  const { input, loss, quantiles } = options;
  let shape = inputShape(input);
  const counts = new Map<string, number>();
  const layers: PlacedLayer[] = [];
  const parameters: ParameterSpec[] = [];
  for (const layer of options.layers.flat() as NetworkLayer[]) {
    const count = (counts.get(layer.kind) ?? 0) + 1;
    counts.set(layer.kind, count);
    const name = `${layer.kind}${count}`;
    checkInputs(layer, shape, name);
    const output = kindOf(layer).output(layer, shape, name);
    for (const wanted of kindOf(layer).borrows?.(layer, shape) ?? []) checkBorrowed(name, wanted, parameters);
    parameters.push(...kindOf(layer).parameters(layer, shape, name));
    layers.push(Object.freeze({ name, layer, input: shape, output }));
    shape = output;
  }
  if (!Object.hasOwn(losses, loss))
    throw new NetworkError(`there is no loss "${loss}"; there are ${Object.keys(losses).join(", ")}`);
  if (losses[loss].joint && shape.over !== "tokens")
    throw new NetworkError(
      `${loss} ${losses[loss].joint}, so it needs an output at every step, without pooling`,
    );
  parameters.push(...(losses[loss].parameters?.(shape.width) ?? []));
  if (shape.over === "ids" || shape.over === "inputs")
    throw new NetworkError("a network needs at least one layer that turns its tokens into vectors");
  checkQuantiles(loss, quantiles, shape.width);
  return Object.freeze({
    input,
    layers,
    loss,
    output: shape,
    parameters,
    ...(quantiles ? { quantiles: Object.freeze([...quantiles]) } : {}),
  });
}

function checkQuantiles(loss: LossName, quantiles: readonly number[] | undefined, width: number): void {
  if (!losses[loss].quantiles) {
    if (quantiles) throw new NetworkError(`quantiles are for the loss pinball; ${loss} has none`);
    return;
  }
  const rising = quantiles?.every((q, i) => q > (quantiles[i - 1] ?? 0) && q < 1) ?? false;
  if (!quantiles || quantiles.length === 0 || !rising)
    throw new NetworkError(
      `${loss} needs quantiles between 0 and 1, from small to large, and has ${JSON.stringify(quantiles ?? [])}`,
    );
  if (width % quantiles.length !== 0)
    throw new NetworkError(
      `an output of ${width} values does not hold ${quantiles.length} quantiles of each target`,
    );
}

function checkBorrowed(
  name: string,
  wanted: Pick<ParameterSpec, "name" | "shape">,
  parameters: readonly ParameterSpec[],
): void {
  const found = parameters.find((spec) => spec.name === wanted.name);
  if (found?.shape.join() === wanted.shape.join()) return;
  const is = found ? `has the shape (${found.shape.join(", ")})` : "is none of a layer before it";
  throw new NetworkError(
    `${name} uses the weights ${wanted.name}, of shape (${wanted.shape.join(", ")}), and that parameter ${is}`,
  );
}

function checkInputs(layer: NetworkLayer, shape: Shape, name: string): void {
  const several = kindOf(layer).severalInputs === true;
  if (several === (shape.over === "inputs")) return;
  throw new NetworkError(
    several
      ? `${name} reads several inputs by name; it must be the first layer of a network with such inputs`
      : `${name} reads one input, and the network has ${Object.keys(shape.inputs ?? {}).join(", ")}; begin with a layer that reads them all: features or decoder`,
  );
}

/** The shape of a network's input. @throws NetworkError if a size is not a positive whole number, or no input has steps */
export function inputShape(input: NetworkInput): Shape {
  if ("inputs" in input) {
    const names = Object.keys(input.inputs);
    if (ownInput(input.inputs) === "")
      throw new NetworkError("of several inputs at least one must have a value for each step");
    const inputs = Object.entries(input.inputs).map(([name, of]): [string, InputShape] => {
      const place = of.inside ? "inside" : of.beside ? "beside" : of.once ? "once" : "step";
      const shape = inputShape(of);
      if (place !== "once") return [name, { ...shape, place }];
      if (shape.over === "ids")
        throw new NetworkError(
          `the input "${name}" is there once for each example, so it holds numbers, not ids`,
        );
      return [name, { ...shape, over: "sequences", place }];
    });
    return { over: "inputs", width: names.length, inputs: Object.fromEntries(inputs) };
  }
  const width = "vocabulary" in input ? input.vocabulary : input.width;
  if (!Number.isInteger(width) || width < 1)
    throw new NetworkError(`the input's size is ${width}; it must be a whole number, 1 or more`);
  return { over: "vocabulary" in input ? "ids" : "tokens", width };
}

/** Number of weights. */
export function parameterCount(net: Network): number {
  return net.parameters.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
}
