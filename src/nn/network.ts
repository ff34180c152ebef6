/**
 * A network: an input, layers, a loss. A frozen record, checked when it is made; it holds no weights. From it
 * come the list of parameters and, through build.ts, plans.
 */
import { checkOptions } from "../options/check.js";
import { OptionError, shown, spelled } from "../options/error.js";
import type { RowsOf } from "../options/row.js";
import { INPUT, type LayerFrom, placeOf, type Sources, stepsOf, valuesOf } from "./graph.js";
import { checkInput, inputShape, type NetworkInput } from "./input.js";
import { NetworkError, type ParameterSpec, type Shape } from "./layers/layer.js";
import { kindOf, layerKinds, type NetworkLayer } from "./layers/table.js";
import type { LossName } from "./losses/loss.js";
import { losses } from "./losses/losses.js";

/** What a network is made of. */
export interface NetworkOptions {
  readonly input: NetworkInput;
  /**
   * In order from input to output; stacks may be nested lists. A layer reads what the one before it gives, or what its place
   * names: `{ layer, from }`.
   */
  readonly layers: readonly (PlainLayer | readonly PlainLayer[])[];
  readonly loss: LossName;
  /** Of the loss `pinball`: the quantiles to predict, from small to large. The output is a target's width for each. */
  readonly quantiles?: readonly number[];
}

/** A layer, perhaps with the names of what it reads. */
type PlainLayer = NetworkLayer | LayerFrom;

/** A layer with its name, the shapes before and after it, and what it reads if that is not the layer before. */
export interface PlacedLayer extends LayerFrom {
  /** Kind and number: "recurrent1", the notes' layer [1]. */
  readonly name: string;
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

/** What a plan is made of in reasonable time. */
const MOST_LAYERS = 1000;

const lossNames = Object.keys(losses) as LossName[];

const networkRows = {
  input: { kind: "object", what: "an object: { vocabulary }, { width } or { inputs }", required: true },
  layers: {
    kind: "list",
    of: { kind: "object", what: "a layer or a stack of layers" },
    least: 0,
    required: true,
  },
  loss: { kind: "name", names: lossNames, required: true },
  quantiles: {
    kind: "list",
    of: { kind: "number", above: 0, below: 1 },
    needs: { loss: lossNames.filter((name) => losses[name].quantiles) },
  },
} as const satisfies RowsOf<NetworkOptions>;

/**
 * Puts a network together and checks that its layers fit.
 *
 * @example
 * const net = network({
 *   input: { vocabulary: 5000 },
 *   layers: [embedding({ width: 64 }), recurrent({ cell: gru, units: 64 }), pool({ by: "max" }), linear({ units: 2 })],
 *   loss: "crossEntropy",
 * });
 * @throws OptionError naming an option that does not exist, whose value makes no sense, or that has no effect
 * @throws NetworkError naming the layer that does not fit and what would
 */
export function network(options: NetworkOptions): Network {
  checkOptions(options, networkRows, "network");
  const { input, loss, quantiles } = options;
  checkInput(input);
  const all = (options.layers.flat() as PlainLayer[]).map(placeOf);
  if (all.length > MOST_LAYERS)
    throw new NetworkError(`the network has ${all.length} layers; it can have ${MOST_LAYERS}`);
  const values = valuesOf(input);
  let shape = inputShape(input);
  let before = INPUT;
  const counts = new Map<string, number>();
  const layers: PlacedLayer[] = [];
  const parameters: ParameterSpec[] = [];
  for (const place of all) {
    const { layer } = place;
    checkKind(layer);
    const count = (counts.get(layer.kind) ?? 0) + 1;
    counts.set(layer.kind, count);
    const name = `${layer.kind}${count}`;
    shape = values.read(place, name, before);
    checkInputs(layer, shape, name);
    values.checkStates(place, name, shape);
    const output = along(shape, kindOf(layer).output(layer, shape, name));
    for (const wanted of kindOf(layer).borrows?.(layer, shape) ?? []) checkBorrowed(name, wanted, parameters);
    parameters.push(...kindOf(layer).parameters(layer, shape, name));
    layers.push(Object.freeze({ name, layer, input: shape, output, ...sourcesOf(place, before) }));
    values.add(layer, name, output);
    shape = output;
    before = name;
  }
  if (losses[loss].joint && shape.over !== "tokens")
    throw new NetworkError(
      `${loss} ${losses[loss].joint}, so it needs an output at every step, without pooling`,
    );
  parameters.push(...(losses[loss].parameters?.(shape.width) ?? []));
  if (shape.over === "ids" || shape.over === "inputs")
    throw new NetworkError("a network needs at least one layer that turns its tokens into vectors");
  if (shape.steps !== undefined)
    throw new NetworkError(
      `the network's predictions would be of the steps of the input "${shape.steps}", which lies beside its own; end with a layer that gives a vector for each of its own steps, or for each sequence`,
    );
  values.checkAllRead(before);
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
  if (!losses[loss].quantiles) return;
  const rising = quantiles?.every((q, i) => q > (quantiles[i - 1] ?? 0)) ?? false;
  if (!quantiles || !rising)
    throw new OptionError(
      `{loss} ${loss} needs {quantiles} between 0 and 1, from small to large, and has ${JSON.stringify(quantiles ?? [])}`,
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
  const is = found ? `has the shape (${found.shape.join(", ")})` : "is not a parameter of a layer before it";
  throw new NetworkError(
    `${name} uses the weights ${wanted.name}, of shape (${wanted.shape.join(", ")}), and that parameter ${is}`,
  );
}

/** What a layer gives, along the steps of what it reads. */
function along(input: Shape, output: Shape): Shape {
  const { steps: _, ...own } = output;
  const steps = stepsOf(input);
  return steps === undefined || own.over !== "tokens" ? own : { ...own, steps };
}

/** What a place says that is not said by the layer before it. */
function sourcesOf({ from, states }: LayerFrom, before: string): Sources {
  const row = from === undefined || (from.length === 1 && from[0] === before);
  return {
    ...(row ? {} : { from: Object.freeze([...from]) }),
    ...(states ? { states: Object.freeze({ ...states }) } : {}),
  };
}

/** The list of layers that a network was made of. */
export const layerList = ({ layers }: Network): LayerFrom[] =>
  layers.map(({ layer, from, states }) => ({
    layer,
    ...(from ? { from } : {}),
    ...(states ? { states } : {}),
  }));

function checkKind(layer: NetworkLayer): void {
  if (Object.hasOwn(layerKinds, layer.kind)) return;
  throw new NetworkError(
    `there is no layer "${layer.kind}"; a network is made of what ${Object.keys(layerKinds).join(", ")} give`,
  );
}

function checkInputs(layer: NetworkLayer, shape: Shape, name: string): void {
  const several = kindOf(layer).severalInputs === true;
  if (several === (shape.over === "inputs")) return;
  throw new NetworkError(
    several
      ? `${name} reads several inputs by name; it must be the first layer of a network with such inputs`
      : `${name} reads one input, and the network has ${Object.keys(shape.inputs ?? {}).join(", ")}; begin with a layer that reads them all, features or decoder, or name one of them: { layer, from: ["input.NAME"] }`,
  );
}

/** Refuses what is no network. @param what it was given to, for the message @throws NetworkError */
export function checkNetwork(net: unknown, what: string): asserts net is Network {
  const { layers, parameters, input } = Object(net) as Partial<Network>;
  if (Array.isArray(layers) && Array.isArray(parameters) && typeof input === "object") return;
  throw new NetworkError(`${what} takes a network, as network() gives one, not ${spelled(shown(net))}`);
}

/** Number of weights. */
export function parameterCount(net: Network): number {
  checkNetwork(net, "parameterCount");
  return net.parameters.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
}
