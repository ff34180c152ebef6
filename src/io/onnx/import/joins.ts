/**
 * Values of a network that are put together element by element, and what of them is a layer by itself.
 */
import { activation, type Joining, join, repeat } from "../../../nn/index.js";
import { affine, type Item, layerItem } from "./items.js";
import { Unreadable } from "./unreadable.js";
import { nameOf, type Reading } from "./values.js";

/** Ways in which values are joined, element by element. */
export type Way = Exclude<Joining, "concatenate"> | "divide";

/** A value made of several others; a vector per sequence is given to each step where others have steps. @throws Unreadable */
export function joined(way: Way, given: readonly Item[], reading: Reading): Item {
  if (way === "divide") throw new Unreadable("divides one value of the network by another");
  if (given.some(({ over }) => over === "ids" || over === "raw"))
    throw new Unreadable("computes with an input as it is, which is read by a layer first");
  const nodes = [nameOf(reading)];
  const over = given.some((item) => item.over === "tokens") ? "tokens" : "sequences";
  const items = given.map((item) => (item.over === over ? item : repeated(item, nodes)));
  const [a, b] = items as [Item, Item];
  if (way === "multiply" && items.length === 2) {
    const [x, gate] = isSigmoidOf(b, a) ? [a, b] : [b, a];
    // x σ(x) is one activation.
    if (isSigmoidOf(gate, x)) return activated(x, nodes);
  }
  if (a === b && way === "add")
    return affine(a, { gain: new Float64Array(a.width).fill(2) }, { nodes, mapped: [] });
  return {
    over,
    width: a.width,
    made: { kind: "layer", layer: join({ by: way }), parameters: new Map(), from: items, nodes, mapped: [] },
  };
}

const isSigmoidOf = ({ made }: Item, x: Item): boolean =>
  made.kind === "layer" &&
  made.layer.kind === "activation" &&
  made.layer.by === "sigmoid" &&
  made.from[0] === x;

function activated(x: Item, nodes: readonly string[]): Item {
  return layerItem(x, { layer: activation({ by: "silu" }), parameters: new Map(), nodes, mapped: [] });
}

/** A vector per sequence at each of its steps. */
export function repeated(item: Item, nodes: readonly string[]): Item {
  return layerItem(item, { layer: repeat(), parameters: new Map(), nodes, mapped: [] }, { over: "tokens" });
}
