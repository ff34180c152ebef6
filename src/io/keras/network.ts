/**
 * From the layers of a file to a network of ours with its parameters and all that the certificate compares with. What
 * cannot be imported is found in every layer first and reported as one list.
 */

import {
  type Layer,
  type LossName,
  NetworkError,
  type NetworkInput,
  network,
  type Parameters,
  type Shape,
} from "../../nn/index.js";
import { OptionError } from "../../options/error.js";
import { FileFormatError } from "../errors.js";
import type { Imported } from "../imported.js";
import { fieldsOf } from "./fields.js";
import { layerRows } from "./layers.js";
import { type BoundLayer, checkPrecision, type LayerContext, type MappedLayer, titleOf } from "./mapped.js";
import type { Dialect, SourceConfig, SourceTensor, Topology, WeightReader } from "./source.js";

/** A model to import. */
export interface SourceModel {
  /** "keras" or "tfjs". */
  readonly format: string;
  readonly file: string;
  readonly topology: Topology;
  /** What the topology could not take. */
  readonly refused: readonly string[];
  readonly dialect: Dialect;
  /** Opens the weights, once all layers are known to be importable. */
  readonly weights: () => WeightReader | Promise<WeightReader>;
}

/**
 * Makes a network of a model.
 *
 * @throws FileFormatError listing everything that cannot be imported, or naming what is wrong with the file
 */
export async function importModel(source: SourceModel): Promise<Imported> {
  const { format, file, topology } = source;
  const refused = [...source.refused];
  const assumed: string[] = [];
  const { input, mapped } = mapLayers(source, refused, assumed);
  if (topology.layers.length > 0 && mapped.every(({ layers }) => layers.length === 0) && refused.length === 0)
    refused.push("no layer of the model computes anything");
  if (refused.length > 0) throw refusal(file, refused);
  const layers = mapped.flatMap((each): readonly Layer[] => each.layers);
  const loss = mapped.reduce<LossName>((found, each) => each.loss ?? found, "squaredError");
  const net = guarded(file, () => network({ input, layers, loss }));
  const read = await source.weights();
  let at = 0;
  const bound: BoundLayer[] = [];
  for (const [i, layer] of topology.layers.entries()) {
    const { variables, layers: own, bind } = mapped[i]!;
    const names = net.layers.slice(at, at + own.length).map(({ name }) => name);
    at += own.length;
    const found = variables.length === 0 ? [] : await read(layer, variables);
    if (variables.length > 0) checkWeights(file, layer, { wanted: variables, found });
    bound.push(bind(found, names));
  }
  const parameters: Parameters = new Map(bound.flatMap((each) => [...each.parameters]));
  return {
    format,
    network: net,
    // In the network's own order, whatever that of the file.
    parameters: new Map(net.parameters.map(({ name }) => [name, requireParameter(parameters, name)])),
    mapped: bound.flatMap((each) => each.mapped),
    layers: bound.flatMap((each) => each.stages),
    assumed: [...assumed, ...lengthRemark(topology), `The loss, if the model is trained on, is ${loss}.`],
  };
}

/** Every layer's row applied to it, in order; complaints and remarks go to the lists. */
function mapLayers(
  { file, topology, dialect }: SourceModel,
  refused: string[],
  assumed: string[],
): { readonly input: NetworkInput; readonly mapped: readonly MappedLayer[] } {
  const { layers } = topology;
  const input = inputOf(topology, file, refused);
  const last = layers.map(({ className }) => rowOf(className)?.passes === true).lastIndexOf(false);
  let shape: Shape | undefined = input.shape;
  const mapped = layers.map((layer, i): MappedLayer => {
    const title = titleOf(layer);
    const context: LayerContext = {
      layer,
      fields: fieldsOf(layer.config, { file, where: `layer ${title}` }),
      input: shape,
      dialect,
      last: i === last,
      refuse: (what) => refused.push(`${title}: ${what}`),
      assume: (what) => assumed.push(`${title} ${what}.`),
    };
    const row = rowOf(layer.className);
    if (!row)
      context.refuse(
        `no layer of this class can be imported; there are ${Object.keys(layerRows).join(", ")}`,
      );
    checkPrecision(context);
    const result = row?.read(context) ?? nothing;
    shape = result.output;
    return result;
  });
  return { input: input.network, mapped };
}

const rowOf = (className: string): (typeof layerRows)[string] | undefined =>
  Object.hasOwn(layerRows, className) ? layerRows[className] : undefined;

/** What stands for a layer that cannot be imported, so that those after it are looked at all the same. */
const nothing: MappedLayer = {
  layers: [],
  output: undefined,
  variables: [],
  bind: () => ({ parameters: [], mapped: [], stages: [] }),
};

interface FoundInput {
  readonly network: NetworkInput;
  readonly shape: Shape | undefined;
}

function inputOf({ layers: [first], inputShape }: Topology, file: string, refused: string[]): FoundInput {
  if (!first) {
    if (refused.length === 0) refused.push("the model has no layers");
    return { network: { width: 1 }, shape: undefined };
  }
  if (first.className === "Embedding") {
    const vocabulary = fieldsOf(first.config, { file, where: `layer ${titleOf(first)}` }).size("input_dim");
    if (inputShape && inputShape.length !== 2)
      refused.push(
        `${titleOf(first)}: reads ids of the shape (${shapeText(inputShape)}); it must be (batch, steps)`,
      );
    return { network: { vocabulary }, shape: { over: "ids", width: vocabulary } };
  }
  const width = inputShape?.[2];
  if (inputShape?.length === 3 && typeof width === "number" && width >= 1)
    return { network: { width }, shape: { over: "tokens", width } };
  refused.push(
    inputShape
      ? `the input has the shape (${shapeText(inputShape)}); it must be (batch, steps, features), or token ids for an Embedding`
      : "the model does not say how wide its input is; build it before it is saved: model.build((None, None, features))",
  );
  return { network: { width: 1 }, shape: undefined };
}

const shapeText = (shape: readonly (number | null)[]): string => shape.map((n) => n ?? "None").join(", ");

function lengthRemark({ inputShape }: Topology): string[] {
  const steps = inputShape?.[1];
  return typeof steps === "number"
    ? [`The file's input has ${steps} steps; here sequences have any length.`]
    : [];
}

/** Reasons that are listed. */
const LISTED = 40;

function refusal(file: string, refused: readonly string[]): FileFormatError {
  const more = refused.length - LISTED;
  const end = more > 0 ? `and ${more} more reasons` : "These are all the reasons";
  const problem =
    refused.length === 1
      ? `cannot be imported: ${refused[0]}`
      : `cannot be imported:\n- ${refused.slice(0, LISTED).join("\n- ")}\n${end}`;
  return new FileFormatError({
    file,
    where: "model",
    problem,
    remedy: "docs/keras.md lists what can be imported, and what to do about the rest.",
  });
}

/** A network that does not fit together is a configuration that was not true. */
function guarded<T>(file: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof NetworkError || error instanceof OptionError)) throw error;
    throw new FileFormatError({
      file,
      where: "model",
      problem: error.message,
      remedy: "The layers of the file do not fit together.",
    });
  }
}

function requireParameter(parameters: Parameters, name: string): ReturnType<Parameters["get"]> & object {
  const found = parameters.get(name);
  if (!found) throw new RangeError(`the import gave no ${name}`);
  return found;
}

/** A name and a shape. */
type Named = Pick<SourceTensor, "name" | "shape">;

/** Checks a layer's weights, and their order where they have names. @throws FileFormatError */
function checkWeights(
  file: string,
  layer: SourceConfig,
  { wanted, found }: { readonly wanted: readonly Named[]; readonly found: readonly Named[] },
): void {
  const list = (all: readonly Named[]): string =>
    all
      .slice(0, 12)
      .map(({ name, shape }) => `${name} (${shape.join(", ")})`)
      .concat(all.length > 12 ? [`and ${all.length - 12} more`] : [])
      .join(", ") || "none";
  const fits =
    wanted.length === found.length && wanted.every((w, i) => w.shape.join() === found[i]?.shape.join());
  const named = found.every(({ name }, i) => {
    const own = name.split("/").at(-1)?.replace(/:\d+$/, "") ?? "";
    return /^\d+$/.test(own) || own === wanted[i]?.name;
  });
  if (fits && named) return;
  throw new FileFormatError({
    file,
    where: `layer ${titleOf(layer)}`,
    problem: `has the weights ${list(found)}, and by its options it needs ${list(wanted)}`,
    remedy: "Weights and description must be of the same model.",
  });
}
