/**
 * The messages of an ONNX file that this package writes and reads, with the field numbers of onnx.proto; other fields
 * are skipped. Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { decodeMessage, encodeMessage, type Field, type FieldType, type Schema } from "./protobuf.js";

/** A model. */
export interface OnnxModel {
  readonly irVersion?: number;
  readonly opsets: readonly { readonly domain?: string; readonly version?: number }[];
  readonly producer?: string;
  readonly producerVersion?: string;
  readonly graph?: OnnxGraph;
  readonly metadata: readonly OnnxEntry[];
}

/** A graph: nodes in an order in which they can be computed. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly name?: string;
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** A node: an operator, the values it reads and those it gives; "" for one that is left out. */
export interface OnnxNode {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly op?: string;
  readonly attributes: readonly OnnxAttribute[];
  readonly domain?: string;
}

/** An attribute of a node; `type` says which of the values counts. */
export interface OnnxAttribute {
  readonly name?: string;
  readonly float?: number;
  readonly int?: number;
  readonly text?: Uint8Array;
  readonly tensor?: OnnxTensor;
  readonly graph?: OnnxGraph;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly texts: readonly Uint8Array[];
  readonly type?: number;
}

/** A tensor: its numbers as little-endian bytes, or in the list of its type. */
export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly type?: number;
  readonly floats: readonly number[];
  readonly int32s: readonly number[];
  readonly int64s: readonly number[];
  readonly name?: string;
  readonly raw?: Uint8Array;
  readonly doubles: readonly number[];
  readonly uint64s: readonly number[];
  /** Where in another file the numbers stand: "location", "offset", "length". */
  readonly external: readonly OnnxEntry[];
  /** 1: the numbers stand in another file. */
  readonly location?: number;
}

/** A text by name. */
export interface OnnxEntry {
  readonly key?: string;
  readonly value?: string;
}

/** An input or output with its type. */
export interface OnnxValue {
  readonly name?: string;
  readonly type?: { readonly tensor?: OnnxTensorType };
}

/** The type of elements and the sizes, each a number or a name. */
export interface OnnxTensorType {
  readonly type?: number;
  readonly shape?: { readonly dims: readonly { readonly size?: number; readonly name?: string }[] };
}

/** The numbers that stand for types of elements. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;

/** The name of a type of elements. */
export type ElementType = keyof typeof elementTypes;

/** The numbers that stand for types of attributes. */
export const attributeTypes = {
  float: 1,
  int: 2,
  text: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  texts: 8,
};

const one = (number: number, type: FieldType): Field => ({ number, type, list: false });
const many = (number: number, type: FieldType): Field => ({ number, type, list: true });
const of = (message: string): FieldType => ({ message });

const schema: Schema = {
  model: {
    irVersion: one(1, "int"),
    opsets: many(8, of("opset")),
    producer: one(2, "text"),
    producerVersion: one(3, "text"),
    graph: one(7, of("graph")),
    metadata: many(14, of("entry")),
  },
  opset: { domain: one(1, "text"), version: one(2, "int") },
  entry: { key: one(1, "text"), value: one(2, "text") },
  graph: {
    nodes: many(1, of("node")),
    name: one(2, "text"),
    initializers: many(5, of("tensor")),
    inputs: many(11, of("value")),
    outputs: many(12, of("value")),
  },
  node: {
    inputs: many(1, "text"),
    outputs: many(2, "text"),
    name: one(3, "text"),
    op: one(4, "text"),
    attributes: many(5, of("attribute")),
    domain: one(7, "text"),
  },
  attribute: {
    name: one(1, "text"),
    float: one(2, "float"),
    int: one(3, "int"),
    text: one(4, "bytes"),
    tensor: one(5, of("tensor")),
    graph: one(6, of("graph")),
    floats: many(7, "float"),
    ints: many(8, "int"),
    texts: many(9, "bytes"),
    type: one(20, "int"),
  },
  tensor: {
    dims: many(1, "int"),
    type: one(2, "int"),
    floats: many(4, "float"),
    int32s: many(5, "int"),
    int64s: many(7, "int"),
    name: one(8, "text"),
    raw: one(9, "bytes"),
    doubles: many(10, "double"),
    uint64s: many(11, "int"),
    external: many(13, of("entry")),
    location: one(14, "int"),
  },
  value: { name: one(1, "text"), type: one(2, of("type")) },
  type: { tensor: one(1, of("tensorType")) },
  tensorType: { type: one(1, "int"), shape: one(2, of("shape")) },
  shape: { dims: many(1, of("dim")) },
  dim: { size: one(1, "int"), name: one(2, "text") },
};

/** A model as the bytes of its file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return encodeMessage(schema, "model", { ...model });
}

/**
 * The bytes of a file as a model.
 *
 * @param take is told how much memory it will take; it may throw
 * @throws ProtobufError if they are not one
 */
export function decodeModel(bytes: Uint8Array, take?: (bytes: number) => void): OnnxModel {
  return decodeMessage(schema, "model", bytes, take) as unknown as OnnxModel;
}

/** The bytes of a file as one tensor. @throws ProtobufError if they are none */
export function decodeTensor(bytes: Uint8Array, take?: (bytes: number) => void): OnnxTensor {
  return decodeMessage(schema, "tensor", bytes, take) as unknown as OnnxTensor;
}
