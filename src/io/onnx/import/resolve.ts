/**
 * Values that stand for no layer by themselves, as what they turned out to be: steps that were written out one by one as the layer that
 * they are, the first and the last step of a value as its ends.
 */
import { endOf } from "./ends.js";
import { type Item, inOrderOf, type Made } from "./items.js";
import { Unreadable } from "./unreadable.js";
import { hasSteps, rolledEnd, unrolledRemedy } from "./unrolled.js";

/** Values that are looked at where steps were written out, at most. */
const MOST_VALUES = 1500;

/** The same value without single steps. @throws Unreadable if some are not the steps of a layer */
export function resolved(item: Item): Item {
  const all = inOrderOf(item);
  if (all.every(({ made }) => made.kind !== "step" && made.kind !== "flip")) return item;
  if (all.length > MOST_VALUES)
    throw new Unreadable(
      `is made of ${all.length} values step by step; ${MOST_VALUES} are looked at; ${unrolledRemedy}`,
    );
  const known = new Map<Item, Item>();
  const go = (each: Item): Item => {
    const old = known.get(each);
    if (old) return old;
    const made = make(each);
    known.set(each, made);
    return made;
  };
  const make = (each: Item): Item => {
    const { made } = each;
    if (made.kind === "step") {
      if (made.at === made.steps - 1) return go(endOf(made.of, "last", made.node));
      if (made.at === 0) return go(endOf(made.of, "first", made.node));
      throw new Unreadable(
        `takes the step ${made.at} of sequences (${made.node}): steps that were written out one by one were not recognised as a layer; ${unrolledRemedy}`,
      );
    }
    if (made.kind === "flip") throw new Unreadable(`goes on from steps in the opposite order (${made.node})`);
    if (made.kind === "layer" && each.over === "sequences" && hasSteps(each)) {
      const end = rolledEnd(each);
      if (end) return go(end);
    }
    const next = rebuilt(made, go);
    return next === made ? each : { ...each, made: next };
  };
  return go(item);
}

/** The same way to make a value, of other values. */
function rebuilt(made: Made, go: (item: Item) => Item): Made {
  const all = <T extends readonly Item[]>(items: T): T => {
    const next = items.map(go);
    return next.every((item, i) => item === items[i]) ? items : (next as unknown as T);
  };
  if (made.kind === "layer" || made.kind === "softmax") {
    const from = all(made.from as readonly Item[]);
    return from === made.from ? made : ({ ...made, from } as Made);
  }
  if (made.kind === "beside") {
    const parts = all(made.parts);
    return parts === made.parts ? made : { ...made, parts };
  }
  if (made.kind === "end") {
    const of = go(made.of);
    return of === made.of ? made : { ...made, of };
  }
  if (made.kind !== "pass") return made;
  const from = all(made.from);
  if (made.starts.kind !== "states") return from === made.from ? made : { ...made, from };
  const values = new Map([...made.starts.values].map(([state, value]) => [state, go(value)]));
  const same =
    from === made.from &&
    [...values].every(
      ([state, value]) => (made.starts as { values: ReadonlyMap<string, Item> }).values.get(state) === value,
    );
  return same ? made : { ...made, from, starts: { kind: "states", values } };
}
