/**
 * Layers out of what a graph became: each value that a layer makes in an order in which they can be computed. Two directions of one
 * kind that are read side by side become a layer of both, its final states side by side a pooling by the last one.
 */
import {
  activation,
  join,
  type LayerFrom,
  type NetworkLayer,
  pool,
  recurrent,
  type Tensor,
} from "../../../nn/index.js";
import type { Mapping } from "../../imported.js";
import { type Item, inOrderOf, type Origin, type Pass, sourcesOf } from "./items.js";
import { resolved } from "./resolve.js";
import { Unreadable } from "./unreadable.js";

/** A layer of the network to be. */
export interface Lowered extends Origin {
  readonly layer: NetworkLayer;
  /** "recurrent1". */
  readonly name: string;
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** The value that it makes. */
  readonly item: Item;
  /** What it reads: "input", layers, or final states. */
  readonly from: readonly string[];
  /** Where its states start, if other values say so. */
  readonly states?: Readonly<Record<string, string>>;
}

type PassItem = Item & { readonly made: Pass & { readonly kind: "pass" } };

const isPass = (item: Item): item is PassItem => item.made.kind === "pass";

/** Layers of a network, at most. */
const MOST_LAYERS = 1000;

/** Two directions that are one layer. */
function pairOf(a: Item, b: Item | undefined): readonly [PassItem, PassItem] | undefined {
  if (!b || !isPass(a) || !isPass(b) || a.made.reverse || !b.made.reverse) return undefined;
  const [one, two] = [a.made, b.made];
  const alike = one.place.cell === two.place.cell && one.units === two.units && one.from[0] === two.from[0];
  return alike && one.starts.kind === two.starts.kind && one.starts.kind !== "states" ? [a, b] : undefined;
}

/** Directions that are read side by side and never alone, by the first of the two. */
function pairsOf(order: readonly Item[]): ReadonlyMap<PassItem, PassItem> {
  const pairs = new Map<PassItem, PassItem>();
  const owner = new Map<Item, Item>();
  for (const { made } of order) {
    if (made.kind !== "beside") continue;
    const parts = made.parts.map((part) => (part.made.kind === "end" ? part.made.of : part));
    for (let i = 0; i + 1 < parts.length; i++) {
      const pair = pairOf(parts[i]!, parts[i + 1]);
      if (!pair) continue;
      const [a, b] = pair;
      if ((owner.get(a) ?? b) !== b || (owner.get(b) ?? a) !== a) continue;
      pairs.set(a, b);
      owner.set(a, b);
      owner.set(b, a);
      i++;
    }
  }
  const alone = (a: Item): boolean =>
    order.some(({ made }) => {
      if (made.kind === "end" || made.kind === "input") return false;
      if (made.kind !== "beside") return sourcesOf({ over: "tokens", width: 0, made }).includes(a);
      return made.parts.some(
        (part, i) => part === a && made.parts[i + 1] !== owner.get(a) && made.parts[i - 1] !== owner.get(a),
      );
    });
  for (const [a, b] of [...pairs]) if (alone(a) || alone(b)) pairs.delete(a);
  return pairs;
}

/** Emits layers one after the other. */
class Emitter {
  readonly out: Lowered[] = [];
  private readonly refs = new Map<Item, string>();
  private readonly counts = new Map<string, number>();
  private readonly pairs: ReadonlyMap<PassItem, PassItem>;
  private readonly firsts: ReadonlyMap<PassItem, PassItem>;

  constructor(order: readonly Item[]) {
    this.pairs = pairsOf(order);
    this.firsts = new Map([...this.pairs].map(([a, b]) => [b, a]));
  }

  /** The name of a value, whose layers are emitted first. */
  ref(item: Item): string {
    const known = this.refs.get(item);
    if (known !== undefined) return known;
    const made = this.make(item);
    this.refs.set(item, made);
    return made;
  }

  private make(item: Item): string {
    const { made } = item;
    if (made.kind === "input") return "input";
    if (made.kind === "step" || made.kind === "flip") throw new RangeError("a step was left over");
    if (made.kind === "layer") {
      const { layer, parameters, from, nodes, mapped } = made;
      return this.emit({ layer, parameters, nodes, mapped, item, from: from.map((each) => this.ref(each)) });
    }
    if (made.kind === "softmax") {
      if (made.log)
        throw new Unreadable(
          `reads what a log softmax made (${made.nodes[0]}), which can stand only at the end`,
        );
      const { from, nodes, mapped } = made;
      return this.emit({
        layer: activation({ by: "softmax" }),
        parameters: new Map(),
        nodes,
        mapped,
        item,
        from: [this.ref(from[0])],
      });
    }
    if (made.kind === "pass") return this.pass(item as PassItem);
    if (made.kind === "end") return this.end(item, made.of as PassItem, made.state);
    return this.beside(item, made.parts);
  }

  private emit(layer: Omit<Lowered, "name">): string {
    const { kind } = layer.layer;
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    const name = `${kind}${count}`;
    this.out.push({ ...layer, name });
    return name;
  }

  private pass(item: PassItem): string {
    const first = this.firsts.get(item) ?? item;
    const second = this.pairs.get(first);
    if (second) throw new RangeError("a direction of a layer of both stands alone");
    const { place, units, reverse, parameters, from, starts, nodes, mapped } = item.made;
    const layer = recurrent({
      cell: place.cell,
      units,
      direction: reverse ? "reverse" : "forward",
      initialState: starts.kind === "states" ? "zero" : starts.kind,
    });
    const source = this.ref(from[0]);
    const states =
      starts.kind === "states"
        ? { states: Object.fromEntries([...starts.values].map(([state, value]) => [state, this.ref(value)])) }
        : {};
    return this.emit({ layer, parameters, nodes, mapped, item, from: [source], ...states });
  }

  /** A layer of both directions. @param item their values side by side, if the graph has them so */
  private both(a: PassItem, b: PassItem, item: Item): string {
    const known = this.refs.get(a);
    if (known !== undefined) return known;
    const { place, units, from, starts } = a.made;
    const kind = starts.kind === "states" ? "zero" : starts.kind;
    const layer = recurrent({ cell: place.cell, units, direction: "both", initialState: kind });
    const sides = [
      ["forward", a.made],
      ["reverse", b.made],
    ] as const;
    const parameters = new Map(
      sides.flatMap(([side, made]) =>
        [...made.parameters].map(([name, tensor]) => [`${side}.${name}`, tensor] as const),
      ),
    );
    const mapped = sides.flatMap(([side, made]) =>
      made.mapped.map((each): Mapping => ({ ...each, to: `${side}.${each.to}` })),
    );
    const nodes = [...new Set([...a.made.nodes, ...b.made.nodes])];
    const name = this.emit({ layer, parameters, nodes, mapped, item, from: [this.ref(from[0])] });
    this.refs.set(a, name);
    this.refs.set(b, name);
    return name;
  }

  private end(item: Item, of: PassItem, state: string): string {
    const first = this.firsts.get(of) ?? of;
    const second = this.pairs.get(first);
    if (second) {
      const name = this.both(first, second, {
        over: "tokens",
        width: 2 * of.width,
        made: { kind: "beside", parts: [first, second] },
      });
      return `${name}.${of === first ? "forward" : "reverse"}.${state}`;
    }
    const name = this.ref(of);
    if (state !== of.made.place.cell.output) return `${name}.${state}`;
    return this.last(name, item, of.made.nodes);
  }

  private last(from: string, item: Item, nodes: readonly string[]): string {
    return this.emit({
      layer: pool({ by: "last" }),
      parameters: new Map(),
      nodes,
      mapped: [],
      item,
      from: [from],
    });
  }

  private beside(item: Item, parts: readonly Item[]): string {
    const [x, y, ...more] = parts;
    const [a, b] = [x!, y!].map((part) => (part.made.kind === "end" ? part.made.of : part)) as [Item, Item];
    const isPair = more.length === 0 && isPass(a) && this.pairs.get(a) === b;
    if (isPair) {
      const [first, second] = [a as PassItem, b as PassItem];
      const ends = [x, y].map((part) => (part?.made.kind === "end" ? part.made.state : ""));
      const whole: Item =
        ends[0] === ""
          ? item
          : { over: "tokens", width: item.width, made: { kind: "beside", parts: [first, second] } };
      const name = this.both(first, second, whole);
      if (ends[0] === "") return name;
      if (ends.every((state) => state === first.made.place.cell.output))
        return this.last(name, item, first.made.nodes);
    }
    // Directions of one layer among others are that layer.
    const groups: Item[] = [];
    for (let i = 0; i < parts.length; i++) {
      const [left, right] = [parts[i]!, parts[i + 1]];
      const passes = [left, right].map((part) => (part?.made.kind === "end" ? part.made.of : part));
      const one =
        passes[0] &&
        isPass(passes[0]) &&
        right &&
        this.pairs.get(passes[0]) === passes[1] &&
        left.made.kind === right.made.kind;
      if (one && parts.length > 2)
        groups.push({
          over: left.over,
          width: left.width + right.width,
          made: { kind: "beside", parts: [left, parts[++i]!] },
        });
      else groups.push(left);
    }
    const nodes = [...new Set(parts.flatMap((part) => ("nodes" in part.made ? part.made.nodes : [])))].slice(
      0,
      1,
    );
    const from = groups.map((each) => this.ref(each));
    return this.emit({
      layer: join({ by: "concatenate" }),
      parameters: new Map(),
      nodes,
      mapped: [],
      item,
      from,
    });
  }
}

/** The layers of a network whose output a value is, in order. */
export function lowered(given: Item): readonly Lowered[] {
  const output = resolved(given);
  const order = inOrderOf(output);
  const { length } = order.filter(
    ({ made }) => made.kind !== "input" && made.kind !== "beside" && made.kind !== "end",
  );
  if (length > MOST_LAYERS)
    throw new Unreadable(`the output stands behind ${length} layers; ${MOST_LAYERS} are imported at most`);
  const emitter = new Emitter(order);
  emitter.ref(output);
  return emitter.out;
}

/** Layers as a network takes them: with what they read, where that is not the layer before. */
export function placed(layers: readonly Lowered[]): LayerFrom[] {
  return layers.map(({ layer, from, states }, i) => {
    const before = i === 0 ? "input" : layers[i - 1]!.name;
    const row = from.length === 1 && from[0] === before;
    return { layer, ...(row ? {} : { from }), ...(states ? { states } : {}) };
  });
}
