/**
 * Reads a foreign graph node by node: numbers are computed, layers are found, what moves values about is followed. What cannot
 * be read is noted where it stands, and reading goes on, so that all of it is said at once.
 */

import { NetworkError } from "../../../nn/index.js";
import { OptionError } from "../../../options/error.js";
import type { Budget } from "../../limits.js";
import { elementTypes, type OnnxGraph, type OnnxNode, type OnnxValue } from "../messages.js";
import { onLayers, readEmbedding } from "./dense.js";
import { axesOf, computed, constantNode, isOnConstants, repeated } from "./numbers.js";
import { readRecurrent } from "./recurrent.js";
import { onFlows } from "./shapes.js";
import { readTensor } from "./tensors.js";
import {
  type Axes,
  type Axis,
  type Constant,
  constantOf,
  type Flow,
  type Reading,
  Unreadable,
  type Value,
} from "./values.js";

/** The values of a graph, as far as they were understood. */
export interface Walk {
  readonly values: Map<string, Value>;
  readonly problems: { readonly text: string; readonly node?: OnnxNode }[];
  readonly axes: Axes;
  readonly states: "given" | "zero";
  /** The version of ONNX's own operators. */
  readonly opset: number;
  /** Inputs that recurrent layers start from. */
  readonly given: Set<string>;
  /** What numbers and weights take, and which of them have been counted. */
  readonly budget: Budget;
  readonly counted: Set<object>;
  /** The input of the sequence, and its axes before anything. */
  input: { readonly name: string; readonly flow: Flow; readonly vocabulary: boolean } | undefined;
}

const placeOf = ({ name, op, outputs }: OnnxNode): string =>
  `${op} at ${name ? `"${name}"` : `the node that gives "${outputs[0] ?? ""}"`}`;

/** Reads a graph from its inputs on. @param options.states what to do with states that the caller of the graph provides */
export function walkGraph(
  graph: OnnxGraph,
  { states, opset, budget }: Pick<Walk, "states" | "opset" | "budget">,
): Walk {
  const walk: Walk = {
    values: new Map(),
    problems: [],
    axes: {},
    states,
    opset,
    given: new Set(),
    budget,
    counted: new Set(),
    input: undefined,
  };
  for (const tensor of graph.initializers) {
    const read = readTensor(tensor, (bytes) => take(walk, bytes, `the tensor "${tensor.name ?? ""}"`));
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

const take = ({ budget }: Walk, bytes: number, where: string): void =>
  budget.take(bytes, where, "makes more and more numbers");

/** Counts what a value newly holds: its numbers, or the weights of the layer that it comes from. */
function count(walk: Walk, node: OnnxNode, value: Value): void {
  const holds = (of: object, bytes: number): void => {
    if (walk.counted.has(of)) return;
    walk.counted.add(of);
    take(walk, bytes, placeOf(node));
  };
  if (value.kind === "constant") holds(value.data, 8 * value.data.length);
  if (value.kind !== "flow") return;
  for (const found of [...value.chain.slice(-1), ...(value.rows ?? []).map((row) => row.found)])
    for (const { data } of found.parameters.values()) holds(data, 8 * data.length);
}

/** The nodes that outputs depend on. */
export function neededNodes({ nodes }: OnnxGraph, outputs: readonly string[]): ReadonlySet<OnnxNode> {
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
  const features: (readonly Axis[])[] = whole ? [] : [[{ kind: "feature", size: width! }]];
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
      const value = values[i] ?? { kind: "unused", reason: "is a result that no layer goes on from" };
      count(walk, node, value);
      walk.values.set(name, value);
    });
  // What could not be read has been said where it stands, not again at everything that follows.
  const nothing: Value = { kind: "unused" };
  const attributes = new Map(node.attributes.map((attribute) => [attribute.name ?? "", attribute]));
  const reading: Reading = {
    node,
    inputs,
    axes: walk.axes,
    states: walk.states,
    opset: walk.opset,
    given: walk.given,
    attribute: (name) => attributes.get(name),
    int: (name, absent) => attributes.get(name)?.int ?? absent,
  };
  const op = node.op ?? "";
  if (inputs.some((value) => value?.kind === "unused" && value.reason === undefined)) {
    if (!isKnown(node))
      walk.problems.push({ text: `${placeOf(node)} is not among the operators that are read`, node });
    return give(node.outputs.map(() => nothing));
  }
  // A node looks at all numbers that it reads, and any number of nodes can read the same ones.
  take(
    walk,
    inputs.reduce((sum, value) => sum + (value?.kind === "constant" ? value.data.length : 0), 0),
    placeOf(node),
  );
  try {
    give(resultsOf(op, reading));
  } catch (error) {
    if (!(error instanceof Unreadable || error instanceof NetworkError || error instanceof OptionError))
      throw error;
    walk.problems.push({ text: `${placeOf(node)} ${error.message}`, node });
    give(node.outputs.map(() => nothing));
  }
}

const recurrentOps = new Set(["LSTM", "GRU", "RNN"]);
const ownDomains = new Set(["", "ai.onnx"]);

const isKnown = ({ op = "", domain = "" }: OnnxNode): boolean =>
  ownDomains.has(domain) &&
  (recurrentOps.has(op) ||
    isOnConstants(op) ||
    [onFlows, onLayers, special].some((rows) => Object.hasOwn(rows, op)));

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

/** Operators that move numbers and change none: states that are given or repeated stay what they are. */
const moves = new Set([
  "Identity",
  "Cast",
  "Slice",
  "Gather",
  "Unsqueeze",
  "Squeeze",
  "Transpose",
  "Reshape",
]);

/** Whether an operator of `moves` leaves the last size as it is; of slices, those of the first axis alone are known to. */
function leavesWidth(op: string, { inputs }: Reading): boolean {
  const axes = inputs[3];
  const first = axes?.kind === "constant" && Array.from(axes.data).every((axis) => axis === 0);
  return op === "Identity" || op === "Cast" || (op === "Slice" && first);
}

/** Operators on numbers, on numbers that are repeated, and on what is given from outside. */
function withoutFlow(op: string, reading: Reading): Value {
  const { inputs } = reading;
  const [first] = inputs;
  if (first?.kind === "given") {
    if (moves.has(op)) return first;
    throw new Unreadable(`computes with the input "${first.name}", which is no sequence`);
  }
  if (first?.kind === "repeated") {
    // A number is the same in every shape, and a state of one more axis before all others is what it was.
    const before = op === "Unsqueeze" && axesOf(reading).join() === "0";
    const { of } = first;
    if (before || (of.data.length === 1 && leavesWidth(op, reading))) return first;
    if (of.data.length === 1 && moves.has(op)) return { kind: "repeated", of };
    throw new Unreadable("changes numbers whose shape differs from run to run");
  }
  if (op === "Shape" && first?.kind === "constant")
    return { kind: "constant", dims: [first.dims.length], data: first.dims };
  if (!isOnConstants(op)) throw new Unreadable("is computed on what is no sequence");
  const constants = inputs.map((value) => constantOf(value, "a value"));
  return computed(op, constants, reading);
}
