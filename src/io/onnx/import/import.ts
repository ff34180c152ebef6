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
import { checkArguments } from "../../../options/check.js";
import { OptionError } from "../../../options/error.js";
import { FileFormatError } from "../../errors.js";
import type { Imported, Mapping, Rows, SourceLayer } from "../../imported.js";
import { type Budget, fileBudget, type ReadLimits } from "../../limits.js";
import { decodeModel, type OnnxGraph, type OnnxModel } from "../messages.js";
import { ProtobufError } from "../protobuf.js";
import { evaluateActivation, evaluateSoftmax } from "./evaluate.js";
import { type Flow, type Found, Unreadable, type Value } from "./values.js";
import { neededNodes, type Walk, walkGraph } from "./walk.js";
import { wholeRows } from "./whole.js";

/** What comes after the last layer. */
export type OnnxHead = "linear" | "softmax" | "sigmoid";

/** How to read a file. */
export interface OnnxImportOptions {
  /** The file's name, for messages. Default "model.onnx". */
  readonly name?: string;
  /**
   * What follows the graph's output, where the graph does not end in it: "linear" (nothing), "softmax" or "sigmoid". It decides the
   * network's loss: squaredError, crossEntropy or binaryCrossEntropy. Default: what the graph ends in.
   */
  readonly head?: OnnxHead;
  /**
   * What becomes of states that the graph takes as inputs: "zero" (default) for a network whose sequences start at zero, and whose
   * streams carry their states; "given" for one that every example must bring them to.
   */
  readonly states?: "given" | "zero";
  /** How much reading it may take. */
  readonly limits?: ReadLimits;
}

/** What a file became. */
export interface OnnxImport extends Imported {
  /** The graph's input of the sequence, and its axes: which is time and which is batch. */
  readonly input: { readonly name: string; readonly axes: readonly ("time" | "batch" | "features")[] };
  /** The graph's output that is the network's. */
  readonly output: string;
  /** What the graph's output is of the network's: its scores z, its prediction, or the logarithm of that. */
  readonly gives: "scores" | "prediction" | "log prediction";
  /** The network's layers, each with the nodes that it was made of. */
  readonly nodes: Readonly<Record<string, readonly string[]>>;
  /** Outputs of the graph that the network does not have. */
  readonly left: readonly string[];
}

/**
 * Reads an ONNX file.
 *
 * @example
 * const { network, parameters } = importOnnx(readFileSync("tagger.onnx"));
 * @throws FileFormatError if the bytes are no ONNX model, or listing everything in it that no layer here stands for;
 *   NetworkError if an option makes no sense
 */
export function importOnnx(bytes: Uint8Array, options: OnnxImportOptions = {}): OnnxImport {
  checkArguments("importOnnx", { bytes }, { bytes: { kind: "bytes" } });
  const { name: file = "model.onnx", states = "zero" } = options;
  checkOption("head", options.head, Object.keys(heads));
  checkOption("states", states, ["zero", "given"]);
  const budget = fileBudget(file, options.limits, bytes.length);
  const { graph, opset } = graphOf(bytes, file, budget);
  const walk = walkGraph(graph, { states, opset, budget });
  const outputs = graph.outputs.map(({ name = "" }) => ({ name, value: walk.values.get(name) }));
  const own = deepest(outputs);
  // What is wrong on the way to other outputs does not matter.
  const needed = own && neededNodes(graph, [own.name]);
  const problems = walk.problems
    .filter(({ node }) => !needed || !node || needed.has(node))
    .map(({ text }) => text);
  if (problems.length === 0 && !own) problems.push("no output comes from a recurrent layer or a dense one");
  const left = outputs.filter(({ name }) => name !== own?.name).map(({ name }) => name);
  const result = problems.length === 0 && own ? importedFrom(own, { walk, left, options }) : undefined;
  if (typeof result === "string") problems.push(result);
  if (problems.length > LISTED)
    problems.splice(LISTED, problems.length, `and ${problems.length - LISTED} more`);
  if (typeof result !== "object")
    throw new FileFormatError({
      file,
      where: "graph",
      problem: `holds what no layer here stands for:\n  ${problems.join("\n  ")}\n`,
      remedy:
        "Networks of an embedding, LSTM, GRU and RNN layers, pooling and a dense head at the end can be imported (docs/onnx.md).",
    });
  return result;
}

/** Problems that are listed. */
const LISTED = 40;

function checkOption(name: string, value: string | undefined, choices: readonly string[]): void {
  if (value !== undefined && !choices.includes(value))
    throw new NetworkError(`the option ${name} is "${value}"; it can be ${choices.join(", ")}`);
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

function graphOf(
  bytes: Uint8Array,
  file: string,
  budget: Budget,
): { readonly graph: OnnxGraph; readonly opset: number } {
  const fail = (where: string, problem: string): FileFormatError =>
    new FileFormatError({
      file,
      where,
      problem,
      remedy: "An ONNX model is one file of protocol buffers, with a graph.",
    });
  let model: OnnxModel;
  try {
    model = decodeModel(bytes, (taken) => budget.take(taken, "bytes", "holds more and more messages"));
  } catch (error) {
    if (error instanceof ProtobufError) throw fail("bytes", error.message);
    throw error;
  }
  if (!model.graph || model.graph.outputs.length === 0) throw fail("model", "has no graph");
  const own = model.opsets.find(({ domain = "" }) => domain === "" || domain === "ai.onnx");
  if (own?.version === undefined)
    throw fail("model", "does not say which version of ONNX's operators it has");
  return { graph: model.graph, opset: own.version };
}

/** What a graph ends in: the head that it is, and what its output is of the network's. */
const endings = {
  softmax: { head: "softmax", gives: "prediction" },
  "log softmax": { head: "softmax", gives: "log prediction" },
  sigmoid: { head: "sigmoid", gives: "prediction" },
} as const;

interface Head {
  readonly loss: LossName;
  /** How it makes predictions of scores, by ONNX's formula. Absent: they are the scores. */
  readonly evaluate?: (rows: Rows) => Rows;
}

const heads: Readonly<Record<OnnxHead, Head>> = {
  linear: { loss: "squaredError" },
  softmax: { loss: "crossEntropy", evaluate: evaluateSoftmax },
  sigmoid: { loss: "binaryCrossEntropy", evaluate: evaluateActivation("Sigmoid") },
};

interface Own {
  readonly name: string;
  readonly value: Flow;
}

interface Around {
  readonly walk: Walk;
  readonly left: readonly string[];
  readonly options: OnnxImportOptions;
}

/** The network of what flows out of a graph, or what is wrong with it. */
function importedFrom({ name: output, value }: Own, { walk, left, options }: Around): OnnxImport | string {
  const { input, axes } = walk;
  const ending = value.head && endings[value.head];
  const head = options.head ?? ending?.head ?? "linear";
  if (!input) return "no input is a sequence: token ids of two axes or vectors of three";
  if (ending && ending.head !== head)
    return `the graph ends in a ${value.head}, after which ${head} cannot follow: leave the option head out`;
  try {
    const { chain } = wholeRows(value);
    const net = network({
      input: input.vocabulary
        ? { vocabulary: chain[0]?.parameters.get("w_e")?.shape[0] ?? 0 }
        : { width: input.flow.dims[2]?.[0]?.size as number },
      layers: chain.map(({ layer }) => layer),
      loss: heads[head].loss,
    });
    const gives = ending ? ending.gives : "scores";
    const names = net.layers.map(({ name }) => name);
    return {
      format: "onnx",
      network: net,
      parameters: parametersOf(net, chain),
      output,
      gives,
      left,
      mapped: chain.flatMap(({ mapped }, i) =>
        mapped.map((each): Mapping => ({ ...each, to: `${names[i]}.${each.to}` })),
      ),
      layers: sourceLayers(names, chain, head),
      assumed: assumedIn({ walk, left }, { output, head, gives, chain }),
      nodes: Object.fromEntries(chain.map(({ nodes }, i) => [names[i], nodes])),
      input: {
        name: input.name,
        axes: input.flow.dims.map(([axis]) =>
          axis?.kind === "feature" ? "features" : axis === axes.time ? "time" : "batch",
        ),
      },
    };
  } catch (error) {
    if (error instanceof Unreadable || error instanceof NetworkError || error instanceof OptionError)
      return error.message;
    throw error;
  }
}

function parametersOf(net: Network, chain: readonly Found[]): Parameters {
  const own = new Map<string, Tensor>();
  net.layers.forEach(({ name }, i) => {
    for (const [local, tensor] of chain[i]?.parameters ?? []) own.set(`${name}.${local}`, tensor);
  });
  return new Map(net.parameters.map((spec) => [spec.name, own.get(spec.name)!]));
}

/** The file's layers as functions; pooling by the last state stands together with its layer. */
function sourceLayers(names: readonly string[], chain: readonly Found[], head: OnnxHead): SourceLayer[] {
  const layers: SourceLayer[] = [];
  chain.forEach((found, i) => {
    const own = names[i]!;
    const { layer, nodes, evaluate } = found;
    const ends = layer.kind === "pool" && layer.by === "last";
    const before = ends ? layers.pop() : undefined;
    const name = before ? before.name : nodes.join(" + ");
    layers.push({ name, layers: [...(before?.layers ?? []), own], evaluate });
  });
  const { evaluate } = heads[head];
  if (evaluate) layers.push({ name: head, layers: [], evaluate });
  return layers;
}

interface Facts {
  readonly output: string;
  readonly head: OnnxHead;
  readonly gives: OnnxImport["gives"];
  readonly chain: readonly Found[];
}

/** What the file does not tell. */
function assumedIn(
  { walk, left }: Pick<Around, "walk" | "left">,
  { output, head, gives, chain }: Facts,
): string[] {
  const said: string[] = [];
  if (gives === "scores") {
    const follows = head === "linear" ? "linear, which is nothing" : head;
    said.push(`What follows the output "${output}" is not in the file: ${follows} (option head).`);
  }
  if (gives === "log prediction")
    said.push(`The output "${output}" is the logarithm of the predictions here.`);
  if (walk.given.size > 0 && walk.states === "zero")
    said.push(
      `The graph takes states as inputs (${[...walk.given].join(", ")}); here sequences start at zero (option states).`,
    );
  if (left.length > 0) said.push(`Outputs that the network does not have: ${left.join(", ")}.`);
  if (chain.some(({ layer }) => layer.kind === "pool"))
    said.push("Pooling is over all steps of the graph; here it is over the steps that each sequence has.");
  return said;
}
