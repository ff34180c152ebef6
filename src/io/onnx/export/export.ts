/**
 * Models as ONNX files, for every runtime that reads them: standard cells as operators, all others as a Scan over their
 * equations. A decoder becomes two graphs, what is made of the source once and one step of the target.
 */

import { checkModel, INPUT, kindOf, wholeSequenceReason } from "../../../nn/build/index.js";
import { type Network, NetworkError, type Parameters } from "../../../nn/index.js";
import { type GraphBuilder, graphBuilder, modelBytes } from "../graph.js";
import { type ExportContext, exportFinals, parameterReader } from "./context.js";
import { exportDecoder } from "./decoder.js";
import { chainParameters, exportHeads } from "./heads.js";
import { exportInputs } from "./inputs.js";
import { exportLayers } from "./layers.js";
import type { OnnxPart } from "./part.js";

/** A model to be exported; what `readModel` gives is one. */
export interface OnnxSource {
  readonly network: Network;
  readonly parameters: Parameters;
  /** The task that made it, for the file's metadata. */
  readonly task?: string;
  /** What the task keeps beside the network (vocabulary, labels), for the file's metadata: JSON. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** How to export. */
export interface OnnxExportOptions {
  /**
   * True for a graph that goes on where it stopped: the states of all recurrent layers are inputs as well as outputs, and
   * sequences have no lengths, for every one has all steps of the run (as few as one). Default false: whole sequences with
   * their lengths, which start where the model says.
   */
  readonly stream?: boolean;
}

/**
 * A model as ONNX files: one, or two of a network with a decoder.
 *
 * @example
 * const [file] = exportOnnx(readModel(bytes));
 * // inputs: input int32 [time, batch], lengths int32 [batch]; outputs: scores and prediction, final states
 * @throws NetworkError if a layer cannot be exported so, naming it and what would work
 */
export function exportOnnx(model: OnnxSource, options: OnnxExportOptions = {}): OnnxPart[] {
  checkModel("exportOnnx", model);
  const { network: net, parameters } = model;
  const { stream = false } = options;
  checkParameters(model);
  const [first] = net.layers;
  const decodes = first !== undefined && kindOf(first.layer).memory !== undefined;
  if (decodes && stream)
    throw new NetworkError(`${first.name} is exported as steps anyway; leave stream out`);
  if (stream) checkStream(net);
  const part = (name: OnnxPart["part"], build: (context: ExportContext) => void): OnnxPart => {
    const graph = graphBuilder(`unrolled ${name}`);
    const context: ExportContext = {
      graph,
      parameters: parameterReader(graph, net, parameters),
      name: "",
      inside: false,
      stream: stream || name === "step",
      states: [],
      finals: new Map(),
      operators: [],
    };
    build(context);
    exportFinals(context);
    const { states, operators } = context;
    const bytes = modelBytes(graph, metadataOf(model, name, context));
    return { part: name, bytes, inputs: graph.inputs, outputs: graph.outputs, states, operators };
  };
  if (decodes) return exportDecoder(net, part);
  return [part("model", (context) => exportWhole(net, context))];
}

/** @throws NetworkError naming a parameter that is missing or has another shape */
function checkParameters({ network: net, parameters }: OnnxSource): void {
  for (const { name, shape } of net.parameters) {
    const found = parameters.get(name);
    if (found?.shape.join() === shape.join()) continue;
    const is = found ? `has shape (${found.shape.join(", ")})` : "is missing";
    throw new NetworkError(`the parameter ${name} ${is}; the network needs (${shape.join(", ")})`);
  }
}

function exportWhole(net: Network, context: ExportContext): void {
  const input = exportInputs(context.graph as GraphBuilder, net.input, context.stream);
  const values = new Map([[INPUT, input]]);
  for (const [name, value] of input.inputs ?? []) values.set(`${INPUT}.${name}`, value);
  exportHeads(net, exportLayers(net.layers, values, context), context);
}

/** @throws NetworkError naming the layer that needs whole sequences */
function checkStream(net: Network): void {
  const reason = wholeSequenceReason(net);
  if (reason) throw new NetworkError(`the network cannot be exported as a stream: ${reason}`);
}

/** The key "unrolled": what a program needs beside the graph, as JSON. */
function metadataOf(
  { network: net, parameters, task, data }: OnnxSource,
  part: OnnxPart["part"],
  { states, operators }: ExportContext,
): Record<string, string> {
  const chain = chainParameters(net, (name) => parameters.get(name)!);
  const about = {
    format: 1,
    part,
    ...(task === undefined ? {} : { task }),
    input: net.input,
    loss: net.loss,
    states,
    operators,
    ...(net.quantiles === undefined ? {} : { quantiles: net.quantiles }),
    ...(Object.keys(chain).length > 0 ? { chain } : {}),
    ...(data === undefined ? {} : { data }),
  };
  return { unrolled: JSON.stringify(about) };
}
