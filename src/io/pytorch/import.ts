/**
 * From a file of PyTorch to a network of ours: modules are found (modules/modules.ts), put in order (modules/order.ts) and
 * become layers (modules/made.ts), the rows of their gates our parameters (pass.ts). What the file does not tell is an
 * option, and is said (options.ts).
 */

import { NetworkError } from "../../nn/index.js";
import { OptionError } from "../../options/error.js";
import type { Imported } from "../imported.js";
import { assemble } from "./assemble.js";
import type { PyTorchFile, StateDict } from "./file/read.js";
import { type Fail, failIn } from "./modules/fail.js";
import { type Item, itemText, namedItems, namedPaths, partOf, plainRole } from "./modules/items.js";
import { findModules } from "./modules/modules.js";
import { isEmbedding, orderModules, widthsOf } from "./modules/order.js";
import { madeOf } from "./modules/row.js";
import { assumedIn, type Chosen, checkOptions, type PyTorchOptions } from "./options.js";
import { readProgram } from "./script/program.js";

/**
 * Imports a state dict, or what a file tells of a module.
 *
 * @param source as readPyTorch or readStateDict gives it
 * @example
 * const imported = importPyTorch(await readPyTorch(bytes, { name: "tagger.pt" }), { head: "softmax" });
 * await certify(imported, { reference: createReferenceExecutor, wasm: createWasmExecutor });
 * const file = writeModel({ task: "network", ...imported, data: {} });
 * @throws FileFormatError naming what cannot be imported and what would be right
 */
export function importPyTorch(source: StateDict | PyTorchFile, options: PyTorchOptions = {}): Imported {
  const file = fileOf(source);
  const fail = failIn(options.name ?? "state dict");
  if (file.code !== undefined && options.modules === undefined) return ofProgram(file, file.code, options);
  const { items, chosen } = itemsOf(file, options);
  const last = items.map(({ kind }) => kind).lastIndexOf("recurrent");
  if (last < 0)
    throw fail("modules", "none of them is recurrent", "A file to import has an nn.LSTM, nn.GRU or nn.RNN.");
  const { pooling = "none", activation = "tanh" } = options;
  const pooled: readonly Item[] =
    pooling === "none"
      ? items
      : [...items.slice(0, last + 1), { kind: "pool", by: pooling }, ...items.slice(last + 1)];
  const first = items[0]!;
  return assemble(madeOf(pooled, { activation, fail, widths: widthsIn(items, fail) }), {
    input:
      first.kind === "matrix" && isEmbedding(first, true)
        ? { vocabulary: first.weight.shape[0]! }
        : { width: inputWidth(items) },
    head: chosen.head,
    assumed: assumedIn(file, items, chosen),
  });
}

/** A TorchScript program, whose code tells what follows what. */
function ofProgram(
  file: PyTorchFile,
  code: ReadonlyMap<string, string>,
  { head, activation, pooling, name = "state dict" }: PyTorchOptions,
): Imported {
  const given = Object.entries({ activation, pooling }).find(([, value]) => value !== undefined);
  if (given)
    throw new NetworkError(`the option ${given[0]} is for what a file does not tell, and a program does`);
  const { tensors, classes, said } = file;
  const program = readProgram({ code, tensors, classes }, name);
  return assemble(program.made, {
    input: program.input,
    head: head ?? program.head,
    logarithms: program.logarithms && (head === undefined || head === "softmax"),
    assumed: [...said, ...program.said],
  });
}

function fileOf(source: StateDict | PyTorchFile): PyTorchFile {
  if (source instanceof Map) return { tensors: source, classes: new Map(), said: [] };
  const file = Object(source) as PyTorchFile;
  if (file.tensors instanceof Map && file.classes instanceof Map) return file;
  throw new OptionError(
    "importPyTorch takes what readPyTorch() gives, or a Map of tensors by name, as readStateDict() gives one",
  );
}

/** The items of a network, without what does nothing in inference, and without what belongs to the loss. */
function itemsOf(
  file: PyTorchFile,
  options: PyTorchOptions,
): { readonly items: readonly Item[]; readonly chosen: Chosen } {
  const fail = failIn(options.name ?? "state dict");
  const modules = options.modules ?? file.order;
  const paths = new Set([
    ...file.classes.keys(),
    ...[...file.tensors.keys()].map((name) => name.replace(/\.?[^.]*$/, "")),
  ]);
  const found = findModules(file, modules && namedPaths(modules, (path) => paths.has(path)), fail);
  const all = modules
    ? namedItems(modules, found, { paths: [...paths], fail })
    : orderModules(found, file.classes, fail);
  const end = all.at(-1);
  const role = end?.kind === "plain" ? plainRole(end) : undefined;
  const head = role !== undefined && "head" in role ? role.head : undefined;
  const kept = (head === undefined ? all : all.slice(0, -1)).flatMap((item): readonly Item[] => {
    if (item.kind !== "plain") return [item];
    const plain = plainRole(item);
    if (plain.role === "nothing") return [];
    if (plain.role === "activation") return [{ kind: "activation", name: item.path, by: plain.by }];
    throw fail(
      `module ${item.path}`,
      `is a ${item.name}, which is no part of a network here`,
      "The option modules leaves it out, and names what does the same.",
    );
  });
  checkOptions(options, kept);
  return {
    items: kept,
    chosen: {
      options,
      head: options.head ?? head ?? "linear",
      headFrom:
        options.head === undefined && head !== undefined && end?.kind === "plain" ? end.path : undefined,
    },
  };
}

/** What goes into the first module. */
function inputWidth(items: readonly Item[]): number {
  const first = items.find((item) => hasWidths(item));
  return first && hasWidths(first) ? widthsOf(first, true)[0] : 0;
}

type Wide = Extract<Item, { readonly kind: "recurrent" | "matrix" | "norm" }>;
const hasWidths = (item: Item): item is Wide => ["recurrent", "matrix", "norm"].includes(item.kind);

/** @throws FileFormatError if a module takes another width than what stands before it gives */
function widthsIn(items: readonly Item[], fail: Fail): ReadonlyMap<string, number> {
  const widths = new Map<string, number>([["input", inputWidth(items)]]);
  let [width, by]: [number | undefined, string] = [undefined, ""];
  items.forEach((item, i) => {
    if (hasWidths(item)) {
      const [input, output] = widthsOf(item, i === 0);
      if (width !== undefined && width !== input)
        throw fail(
          "modules",
          `${itemText(item)} takes ${input} features, and ${by} gives ${width}`,
          "Name them in the order of their use.",
        );
      [width, by] = [output, itemText(item)];
    } else if (item.kind === "join") {
      const others = item.with.map((text) => partOf(text).first ?? widths.get(text) ?? 0);
      const odd = item.with.find((_, k) => others[k] !== width);
      if (item.by === "concatenate") width = others.reduce((sum, each) => sum + each, width ?? 0);
      else if (odd !== undefined)
        throw fail(
          `part ${itemText(item)}`,
          `puts ${widths.get(odd)} and ${width} features together`,
          "They are of one width, or side by side: concatenate; input[:1] is the first feature of the input.",
        );
      by = itemText(item);
    } else if (item.kind === "attend") {
      const last = item.score.filter(hasWidths).at(-1);
      if (last && widthsOf(last, false)[1] !== 1)
        throw fail(
          `part ${itemText(item)}`,
          `gives ${widthsOf(last, false)[1]} numbers for each step`,
          "A score is one number; attend:PART>PART names all that make it, such as attend:attn>tanh>v.",
        );
      by = itemText(item);
    }
    if (width !== undefined) widths.set(itemText(item), width);
  });
  return widths;
}
