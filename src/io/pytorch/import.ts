/**
 * From a state dict of PyTorch to a network of ours: modules are found by their tensors (modules.ts), put in order
 * (order.ts) and become layers (layers.ts), the rows of their gates our parameters (pass.ts). What a state dict cannot
 * tell is an option, and is said (options.ts).
 */

import { network, type Tensor } from "../../nn/index.js";
import { OptionError } from "../../options/error.js";
import type { Imported, Mapping, SourceLayer } from "../imported.js";
import { madeOf } from "./layers.js";
import { failIn, findModules, type StateDict } from "./modules.js";
import { assumedIn, checkOptions, heads, type PyTorchOptions } from "./options.js";
import { orderModules } from "./order.js";

/**
 * Imports a state dict.
 *
 * @param tensors as readStateDict gives them
 * @example
 * const imported = importPyTorch(await readStateDict(bytes, "tagger.pt"), { head: "softmax" });
 * await certify(imported, { reference: createReferenceExecutor, wasm: createWasmExecutor });
 * const file = writeModel({ task: "network", ...imported, data: {} });
 * @throws FileFormatError naming what cannot be imported and what would be right
 */
export function importPyTorch(tensors: StateDict, options: PyTorchOptions = {}): Imported {
  if (!(tensors instanceof Map))
    throw new OptionError("importPyTorch takes a Map of tensors by name, as readStateDict() gives one");
  const { head = "linear", name = "state dict", modules } = options;
  const fail = failIn(name);
  const found = findModules(tensors, modules, fail);
  const placed = orderModules(found, modules, fail);
  checkOptions(options, placed);
  const last = placed.map(({ kind }) => kind).lastIndexOf("recurrent");
  if (last < 0)
    throw fail("modules", "none of them is recurrent", "A file to import has an nn.LSTM, nn.GRU or nn.RNN.");
  const made = placed.flatMap((each, i) => madeOf(each, { ...options, isLastRecurrent: i === last }));
  const net = network({
    input:
      placed[0]?.kind === "matrix" && placed[0].role === "embedding"
        ? { vocabulary: placed[0].input }
        : { width: placed[0]!.input },
    layers: made.flatMap(({ layers }) => layers),
    loss: heads[head].loss,
  });
  const names = net.layers.map((each) => each.name);
  const layers: SourceLayer[] = [];
  const parameters = new Map<string, Tensor>();
  const mapped: Mapping[] = [];
  for (const each of made) {
    const own = names.splice(0, each.layers.length);
    const filled = each.fill(own[0]!);
    for (const [key, tensor] of filled.parameters) parameters.set(key, tensor);
    mapped.push(...filled.mapped);
    layers.push({ name: each.name, layers: own, evaluate: each.evaluate });
  }
  const { evaluate } = heads[head];
  if (evaluate) layers.push({ name: head, layers: [], evaluate });
  return {
    format: "pytorch",
    network: net,
    parameters,
    mapped,
    layers,
    assumed: assumedIn(tensors, placed, options),
  };
}
