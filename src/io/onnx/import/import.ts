/**
 * ONNX files of recurrent networks as models: embeddings, LSTM, GRU and RNN, pooling and a dense head, as the exporters of
 * PyTorch, Keras and tf2onnx write them. What exporters put in between to find shapes is computed while reading. What no layer
 * here stands for is listed, all of it, by operator and place.
 */
import {
  type LossName,
  type Network,
  NetworkError,
  network,
  type Parameters,
  type Tensor,
} from "../../../nn/index.js";
import { FileFormatError } from "../../errors.js";
import {
  decodeModel,
  elementTypes,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
} from "../messages.js";
import { ProtobufError } from "../protobuf.js";
import { onLayers, readEmbedding } from "./dense.js";
import { axesOf, constantNode, onConstants, repeated } from "./numbers.js";
import { readRecurrent } from "./recurrent.js";
import { onFlows } from "./shapes.js";
import { readTensor } from "./tensors.js";
import {
  type Axes,
  type Axis,
  type Constant,
  constantOf,
  type Flow,
  type Found,
  type Reading,
  Unreadable,
  type Value,
} from "./values.js";
import { wholeRows } from "./whole.js";

/** How to read a file. */
export interface OnnxImportOptions {
  /** The file's name, for messages. Default "model.onnx". */
  readonly name?: string;
  /**
   * The loss of the network, where the graph's last activation does not say it. Default: crossEntropy after a softmax, or its
   * logarithm, binaryCrossEntropy after a sigmoid, squaredError where there is none.
   */
  readonly loss?: LossName;
}

/** What a file became. */
export interface OnnxImport {
  readonly network: Network;
  readonly parameters: Parameters;
  /** The graph's input of the sequence, and its axes: which is time and which is batch. */
  readonly input: { readonly name: string; readonly axes: readonly ("time" | "batch" | "features")[] };
  /** The graph's output that is the network's. */
  readonly output: string;
  /** What the graph's output is of the network's: its scores z, its prediction, or the logarithm of that. */
  readonly gives: "scores" | "prediction" | "log prediction";
  /** The layers, each with the nodes that it was made of. */
  readonly layers: readonly { readonly layer: string; readonly nodes: readonly string[] }[];
  /** Outputs of the graph that the network does not have. */
  readonly left: readonly string[];
}

/**
 * Reads an ONNX file.
 *
 * @example
 * const { network, parameters, layers } = importOnnx(readFileSync("tagger.onnx"));
 * @throws FileFormatError if the bytes are no ONNX model, or listing everything in it that no layer here stands for
 */
export function importOnnx(bytes: Uint8Array, options: OnnxImportOptions = {}): OnnxImport {
  const { name: file = "model.onnx" } = options;
  const graph = graphOf(bytes, file);
  const walk = walkGraph(graph);
  const outputs = graph.outputs.map(({ name = "" }) => ({ name, value: walk.values.get(name) }));
  const own = deepest(outputs);
  // What is wrong on the way to other outputs does not matter.
  const needed = own && neededNodes(graph, [own.name]);
  const problems = walk.problems
    .filter(({ node }) => !needed || !node || needed.has(node))
    .map(({ text }) => text);
  if (problems.length === 0 && !own) problems.push("no output comes from a recurrent layer or a dense one");
  const result = problems.length === 0 && own ? networkOf(own.value, walk, options) : undefined;
  if (typeof result === "string") problems.push(result);
  if (typeof result !== "object" || !own)
    throw new FileFormatError({
      ...{ file, where: "graph" },
      problem: `holds what no layer here stands for:\n  ${problems.join("\n  ")}\n`,
      remedy:
        "Networks of an embedding, LSTM, GRU and RNN layers, pooling and a dense head at the end can be imported (docs/onnx.md).",
    });
  const left = outputs.filter(({ name }) => name !== own.name).map(({ name }) => name);
  return { ...result, output: own.name, left };
}

/** The output that comes out of most layers; of equals the first. */
function deepest(
  outputs: readonly { readonly name: string; readonly value: Value | undefined }[],
): { readonly name: string; readonly value: Flow } | undefined {
  let found: { readonly name: string; readonly value: Flow } | undefined;
  const depth = ({ chain, rows, head }: Flow): number => chain.length + (rows ? 1 : 0) + (head ? 1 : 0);
  for (const { name, value } of outputs) {
    if (value?.kind !== "flow" || depth(value) === 0) continue;
    if (!found || depth(value) > depth(found.value)) found = { name, value };
  }
  return found;
}

function graphOf(bytes: Uint8Array, file: string): OnnxGraph {
  const fail = (where: string, problem: string): FileFormatError =>
    new FileFormatError({
      file,
      where,
      problem,
      remedy: "An ONNX model is one file of protocol buffers, with a graph.",
    });
  let model: OnnxModel;
  try {
    model = decodeModel(bytes);
  } catch (error) {
    if (error instanceof ProtobufError) throw fail("bytes", error.message);
    throw error;
  }
  if (!model.graph || model.graph.outputs.length === 0) throw fail("model", "has no graph");
  return model.graph;
}

/** The values of a graph, as far as they were understood. */
interface Walk {
  readonly values: Map<string, Value>;
  readonly problems: { readonly text: string; readonly node?: OnnxNode }[];
  readonly axes: Axes;
  /** The input of the sequence, and its axes before anything. */
  input: { readonly name: string; readonly flow: Flow; readonly vocabulary: boolean } | undefined;
}

const placeOf = ({ name, op, outputs }: OnnxNode): string =>
  `${op} at ${name ? `"${name}"` : `the node that gives "${outputs[0] ?? ""}"`}`;

function walkGraph(graph: OnnxGraph): Walk {
  const walk: Walk = { values: new Map(), problems: [], axes: {}, input: undefined };
  for (const tensor of graph.initializers) {
    const read = readTensor(tensor);
    if ("problem" in read) walk.problems.push({ text: `the tensor "${tensor.name ?? ""}" ${read.problem}` });
    else walk.values.set(tensor.name ?? "", read);
  }
  for (const input of graph.inputs)
    if (!walk.values.has(input.name ?? "")) walk.values.set(input.name ?? "", inputValue(input, walk));
  const used = neededNodes(
    graph,
    graph.outputs.map(({ name = "" }) => name),
  );
  for (const node of graph.nodes) if (used.has(node)) readNode(node, walk);
  return walk;
}

/** The nodes that outputs depend on. */
function neededNodes({ nodes }: OnnxGraph, outputs: readonly string[]): ReadonlySet<OnnxNode> {
  const wanted = new Set(outputs);
  const needed = new Set<OnnxNode>();
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => name !== "" && wanted.has(name))) continue;
    needed.add(node);
    for (const name of node.inputs) wanted.add(name);
  }
  return needed;
}

/** Ids of two axes and vectors of three are the sequence; what else goes in is lengths and states. */
function inputValue({ name = "", type }: OnnxValue, walk: Walk): Value {
  const element = type?.tensor?.type;
  const dims = type?.tensor?.shape?.dims ?? [];
  const whole = element === elementTypes.int32 || element === elementTypes.int64;
  const given: Value = { kind: "given", name };
  if (walk.input || dims.length !== (whole ? 2 : 3)) return given;
  const open = dims.slice(0, 2).map((dim, i): readonly Axis[] => [
    // A size that another input has as well must not be taken for its own.
    { kind: "open", size: dim.size && dim.size > 0 ? dim.size : `${name}.${i}` },
  ]);
  const width = dims[2]?.size;
  if (!whole && !(width && width > 0)) return given;
  const features: (readonly Axis[])[] = whole ? [] : [[{ kind: "feature", size: width as number }]];
  const flow: Flow = {
    kind: "flow",
    over: whole ? "ids" : "tokens",
    dims: [...open, ...features],
    chain: [],
  };
  walk.input = { name, flow, vocabulary: whole };
  return flow;
}

function readNode(node: OnnxNode, walk: Walk): void {
  const inputs = node.inputs.map((name) => (name === "" ? undefined : walk.values.get(name)));
  const give = (values: readonly Value[]): void =>
    node.outputs.forEach((name, i) => {
      walk.values.set(
        name,
        values[i] ?? { kind: "unused", reason: "is a result that no layer goes on from" },
      );
    });
  // What could not be read has been said where it stands, not again at everything that follows.
  const nothing: Value = { kind: "unused" };
  const attributes = new Map(node.attributes.map((attribute) => [attribute.name ?? "", attribute]));
  const reading: Reading = {
    ...{ node, inputs, axes: walk.axes },
    attribute: (name) => attributes.get(name),
    int: (name, absent) => attributes.get(name)?.int ?? absent,
  };
  const op = node.op ?? "";
  if (inputs.some((value) => value?.kind === "unused" && value.reason === undefined)) {
    if (!isKnown(node))
      walk.problems.push({ text: `${placeOf(node)} is not among the operators that are read`, node });
    return give(node.outputs.map(() => nothing));
  }
  try {
    give(resultsOf(op, reading));
  } catch (error) {
    if (!(error instanceof Unreadable || error instanceof NetworkError)) throw error;
    walk.problems.push({ text: `${placeOf(node)} ${error.message}`, node });
    give(node.outputs.map(() => nothing));
  }
}

const recurrentOps = new Set(["LSTM", "GRU", "RNN"]);
const ownDomains = new Set(["", "ai.onnx"]);

const isKnown = ({ op = "", domain = "" }: OnnxNode): boolean =>
  ownDomains.has(domain) &&
  (recurrentOps.has(op) || [onConstants, onFlows, onLayers, special].some((rows) => Object.hasOwn(rows, op)));

/** Operators that make numbers of sizes. */
const special: Readonly<Record<string, (reading: Reading) => Value>> = {
  Constant: constantNode,
  ConstantOfShape: (reading) => {
    const tensor = reading.attribute("value");
    const of: Constant = tensor
      ? constantNode(reading)
      : { kind: "constant", dims: [1], data: Float32Array.of(0) };
    return repeated(of, reading.inputs[0]);
  },
  Expand: ({ inputs }) => repeated(constantOf(inputs[0], "numbers"), inputs[1]),
};

function resultsOf(op: string, reading: Reading): readonly Value[] {
  const { inputs, node } = reading;
  if (!isKnown(node)) throw new Unreadable("is not among the operators that are read");
  for (const value of inputs)
    if (value?.kind === "unused") throw new Unreadable(`reads what ${value.reason}`);
  const make = special[op];
  if (make) return [make(reading)];
  if (recurrentOps.has(op)) return readRecurrent(reading);
  const [first, second] = inputs;
  const flows = inputs.some((value) => value?.kind === "flow");
  if (!flows) return [withoutFlow(op, reading)];
  if (op === "Gather" && first?.kind === "constant" && second?.kind === "flow")
    return [readEmbedding(reading)];
  const read = onFlows[op] ?? onLayers[op];
  if (read) return read(reading);
  throw new Unreadable("changes what flows through the layers as no layer does");
}

/** Operators on numbers, on numbers that are repeated, and on what is given from outside. */
function withoutFlow(op: string, reading: Reading): Value {
  const { inputs } = reading;
  const [first] = inputs;
  if (first?.kind === "given" && (Object.hasOwn(onConstants, op) || Object.hasOwn(onFlows, op))) {
    if (op === "Shape")
      throw new Unreadable(`asks for the size of the input "${first.name}", which is no sequence`);
    return first;
  }
  if (first?.kind === "repeated") {
    // A number is the same in every shape, and a state of one more axis before all others is what it was.
    const before = op === "Unsqueeze" && axesOf(reading).join() === "0";
    if (before || (first.of.data.length === 1 && Object.hasOwn(onConstants, op))) return first;
    throw new Unreadable("changes numbers whose shape differs from run to run");
  }
  const row = onConstants[op];
  if (op === "Shape" && first?.kind === "constant")
    return { kind: "constant", dims: [first.dims.length], data: first.dims };
  if (!row) throw new Unreadable("is computed on what is no sequence");
  return row(
    inputs.map((value) => constantOf(value, "a value")),
    reading,
  );
}

const losses = {
  softmax: "crossEntropy",
  "log softmax": "crossEntropy",
  sigmoid: "binaryCrossEntropy",
} as const;
const gives = { softmax: "prediction", "log softmax": "log prediction", sigmoid: "prediction" } as const;

/** The network of what flows out of a graph, or what is wrong with it. */
function networkOf(
  flow: Flow,
  walk: Walk,
  { loss }: OnnxImportOptions,
): Omit<OnnxImport, "output" | "left"> | string {
  const { input, axes } = walk;
  const { head } = flow;
  if (!input) return "no input is a sequence: token ids of two axes or vectors of three";
  try {
    const { chain } = wholeRows(flow);
    const net = network({
      input: input.vocabulary
        ? { vocabulary: chain[0]?.parameters.get("w_e")?.shape[0] ?? 0 }
        : { width: input.flow.dims[2]?.[0]?.size as number },
      layers: chain.map(({ layer }) => layer),
      loss: loss ?? (head ? losses[head] : "squaredError"),
    });
    return {
      network: net,
      parameters: parametersOf(net, chain),
      input: {
        name: input.name,
        axes: input.flow.dims.map(([axis]) =>
          axis?.kind === "feature" ? "features" : axis === axes.time ? "time" : "batch",
        ),
      },
      gives: head ? gives[head] : "scores",
      layers: net.layers.map(({ name }, i) => ({ layer: name, nodes: chain[i]?.from ?? [] })),
    };
  } catch (error) {
    if (error instanceof Unreadable || error instanceof NetworkError) return error.message;
    throw error;
  }
}

function parametersOf(net: Network, chain: readonly Found[]): Parameters {
  const own = new Map<string, Tensor>();
  net.layers.forEach(({ name }, i) => {
    for (const [local, tensor] of chain[i]?.parameters ?? []) own.set(`${name}.${local}`, tensor);
  });
  return new Map(net.parameters.map((spec) => [spec.name, own.get(spec.name) as Tensor]));
}
