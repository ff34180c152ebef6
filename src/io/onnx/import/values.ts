/**
 * What the values of a foreign graph are while it is read: known numbers (sizes may be names, for they may differ from run to
 * run), states that the caller of the graph provides, and what flows through the layers found so far.
 */
import type { Layer, Tensor } from "../../../nn/index.js";
import type { Mapping, Rows } from "../../imported.js";
import type { OnnxAttribute, OnnxNode } from "../messages.js";
import type { Formula } from "./evaluate.js";

/** A size: a number, or names and numbers multiplied, "2*batch*time". */
export type Size = number | string;

/** Numbers that are known when the graph is read. */
export interface Constant {
  readonly kind: "constant";
  readonly dims: readonly number[];
  /** Row-major. Sizes that may differ are names. */
  readonly data: readonly Size[] | Float32Array;
}

/** One number, or a constant, repeated over sizes that may differ. */
export interface Repeated {
  readonly kind: "repeated";
  readonly of: Constant;
  /** The last of those sizes, where it is known. */
  readonly width?: number;
}

/** An input that is no sequence: lengths, or states that a sequence starts from. */
export interface Given {
  readonly kind: "given";
  readonly name: string;
}

/** What of a node's results no layer goes on from: the final memory of an LSTM, an output that a training graph has. */
export interface Unused {
  readonly kind: "unused";
  /** Why nothing can be made of it; absent where that has been said already. */
  readonly reason?: string;
}

/** A direction of values. */
export interface Axis {
  /** "open": time or batch; "stack": the directions of a layer, or layers; "feature"; "one": of size 1. */
  readonly kind: "open" | "stack" | "feature" | "one";
  readonly size: Size;
}

/** A layer that was found, with its parameters without the layer's name. */
export interface Found {
  readonly layer: Layer;
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** The nodes that it was made of, with their operators. */
  readonly nodes: readonly string[];
  /** Where the file's tensors went; `to` is without the layer's name. */
  readonly mapped: readonly Mapping[];
  /** What the file's operators give for one sequence. */
  readonly evaluate: (input: Rows) => Rows;
  /** Of a recurrent layer: the operator's formula, of which pooling takes the ends. */
  readonly formula?: Formula;
}

/** One direction of a recurrent layer's output. */
export interface Row {
  readonly found: Found;
  /** What stands before the layer. */
  readonly before: readonly Found[];
  readonly part: number;
  readonly of: number;
}

/** What goes through the layers. */
export interface Flow {
  readonly kind: "flow";
  readonly over: "ids" | "tokens" | "sequences";
  /** Groups of axes: values that were reshaped into fewer dimensions have more than one in a group. */
  readonly dims: readonly (readonly Axis[])[];
  readonly chain: readonly Found[];
  /** After a recurrent layer: the directions, along the stack or side by side. */
  readonly rows?: readonly Row[];
  /** The activation after the last layer. */
  readonly head?: "softmax" | "log softmax" | "sigmoid";
  /** The node of that activation, if a layer can stand for it as well. */
  readonly headNode?: string;
}

/** Any of them. */
export type Value = Constant | Repeated | Given | Unused | Flow;

/** A node with what it reads. */
export interface Reading {
  readonly node: OnnxNode;
  /** Inputs in the operator's order; undefined for one that is left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly attribute: (name: string) => OnnxAttribute | undefined;
  /** A whole number of the node. */
  readonly int: (name: string, absent: number) => number;
  readonly axes: Axes;
  /** What to do with states that the caller of the graph provides. */
  readonly states: "given" | "zero";
  /** The version of ONNX's own operators, of which some mean something else by an attribute that is left out. */
  readonly opset: number;
  /** Names of those. */
  readonly given: Set<string>;
}

/** Which axes are known to be time and batch: recurrent operators say it. */
export interface Axes {
  time?: Axis;
  batch?: Axis;
}

/** What a node gives for its inputs: one value for each output. */
export type Read = (reading: Reading) => readonly Value[];

/** A node that cannot be read: what it does that no layer does. */
export class Unreadable extends Error {}

/** The product of sizes, in one spelling. */
export function product(sizes: readonly Size[]): Size {
  let number = 1;
  const names: string[] = [];
  for (const factor of sizes.flatMap((size) => String(size).split("*"))) {
    if (Number.isFinite(Number(factor))) number *= Number(factor);
    else names.push(factor);
  }
  if (names.length === 0) return number;
  return [...(number === 1 ? [] : [String(number)]), ...names.sort()].join("*");
}

/** The sizes of a flow. */
export const sizesOf = ({ dims }: Flow): readonly Size[] =>
  dims.map((axes) => product(axes.map(({ size }) => size)));

/** A constant of one dimension. */
export const list = (data: readonly Size[]): Constant => ({ kind: "constant", dims: [data.length], data });

/** An input that must be known numbers. @throws Unreadable if it is not */
export function constantOf(value: Value | undefined, what: string): Constant {
  if (value?.kind === "constant") return value;
  throw new Unreadable(`reads ${what} that is not known before the graph runs`);
}

/** Whole numbers that must be known. @throws Unreadable if they are not */
export function numbersOf(value: Value | undefined, what: string): readonly number[] {
  return Array.from(constantOf(value, what).data, (v) => {
    if (typeof v === "number") return v;
    throw new Unreadable(`reads ${what} that is not known before the graph runs`);
  });
}

/** Layers of a network, at most. */
const MOST_LAYERS = 1000;

/** An input that must be what flows through the layers. @throws Unreadable if it is not */
export function flowOf(value: Value | undefined): Flow {
  // Every value keeps the layers before it, so that they take room by the square of their number.
  if (value?.kind === "flow" && value.chain.length > MOST_LAYERS)
    throw new Unreadable(`stands behind ${value.chain.length} layers; ${MOST_LAYERS} are imported at most`);
  if (value?.kind === "flow") return value;
  throw new Unreadable("reads a value that does not come from the network's sequence");
}

/** An axis or another place by its number, which may count from the end. @throws Unreadable if there are not so many */
export function place(at: number, count: number): number {
  const found = at < 0 ? at + count : at;
  if (Number.isInteger(found) && found >= 0 && found < count) return found;
  throw new Unreadable(`names the place ${at} of ${count}`);
}

/** The order of a Transpose: by default the reverse one. @throws Unreadable if it does not name every axis once */
export function orderOf({ attribute }: Reading, rank: number): readonly number[] {
  const order = attribute("perm")?.ints ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  if (order.length === rank && new Set(order.map((axis) => place(axis, rank))).size === rank) return order;
  throw new Unreadable(`transposes ${rank} axes to the order ${order.join(", ")}`);
}

/** A node's name with its operator. */
export const nameOf = ({ node }: Reading): string => `${node.name || node.outputs[0]} (${node.op})`;
