// `unrolled import --from pytorch`: which files are PyTorch's, and what a state dict does not tell as options.
import type { PyTorchOptions } from "../../io/pytorch/index.js";
import type { ImportRow } from "../importers.js";
import { choice, names, option } from "../options.js";

const heading = "What a state dict does not tell:";

/** The importer's row. */
export const pytorchImporter: ImportRow = {
  describes: "a state dict: .pt, .pth, .safetensors",
  recognises: (file) => /\.(pt|pth|safetensors)$/i.test(file),
  options: [
    choice(heading, "--activation <name>", "of nn.RNN (default: tanh)", ["tanh", "relu"]),
    choice(heading, "--head <name>", "what follows the last layer (default: linear, which is nothing)", [
      "linear",
      "softmax",
      "sigmoid",
    ]),
    choice(
      heading,
      "--pooling <name>",
      "what of the last recurrent layer's steps goes on (default: none, all of them)",
      ["none", "last", "mean", "max"],
    ),
    option(
      heading,
      "--modules <name,...>",
      "modules in the order of their use; others are left out (default: all, the order is found)",
      names,
    ),
  ],
  async read({ file, bytes, chosen }) {
    const { importPyTorch, readStateDict } = await import("../../io/pytorch/index.js");
    return importPyTorch(await readStateDict(bytes, file), { ...(chosen as PyTorchOptions), name: file });
  },
};
