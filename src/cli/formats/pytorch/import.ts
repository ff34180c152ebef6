/**
 * `unrolled import --from pytorch`: which files are PyTorch's, and options for what a state dict does not say.
 */
import { limitsHere } from "../../../data/node.js";
import type { PyTorchOptions } from "../../../io/pytorch/index.js";
import { choice, names, option } from "../../terminal/options.js";
import { headingOfUnknown, headOption } from "../head-option.js";
import type { ImportRow } from "../import-row.js";

/** A zip archive, or a pickle of protocol 2 to 5. Written out here, so that detecting a format loads no importer. */
const isTorchFile = ([a = 0, b = 0]: Uint8Array): boolean =>
  (a === 0x50 && b === 0x4b) || (a === 0x80 && b >= 2 && b <= 5);

/** JSON of a state dict, or of layers as audio plug-ins exchange them. */
const isWeights = (bytes: Uint8Array): boolean => {
  const text = new TextDecoder().decode(bytes.subarray(0, 4096));
  return /^\s*\{/.test(text) && /"(state_dict|model_data|in_shape)"/.test(text);
};

/** The importer's row. */
export const pytorchImporter: ImportRow = {
  describes: "a state dict, a module or a TorchScript program: .pt, .pth, .safetensors",
  recognises: (file, bytes) =>
    /\.(pt|pth|pth\.tar|safetensors)$/i.test(file) ||
    (/\.(bin|ckpt|tar)$/i.test(file) && isTorchFile(bytes)) ||
    (/\.(json|aidax)$/i.test(file) && isWeights(bytes)),
  options: [
    choice(headingOfUnknown, "--activation <name>", "of nn.RNN (default: tanh)", ["tanh", "relu"]),
    headOption,
    choice(
      headingOfUnknown,
      "--pooling <name>",
      "how the steps of the last recurrent layer are pooled: last is h_n, ends is out[:, -1] (default: none, all of them go on)",
      ["none", "last", "ends", "mean", "max"],
    ),
    option(
      headingOfUnknown,
      "--modules <name,...>",
      "what follows what: modules, and between them relu, tanh, …, last, mean, …; others are left out (default: all, in the order that fits)",
      names,
    ),
    option(
      headingOfUnknown,
      "--part <name>",
      "of a checkpoint of several networks: which (default: the only one, or what trainers usually call it)",
    ),
  ],
  async read({ file, bytes, chosen }) {
    const { importPyTorch, readPyTorch } = await import("../../../io/pytorch/index.js");
    const { part, ...options } = chosen as PyTorchOptions & { readonly part?: string };
    const source = await readPyTorch(bytes, { name: file, part, limits: limitsHere() });
    return importPyTorch(source, { ...options, name: file });
  },
};
