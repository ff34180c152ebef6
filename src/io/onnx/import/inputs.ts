/**
 * The inputs of a graph as values: sequences of ids or of vectors, and what goes with them (lengths, initial states). Sizes that may
 * differ from run to run become primes that divide no size of the file.
 */
import { isFloat } from "../evaluate/numbers.js";
import type { OnnxGraph, OnnxNode, OnnxValue } from "../messages.js";
import type { Item } from "./items.js";
import type { Atom, Value } from "./values.js";

/** An input of the graph. */
export interface ReadInput {
  readonly name: string;
  readonly value: Value;
  /** The type of its elements. */
  readonly type: number;
  /** Its axes: atoms of a value that flows, or sizes of one that goes with it, 0 for those that may differ. */
  readonly dims: readonly (readonly Atom[])[];
  readonly sizes: readonly number[];
}

/** All of them. */
export interface GraphInputs {
  readonly all: readonly ReadInput[];
  /** Sizes that may differ from run to run, by the primes that stand for them. */
  readonly open: ReadonlyMap<number, string>;
}

/** Inputs of the recurrent operators that are lengths or states. */
const besideSequence = [4, 5, 6];
/** Operators that move numbers and change none: inputs that are no sequence stay what they are. */
export const moves: ReadonlySet<string> = new Set([
  "Identity",
  "Cast",
  "Slice",
  "Gather",
  "Unsqueeze",
  "Squeeze",
  "Transpose",
  "Reshape",
  "Expand",
]);

/** Names of the values that lengths and states are made of by moving them alone. */
function namesBeside(nodes: readonly OnnxNode[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of [...nodes].reverse()) {
    if (node.op === "LSTM" || node.op === "GRU" || node.op === "RNN")
      for (const at of besideSequence) names.add(node.inputs[at] ?? "");
    else if (
      (moves.has(node.op ?? "") || node.op === "Split") &&
      node.outputs.some((name) => names.has(name))
    )
      names.add(node.inputs[0] ?? "");
  }
  return names;
}

/** Sizes that stand in a file. */
function knownSizes({ initializers, inputs }: OnnxGraph): ReadonlySet<number> {
  const sizes = new Set<number>();
  for (const { dims } of initializers) for (const n of dims) sizes.add(n);
  for (const { type } of inputs) for (const { size } of type?.tensor?.shape?.dims ?? []) sizes.add(size ?? 0);
  return sizes;
}

function* primes(from: number): Generator<number> {
  for (let n = from; ; n++) {
    let isPrime = true;
    for (let d = 2; d * d <= n && isPrime; d++) isPrime = n % d !== 0;
    if (isPrime) yield n;
  }
}

/** The inputs of a graph that are not among the names that are known. */
export function graphInputs(graph: OnnxGraph, known: ReadonlySet<string>): GraphInputs {
  const sizes = knownSizes(graph);
  const beside = namesBeside(graph.nodes);
  const open = new Map<number, string>();
  const byName = new Map<string, Atom>();
  const next = primes(29);
  const openAtom = (name: string): Atom => {
    const found = byName.get(name);
    if (found) return found;
    let prime = next.next().value as number;
    while ([...sizes].some((size) => size !== 0 && size % prime === 0)) prime = next.next().value as number;
    open.set(prime, name);
    const atom: Atom = { kind: "open", size: prime, stride: 0 };
    byName.set(name, atom);
    return atom;
  };
  const dimsOf = ({ name = "", type }: OnnxValue): Atom[][] =>
    (type?.tensor?.shape?.dims ?? []).map(({ size, name: own }, i) => {
      if (size === 1) return [];
      if (size !== undefined && size > 0) return [{ kind: "open", size, stride: 0 }];
      // A size without a name is its own.
      return [openAtom(own ? own : `${name}.${i}`)];
    });
  const all = graph.inputs
    .filter(({ name = "" }) => !known.has(name))
    .map((input): ReadInput => {
      const { name = "" } = input;
      const type = input.type?.tensor?.type ?? 0;
      const dims = dimsOf(input);
      const isBeside =
        beside.has(name) || dims.length < (isFloat(type) ? 1 : 2) || input.type?.tensor?.shape === undefined;
      const own = (input.type?.tensor?.shape?.dims ?? []).map(({ size }) => size ?? 0);
      if (isBeside) return { name, type, dims, sizes: own, value: { kind: "given", name, dims } };
      const item: Item = { over: "raw", width: 1, made: { kind: "input", name } };
      return { name, type, dims, sizes: own, value: { kind: "flow", item, dims } };
    });
  return { all, open };
}
