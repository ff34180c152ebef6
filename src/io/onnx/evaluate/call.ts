/**
 * A node that is evaluated: its inputs as numbers, its attributes by name and type, and room for what it makes. The row of an
 * operator says which attributes and how many inputs it may have; all else is refused by name.
 */
import { attributeTypes, type OnnxAttribute, type OnnxGraph, type OnnxNode } from "../messages.js";
import { EvaluationError, type Numbers, sizeOf } from "./numbers.js";

/** A node with what it reads. */
export interface Call {
  readonly node: OnnxNode;
  /** The version of ONNX's own operators. */
  readonly opset: number;
  /** Inputs in the operator's order; undefined for one that is left out. */
  readonly inputs: readonly (Numbers | undefined)[];
  /** An input that must be there. */
  readonly input: (at: number) => Numbers;
  readonly attribute: (name: string) => OnnxAttribute | undefined;
  readonly int: (name: string, absent: number) => number;
  readonly float: (name: string, absent: number) => number;
  readonly ints: (name: string) => readonly number[] | undefined;
  readonly text: (name: string, absent: string) => string;
  /** A tensor of zeros, which is counted. */
  readonly make: (dims: readonly number[], type: number) => Numbers & { readonly data: Float64Array };
  /** Runs a graph inside the node's, which reads the values around it. */
  readonly run: (graph: OnnxGraph, feeds: ReadonlyMap<string, Numbers>) => readonly Numbers[];
}

/** The row of an operator. */
export interface OperatorRow {
  /** How many inputs it has, at least and at most. */
  readonly inputs: readonly [least: number, most: number];
  /** The attributes that are known, each with its type. */
  readonly attributes?: Readonly<Record<string, keyof typeof attributeTypes>>;
  /** What it gives: one tensor for each output. */
  readonly run: (call: Call) => readonly Numbers[];
}

/** Rows by operator. */
export type OperatorRows = Readonly<Record<string, OperatorRow>>;

/** What is wrong with a node by its row, to follow its name; undefined if nothing is. */
export function callProblem(
  { inputs: [least, most], attributes = {} }: OperatorRow,
  node: OnnxNode,
): string | undefined {
  for (const { name = "", type } of node.attributes) {
    const known = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (known === undefined) return `has the attribute ${name}, which is not known here`;
    // Files of before 2017 do not say the type.
    if (type !== undefined && type !== attributeTypes[known])
      return `has the attribute ${name} of another type than ${known}`;
  }
  const { length } = node.inputs;
  if (length < least || length > most)
    return `has ${length} inputs where ${least === most ? least : `${least} to ${most}`} are right`;
  return undefined;
}

/** What calls need beside the node. */
export interface Around {
  readonly opset: number;
  /** Counts what is made. */
  readonly take: (numbers: number) => void;
  readonly run: Call["run"];
}

const decoder = new TextDecoder();

/** Dimensions of a tensor, at most. */
const MOST_DIMENSIONS = 16;

/** A node with its inputs, ready to be computed. */
export function callOf(node: OnnxNode, inputs: readonly (Numbers | undefined)[], around: Around): Call {
  const attributes = new Map(node.attributes.map((attribute) => [attribute.name ?? "", attribute]));
  const { opset, take, run } = around;
  return {
    node,
    opset,
    inputs,
    run,
    input(at) {
      const found = inputs[at];
      if (found) return found;
      throw new EvaluationError(`has no input ${at}`);
    },
    attribute: (name) => attributes.get(name),
    int: (name, absent) => attributes.get(name)?.int ?? (attributes.has(name) ? 0 : absent),
    float: (name, absent) => attributes.get(name)?.float ?? (attributes.has(name) ? 0 : absent),
    ints: (name) => attributes.get(name)?.ints,
    text: (name, absent) => {
      const found = attributes.get(name)?.text;
      return found ? decoder.decode(found) : absent;
    },
    make(dims, type) {
      const size = sizeOf(dims);
      if (
        !(
          dims.length <= MOST_DIMENSIONS &&
          dims.every((n) => Number.isInteger(n) && n >= 0) &&
          size <= 2 ** 31
        )
      )
        throw new EvaluationError(`makes numbers of the shape (${dims.join(", ")})`);
      take(size);
      return { type, dims, data: new Float64Array(size) };
    },
  };
}

/** Numbers of an input, or of the attribute that older versions had instead. */
export function listOf(call: Call, at: number, attribute: string): readonly number[] | undefined {
  const input = call.inputs[at];
  return input ? Array.from(input.data) : call.ints(attribute);
}
