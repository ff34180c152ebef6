/**
 * What the values of a foreign graph are while it is read: known numbers, inputs that are no sequence, and what flows through the
 * layers found so far: a value of the network, with the place of its steps, its sequences and its features among the axes.
 *
 * Sizes that may differ from run to run are read as primes that divide no size of the file: whatever is computed of them can be
 * told from every other number.
 */

import type { Numbers } from "../evaluate/numbers.js";
import type { OnnxAttribute, OnnxNode } from "../messages.js";
import { type Item, selected } from "./items.js";
import { Unreadable } from "./unreadable.js";

/** Numbers that are known when the graph is read. */
export interface Constant {
  readonly kind: "constant";
  readonly numbers: Numbers;
  /** True if they are made of sizes that may differ from run to run. */
  readonly varies: boolean;
}

/** An input that is no sequence: lengths, or states that a sequence starts from. */
export interface Given {
  readonly kind: "given";
  readonly name: string;
  readonly dims: Flow["dims"];
}

/** An order of the sequences of a batch, made of their lengths. */
export interface Order {
  readonly kind: "order";
  readonly dims: Flow["dims"];
}

/** What of a node's results no layer goes on from. */
export interface Unused {
  readonly kind: "unused";
  /** Why nothing can be made of it; absent where that has been said already. */
  readonly reason?: string;
}

/** A direction of values. Those of size 1 take no part in the order of numbers, and are none. */
export interface Atom {
  /** "open": time or batch; "feature": of the value's features. An input's last one is open until something reads it as features. */
  kind: "open" | "feature";
  readonly size: number;
  /** Of features: how far apart neighbours are among all features of the value. */
  stride: number;
}

/** What goes through the layers. */
export interface Flow {
  readonly kind: "flow";
  readonly item: Item;
  /** Axes, each a group of atoms: none for a size of 1, several where axes were put together. */
  readonly dims: readonly (readonly Atom[])[];
}

/** A value that is a layer's only together with what follows; alone it is a flow, or nothing. */
export interface Partial {
  readonly kind: "partial";
  readonly name: string;
  /** What it is made of. */
  readonly of: Flow;
  readonly dims: Flow["dims"];
  readonly number?: number;
  /** What else it is made of. */
  readonly other?: Flow;
  /** The same as a flow. @throws Unreadable if no layers stand for it */
  readonly flow: () => Flow;
}

/** Any of them. */
export type Value = Constant | Given | Order | Unused | Flow | Partial;

/** Which axes are known to be time and batch, and what sequences have: recurrent operators say it. */
export interface Axes {
  time?: Atom | undefined;
  batch?: Atom | undefined;
  /** True if sequences have lengths of their own. */
  lengths?: boolean;
  /** True if the graph takes the sequences of a batch in another order. */
  reordered?: boolean;
}

/** A node with what it reads. */
export interface Reading {
  readonly node: OnnxNode;
  /** Inputs in the operator's order; undefined for one that is left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly attribute: (name: string) => OnnxAttribute | undefined;
  readonly int: (name: string, absent: number) => number;
  readonly float: (name: string, absent: number) => number;
  readonly axes: Axes;
  /** What to do with states that the caller of the graph provides. */
  readonly states: "given" | "zero";
  readonly opset: number;
  /** Names of inputs that states come from. */
  readonly given: Set<string>;
  /** Sizes that may differ from run to run, by the primes that stand for them. */
  readonly open: ReadonlyMap<number, string>;
  /** Of those, sizes that the graph works for alone. */
  readonly pins: Map<number, number>;
}

/** What a node gives for its inputs: one value for each output. */
export type Read = (reading: Reading) => readonly Value[];

/** The size of a group of atoms. */
export const sizeOf = (atoms: readonly Atom[]): number => atoms.reduce((size, atom) => size * atom.size, 1);

/** The sizes of a flow. */
export const sizesOf = ({ dims }: Pick<Flow, "dims">): number[] => dims.map(sizeOf);

/** Sizes in words: open ones by their names. */
export function shapeText(sizes: readonly number[], open: ReadonlyMap<number, string>): string {
  const text = (size: number): string => {
    const names: string[] = [];
    let rest = size;
    for (const [prime, name] of open)
      while (rest !== 0 && rest % prime === 0) {
        rest /= prime;
        names.push(name);
      }
    return [...(rest === 1 && names.length > 0 ? [] : [String(rest)]), ...names].join("·");
  };
  return `(${sizes.map(text).join(", ")})`;
}

/** An input that must be known numbers. @throws Unreadable if it is not */
export function constantOf(value: Value | undefined, what: string): Numbers {
  if (value?.kind === "constant") return value.numbers;
  const input =
    value?.kind === "given"
      ? value.name
      : value?.kind === "flow" && value.item.made.kind === "input"
        ? value.item.made.name
        : undefined;
  if (input !== undefined && what === "weights")
    throw new Unreadable(
      `reads weights from the graph's input "${input}", and the file does not hold them; give them with the option weights`,
    );
  throw new Unreadable(`reads ${what} that is not known before the graph runs`);
}

/** Whole numbers that must be known. @throws Unreadable if they are not */
export const numbersOf = (value: Value | undefined, what: string): number[] =>
  Array.from(constantOf(value, what).data);

/** Weights: numbers that no size of the input changes. @throws Unreadable if they are not */
export function weightsOf(value: Value | undefined): Numbers {
  const numbers = constantOf(value, "weights");
  if (value?.kind === "constant" && value.varies && !isUniform(numbers))
    throw new Unreadable("computes with numbers that differ with the size of the input");
  return numbers;
}

/** True if all numbers are the same. */
export const isUniform = ({ data }: Numbers): boolean => data.every((v) => v === data[0]);

/** An input that must be what flows through the layers. @throws Unreadable if it is not */
export function flowOf(value: Value | undefined): Flow {
  if (value?.kind === "flow") return value;
  if (value?.kind === "partial") return value.flow();
  throw new Unreadable("reads a value that does not come from the network's sequence");
}

/** An axis or another place by its number, which may count from the end. @throws Unreadable if there are not so many */
export function place(at: number, count: number): number {
  const found = at < 0 ? at + count : at;
  if (Number.isInteger(found) && found >= 0 && found < count) return found;
  throw new Unreadable(`names the place ${at} of ${count}`);
}

/** The axes of a node: an input since operator set 13 or 18, an attribute before. Undefined: left out. */
export function axesOf({ inputs, attribute }: Reading): readonly number[] | undefined {
  return inputs[1] ? numbersOf(inputs[1], "axes") : attribute("axes")?.ints;
}

/** A node's name with its operator. */
export const nameOf = ({ node }: Pick<Reading, "node">): string =>
  `${node.name || node.outputs[0]} (${node.op})`;

/** The atoms of features, in the order in which they stand among the axes. */
export const featuresOf = ({ dims }: Pick<Flow, "dims">): Atom[] =>
  dims.flat().filter(({ kind }) => kind === "feature");

/** The atoms of time and batch in order. */
export const openOf = ({ dims }: Pick<Flow, "dims">): Atom[] =>
  dims.flat().filter(({ kind }) => kind === "open");

/** Feature atoms of a list of sizes, the last one's neighbours next to each other. */
export function featureAtoms(sizes: readonly number[]): Atom[] {
  return sizes.map((size, i) => ({
    kind: "feature",
    size,
    stride: sizes.slice(i + 1).reduce((a, b) => a * b, 1),
  }));
}

/** Numbers of the features, in the order in which atoms of features enumerate them. */
export function featureIndices(atoms: readonly Atom[]): number[] {
  return atoms.reduce(
    (all, { size, stride }) => all.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * stride)),
    [0],
  );
}

/** The same flow, its features in the order of its axes. */
export function inOrder(flow: Flow, node: string): Flow {
  const atoms = featuresOf(flow);
  const fresh = featureAtoms(atoms.map(({ size }) => size));
  if (atoms.every(({ stride }, i) => stride === fresh[i]!.stride)) return flow;
  const item = selected(flow.item, featureIndices(atoms), node);
  return { ...flow, item, dims: withFeatures(flow.dims, fresh) };
}

/** Axes with other atoms in the places of those of features. */
export function withFeatures(dims: Flow["dims"], atoms: readonly Atom[]): Flow["dims"] {
  const rest = [...atoms];
  return dims.map((group) => group.map((atom) => (atom.kind === "feature" ? rest.shift()! : atom)));
}

/**
 * A flow whose features all lie along one axis. An input's axis there is of features from now on.
 *
 * @throws Unreadable if they do not
 */
export function alongAxis(flow: Flow, axis: number, node: string): Flow {
  decide(flow, axis);
  if (flow.item.over === "ids" || flow.item.over === "raw")
    throw new Unreadable("computes with token ids as if they were numbers");
  const own = flow.dims[axis]!;
  if (own.some(({ kind }) => kind === "open") || featuresOf(flow).length !== own.length)
    throw new Unreadable("reads features that do not all lie along one axis");
  return inOrder(flow, node);
}

/** Decides that an input's axis is of features, if nothing has decided about it. */
export function decide({ item, dims }: Flow, axis: number): void {
  if (item.over !== "raw") return;
  const group = dims[axis]!;
  if (group.length > 1) throw new Unreadable("reads an input's axes put together as features");
  item.over = "tokens";
  item.width = 1;
  const [atom] = group;
  if (!atom) return;
  atom.kind = "feature";
  atom.stride = 1;
  item.width = atom.size;
}
