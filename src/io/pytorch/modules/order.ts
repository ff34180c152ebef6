/**
 * In which order the modules of a file follow each other. PyTorch's files have them in the order in which they were made,
 * other writers (safetensors) sort them by name, and neither need be the order of their use; so every order whose widths meet
 * is looked at, and what fits in one way only is taken. What an nn.Sequential holds follows each other as it stands there.
 */
import { keyed, plain } from "../../../options/error.js";
import type { TorchClass } from "../file/module-tree.js";
import { type Fail, pathText } from "./fail.js";
import { type Item, itemText, plainRole } from "./items.js";
import type { TorchModule } from "./types.js";

/** Modules that follow each other for certain: one, or what an nn.Sequential holds. */
interface Unit {
  readonly path: string;
  readonly items: readonly TorchModule[];
}

/** What a value is on its way: how wide, and what it came through. */
export interface Place {
  /** Undefined: nothing has been read yet. */
  readonly width: number | undefined;
  /** What it was before, if that was a linear layer with nothing behind it that is no normalisation. */
  readonly linear: string | undefined;
  /** The last module that said how wide its values are. */
  readonly by: string;
}

/** Orders that are looked for, some more than one to see that there are several; and tries to find them. */
const [MOST, TRIES] = [8, 10_000];

const start: Place = { width: undefined, linear: undefined, by: "" };

/**
 * The modules in the order of their use.
 *
 * @param modules in the order of the file
 * @throws FileFormatError if no order fits, or several do, or what stands between two cannot be told
 */
export function orderModules(
  modules: readonly TorchModule[],
  classes: ReadonlyMap<string, TorchClass>,
  fail: Fail,
): readonly Item[] {
  const units = unitsOf(modules, classes);
  const loose = units.filter(({ items: [first], items }) => items.length === 1 && first?.kind === "plain");
  const units2 = units.filter((unit) => !loose.includes(unit));
  const heads = loose.flatMap(({ items }) => headOf(items[0]!, items[0] === modules.at(-1)));
  const unclear = loose.filter(({ items: [only] }) => isUnclear(only!, only === modules.at(-1)));
  const listed = (all: readonly TorchModule[]): string =>
    all
      .filter((each) => !(each.kind === "plain" && plainRole(each).role === "nothing"))
      .map(itemText)
      .join(",");
  if (unclear.length > 0) {
    const { path, name } = unclear[0]!.items[0] as Extract<TorchModule, { kind: "plain" }>;
    throw fail(
      `module ${path}`,
      `is a ${name}, and where it is used stands in the program of the module around it, not in the file`,
      keyed(`{modules} says in which order: ${plain(listed(modules))}.`),
    );
  }
  const orders = fitting(units2, true);
  const named = orders.filter(([first]) => /emb/i.test(first?.path ?? ""));
  const [only, ...others] = orders.length > 1 && named.length > 0 ? named : orders;
  if (only === undefined) throw noOrder(units2, fail);
  if (others.length === 0) return [...only.flatMap(({ items }) => items), ...heads];
  const texts = [only, ...others].map((order) => order.map(({ path }) => pathText(path)).join(", "));
  throw fail(
    "modules",
    `can follow each other as ${texts.join("; or ")}`,
    keyed(`{modules} says in which order, as in ${plain(listed(only.flatMap(({ items }) => items)))}.`),
  );
}

/** A module after the last linear layer that makes predictions of its scores. */
const headOf = (module: TorchModule, isLast: boolean): readonly TorchModule[] =>
  isLast && module.kind === "plain" && "head" in plainRole(module) ? [module] : [];

/** Whether a module without parameters stands somewhere that is not known, and it matters where. */
function isUnclear(module: TorchModule, isLast: boolean): boolean {
  if (module.kind !== "plain") return false;
  const role = plainRole(module);
  return role.role !== "nothing" && !(isLast && "head" in role);
}

/** What follows each other for certain. */
function unitsOf(modules: readonly TorchModule[], classes: ReadonlyMap<string, TorchClass>): Unit[] {
  const isChain = (path: string): boolean => {
    const of = classes.get(path);
    if (of?.kind !== "Sequential" || !of.name.startsWith("torch.")) return false;
    return of.children.every((name) => {
      const inside = path === "" ? name : `${path}.${name}`;
      return (classes.get(inside)?.children.length ?? 0) === 0 || isChain(inside);
    });
  };
  /** The outermost chain that a module stands in, or itself. */
  const owner = (path: string): string => {
    const parts = path.split(".");
    const around = ["", ...parts.map((_, i) => parts.slice(0, i + 1).join("."))].slice(0, -1);
    return around.find((each) => isChain(each)) ?? path;
  };
  const units = new Map<string, TorchModule[]>();
  for (const each of modules) {
    const path = owner(each.path);
    const key = path === each.path ? `module ${path}` : `chain ${path}`;
    units.set(key, [...(units.get(key) ?? []), each]);
  }
  return [...units].map(([key, items]) => ({ path: key.replace(/^(module|chain) /, ""), items }));
}

/** Orders whose widths meet. @param strict true: nothing is unknown between two linear layers */
function fitting(units: readonly Unit[], strict: boolean): (readonly Unit[])[] {
  const isLinear = ({ items: [first] }: Unit): boolean =>
    first?.kind === "matrix" && first.bias !== undefined && first.role !== "embedding";
  const all: (readonly Unit[])[] = [];
  // A linear layer before the first recurrent one is looked at where nothing else fits.
  for (const early of [false, true]) {
    let tries = 0;
    const extend = (order: readonly Unit[], place: Place, recurrent: boolean): void => {
      if (order.length === units.length) all.push(order);
      for (const next of units) {
        if (all.length === MOST || ++tries > TRIES) return;
        if (order.includes(next) || (!early && !recurrent && isLinear(next))) continue;
        if (!isNext(next, units, order)) continue;
        const after = placed(next.items, place, strict);
        if (typeof after === "string") continue;
        extend([...order, next], after, recurrent || next.items.some(({ kind }) => kind === "recurrent"));
      }
    };
    extend([], start, false);
    if (all.length > 0) break;
  }
  return all;
}

/** Whether every unit whose name has a smaller number at the same place stands before it. */
function isNext(next: Unit, units: readonly Unit[], order: readonly Unit[]): boolean {
  const shape = (path: string): string => path.replace(/\d+/g, "#");
  return units.every(
    (each) =>
      each === next ||
      order.includes(each) ||
      shape(each.path) !== shape(next.path) ||
      compareNumbers(each.path, next.path) > 0,
  );
}

/** By the numbers in two paths that are the same otherwise. */
function compareNumbers(a: string, b: string): number {
  const [ours, theirs] = [a, b].map((path) => (path.match(/\d+/g) ?? []).map(Number)) as [number[], number[]];
  const at = ours.findIndex((value, i) => value !== theirs[i]);
  return at < 0 ? 0 : ours[at]! - theirs[at]!;
}

/** What a value is behind some modules, or why it cannot go there. */
function placed(items: readonly TorchModule[], from: Place, strict: boolean): Place | string {
  let place = from;
  for (const [i, each] of items.entries()) {
    if (each.kind === "plain") {
      place = { ...place, linear: undefined };
      continue;
    }
    const [input, output] = widthsOf(each, place.width === undefined);
    if (place.width !== undefined && place.width !== input)
      return `${pathText(each.path)} takes ${input} features, and ${pathText(place.by)} gives ${place.width}`;
    const isLinear = each.kind === "matrix" && place.width !== undefined && each.role !== "embedding";
    if (strict && isLinear && place.linear !== undefined && i === 0)
      return `${each.path} follows ${place.linear}, both nn.Linear: what stands between them the file does not tell`;
    const linear =
      each.kind === "matrix" && (each.bias !== undefined || place.width !== undefined)
        ? each.path
        : each.kind === "norm"
          ? place.linear
          : undefined;
    place = { width: output, linear, by: each.path };
  }
  return place;
}

/** Widths of what goes in and comes out. @param first whether it is the first of all, where ids go in */
export function widthsOf(
  module: Exclude<TorchModule, { kind: "plain" }>,
  first: boolean,
): readonly [number, number] {
  if (module.kind === "recurrent") return [module.input, module.output];
  if (module.kind === "norm") return [module.width, module.width];
  const [rows = 0, columns = 0] = module.weight.shape;
  return isEmbedding(module, first) ? [rows, columns] : [columns, rows];
}

/** Whether a matrix is an embedding: its class says so, or ids can only go in at the start, and a table has no bias. */
export const isEmbedding = (
  { role, bias }: Extract<TorchModule, { kind: "matrix" }>,
  first: boolean,
): boolean => (role === undefined ? first && bias === undefined : role === "embedding");

/** Why no order fits. */
function noOrder(units: readonly Unit[], fail: Fail): Error {
  const items = (order: readonly Unit[]): readonly TorchModule[] => order.flatMap((unit) => unit.items);
  const [loose, ...others] = fitting(units, false);
  const order = loose ?? units;
  const why = placed(items(order), start, false);
  if (typeof why === "string")
    return fail(
      "modules",
      why,
      keyed(
        "{modules} names those that follow each other, in the order of their use, and what stands between them.",
      ),
    );
  const reason = order.reduce<{ place: Place | string }>(
    ({ place }, unit) => ({ place: typeof place === "string" ? place : placed(unit.items, place, true) }),
    { place: start },
  ).place;
  const list = (between: readonly string[]): string =>
    items(order)
      .flatMap((each, i) => [
        ...(i > 0 && isMatrix(each) && isMatrix(items(order)[i - 1]!) ? between : []),
        itemText(each),
      ])
      .join(",");
  const also = others.length > 0 ? ", if this is the order" : "";
  return fail(
    "modules",
    String(reason),
    keyed(`{modules} says it${also}: ${plain(list(["relu"]))}, or ${plain(list([]))} where nothing does.`),
  );
}

const isMatrix = (each: TorchModule): boolean => each.kind === "matrix";
