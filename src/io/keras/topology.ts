/**
 * From a model's configuration to the calls of its layers: a Sequential model has them in a row; a Functional one names for
 * each call what it reads, and is followed from its outputs back to its inputs. Models inside models are taken apart, so that
 * layers alone are left. Masks are edges of the graph in Keras 3; they are not followed here (masks.ts).
 * Sources: keras/src/models/functional.py, keras/src/models/sequential.py.
 */
import { FileFormatError } from "../errors.js";
import { type Fields, fieldsOf, isObject } from "./fields.js";
import type { Call, Json, SourceConfig, Topology, ValueRef, WeightsPlace } from "./source.js";

/** Where the configuration is from, and where what cannot be imported is noted. */
export interface TopologyContext {
  readonly file: string;
  readonly refuse: (what: string) => void;
}

/** Calls of layers, at most: a model that holds another one twice may be much longer than its description. */
const MOST_CALLS = 1000;

/** What is put together while a model is taken apart. */
interface Reading extends TopologyContext {
  readonly calls: Call[];
  /** Models taken apart so far. */
  models: number;
}

/** The results of a call, by their numbers. */
type Results = (output: number) => ValueRef;

/** A model that is called, or the outermost one, which is not. */
interface Applied {
  /** Absent: its inputs are the network's. */
  readonly inputs?: readonly ValueRef[];
  readonly weights: WeightsPlace;
  readonly distributed?: true;
}

/**
 * The calls of a model.
 *
 * @param root the model's configuration, with class_name and config
 * @throws FileFormatError if it is not one
 */
export function readTopology(root: unknown, context: TopologyContext): Topology {
  const reading: Reading = { ...context, calls: [], models: 0 };
  const fields = fieldsOf(root, { file: context.file, where: "model" });
  const results = modelResults(fields, { weights: { path: "", names: [] } }, reading);
  const outputs = results.map((ref) => ({ ...ref, name: reading.calls[ref.call]!.layer.name }));
  return { calls: reading.calls, outputs };
}

const models: Readonly<Record<string, typeof sequential>> = {
  Sequential: sequential,
  Functional: functional,
  Model: functional,
};

/** True for a class that is a model of layers. */
export const isModelClass = (className: string): boolean => Object.hasOwn(models, className);

function modelResults(model: Fields, applied: Applied, reading: Reading): ValueRef[] {
  const className = model.text("class_name");
  const read = isModelClass(className) ? models[className] : undefined;
  if (!read) {
    reading.refuse(
      `the model is a ${className}; Sequential and Functional models describe their layers, so build one of the same layers and save it`,
    );
    return [];
  }
  if (++reading.models > MOST_CALLS) throw tooMany(reading);
  const listed = model.json["config"];
  const at = { file: reading.file, where: "model" };
  // Keras before 2.2.3 wrote a bare list of layers.
  const config = fieldsOf(Array.isArray(listed) ? { layers: listed } : listed, at);
  const name = typeof config.json["name"] === "string" ? config.json["name"] : "";
  const { path, names } = applied.weights;
  const own = names.at(-1) === name ? names : [...names, name];
  return read(config, { ...applied, weights: { path, names: own } }, reading);
}

/** A layer with the calls of it. */
interface Entry extends SourceConfig {
  readonly inbound: readonly unknown[];
  /** Whole, where it is a model or wraps one. */
  readonly json: Json;
}

function sequential(config: Fields, applied: Applied, reading: Reading): ValueRef[] {
  const entries = entriesOf(config.list("layers"), applied, reading);
  const [first] = entries;
  if (!first) {
    if (!applied.inputs) reading.refuse("the model has no layers");
    return [...(applied.inputs ?? [])];
  }
  const isInput = first.className === "InputLayer";
  let at: readonly ValueRef[];
  if (applied.inputs) at = applied.inputs;
  else if (isInput) at = [add({ layer: first, inputs: [], states: [], given: [] }, reading)];
  else {
    const shape = shapeIn(first.config) ?? config.json["build_input_shape"];
    const layer = { ...first, name: "input", className: "InputLayer", config: { batch_shape: shape } };
    at = [add({ layer, inputs: [], states: [], given: [] }, reading)];
  }
  for (const entry of isInput ? entries.slice(1) : entries) at = [apply(entry, { inputs: at }, reading)(0)];
  return [...at];
}

/** The shape of an input as one layer or the other has it; of the layer inside a wrapper, if need be. */
function shapeIn(config: Json): unknown {
  const own = config["batch_shape"] ?? config["batch_input_shape"];
  const inner = config["layer"];
  if (own === undefined && isObject(inner) && isObject(inner["config"])) return shapeIn(inner["config"]);
  // Keras 1 had the parts of the shape.
  if (own === undefined && typeof config["input_dim"] === "number" && !("output_dim" in config))
    return [null, config["input_length"] ?? null, config["input_dim"]];
  return own;
}

function functional(config: Fields, applied: Applied, reading: Reading): ValueRef[] {
  const { file, refuse } = reading;
  const entries = entriesOf(config.list("layers"), applied, reading);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const ends = tensorsIn(config.json["output_layers"]);
  const starts = tensorsIn(config.json["input_layers"]);
  const offsets = offsetsOf(entries, ends);
  const done = new Map<string, Results>();
  const open = new Set<string>();
  const resultsOf = ({ layer: name, node }: TensorReference): Results => {
    const entry = byName.get(name);
    const key = JSON.stringify([name, node]);
    const known = done.get(key);
    if (known) return known;
    const fail = (problem: string): FileFormatError =>
      new FileFormatError({ file, where: `layer ${name}`, problem, remedy: "Save the model again." });
    if (!entry) throw fail("is read by another, and is not there");
    if (open.has(key)) throw fail("reads itself, by way of others");
    open.add(key);
    const given = start(entry) ?? call(entry, entry.inbound[node - (offsets.get(name) ?? 0)]);
    open.delete(key);
    done.set(key, given);
    return given;
  };
  const start = (entry: Entry): Results | undefined => {
    const place = starts.findIndex(({ layer }) => layer === entry.name);
    const from = applied.inputs?.[place];
    if (place >= 0 && from) return () => from;
    if (entry.className !== "InputLayer") return undefined;
    if (place < 0) refuse(`${entry.name} (InputLayer): is read, and is not among the model's inputs`);
    else if (applied.inputs)
      refuse(`${entry.name} (InputLayer): the model that it begins is called without it`);
    const ref = add({ layer: entry, inputs: [], states: [], given: [] }, reading);
    return () => ref;
  };
  const call = (entry: Entry, node: unknown): Results => {
    if (node === undefined) refuse(`${entry.name} (${entry.className}): is read, and is not called`);
    const { inputs, states } = readsOf(node);
    const follow = (refs: readonly TensorReference[]): ValueRef[] =>
      refs.map((ref) => resultsOf(ref)(ref.index));
    return apply(entry, { inputs: follow(inputs), states: follow(states), given: node }, reading);
  };
  // Inputs in the model's own order, whatever reads them.
  if (!applied.inputs)
    for (const ref of starts) if (byName.get(ref.layer)?.className === "InputLayer") resultsOf(ref);
  if (ends.length === 0) refuse("the model has no outputs");
  return ends.map((end) => resultsOf(end)(end.index));
}

/**
 * Calls of a model inside a model are counted from 1 where the model itself was made of an input, as Keras 2 does: by how much
 * the numbers of the calls of each layer are too large.
 */
function offsetsOf(entries: readonly Entry[], ends: readonly TensorReference[]): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const { layer, node } of [...ends, ...entries.flatMap(({ inbound }) => tensorsIn(inbound))])
    most.set(layer, Math.max(most.get(layer) ?? 0, node));
  return new Map(
    entries.map(({ name, inbound }) => [name, Math.max((most.get(name) ?? 0) - inbound.length + 1, 0)]),
  );
}

type Given = Pick<Call, "inputs"> & Partial<Pick<Call, "states" | "given">>;

/** Calls a layer, or takes the model apart that it is or distributes over the steps. */
function apply(entry: Entry, { inputs, states = [], given = [] }: Given, reading: Reading): Results {
  const { className, config, weights, json } = entry;
  const distributed = className === "TimeDistributed" && isObject(config["layer"]);
  const inner = distributed ? config["layer"] : json;
  const innerClass = isObject(inner) ? inner["class_name"] : undefined;
  if (typeof innerClass === "string" && isModelClass(innerClass)) {
    const results = modelResults(
      fieldsOf(inner, { file: reading.file, where: `layer ${entry.name}` }),
      {
        inputs,
        weights: distributed ? { ...weights, path: `${weights.path}/layer` } : weights,
        ...(distributed || entry.distributed ? { distributed: true } : {}),
      },
      reading,
    );
    return (output) => results[output] ?? inputs[0] ?? { call: 0, output: 0 };
  }
  const { inbound: _inbound, json: _json, ...layer } = entry;
  const { call } = add({ layer, inputs, states, given }, reading);
  return (output) => ({ call, output });
}

function add(call: Call, reading: Reading): ValueRef {
  if (reading.calls.length >= MOST_CALLS) throw tooMany(reading);
  reading.calls.push(call);
  return { call: reading.calls.length - 1, output: 0 };
}

const tooMany = ({ file }: Reading, has = `more than ${MOST_CALLS}`): FileFormatError =>
  new FileFormatError({
    file,
    where: "model",
    problem: `has ${has} layers`,
    remedy: `At most ${MOST_CALLS} can be imported.`,
  });

function entriesOf(
  entries: readonly unknown[],
  { weights, distributed }: Applied,
  reading: Reading,
): Entry[] {
  const { file } = reading;
  if (entries.length > MOST_CALLS) throw tooMany(reading, String(entries.length));
  const used = new Map<string, number>();
  return entries.map((entry, i) => {
    const fields = fieldsOf(entry, { file, where: `layer ${i}` });
    const className = fields.text("class_name");
    // A Sequential model of Keras before 2.2.3 is a bare list.
    const config = Array.isArray(fields.json["config"]) ? {} : fields.object("config");
    // Operations that are not layers have their name only next to the configuration.
    const own = fieldsOf(config, { file, where: `layer ${i} (${className})` });
    const name = typeof fields.json["name"] === "string" ? fields.json["name"] : own.text("name");
    // Keras does not number the input of a Sequential model, but then no other layer has its class.
    const counted = className === "Model" ? "Functional" : className;
    const count = used.get(counted) ?? 0;
    used.set(counted, count + 1);
    const path = `${weights.path === "" ? "" : `${weights.path}/`}layers/${countedName(counted, count)}`;
    const inbound = fields.json["inbound_nodes"];
    return {
      name,
      className,
      config,
      json: fields.json,
      weights: { path, names: [...weights.names, name] },
      inbound: Array.isArray(inbound) ? inbound : [],
      ...(distributed ? { distributed } : {}),
    };
  });
}

/** What a file of weights calls the n-th of a class: "lstm", "lstm_1". */
export const countedName = (className: string, n: number): string =>
  n === 0 ? snakeCase(className) : `${snakeCase(className)}_${n}`;

/** As Keras does it (keras/src/utils/naming.py): "SimpleRNN" is "simple_rnn". */
export function snakeCase(name: string): string {
  return name
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** The sizes of a shape as a file has it; undefined if it is none. */
export function sizesIn(shape: unknown): readonly (number | null)[] | undefined {
  const sizes = Array.isArray(shape) && shape.every((size) => size === null || Number.isSafeInteger(size));
  return sizes ? (shape as (number | null)[]) : undefined;
}

/** A result of a call of a layer. */
interface TensorReference {
  readonly layer: string;
  readonly node: number;
  readonly index: number;
}

/** What a call reads, masks left out. Keras 3 has arguments, Keras 2 a list of tensors with the named arguments of each. */
function readsOf(node: unknown): { readonly inputs: TensorReference[]; readonly states: TensorReference[] } {
  const named = isObject(node) ? node["kwargs"] : keras2Arguments(node);
  const others = Object.entries(isObject(named) ? named : {}).filter(
    ([name]) => name !== "mask" && name !== "initial_state",
  );
  const first = isObject(node) && "args" in node ? node["args"] : node;
  return {
    inputs: [...tensorsIn(first), ...others.flatMap(([, value]) => tensorsIn(value))],
    states: isObject(named) ? tensorsIn(named["initial_state"]) : [],
  };
}

function keras2Arguments(node: unknown): unknown {
  if (!Array.isArray(node)) return undefined;
  const [first] = node as readonly unknown[];
  return Array.isArray(first) ? first[3] : node[3];
}

/** The tensors in a nested value: [layer, call, result, …] in Keras 2, an object with a history in Keras 3. */
function tensorsIn(value: unknown): TensorReference[] {
  if (isObject(value)) {
    if (value["class_name"] === "__keras_tensor__")
      return tensorsIn((value["config"] as Json | undefined)?.["keras_history"]);
    return Object.values(value).flatMap(tensorsIn);
  }
  if (!Array.isArray(value)) return [];
  const [layer, node, index] = value as readonly unknown[];
  if (layer === "_CONSTANT_VALUE") return [];
  if (typeof layer === "string" && typeof node === "number" && typeof index === "number")
    return [{ layer, node, index }];
  return value.flatMap(tensorsIn);
}
