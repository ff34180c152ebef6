/**
 * Puts an ONNX graph together: nodes, weights, inputs and outputs, with names that are each given once. The body of a
 * Scan is a graph inside it, which reads the weights of the graph around it.
 */
import {
  attributeTypes,
  type ElementType,
  elementTypes,
  encodeModel,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from "./messages.js";

/** The set of operators that exports use: that of ONNX 1.12, of 2022. */
export const opset = 17;

/** The version of the file's format that goes with it. */
const irVersion = 8;

/** Attributes by name: whole numbers, lists of them, texts, lists of those, floats, and graphs. */
export type Attributes = Readonly<
  Record<string, number | string | readonly (number | string)[] | { readonly float: number } | OnnxGraph>
>;

/** Sizes: numbers, or names of those that may differ from run to run. */
export type Dims = readonly (number | string)[];

/** An input or an output of a graph. */
export interface OnnxTensorInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Dims;
}

/** What a node has beside its operator and inputs. */
export interface NodeOptions {
  readonly attributes?: Attributes;
  /** Number of outputs; default 1. */
  readonly outputs?: number;
}

/** A graph in the making. */
export interface GraphBuilder {
  /** Adds a node and gives the name of its output. */
  node(op: string, inputs: readonly string[], attributes?: Attributes): string;
  /** Adds a node of several outputs and gives their names. */
  nodes(op: string, inputs: readonly string[], options: NodeOptions): readonly string[];
  /** Weights under a name; a name that is there already is not added again. */
  weights(name: string, shape: readonly number[], data: () => Float32Array): string;
  /** One float. */
  number(value: number): string;
  /** Whole numbers: a list, or a single number. */
  whole(values: number | readonly number[]): string;
  input(info: OnnxTensorInfo): string;
  output(value: string, info: OnnxTensorInfo): void;
  /** A graph inside this one. */
  body(name: string): GraphBuilder;
  readonly inputs: readonly OnnxTensorInfo[];
  readonly outputs: readonly OnnxTensorInfo[];
  graph(): OnnxGraph;
}

/** What a graph and those inside it share. */
interface Shared {
  readonly weights: Map<string, OnnxTensor>;
  count: number;
}

/** A graph without nodes. */
export function graphBuilder(name: string): GraphBuilder {
  return builder(name, "", { weights: new Map(), count: 0 });
}

function builder(name: string, prefix: string, shared: Shared): GraphBuilder {
  const all: OnnxNode[] = [];
  const inputs: OnnxTensorInfo[] = [];
  const outputs: OnnxTensorInfo[] = [];
  const weight = (tensor: OnnxTensor & { readonly name: string }): string => {
    shared.weights.set(tensor.name, tensor);
    return tensor.name;
  };
  const self: GraphBuilder = {
    inputs,
    outputs,
    node: (op, from, attributes = {}) => self.nodes(op, from, { attributes })[0]!,
    nodes(op, from, { attributes = {}, outputs: count = 1 }) {
      const at = shared.count++;
      const names = Array.from({ length: count }, (_, i) => `${op}_${at}${count > 1 ? `_${i}` : ""}`);
      const entries = Object.entries(attributes).map(attribute);
      all.push({ name: `${prefix}${op}_${at}`, op, inputs: from, outputs: names, attributes: entries });
      return names;
    },
    weights(of, shape, data) {
      return shared.weights.has(of) ? of : weight(tensorOf(of, shape, data()));
    },
    number: (value) => self.weights(`number ${value}`, [], () => Float32Array.of(value)),
    whole(values) {
      const [list, dims] = typeof values === "number" ? [[values], []] : [values, [values.length]];
      const of = `whole ${dims.length > 0 ? `[${list.join(", ")}]` : list[0]}`;
      const raw = new Uint8Array(BigInt64Array.from(list, BigInt).buffer);
      return weight({ ...noNumbers, name: of, dims, type: elementTypes.int64, raw });
    },
    input(info) {
      inputs.push(info);
      return info.name;
    },
    output(value, info) {
      outputs.push(info);
      all.push({ name: info.name, op: "Identity", inputs: [value], outputs: [info.name], attributes: [] });
    },
    body: (of) => builder(of, `${of}/`, shared),
    graph: () => ({
      nodes: all,
      name,
      inputs: inputs.map(valueOf),
      outputs: outputs.map(valueOf),
      // A graph inside another reads the weights of the one around it.
      initializers: prefix === "" ? [...shared.weights.values()] : [],
    }),
  };
  return self;
}

const noNumbers = { floats: [], int32s: [], int64s: [], doubles: [], uint64s: [], external: [] } as const;

/** Numbers as a tensor of a file. */
function tensorOf(
  name: string,
  dims: readonly number[],
  data: Float32Array,
): OnnxTensor & { readonly name: string } {
  // ONNX is little-endian, and so is every machine that WebAssembly and JavaScript engines run on today.
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { ...noNumbers, name, dims, type: elementTypes.float32, raw };
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function attribute([name, value]: [string, Attributes[string]]): OnnxAttribute {
  const types = attributeTypes;
  const no = { floats: [], ints: [], texts: [] };
  if (typeof value === "number") return { ...no, name, int: value, type: types.int };
  if (typeof value === "string") return { ...no, name, text: utf8(value), type: types.text };
  if ("float" in value) return { ...no, name, float: value.float, type: types.float };
  if ("nodes" in value) return { ...no, name, graph: value, type: types.graph };
  const texts = value.filter((item) => typeof item === "string");
  if (texts.length > 0) return { ...no, name, texts: texts.map(utf8), type: types.texts };
  return { ...no, name, ints: value as readonly number[], type: types.ints };
}

function valueOf({ name, type, shape }: OnnxTensorInfo): OnnxValue {
  const dims = shape.map((size) => (typeof size === "number" ? { size } : { name: size }));
  return { name, type: { tensor: { type: elementTypes[type], shape: { dims } } } };
}

/** A graph as the bytes of an ONNX file. @param metadata texts by name that go with the model */
export function modelBytes(graph: GraphBuilder, metadata: Readonly<Record<string, string>>): Uint8Array {
  return encodeModel({
    irVersion,
    opsets: [{ domain: "", version: opset }],
    producer: "unrolled",
    graph: graph.graph(),
    metadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
}
