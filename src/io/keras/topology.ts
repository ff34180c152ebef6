/**
 * From a model's configuration to its layers in a row: a Sequential model has them so; a Functional one names for each
 * layer what it reads, and is followed from its output back to its input. What is no row of layers (several inputs or
 * outputs, merges, layers used twice, models inside models) is refused. Masks are edges of the graph in Keras 3; they
 * are not followed, for sequences are never padded here.
 */
import { FileFormatError } from "../errors.js";
import { type Fields, fieldsOf, isObject } from "./fields.js";
import type { Json, SourceConfig, Topology } from "./source.js";

/** Where the configuration is from, and where what cannot be imported is noted. */
export interface TopologyContext {
  readonly file: string;
  readonly refuse: (what: string) => void;
}

/**
 * The layers of a model.
 *
 * @param root the model's configuration, with class_name and config
 * @throws FileFormatError if it is not one
 */
export function readTopology(root: unknown, context: TopologyContext): Topology {
  const { file, refuse } = context;
  const model = fieldsOf(root, { file, where: "model" });
  const className = model.text("class_name");
  if (className === "Sequential") {
    const listed = model.json["config"];
    // Keras before 2.2.3 wrote the bare list.
    const config: Json = Array.isArray(listed)
      ? { layers: listed }
      : fieldsOf(listed, { file, where: "model" }).json;
    const layers = layersOf(fieldsOf(config, { file, where: "model" }).list("layers"), file);
    const inputShape = inputShapeOf(layers) ?? sizesIn(config["build_input_shape"]);
    return { layers: layers.filter(isNoInput), inputShape };
  }
  if (className !== "Functional" && className !== "Model") {
    refuse(`the model is a ${className}; Sequential and Functional models describe their layers`);
    return { layers: [], inputShape: undefined };
  }
  const config = fieldsOf(model.json["config"], { file, where: "model" });
  const layers = layersOf(config.list("layers"), file);
  const row = followBack(layers, config, context);
  return { layers: row.filter(isNoInput), inputShape: inputShapeOf(row) };
}

/** A layer with the graph's edges into it. */
interface Entry extends SourceConfig {
  readonly inbound: readonly unknown[];
}

const isNoInput = ({ className }: SourceConfig): boolean => className !== "InputLayer";

/** Layers of a model, at most: they are looked for by name, one after the other. */
const MOST_LAYERS = 1000;

function layersOf(entries: readonly unknown[], file: string): Entry[] {
  if (entries.length > MOST_LAYERS)
    throw new FileFormatError({
      file,
      where: "model",
      problem: `has ${entries.length} layers`,
      remedy: `At most ${MOST_LAYERS} can be imported.`,
    });
  const used = new Map<string, number>();
  return entries.map((entry, i) => {
    const fields = fieldsOf(entry, { file, where: `layer ${i}` });
    const [className, config] = [fields.text("class_name"), fields.object("config")];
    // Operations that are not layers have their name only next to the configuration.
    const own = fieldsOf(config, { file, where: `layer ${i} (${className})` });
    const name = typeof fields.json["name"] === "string" ? fields.json["name"] : own.text("name");
    // Keras does not number the input of a Sequential model, but then no other layer has its class.
    const count = used.get(className) ?? 0;
    used.set(className, count + 1);
    const variablesName = count === 0 ? snakeCase(className) : `${snakeCase(className)}_${count}`;
    const inbound = fields.json["inbound_nodes"];
    return { name, className, config, variablesName, inbound: Array.isArray(inbound) ? inbound : [] };
  });
}

/** As Keras does it (keras/src/utils/naming.py): "SimpleRNN" is "simple_rnn". */
export function snakeCase(name: string): string {
  return name
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

function inputShapeOf([first]: readonly SourceConfig[]): Topology["inputShape"] {
  return sizesIn(first?.config["batch_shape"] ?? first?.config["batch_input_shape"]);
}

function sizesIn(shape: unknown): Topology["inputShape"] {
  const sizes = Array.isArray(shape) && shape.every((size) => size === null || Number.isSafeInteger(size));
  return sizes ? (shape as (number | null)[]) : undefined;
}

function followBack(layers: readonly Entry[], config: Fields, { file, refuse }: TopologyContext): Entry[] {
  const [input, output] = (["input_layers", "output_layers"] as const).map((key) => {
    const all = tensorsIn(config.json[key]);
    if (all.length !== 1)
      refuse(
        `the model has ${all.length} ${key === "input_layers" ? "inputs" : "outputs"}; one can be imported`,
      );
    return all[0];
  });
  const row: Entry[] = [];
  let at = output;
  while (at !== undefined) {
    const layer = layers.find(({ name }) => name === at?.layer);
    const where = `layer ${at.layer}`;
    if (!layer || row.includes(layer)) {
      const problem = layer ? "reads itself, by way of others" : "is read by another, and is not there";
      throw new FileFormatError({ file, where, problem, remedy: "Save the model again." });
    }
    row.unshift(layer);
    if (at.index !== 0)
      refuse(`${where} (${layer.className}): what follows reads its result number ${at.index}`);
    if (!isNoInput(layer)) break;
    if (layer.inbound.length !== 1)
      refuse(`${where} (${layer.className}): used ${layer.inbound.length} times`);
    const sources = tensorsIn(readsOf(layer.inbound[0]));
    if (sources.length !== 1) refuse(`${where} (${layer.className}): reads ${sources.length} layers`);
    at = sources[0];
  }
  if (input && row[0] && row[0].name !== input.layer)
    refuse(`the model's output does not come from its input ${input.layer}`);
  return row;
}

/** A result of a layer. */
interface TensorReference {
  readonly layer: string;
  readonly index: number;
}

/** What a call of a layer reads. Keras 3 has arguments, with masks among the named ones; Keras 2 a list of tensors. */
function readsOf(node: unknown): unknown {
  if (!isObject(node)) return node;
  const named = isObject(node["kwargs"]) ? Object.entries(node["kwargs"]) : [];
  return [node["args"], ...named.filter(([name]) => name !== "mask").map(([, value]) => value)];
}

/** The tensors in a nested value: [layer, call, result, …] in Keras 2, an object with a history in Keras 3. */
function tensorsIn(value: unknown): TensorReference[] {
  if (isObject(value)) {
    if (value["class_name"] === "__keras_tensor__")
      return tensorsIn((value["config"] as Json | undefined)?.["keras_history"]);
    return Object.values(value).flatMap(tensorsIn);
  }
  if (!Array.isArray(value)) return [];
  const [layer, call, index] = value as readonly unknown[];
  if (typeof layer === "string" && typeof call === "number" && typeof index === "number")
    return [{ layer, index }];
  return value.flatMap(tensorsIn);
}
