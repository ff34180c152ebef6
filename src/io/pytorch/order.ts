/**
 * In which order the modules of a state dict follow each other. PyTorch's files have them in the order in which they were
 * made, other writers (safetensors) sort them by name, and neither need be the order of their use; so every plausible order
 * is tried, and what fits in one way only is taken.
 */
import { compareCodePoints } from "../order.js";
import { type Fail, type MatrixModule, pathText, type RecurrentModule, type TorchModule } from "./modules.js";

/** A module in its place. */
export type PlacedModule =
  | RecurrentModule
  | (MatrixModule & {
      readonly role: "embedding" | "linear";
      readonly input: number;
      readonly output: number;
    });

/**
 * The modules in the order of their use.
 *
 * @param modules in the order of the file
 * @param given the order as the caller has it, all of the modules by path; undefined: it is found
 * @throws FileFormatError if no order fits, or several do
 */
export function orderModules(
  modules: readonly TorchModule[],
  given: readonly string[] | undefined,
  fail: Fail,
): readonly PlacedModule[] {
  if (given !== undefined) {
    const byPath = given.map((path) => modules.find((each) => each.path === path)!);
    const placed = place(byPath);
    if (typeof placed !== "string") return placed;
    throw fail("modules", placed, "Name them in the order of their use.");
  }
  const fitting = new Map<string, readonly PlacedModule[]>();
  for (const order of candidates(modules)) {
    const placed = place(order);
    if (typeof placed !== "string") fitting.set(order.map(({ path }) => path).join(", "), placed);
  }
  // Several tables of one size: that of an embedding is the one that is called so.
  const named = [...fitting].filter(([, [first]]) => first?.kind === "matrix" && /emb/i.test(first.path));
  const [only, ...others] = fitting.size > 1 && named.length > 0 ? named : [...fitting];
  if (only === undefined)
    throw fail(
      "modules",
      place(modules) as string,
      "The option modules names those that follow each other, in the order of their use.",
    );
  if (others.length === 0) return only[1];
  const orders = [only, ...others].map(([text]) => text).join("; or ");
  throw fail("modules", `can follow each other as ${orders}`, "The option modules says in which order.");
}

function candidates(modules: readonly TorchModule[]): TorchModule[][] {
  const found = modules.filter((each) => each.kind === "recurrent");
  const matrices = modules.filter(({ kind }) => kind === "matrix");
  const tables = modules.filter((each) => each.kind === "matrix" && each.bias === undefined);
  return recurrentOrders(found).flatMap((recurrent) => {
    const rest = [...recurrent];
    return [
      // The recurrent modules in the places that they have in the file.
      modules.map((each) => (each.kind === "recurrent" ? (rest.shift() as TorchModule) : each)),
      ...tables.map((table) => [table, ...recurrent, ...matrices.filter((each) => each !== table)]),
      [...recurrent, ...matrices],
    ];
  });
}

/** Orders of recurrent modules that are looked at, some more than one to see that there are several; and tries to find them. */
const [MOST, TRIES] = [8, 10_000];

/**
 * The orders that the recurrent modules of a file may have: their own, unless they are sorted by name. Then numbers in names
 * tell ("rnns.2" before "rnns.10"), and otherwise every order whose widths meet is as likely as the other.
 */
function recurrentOrders(modules: readonly RecurrentModule[]): (readonly RecurrentModule[])[] {
  const paths = modules.map(({ path }) => path);
  const sorted = paths.every((path, i) => i === 0 || compareCodePoints(paths[i - 1]!, path) < 0);
  if (!sorted || modules.length < 2) return [modules];
  const shapes = new Set(paths.map((path) => path.replace(/\d+/g, "#")));
  if (shapes.size === 1) return [[...modules].sort((a, b) => compareNumbers(a.path, b.path))];
  const orders: (readonly RecurrentModule[])[] = [];
  let tries = 0;
  const extend = (order: readonly RecurrentModule[]): void => {
    if (order.length === modules.length) orders.push(order);
    for (const next of modules) {
      if (orders.length === MOST || ++tries > TRIES) return;
      const meets = order.length === 0 || order.at(-1)?.output === next.input;
      if (meets && !order.includes(next)) extend([...order, next]);
    }
  };
  extend([]);
  // Where none fits, or a linear layer stands between two, the file's own.
  return orders.length > 0 ? orders : [modules];
}

/** By the numbers in two paths that are the same otherwise. */
function compareNumbers(a: string, b: string): number {
  const [ours, theirs] = [a, b].map((path) => (path.match(/\d+/g) ?? []).map(Number)) as [number[], number[]];
  const at = ours.findIndex((value, i) => value !== theirs[i]);
  return at < 0 ? 0 : ours[at]! - theirs[at]!;
}

/** The modules with their roles, or why they cannot follow each other. */
function place(modules: readonly TorchModule[]): readonly PlacedModule[] | string {
  const placed: PlacedModule[] = [];
  for (const [i, each] of modules.entries()) {
    const before = placed.at(-1);
    const next = each.kind === "recurrent" ? each : roleOf(each, i);
    if (before !== undefined && before.output !== next.input)
      return `${pathText(next.path)} takes ${next.input} features, and ${pathText(before.path)} gives ${before.output}`;
    if (before?.kind === "matrix" && before.role === "linear" && next.kind === "matrix")
      return `${next.path} follows ${before.path}, both nn.Linear: what stands between them, a state dict does not tell, and networks here have no such layer`;
    placed.push(next);
  }
  return placed;
}

function roleOf(each: MatrixModule, place: number): PlacedModule {
  const [rows = 0, columns = 0] = each.weight.shape;
  // Ids can only go in at the start, and a table has no bias.
  return place === 0 && each.bias === undefined
    ? { ...each, role: "embedding", input: rows, output: columns }
    : { ...each, role: "linear", input: columns, output: rows };
}
