/**
 * The program of PyTorch that makes the module of an exported network and loads its state dict: what a state dict cannot tell
 * itself. For a cell that torch.nn has not, it has a class.
 */
import type { LossName, Network } from "../../../nn/index.js";
import type { PythonCell } from "./python-cell.js";

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
  /** A class of its own for each direction. */
  | {
      readonly kind: "own";
      readonly name: string;
      readonly cell: PythonCell;
      readonly sizes: readonly [number, number];
      /** Of each direction, whether it goes in reverse. */
      readonly directions: readonly boolean[];
      readonly learned: boolean;
      readonly residual: boolean;
    }
  | {
      readonly kind: "normalise";
      readonly name: string;
      readonly width: number;
      readonly epsilon: number;
    }
  | { readonly kind: "scale"; readonly name: string; readonly width: number }
  | { readonly kind: "function"; readonly text: string }
  | { readonly kind: "pool"; readonly by: "last" | "ends" | "mean" | "max" | "meanMax" };

/** How predictions come out of what the module returns. */
const predictions: Readonly<Record<LossName, string>> = {
  squaredError: "",
  meanSquaredError: "",
  pinball: "",
  crossEntropy: "  # logits; predictions are torch.softmax(x, dim=-1)",
  binaryCrossEntropy: "  # logits; predictions are torch.sigmoid(x)",
  crf: "",
};

/** What surrounds the modules. */
export interface CodeAround {
  readonly net: Network;
  /** Whether numbers that go in are scaled, by the buffers mean and deviation. */
  readonly scales: boolean;
  /** The name of the file to load. */
  readonly file: string;
  /** True: the file lies beside the one that these lines are in. Default: it lies where Python was started. */
  readonly beside?: boolean;
}

/** The lines. */
export function pytorchCode(modules: readonly CodeModule[], around: CodeAround): string[] {
  const { net, scales, file, beside = false } = around;
  const made = modules.flatMap((each) =>
    "name" in each ? [`self.${each.name} = ${construction(each)}`] : [],
  );
  const { input } = net;
  const oneHot =
    "vocabulary" in input && modules[0]?.kind !== "embedding"
      ? [`x = torch.nn.functional.one_hot(x, ${input.vocabulary}).float()`]
      : [];
  const width = "width" in input ? input.width : 0;
  const scaling = scales
    ? [
        `self.register_buffer("mean", torch.zeros(${width}))`,
        `self.register_buffer("deviation", torch.ones(${width}))`,
      ]
    : [];
  const scaled = scales ? ["x = (x - self.mean) / self.deviation"] : [];
  const forward = modules.flatMap((each, i) => calls(each, modules[i + 1], modules.slice(0, i)));
  const cells = new Map(
    modules.flatMap((each) => (each.kind === "own" ? [[each.cell.name, each.cell]] : [])),
  );
  const path = JSON.stringify(file);
  return [
    ...(beside ? ["import os", ""] : []),
    "import torch",
    "from safetensors.torch import load_file",
    "",
    ...[...cells.values()].flatMap(({ lines }) => [...lines, "", ...(beside ? [""] : [])]),
    "class Model(torch.nn.Module):",
    "    def __init__(self):",
    "        super().__init__()",
    ...[...scaling, ...made].map((line) => `        ${line}`),
    "",
    "    def forward(self, x):  # sequences of one length: (batch, steps), or (batch, steps, features)",
    ...[...scaled, ...oneHot, ...forward].map((line) => `        ${line}`),
    `        return x${predictions[net.loss]}`,
    "",
    ...(beside ? [""] : []),
    "model = Model()",
    beside
      ? `model.load_state_dict(load_file(os.path.join(os.path.dirname(os.path.abspath(__file__)), ${path})))`
      : `model.load_state_dict(load_file(${path}))`,
    ...(beside ? ["model.eval()"] : []),
  ];
}

type Named = Extract<CodeModule, { readonly name: string }>;

function construction(module: Named): string {
  if (module.kind === "normalise") return `torch.nn.LayerNorm(${module.width}, eps=${module.epsilon})`;
  // A gain and a shift for each feature, as torch.nn has them in a normalisation alone.
  if (module.kind === "scale")
    return `torch.nn.ParameterDict({"weight": torch.ones(${module.width}), "bias": torch.zeros(${module.width})})`;
  const sizes = module.sizes.join(", ");
  if (module.kind === "own") {
    const one = (reverse: boolean): string =>
      `${module.cell.name}(${[sizes, ...(reverse ? ["reverse=True"] : []), ...(module.learned ? ["learned=True"] : [])].join(", ")})`;
    const [first = false, ...others] = module.directions;
    return others.length === 0
      ? one(first)
      : `torch.nn.ModuleList([${module.directions.map(one).join(", ")}])`;
  }
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

function calls(each: CodeModule, next: CodeModule | undefined, before: readonly CodeModule[]): string[] {
  if (each.kind === "function") return [each.text];
  if (each.kind === "pool") return [each.by === "last" ? lastOf(before) : poolings[each.by]];
  if (each.kind === "own") {
    const { name, directions, residual } = each;
    const own =
      directions.length === 1 ? `self.${name}(x)` : `torch.cat([each(x) for each in self.${name}], dim=-1)`;
    return [`x = ${residual ? "x + " : ""}${own}`];
  }
  if (each.kind === "scale") return [`x = x * self.${each.name}["weight"] + self.${each.name}["bias"]`];
  if (each.kind !== "recurrent") return [`x = self.${each.name}(x)`];
  if (!(next?.kind === "pool" && next.by === "last")) return [`x, _ = self.${each.name}(x)`];
  return [each.module === "LSTM" ? `x, (h, _) = self.${each.name}(x)` : `x, h = self.${each.name}(x)`];
}

/** The last state of the layer before: of two directions each at its own end; of what has none, the last step. */
function lastOf(before: readonly CodeModule[]): string {
  const last = before.at(-1);
  if (last?.kind === "recurrent") return last.both ? "x = torch.cat([h[-2], h[-1]], dim=-1)" : "x = h[-1]";
  const maker = before.filter(({ kind }) => !["function", "scale", "normalise"].includes(kind)).at(-1);
  const both =
    (maker?.kind === "recurrent" && maker.both) ||
    (maker?.kind === "own" && !maker.residual && maker.directions.length === 2);
  const reverse = maker?.kind === "own" && !maker.residual && maker.directions.join() === "true";
  if (reverse) return "x = x[:, 0]";
  const H = both && maker && "sizes" in maker ? maker.sizes[1] : 0;
  return both ? `x = torch.cat([x[:, -1, :${H}], x[:, 0, ${H}:]], dim=-1)` : poolings.ends;
}

const poolings = {
  ends: "x = x[:, -1]",
  mean: "x = x.mean(dim=1)",
  max: "x = x.max(dim=1).values",
  meanMax: "x = torch.cat([x.mean(dim=1), x.max(dim=1).values], dim=-1)",
} as const;
