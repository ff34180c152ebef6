/**
 * Reads a foreign graph node by node: numbers are computed as the graph computes them, layers are found, what moves values about is
 * followed. What cannot be read is noted where it stands, and reading goes on, so that all of it is said at once.
 */

import { NetworkError } from "../../../nn/index.js";
import { OptionError } from "../../../options/error.js";
import type { Budget } from "../../limits.js";
import { callOf } from "../evaluate/call.js";
import { elementwiseRows } from "../evaluate/elementwise.js";
import { nodeProblem, placeOf, rowOf } from "../evaluate/graph.js";
import { movementRows } from "../evaluate/movement.js";
import { EvaluationError, type Numbers } from "../evaluate/numbers.js";
import type { OnnxGraph, OnnxNode } from "../messages.js";
import { readNumbers } from "../tensors.js";
import { movedWeights, WEIGHTS } from "./attention.js";
import { type GraphInputs, graphInputs, moves } from "./inputs.js";
import { onLayers, readEmbedding } from "./layers.js";
import { onFlows, sizeConstant } from "./movement.js";
import { readRecurrent } from "./recurrent.js";
import { readScan } from "./scan.js";
import { Unreadable } from "./unreadable.js";
import {
  type Axes,
  type Constant,
  type Flow,
  type Given,
  place,
  type Reading,
  sizesOf,
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
  readonly budget: Budget;
  readonly inputs: GraphInputs;
  /** Sizes that are said to differ from run to run, by their primes, with the size that the graph works for alone. */
  readonly pins: Map<number, number>;
}

/** What reading a graph needs to know. */
export type WalkOptions = Pick<Walk, "states" | "opset" | "budget"> & {
  /** Numbers of inputs that are weights. */
  readonly weights: ReadonlyMap<string, Numbers>;
};

/** Reads a graph from its inputs on. */
export function walkGraph(graph: OnnxGraph, { states, opset, budget, weights }: WalkOptions): Walk {
  const values = new Map<string, Value>();
  const problems: Walk["problems"] = [];
  readInitializers(graph, { values, problems, budget });
  for (const [name, numbers] of weights) values.set(name, { kind: "constant", numbers, varies: false });
  const inputs = graphInputs(graph, new Set(values.keys()));
  const walk: Walk = {
    values,
    problems,
    axes: {},
    states,
    opset,
    given: new Set(),
    budget,
    inputs,
    pins: new Map(),
  };
  for (const { name, value } of inputs.all) values.set(name, value);
  const used = neededNodes(
    graph,
    graph.outputs.map(({ name = "" }) => name),
  );
  for (const node of graph.nodes) if (used.has(node)) readNode(node, walk);
  return walk;
}

function readInitializers(
  { initializers }: OnnxGraph,
  { values, problems, budget }: Pick<Walk, "values" | "problems" | "budget">,
): void {
  for (const tensor of initializers) {
    const name = tensor.name ?? "";
    const read = readNumbers(tensor, (bytes) =>
      budget.take(bytes, `the tensor "${name}"`, "makes more and more numbers"),
    );
    if ("problem" in read) problems.push({ text: `the tensor "${name}" ${read.problem}` });
    else values.set(name, { kind: "constant", numbers: read, varies: false });
  }
}

const take = ({ budget }: Walk, bytes: number, node: OnnxNode): void =>
  budget.take(bytes, placeOf(node), "makes more and more numbers");

/** The nodes that outputs depend on. */
export function neededNodes({ nodes }: OnnxGraph, outputs: readonly string[]): ReadonlySet<OnnxNode> {
  const wanted = new Set(outputs);
  const needed = new Set<OnnxNode>();
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => name !== "" && wanted.has(name))) continue;
    needed.add(node);
    for (const name of node.inputs) wanted.add(name);
    for (const { graph } of node.attributes)
      for (const inner of graph?.nodes ?? []) for (const name of inner.inputs) wanted.add(name);
  }
  return needed;
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
  const nothing = (): void => give(node.outputs.map((): Value => ({ kind: "unused" })));
  const missing = node.inputs.filter((name) => name !== "" && !walk.values.has(name));
  const told = inputs.some((value) => value?.kind === "unused" && value.reason === undefined);
  const unknown = isQuantised(node)
    ? quantised
    : (nodeProblem(node) ?? (told && !isReadable(node) ? noLayer : undefined));
  if (unknown !== undefined) {
    walk.problems.push({ text: `${placeOf(node)} ${unknown}`, node });
    return nothing();
  }
  if (told) return nothing();
  try {
    if (missing.length > 0) throw new Unreadable(`reads "${missing[0]}", which nothing gives`);
    give(resultsOf(node, inputs, walk));
  } catch (error) {
    if (!isUnderstood(error)) throw error;
    walk.problems.push({ text: `${placeOf(node)} ${error.message}`, node });
    nothing();
  }
}

const isUnderstood = (error: unknown): error is Error =>
  error instanceof Unreadable ||
  error instanceof NetworkError ||
  error instanceof OptionError ||
  error instanceof EvaluationError;

const recurrentOps = new Set(["LSTM", "GRU", "RNN"]);
const loops = new Set([...recurrentOps, "Scan"]);

const noLayer = "is an operator for which there is no layer here";

/** Operators of quantised models, by how their names begin or end. */
const isQuantised = ({ op = "" }: OnnxNode): boolean => /Quantize|^QLinear|Integer$/.test(op);

const quantised =
  "is an operator of a quantised model, which is not read; import the model as it was before quantize_dynamic";

/** True for an operator that is read where something flows into it, or that may be of numbers alone. */
const isReadable = ({ op = "" }: OnnxNode): boolean =>
  recurrentOps.has(op) ||
  op === "TopK" ||
  op === "ScatterElements" ||
  [onFlows, onLayers, movementRows, elementwiseRows].some((rows) => Object.hasOwn(rows, op));

function resultsOf(node: OnnxNode, inputs: readonly (Value | undefined)[], walk: Walk): readonly Value[] {
  const op = node.op ?? "";
  for (const value of inputs)
    if (value?.kind === "unused") throw new Unreadable(`reads what ${value.reason}`);
  if (inputs.every((value) => value === undefined || value.kind === "constant") && !loops.has(op))
    return computed(node, inputs as readonly (Constant | undefined)[], walk);
  const attributes = new Map(node.attributes.map((attribute) => [attribute.name ?? "", attribute]));
  const reading: Reading = {
    node,
    inputs,
    axes: walk.axes,
    states: walk.states,
    opset: walk.opset,
    given: walk.given,
    open: walk.inputs.open,
    pins: walk.pins,
    attribute: (name) => attributes.get(name),
    int: (name, absent) => attributes.get(name)?.int ?? absent,
    float: (name, absent) => attributes.get(name)?.float ?? absent,
  };
  if (recurrentOps.has(op)) return readRecurrent(reading);
  const [first, second] = inputs;
  if (op === "Scan")
    return readScan(reading, (name) => {
      const value = walk.values.get(name);
      return value?.kind === "constant" ? value.numbers : undefined;
    });
  if (first?.kind === "order" || second?.kind === "order") return ordered(op, reading);
  if (first?.kind === "given" && isLengths(first)) {
    if (op === "TopK") return [first, { kind: "order", dims: first.dims }];
    if (op === "Shape") return [sizeConstant(sizesOf(first), [first.dims.length], reading)];
  }
  if (first?.kind === "given" && moves.has(op)) return [first];
  for (const value of inputs)
    if (value?.kind === "given")
      throw new Unreadable(`computes with the input "${value.name}", which is no sequence`);
  if (op === "Gather" && first?.kind === "constant" && second && second.kind !== "constant")
    return readEmbedding(reading);
  const read = onFlows[op] ?? onLayers[op];
  if (first?.kind === "partial" && first.name === WEIGHTS && moves.has(op))
    return [
      movedWeights(first, (flow) => read!({ ...reading, inputs: [flow, ...inputs.slice(1)] })[0] as Flow),
    ];
  if (read) return read(reading);
  throw new Unreadable(noLayer);
}

const isLengths = ({ dims }: Given): boolean => dims.length === 1;

/** What takes the sequences of a batch in another order, as packed sequences do: each of them stays what it is. */
function ordered(op: string, reading: Reading): readonly Value[] {
  const { inputs, int, axes } = reading;
  const [first, second] = inputs;
  if (first?.kind === "order" && op === "Shape") return [sizeConstant(sizesOf(first), [1], reading)];
  if (first?.kind === "order" && (op === "Cast" || op === "Identity")) return [first];
  if (second?.kind === "order" && op === "ScatterElements") return [second];
  if (second?.kind === "order" && op === "Gather" && first?.kind === "flow") {
    const atoms = first.dims[place(int("axis", 0), first.dims.length)]!;
    const [atom] = atoms;
    if (
      atoms.length <= 1 &&
      (atom === undefined || (atom.kind === "open" && (axes.batch ?? atom) === atom))
    ) {
      axes.batch ??= atom;
      // What stands between is of other sequences than the network's at the same place.
      axes.reordered = true;
      return [first];
    }
  }
  throw new Unreadable("computes with the order of the sequences of a batch");
}

/** A node whose inputs are all known. */
function computed(node: OnnxNode, inputs: readonly (Constant | undefined)[], walk: Walk): readonly Value[] {
  const { opset } = walk;
  // A node looks at all numbers that it reads, and any number of nodes can read the same ones.
  const read = inputs.reduce((sum, value) => sum + (value?.numbers.data.length ?? 0), 0);
  take(walk, read, node);
  const call = callOf(
    node,
    inputs.map((value) => value?.numbers),
    {
      opset,
      take: (numbers) => take(walk, 8 * numbers, node),
      run: () => {
        throw new Unreadable("runs a graph inside the graph on numbers");
      },
    },
  );
  if (node.op === "If") return branch(node, inputs[0]!, walk);
  const alike = node.op === "Expand" ? expanded(inputs, walk) : undefined;
  if (alike) return [alike];
  // A shape of numbers is a number of the file, unless the numbers were made by a size of the input.
  const varies = inputs.some((value) => value?.varies);
  return rowOf(node)!
    .run(call)
    .map((numbers): Value => ({ kind: "constant", numbers, varies }));
}

/** The same number over a shape, of which an open size was traced for one run: the graph works for that size alone. */
function expanded([of, shape]: readonly (Constant | undefined)[], { pins }: Walk): Constant | undefined {
  if (!of || !shape?.varies || !of.numbers.data.every((v) => v === of.numbers.data[0])) return undefined;
  const wanted = Array.from(shape.numbers.data);
  const own = of.numbers.dims;
  const clash = wanted.map((n, i): [number, number] => [n, own[i - wanted.length + own.length] ?? 1]);
  if (own.length > wanted.length || !clash.some(([n, m]) => m !== 1 && n !== 1 && n !== m)) return undefined;
  for (const [n, m] of clash) if (m !== 1 && n !== m) pins.set(n, m);
  const data = new Float64Array(wanted.reduce((a, b) => a * b, 1)).fill(of.numbers.data[0] ?? 0);
  return { kind: "constant", varies: true, numbers: { ...of.numbers, dims: wanted, data } };
}

/** The branch of a condition that is known: its nodes are read as if they stood in the graph. */
function branch(node: OnnxNode, condition: Constant, walk: Walk): readonly Value[] {
  const name = condition.numbers.data[0] ? "then_branch" : "else_branch";
  const graph = node.attributes.find((attribute) => attribute.name === name)?.graph;
  if (!graph) throw new Unreadable(`has no ${name}`);
  readInitializers(graph, walk);
  for (const inner of graph.nodes) readNode(inner, walk);
  return graph.outputs.map(({ name: of = "" }) => walk.values.get(of) ?? { kind: "unused" });
}
