/**
 * An ONNX file as messages: decoded, its graph and version found, and the tensors that stand in other files filled in.
 */
import { FileFormatError } from "../errors.js";
import type { Budget } from "../limits.js";
import { nameProblem } from "../names.js";
import {
  decodeModel,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxTensor,
} from "./messages.js";
import { ProtobufError } from "./protobuf.js";

/** A file that was decoded. */
export interface OnnxFile {
  /** The file's name, for messages. */
  readonly file: string;
  readonly model: OnnxModel;
  readonly graph: OnnxGraph;
  /** The version of ONNX's own operators. */
  readonly opset: number;
}

/** Decodes a file. @throws FileFormatError if the bytes are no ONNX model with a graph */
export function openOnnx(bytes: Uint8Array, file: string, budget: Budget): OnnxFile {
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
  return { file, model, graph: model.graph, opset: own.version };
}

const isOutside = ({ location }: OnnxTensor): boolean => location === 1;

/** The tensors of a graph, those of its nodes' attributes and of graphs inside it too. */
function* tensorsOf({ initializers, nodes }: OnnxGraph): Generator<OnnxTensor> {
  yield* initializers;
  for (const { attributes } of nodes)
    for (const { tensor, graph } of attributes) {
      if (tensor) yield tensor;
      if (graph) yield* tensorsOf(graph);
    }
}

/** Where a tensor's numbers stand. */
interface Place {
  readonly location: string;
  readonly offset: number;
  /** Undefined: to the file's end. */
  readonly length: number | undefined;
}

function placeOf(tensor: OnnxTensor, file: string): Place {
  const entries = new Map(tensor.external.map(({ key = "", value = "" }) => [key, value]));
  const fail = (problem: string): FileFormatError =>
    new FileFormatError({
      file,
      where: `the tensor "${tensor.name ?? ""}"`,
      problem,
      remedy: "Weights stand in the model's own file, or in files beside it.",
    });
  const location = entries.get("location") ?? "";
  const problem = nameProblem(location);
  if (problem !== undefined)
    throw fail(`says that its numbers stand in ${JSON.stringify(location)}, which ${problem}`);
  const whole = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw fail(`says that its numbers have the ${key} ${JSON.stringify(text)}`);
  };
  return { location, offset: whole("offset") ?? 0, length: whole("length") };
}

/**
 * The names of the files beside a model in which its weights stand; none for most.
 *
 * @throws FileFormatError naming a tensor that says something else than the name of a file beside the model
 */
export function filesBeside({ graph, file }: OnnxFile): readonly string[] {
  const names = new Set<string>();
  for (const tensor of tensorsOf(graph)) if (isOutside(tensor)) names.add(placeOf(tensor, file).location);
  return [...names];
}

/**
 * The same file with the numbers of all tensors in it.
 *
 * @param files the bytes of the files beside it by name
 * @throws FileFormatError naming a tensor whose numbers are not there
 */
export function withFilesBeside(opened: OnnxFile, files: ReadonlyMap<string, Uint8Array>): OnnxFile {
  const { file } = opened;
  const filled = (tensor: OnnxTensor): OnnxTensor => {
    if (!isOutside(tensor)) return tensor;
    const { location, offset, length } = placeOf(tensor, file);
    const bytes = files.get(location);
    const fail = (problem: string, remedy: string): FileFormatError =>
      new FileFormatError({ file, where: `the tensor "${tensor.name ?? ""}"`, problem, remedy });
    if (!bytes)
      throw fail(
        `has its numbers in another file, ${JSON.stringify(location)}`,
        "Put that file beside the model; in code, loadOnnx is given what loads it.",
      );
    const end = length === undefined ? bytes.length : offset + length;
    if (end > bytes.length)
      throw fail(
        `has its numbers at the bytes ${offset} to ${end} of ${JSON.stringify(location)}, which has ${bytes.length}`,
        "The two files do not belong together, or one was cut off.",
      );
    const { location: _, ...rest } = tensor;
    return { ...rest, external: [], raw: bytes.subarray(offset, end) };
  };
  const inGraph = (graph: OnnxGraph): OnnxGraph => ({
    ...graph,
    initializers: graph.initializers.map(filled),
    nodes: graph.nodes.map((node) =>
      node.attributes.some(({ tensor, graph: inner }) => tensor || inner)
        ? { ...node, attributes: node.attributes.map(inAttribute) }
        : node,
    ),
  });
  const inAttribute = (attribute: OnnxAttribute): OnnxAttribute => ({
    ...attribute,
    ...(attribute.tensor ? { tensor: filled(attribute.tensor) } : {}),
    ...(attribute.graph ? { graph: inGraph(attribute.graph) } : {}),
  });
  const graph = inGraph(opened.graph);
  return { ...opened, graph, model: { ...opened.model, graph } };
}
