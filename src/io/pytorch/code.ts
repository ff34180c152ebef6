/**
 * The lines of PyTorch that make the module of an exported network and load its state dict: what a state dict cannot tell
 * itself.
 */
import type { LossName, Network } from "../../nn/index.js";

/** A part of the network as PyTorch has it. */
export type CodeModule =
  | {
      readonly kind: "embedding" | "linear";
      readonly name: string;
      readonly sizes: readonly [number, number];
    }
  | {
      readonly kind: "recurrent";
      readonly name: string;
      readonly module: "LSTM" | "GRU" | "RNN";
      /** X and H. */
      readonly sizes: readonly [number, number];
      readonly layers: number;
      readonly both: boolean;
      readonly nonlinearity?: "relu";
    }
  | { readonly kind: "pool"; readonly by: "last" | "mean" | "max" | "meanMax" };

/** How predictions come out of what the module returns. */
const predictions: Readonly<Record<LossName, string>> = {
  squaredError: "",
  meanSquaredError: "",
  pinball: "",
  crossEntropy: "  # logits; predictions are torch.softmax(x, dim=-1)",
  binaryCrossEntropy: "  # logits; predictions are torch.sigmoid(x)",
  crf: "",
};

/** @param options.file the name of the file to load */
export function pytorchCode(
  modules: readonly CodeModule[],
  { net, file }: { readonly net: Network; readonly file: string },
): string[] {
  const made = modules.flatMap((each) =>
    each.kind === "pool" ? [] : [`self.${each.name} = ${construction(each)}`],
  );
  const { input } = net;
  const oneHot =
    "vocabulary" in input && modules[0]?.kind !== "embedding"
      ? [`x = torch.nn.functional.one_hot(x, ${input.vocabulary}).float()`]
      : [];
  const forward = modules.flatMap((each, i) => calls(each, modules[i + 1], modules[i - 1]));
  return [
    "import torch",
    "from safetensors.torch import load_file",
    "",
    "class Model(torch.nn.Module):",
    "    def __init__(self):",
    "        super().__init__()",
    ...made.map((line) => `        ${line}`),
    "",
    "    def forward(self, x):  # sequences of one length: (batch, steps), or (batch, steps, features)",
    ...[...oneHot, ...forward].map((line) => `        ${line}`),
    `        return x${predictions[net.loss]}`,
    "",
    "model = Model()",
    `model.load_state_dict(load_file(${JSON.stringify(file)}))`,
  ];
}

function construction(module: Exclude<CodeModule, { readonly kind: "pool" }>): string {
  const sizes = module.sizes.join(", ");
  if (module.kind !== "recurrent")
    return `torch.nn.${module.kind === "linear" ? "Linear" : "Embedding"}(${sizes})`;
  const { layers, both, nonlinearity } = module;
  const options = [
    ...(layers > 1 ? [`num_layers=${layers}`] : []),
    ...(nonlinearity ? [`nonlinearity="${nonlinearity}"`] : []),
    "batch_first=True",
    ...(both ? ["bidirectional=True"] : []),
  ];
  return `torch.nn.${module.module}(${[sizes, ...options].join(", ")})`;
}

function calls(each: CodeModule, next: CodeModule | undefined, before: CodeModule | undefined): string[] {
  if (each.kind === "pool") {
    if (each.by !== "last") return [poolings[each.by]];
    const both = before?.kind === "recurrent" && before.both;
    return [both ? "x = torch.cat([h[-2], h[-1]], dim=-1)" : "x = h[-1]"];
  }
  if (each.kind !== "recurrent") return [`x = self.${each.name}(x)`];
  if (!(next?.kind === "pool" && next.by === "last")) return [`x, _ = self.${each.name}(x)`];
  return [each.module === "LSTM" ? `x, (h, _) = self.${each.name}(x)` : `x, h = self.${each.name}(x)`];
}

const poolings = {
  mean: "x = x.mean(dim=1)",
  max: "x = x.max(dim=1).values",
  meanMax: "x = torch.cat([x.mean(dim=1), x.max(dim=1).values], dim=-1)",
} as const;
