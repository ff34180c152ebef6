/**
 * What a graph becomes on its way to a network: values that layers give, each knowing what it is made of. What no layer stands for
 * by itself is put together here: features that are taken out, side by side, scaled and shifted. lower.ts makes layers of them.
 */
import { embedding, linear, type NetworkLayer, scale, type Tensor } from "../../../nn/index.js";
import type { Mapping } from "../../imported.js";
import type { CellPlace } from "./cells/cell-place.js";
import { Unreadable } from "./unreadable.js";

/** A value: vectors for each step or for each sequence, or what the caller of the graph brings. */
export interface Item {
  /** "raw": an input of which nothing tells yet whether it is ids or numbers. */
  over: "raw" | "ids" | "tokens" | "sequences";
  /** Features; of ids the size of the vocabulary. */
  width: number;
  readonly made: Made;
}

/** What every layer says of where it came from. */
export interface Origin {
  /** The file's nodes, with their operators. */
  readonly nodes: readonly string[];
  /** Where the file's tensors went; `to` is without the layer's name. */
  readonly mapped: readonly Mapping[];
}

/** How a value is made. */
export type Made =
  | { readonly kind: "input"; readonly name: string }
  | MadeByLayer
  | ({ readonly kind: "pass" } & Pass)
  | { readonly kind: "end"; readonly of: Item; readonly state: string }
  | { readonly kind: "beside"; readonly parts: readonly Item[] }
  | {
      readonly kind: "step";
      readonly of: Item;
      readonly at: number;
      readonly steps: number;
      readonly node: string;
    }
  | { readonly kind: "flip"; readonly of: Item; readonly node: string }
  | ({ readonly kind: "softmax"; readonly log: boolean; readonly from: readonly [Item] } & Origin);

/** A value that a layer makes, of as many values as it reads. */
export interface MadeByLayer extends Origin {
  readonly kind: "layer";
  readonly layer: NetworkLayer;
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly from: readonly Item[];
}

/** One direction of a recurrent operator. */
export interface Pass extends Origin {
  readonly place: CellPlace;
  readonly units: number;
  readonly reverse: boolean;
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly from: readonly [Item];
  readonly starts: Starts;
}

/** Where the states of a direction start. */
export type Starts =
  | { readonly kind: "zero" | "given" }
  | { readonly kind: "learned"; readonly values: ReadonlyMap<string, Float32Array> }
  | { readonly kind: "states"; readonly values: ReadonlyMap<string, Item> };

/** What a value is made of directly. */
export function sourcesOf({ made }: Item): readonly Item[] {
  if (made.kind === "input") return [];
  if (made.kind === "end" || made.kind === "step" || made.kind === "flip") return [made.of];
  if (made.kind === "beside") return made.parts;
  if (made.kind === "pass" && made.starts.kind === "states")
    return [...made.from, ...made.starts.values.values()];
  return made.from;
}

/** All values that one is made of, each after those that it is made of. @throws Unreadable if there are too many */
export function inOrderOf(output: Item): readonly Item[] {
  const order = new Set<Item>();
  const stack: Item[] = [output];
  while (stack.length > 0) {
    const item = stack.at(-1)!;
    const left = sourcesOf(item).filter((source) => !order.has(source));
    if (left.length > 0) stack.push(...left);
    else {
      order.add(item);
      stack.pop();
    }
    if (stack.length > 100_000) throw new Unreadable("is made of too many values");
  }
  return [...order];
}

/** A value that a layer makes of one other. */
export function layerItem(
  from: Item,
  made: Omit<MadeByLayer, "kind" | "from">,
  shape: Partial<Item> = {},
): Item {
  const { over, width } = { ...from, ...shape };
  return { over, width, made: { kind: "layer", from: [from], ...made } };
}

/** A linear layer; weights are [units, width]. */
export function linearItem(
  from: Item,
  {
    weights,
    bias,
    nodes,
    mapped,
  }: Origin & { readonly weights: Float32Array; readonly bias?: Float32Array | undefined },
): Item {
  const units = weights.length / from.width;
  const parameters = new Map<string, Tensor>([
    ["w_ya", { shape: [units, from.width], data: weights }],
    ["b_y", { shape: [units], data: bias ?? new Float32Array(units) }],
  ]);
  return layerItem(from, { layer: linear({ units }), parameters, nodes, mapped }, { width: units });
}

const isInOrder = (indices: readonly number[], from = 0): boolean =>
  indices.every((at, i) => at === from + i);

/** Features of a value in another order, some of them, or some more than once. */
export function selected(item: Item, indices: readonly number[], node: string): Item {
  const { made, width } = item;
  if (indices.length === width && isInOrder(indices)) return item;
  if (made.kind === "beside") {
    const part = selectedParts(made.parts, indices, node);
    if (part) return part;
  }
  if (made.kind === "layer" && made.layer.kind === "linear" && made.layer.tied === undefined) {
    const [w, b] = [made.parameters.get("w_ya")!, made.parameters.get("b_y")!];
    const X = w.shape[1]!;
    const weights = new Float32Array(indices.length * X);
    indices.forEach((at, i) => weights.set(w.data.subarray(at * X, (at + 1) * X), i * X));
    const bias = Float32Array.from(indices, (at) => b.data[at]!);
    return linearItem(made.from[0]!, { weights, bias, nodes: made.nodes, mapped: made.mapped });
  }
  if (made.kind === "step")
    return { ...item, width: indices.length, made: { ...made, of: selected(made.of, indices, node) } };
  if (made.kind === "layer" && made.layer.kind === "embedding") {
    const { data } = made.parameters.get("w_e")!;
    const rows = data.length / width;
    const table = new Float32Array(rows * indices.length);
    for (let row = 0; row < rows; row++)
      indices.forEach((at, i) => {
        table[row * indices.length + i] = data[row * width + at]!;
      });
    const layer = embedding({ width: indices.length });
    const parameters = new Map<string, Tensor>([["w_e", { shape: [rows, indices.length], data: table }]]);
    return { ...item, width: indices.length, made: { ...made, layer, parameters } };
  }
  const weights = new Float32Array(indices.length * width);
  indices.forEach((at, i) => {
    weights[i * width + at] = 1;
  });
  return linearItem(item, { weights, nodes: [node], mapped: [] });
}

/** The same of values side by side, where whole ones are taken, or parts of them one after the other. */
function selectedParts(parts: readonly Item[], indices: readonly number[], node: string): Item | undefined {
  const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, { width }) => sum + width, 0));
  const ownerOf = (at: number): number => starts.filter((start) => start <= at).length - 1;
  const out: { readonly part: number; readonly at: number[] }[] = [];
  for (const at of indices) {
    const part = ownerOf(at);
    const last = out.at(-1);
    if (last?.part === part) last.at.push(at - starts[part]!);
    else out.push({ part, at: [at - starts[part]!] });
  }
  if (out.length > parts.length) return undefined;
  return beside(out.map(({ part, at }) => selected(parts[part]!, at, node)));
}

/** Values side by side, as one. */
export function beside(parts: readonly Item[]): Item {
  const flat = parts.flatMap((part) => (part.made.kind === "beside" ? part.made.parts : [part]));
  if (flat.length === 1) return flat[0]!;
  const width = flat.reduce((sum, part) => sum + part.width, 0);
  return { over: flat[0]!.over, width, made: { kind: "beside", parts: flat } };
}

/** γ and β of so many features, or what they are for all of them. */
export interface Affine {
  readonly gain?: ArrayLike<number> | undefined;
  readonly bias?: ArrayLike<number> | undefined;
}

/** γ ∘ x + β: in the linear layer that makes x, if one does. */
export function affine(item: Item, { gain, bias }: Affine, origin: Origin): Item {
  const { made, width } = item;
  const g = Float64Array.from({ length: width }, (_, i) => gain?.[i] ?? 1);
  const b = Float64Array.from({ length: width }, (_, i) => bias?.[i] ?? 0);
  if (made.kind === "layer" && made.layer.kind === "linear" && made.layer.tied === undefined) {
    const [w, old] = [made.parameters.get("w_ya")!, made.parameters.get("b_y")!];
    const X = w.shape[1]!;
    return linearItem(made.from[0]!, {
      weights: gain ? w.data.map((v, k) => v * g[Math.floor(k / X)]!) : w.data,
      bias: Float32Array.from(old.data, (v, i) => v * g[i]! + b[i]!),
      nodes: [...made.nodes, ...origin.nodes],
      mapped: [...made.mapped, ...origin.mapped],
    });
  }
  if (made.kind === "layer" && (made.layer.kind === "scale" || made.layer.kind === "normalise")) {
    const [old, shift] = [made.parameters.get("g")!.data, made.parameters.get("k")!.data];
    const folded = new Map<string, Tensor>([
      ["g", { shape: [width], data: Float32Array.from(g, (v, i) => v * old[i]!) }],
      ["k", { shape: [width], data: Float32Array.from(g, (v, i) => v * shift[i]! + b[i]!) }],
    ]);
    const mapped = [...made.mapped, ...origin.mapped.map((each) => ({ ...each, to: "g, k" }))];
    return {
      ...item,
      made: { ...made, parameters: folded, nodes: [...made.nodes, ...origin.nodes], mapped },
    };
  }
  const parameters = new Map<string, Tensor>([
    ["g", { shape: [width], data: Float32Array.from(g) }],
    ["k", { shape: [width], data: Float32Array.from(b) }],
  ]);
  const mapped = origin.mapped.map((each) => ({ ...each, to: "g, k" }));
  return layerItem(item, { layer: scale(), parameters, nodes: origin.nodes, mapped });
}
