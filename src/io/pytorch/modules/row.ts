/**
 * Items in a row as values, each with what it reads: the one before it, and where parts are put together also others.
 */

import type { Fail } from "./fail.js";
import { pathText } from "./fail.js";
import { type Item, itemText, partOf } from "./items.js";
import {
  activationPart,
  attentionPart,
  embeddingPart,
  firstPart,
  joinPart,
  layerName,
  linearPart,
  type Made,
  normPart,
  type Part,
  poolPart,
  recurrentParts,
} from "./made.js";
import { isEmbedding } from "./order.js";

/** What items do not tell. */
export interface RowOptions {
  /** nn.RNN's nonlinearity, where the file does not tell. */
  readonly activation: "tanh" | "relu";
  readonly fail: Fail;
  /** How wide values are, by what the option modules calls them. */
  readonly widths: ReadonlyMap<string, number>;
}

/** The values of items in a row. */
export function madeOf(items: readonly Item[], { activation, fail, widths }: RowOptions): Made[] {
  const made: Made[] = [];
  /** The value that an item gives, by what the option modules calls it. */
  const values = new Map<string, string>([["input", "input"]]);
  let [before, directions] = ["input", 1];
  const add = (name: string, part: Part, others: readonly string[] = []): void => {
    const times = made.filter((each) => each.name.replace(/ #\d+$/, "") === name).length;
    const own = times === 0 ? name : `${name} #${times + 1}`;
    made.push({ ...part, name: own, from: [before, ...others] });
    before = own;
  };
  items.forEach((item, i) => {
    if (item.kind === "recurrent") {
      recurrentParts(item, activation).forEach((part, number) => add(layerName(item.path, number), part));
      directions = item.layers[0]?.length ?? 1;
    } else if (item.kind === "matrix")
      add(pathText(item.path), isEmbedding(item, i === 0) ? embeddingPart(item) : linearPart(item));
    else if (item.kind === "norm") add(pathText(item.path), normPart(item));
    else if (item.kind === "activation") add(item.name, activationPart(item.by, item.alpha));
    else if (item.kind === "pool") add(item.by, poolPart(item.by, isOfRecurrent(items, i) ? directions : 1));
    else if (item.kind === "join") {
      const others = item.with.map((text) => {
        const { name, first } = partOf(text);
        const value = values.get(name) ?? name;
        if (first === undefined) return value;
        made.push({ ...firstPart(widths.get(name) ?? 0, first), name: text, from: [value] });
        return text;
      });
      add(itemText(item), joinPart(item.by), others);
    } else if (item.kind === "attend") {
      const vectors = before;
      for (const part of item.score) {
        if (part.kind === "matrix") add(pathText(part.path), linearPart(part));
        else if (part.kind === "norm") add(pathText(part.path), normPart(part));
        else if (part.kind === "activation") add(part.name, activationPart(part.by, part.alpha));
        else
          throw fail(
            `part ${itemText(item)}`,
            `scores steps by ${itemText(part)}`,
            "Linear layers and activations do.",
          );
      }
      const both = `${itemText(item)}, scores and vectors`;
      made.push({ ...joinPart("concatenate"), name: both, from: [before, vectors] });
      before = both;
      add(`${itemText(item)}, means`, attentionPart(widths.get(itemText(item)) ?? 0));
      add(itemText(item), poolPart("last", 1));
    } else
      throw fail(`part ${itemText(item)}`, "is no part of a row", "Leave it out, with the option modules.");
    values.set(itemText(item), before);
  });
  return made;
}

/** Whether a pooling is of a recurrent module, with nothing between that has the last state no more. */
function isOfRecurrent(items: readonly Item[], at: number): boolean {
  const before = items
    .slice(0, at)
    .filter(({ kind }) => kind !== "activation" && kind !== "norm")
    .at(-1);
  return before?.kind === "recurrent";
}
