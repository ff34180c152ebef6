/**
 * Values of a network that are put together element by element.
 */
import type { Item } from "./items.js";
import { Unreadable } from "./unreadable.js";
import type { Reading } from "./values.js";

/** Ways in which values are joined, element by element. */
export type Way = "add" | "subtract" | "multiply" | "divide" | "average" | "maximum" | "minimum";

/** A value made of several others. @throws Unreadable if no layer does that */
export function joined(way: Way, _items: readonly Item[], _reading: Reading): Item {
  throw new Unreadable(`joins two values of the network (${way})`);
}
