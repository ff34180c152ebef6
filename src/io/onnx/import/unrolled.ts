/**
 * Recurrent layers that an exporter wrote out step by step: values of single steps, of which each is made of the one before in the
 * same way. Two neighbouring steps are gone through side by side: what is equal in both is fixed, where one reads step t of a value
 * and the other step t + 1 stands the input, and where the other reads what the one made stands a state. What is found is a guess
 * until the certificate, which runs the file's own steps.
 */

import { rnn, rnnRelu } from "../../../cell/catalogue/rnn/rnn.js";
import { type Cell, cell, type StepScope } from "../../../cell/cell.js";
import type { Expr } from "../../../cell/expr.js";
import { add, div, max, min, mul, sub } from "../../../cell/functions.js";
import type { Tensor } from "../../../nn/index.js";
import { activationExpression } from "./cells/activations.js";
import type { CellPlace } from "./cells/cell-place.js";
import { beside, type Item, type MadeByLayer, type Starts, sourcesOf } from "./items.js";

/** A place where neighbouring steps differ: a step of a value, or what the step before made. */
type Hole =
  | { readonly kind: "input"; readonly of: Item }
  | { readonly kind: "state"; readonly before: Item; readonly after: Item };

/** Two neighbouring steps side by side. */
interface Match {
  /** +1 if the later one in time is made of the earlier one, −1 if it is the other way round. */
  readonly way: 1 | -1;
  /** The number of the earlier step. */
  readonly at: number;
  readonly holes: ReadonlyMap<Item, Hole>;
}

/** Values that one is made of, at most. */
const MOST_VALUES = 5000;

function madeOf(item: Item): ReadonlySet<Item> {
  const found = new Set<Item>([item]);
  for (const each of found) {
    if (found.size > MOST_VALUES) break;
    for (const source of sourcesOf(each)) found.add(source);
  }
  return found;
}

const sameNumbers = (a: ReadonlyMap<string, Tensor>, b: ReadonlyMap<string, Tensor>): boolean =>
  a.size === b.size &&
  [...a].every(([name, { data }]) => {
    const other = b.get(name)?.data;
    return other !== undefined && other.length === data.length && data.every((v, i) => v === other[i]);
  });

function sameLayer(a: MadeByLayer, b: MadeByLayer): boolean {
  const fields = ({ layer }: MadeByLayer): string => JSON.stringify(layer);
  return (
    fields(a) === fields(b) && a.from.length === b.from.length && sameNumbers(a.parameters, b.parameters)
  );
}

/** The steps before and after, side by side; undefined if they are not made in the same way. */
function matched(before: Item, after: Item): Match | undefined {
  const own = madeOf(before);
  const holes = new Map<Item, Hole>();
  let way: Match["way"] | undefined;
  let first = 0;
  const go = (u: Item, v: Item): boolean => {
    if (u === v || holes.has(v)) return true;
    if (u.made.kind === "step" && v.made.kind === "step" && u.made.of === v.made.of) {
      const by = v.made.at - u.made.at;
      if (Math.abs(by) !== 1 || (way !== undefined && way !== by)) return false;
      way = by as 1 | -1;
      first = u.made.at;
      holes.set(v, { kind: "input", of: v.made.of });
      return true;
    }
    if (own.has(v)) {
      holes.set(v, { kind: "state", before: u, after: v });
      return u.width === v.width;
    }
    if (u.made.kind === "beside" && v.made.kind === "beside" && u.made.parts.length === v.made.parts.length)
      return u.made.parts.every((part, i) =>
        go(part, (v.made as typeof u.made & { kind: "beside" }).parts[i]!),
      );
    if (u.made.kind !== "layer" || v.made.kind !== "layer" || !sameLayer(u.made, v.made)) return false;
    return u.made.from.every((source, i) => go(source, (v.made as MadeByLayer).from[i]!));
  };
  const found = [...holes.values()];
  if (!go(before, after) || way === undefined) return undefined;
  return [...found, ...holes.values()].some(({ kind }) => kind === "state")
    ? { way, at: first, holes }
    : undefined;
}

/** What a step gives becomes a layer. */
interface Template {
  readonly match: Match;
  /** The value of the later step. */
  readonly output: Item;
  /** Values that steps hand on, by what the step before made. */
  readonly states: ReadonlyMap<Item, string>;
  readonly inputs: readonly Item[];
}

function templateOf(match: Match, output: Item, before: Item): Template | undefined {
  const holes = [...match.holes.values()];
  const states = new Map<Item, string>();
  for (const hole of holes)
    if (hole.kind === "state" && !states.has(hole.after)) states.set(hole.after, `s${states.size}`);
  if (!states.has(before)) states.set(before, `s${states.size}`);
  const inputs = [...new Set(holes.flatMap((hole) => (hole.kind === "input" ? [hole.of] : [])))];
  return inputs.length === 0 ? undefined : { match, output, states, inputs };
}

/** The value of the later step that stands where a value of the earlier one does. */
function laterOf(before: Item, after: Item, wanted: Item, match: Match): Item | undefined {
  const seen = new Set<Item>();
  const go = (u: Item, v: Item): Item | undefined => {
    if (u === wanted) return v;
    if (match.holes.has(v) || u === v || seen.has(u)) return undefined;
    seen.add(u);
    const [a, b] = [sourcesOf(u), sourcesOf(v)];
    for (let i = 0; i < a.length; i++) {
      const found = go(a[i]!, b[i]!);
      if (found) return found;
    }
    return undefined;
  };
  return go(before, after);
}

/** The weights of a product, and the value that it is of. */
interface Product {
  readonly from: Item;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

function productOf({ made }: Item): Product | undefined {
  if (made.kind !== "layer" || made.layer.kind !== "linear") return undefined;
  return {
    from: made.from[0]!,
    weights: made.parameters.get("w_ya")!.data as Float32Array,
    bias: made.parameters.get("b_y")!.data as Float32Array,
  };
}

/** A layer of one direction that does what the steps do; undefined if no equations stand for them. */
function passOf(before: Item, after: Item): Item | undefined {
  const match = matched(before, after);
  const template = match && templateOf(match, after, before);
  if (!match || !template) return undefined;
  const simple = simplePass(before, after, template);
  if (simple) return simple;
  const widths = new Set([...template.states.keys()].map(({ width }) => width));
  const [H = 0, ...others] = widths;
  if (others.length > 0) return undefined;
  const parameters = new Map<string, Tensor>();
  const states = [...template.states];
  const names = states.map(([, name]) => name);
  const output = template.states.get(before)!;
  const next = states.map(([item]) => laterOf(before, after, item, match));
  if (next.some((item) => item === undefined)) return undefined;
  const build = (into: Map<string, Tensor>): Cell =>
    cell("unrolled", { states: names, output }, (scope) => {
      const read = stepReader(template, H, scope, into);
      return Object.fromEntries(names.map((name, i) => [name, read(next[i]!)]));
    });
  try {
    // Once for the numbers of its parameters, once for the cell itself, in the same order.
    build(parameters).equations();
  } catch {
    return undefined;
  }
  const place: CellPlace = { cell: build(new Map()), gates: [], peepholes: [], states: names };
  return pass({ place, parameters, match, H, input: beside(template.inputs), before, after });
}

/** The value at which the one state of steps starts, where it is not zero: what the first step reads in its place. */
function startOf(before: Item, after: Item): Item | undefined {
  let [u, v] = [before, after];
  for (let k = 0; k < MOST_VALUES; k++) {
    const match = matched(u, v);
    const hole = match && [...match.holes.values()].find((each) => each.kind === "state" && each.after === u);
    if (!match || hole?.kind !== "state") return undefined;
    const steps = [...match.holes.keys()].find(({ made }) => made.kind === "step")?.made;
    if (steps?.kind === "step" && match.at === (match.way > 0 ? 0 : steps.steps - 1)) return hole.before;
    [u, v] = [hole.before, u];
  }
  return undefined;
}

interface Found {
  readonly place: CellPlace;
  readonly parameters: Map<string, Tensor>;
  readonly match: Match;
  readonly H: number;
  readonly input: Item;
  readonly before: Item;
  readonly after: Item;
}

function pass({ place, parameters, match, H, input, before, after }: Found): Item {
  const start = place.states.length === 1 ? startOf(before, after) : undefined;
  const starts: Starts =
    start?.over === "sequences"
      ? { kind: "states", values: new Map([[place.states[0]!, start]]) }
      : { kind: "zero" };
  const nodes = after.made.kind === "layer" ? after.made.nodes : [];
  const made = {
    place,
    units: H,
    reverse: match.way < 0,
    parameters,
    from: [input],
    starts,
    nodes,
    mapped: [],
  } as const;
  return { over: "tokens", width: H, made: { kind: "pass", ...made } };
}

/** tanh or relu of the sum of products with the input and the state: nn.RNN as it is. */
function simplePass(before: Item, after: Item, { match, states, inputs }: Template): Item | undefined {
  if (states.size !== 1 || inputs.length !== 1) return undefined;
  const { made } = after;
  if (made.kind !== "layer" || made.layer.kind !== "activation" || made.from.length !== 1) return undefined;
  const own = made.layer.by === "tanh" ? rnn : made.layer.by === "relu" ? rnnRelu : undefined;
  const sum = made.from[0]!.made;
  if (
    !own ||
    sum.kind !== "layer" ||
    sum.layer.kind !== "join" ||
    sum.layer.by !== "add" ||
    sum.from.length !== 2
  )
    return undefined;
  const isInput = (item: Item): boolean => match.holes.get(item)?.kind === "input";
  const x = sum.from.find(isInput);
  const h = sum.from.find(
    (item) => item !== x && productOf(item) && match.holes.get(productOf(item)!.from)?.kind === "state",
  );
  const [ofInput, ofState] = [inputs[0]!, h && productOf(h)];
  const projected = productOf(ofInput);
  if (!x || !ofState || !projected) return undefined;
  const [H, X] = [after.width, projected.from.width];
  const w = new Float32Array(H * (H + X));
  for (let i = 0; i < H; i++) {
    w.set(ofState.weights.subarray(i * H, (i + 1) * H), i * (H + X));
    w.set(projected.weights.subarray(i * X, (i + 1) * X), i * (H + X) + H);
  }
  const bias = Float32Array.from(projected.bias, (v, i) => v + ofState.bias[i]!);
  const parameters = new Map<string, Tensor>([
    ["w_a", { shape: [H, H + X], data: w }],
    ["b_a", { shape: [H], data: bias }],
  ]);
  const place: CellPlace = { cell: own, gates: [], peepholes: [], states: ["a"] };
  return pass({ place, parameters, match, H, input: projected.from, before, after });
}

/** Values of the later step as expressions of a cell. */
function stepReader(
  { match, states, inputs }: Template,
  H: number,
  scope: StepScope<string>,
  parameters: Map<string, Tensor>,
): (item: Item) => Expr {
  const known = new Map<Item, Expr>();
  const X = inputs.reduce((sum, { width }) => sum + width, 0);
  let count = 0;
  const weighted = (weights: Float32Array, columns: number, of: Expr): Expr => {
    const gate = `m${++count}`;
    parameters.set(`w_${gate}`, { shape: [weights.length / columns, columns], data: weights });
    return scope.linear(gate, of);
  };
  const vector = (data: Float32Array): Expr => {
    const name = `v${++count}`;
    parameters.set(name, { shape: [H], data });
    return scope.vector(name);
  };
  const read = (item: Item): Expr => {
    const old = known.get(item);
    if (old) return old;
    const made = make(item);
    known.set(item, made);
    return made;
  };
  const make = (item: Item): Expr => {
    const hole = match.holes.get(item);
    if (hole?.kind === "state") return scope[states.get(hole.after)!]!;
    if (item.width !== H) throw new RangeError("a value inside a step is of another width than its states");
    if (hole?.kind === "input") {
      // The columns of this value among all that the cell reads.
      const from = inputs.slice(0, inputs.indexOf(hole.of)).reduce((sum, { width }) => sum + width, 0);
      const weights = new Float32Array(H * X);
      for (let i = 0; i < H; i++) weights[i * X + from + i] = 1;
      return weighted(weights, X, scope.x);
    }
    const { made } = item;
    if (made.kind !== "layer") throw new RangeError("no equation stands for a value inside a step");
    const { layer } = made;
    if (layer.kind === "linear") {
      const { from, weights, bias } = productOf(item)!;
      const inner = match.holes.get(from);
      if (inner?.kind === "input") {
        const start = inputs.slice(0, inputs.indexOf(inner.of)).reduce((sum, { width }) => sum + width, 0);
        const wide = new Float32Array(H * X);
        for (let i = 0; i < H; i++)
          wide.set(weights.subarray(i * from.width, (i + 1) * from.width), i * X + start);
        return add(weighted(wide, X, scope.x), vector(bias));
      }
      const z = weighted(weights, from.width, read(from));
      return bias.some((v) => v !== 0) ? add(z, vector(bias)) : z;
    }
    if (layer.kind === "activation") {
      const name = layer.by.toLowerCase();
      return activationExpression(
        { name, alpha: layer.alpha ?? defaultAlpha(name), beta: 0.5 },
        read(made.from[0]!),
      );
    }
    if (layer.kind === "join") {
      const all = made.from.map(read);
      const ways = { add, subtract: sub, multiply: mul, maximum: max, minimum: min } as const;
      if (layer.by === "average")
        return div(
          all.reduce((a, b) => add(a, b)),
          all.length,
        );
      if (layer.by !== "concatenate") return all.reduce((a, b) => ways[layer.by as keyof typeof ways](a, b));
    }
    throw new RangeError(`no equation stands for ${layer.kind} inside a step`);
  };
  return read;
}

const defaultAlpha = (name: string): number =>
  name === "hardsigmoid" ? 0.2 : name === "leakyrelu" ? 0.01 : 1;

/** Values of all steps in the order of time as one layer's; undefined if they are not steps of one. */
export function rolledSteps(steps: readonly Item[]): Item | undefined {
  if (steps.length < 2) return undefined;
  // The first step may read numbers in place of a state; the last two are made as all the others are.
  const [a, b] = [steps.at(-2)!, steps.at(-1)!];
  const forward = madeOf(b).has(a);
  const [before, after] = forward ? [a, b] : [steps[1]!, steps[0]!];
  return passOf(before, after);
}

/** The last value of steps that nothing puts side by side: a state at the end. */
export function rolledEnd(item: Item): Item | undefined {
  if (item.made.kind !== "layer") return undefined;
  const candidates = [...madeOf(item)]
    .slice(1)
    .filter((each) => each.made.kind === "layer" && each.width === item.width);
  for (const before of candidates.slice(0, 200)) {
    const of = passOf(before, item);
    if (of?.made.kind === "pass")
      return {
        over: "sequences",
        width: item.width,
        made: { kind: "end", of, state: of.made.place.cell.output },
      };
  }
  return undefined;
}

/** True if a value is made of single steps. */
export function hasSteps(item: Item): boolean {
  return [...madeOf(item)].some(({ made }) => made.kind === "step");
}

/** What helps where an exporter wrote out all steps. */
export const unrolledRemedy =
  "export nn.RNN with torch.onnx.export(…, dynamo=False), or Keras with its TensorFlow backend, which keep it one operator, or import the state dict or the Keras file itself";
