/**
 * What a state dict does not tell: options with defaults, checked, and the sentences that say what was taken for what.
 */
import { type LossName, NetworkError } from "../../nn/index.js";
import type { TensorData } from "../dtypes.js";
import type { Rows } from "../imported.js";
import { evaluateLast, evaluateMax, evaluateMean, evaluateSigmoid, evaluateSoftmax } from "./evaluate.js";
import { pathText, type StateDict } from "./modules.js";
import type { PlacedModule } from "./order.js";

/** What a state dict does not tell. */
export interface PyTorchOptions {
  /** nn.RNN's `nonlinearity`. Default "tanh"; nn.LSTM and nn.GRU have no other. */
  readonly activation?: "tanh" | "relu";
  /**
   * What follows the last layer: nothing (squared error), softmax (cross-entropy over classes) or sigmoid (binary
   * cross-entropy). Default "linear": the values that a PyTorch module returns where its loss takes logits.
   */
  readonly head?: keyof typeof heads;
  /**
   * What of the last recurrent layer's steps goes on: every one of them ("none"), the last (h_n; of two directions the
   * two ends side by side), their mean or their maximum. Default "none".
   */
  readonly pooling?: "none" | keyof typeof poolings;
  /** Paths of the modules in the order of their use; what is not named is left out. Default: all, the order is found. */
  readonly modules?: readonly string[];
  /** The file's name, for errors. Default "state dict". */
  readonly name?: string;
}

/** What can follow the last layer: our loss, whose prediction it is, and PyTorch's function. */
export const heads = {
  linear: { loss: "squaredError", evaluate: undefined },
  softmax: { loss: "crossEntropy", evaluate: evaluateSoftmax },
  sigmoid: { loss: "binaryCrossEntropy", evaluate: evaluateSigmoid },
} as const satisfies Record<string, { loss: LossName; evaluate: ((rows: Rows) => Rows) | undefined }>;

/** PyTorch's way of pooling, for one or two directions. */
export const poolings = {
  last: evaluateLast,
  mean: () => evaluateMean,
  max: () => evaluateMax,
} as const;

/** The names that the options take. */
export const pytorchChoices: Readonly<Record<"activation" | "head" | "pooling", readonly string[]>> = {
  activation: ["tanh", "relu"],
  head: Object.keys(heads),
  pooling: ["none", ...Object.keys(poolings)],
};

/** @throws NetworkError naming an option that is none, or that nothing in the file asks for */
export function checkOptions(options: PyTorchOptions, placed: readonly PlacedModule[]): void {
  for (const [key, choices] of Object.entries(pytorchChoices)) {
    const value = options[key as "activation" | "head" | "pooling"];
    if (value !== undefined && !choices.includes(value))
      throw new NetworkError(`the option ${key} is "${value}"; it can be ${choices.join(", ")}`);
  }
  if (options.activation !== undefined && !placed.some(isPlain))
    throw new NetworkError("the option activation is for nn.RNN, and the state dict has none");
}

const isPlain = (each: PlacedModule): boolean => each.kind === "recurrent" && each.gates === 1;

/** Sentences on what the file does not tell. */
export function assumedIn(
  tensors: StateDict,
  placed: readonly PlacedModule[],
  options: PyTorchOptions,
): string[] {
  const { activation = "tanh", head = "linear", pooling = "none", modules } = options;
  const doubles = [...tensors.values()].some(({ dtype }) => dtype === "F64");
  const [first] = placed;
  const linearBefore = placed.findIndex((each) => each.kind === "matrix" && each.role === "linear");
  const tables = placed.flatMap((each) => (each.kind === "matrix" ? [each] : []));
  const shared = tables.length === 2 && sameMemory(tables[0]?.weight, tables[1]?.weight);
  return [
    `The order of the modules: ${placed.map(({ path }) => pathText(path)).join(", ")}${modules ? " (as the option modules says; others are left out)" : ""}.`,
    ...(first?.kind === "matrix" && first.role === "embedding"
      ? [`${first.path}.weight has no bias and comes first: taken for an embedding.`]
      : []),
    ...(placed.some(isPlain)
      ? [`nn.RNN's nonlinearity is not in the file: ${activation} (option activation).`]
      : []),
    `Which steps go on after the last recurrent layer is not in the file: ${pooling === "none" ? "every one" : pooling} (option pooling).`,
    `What follows the last layer is not in the file: ${head === "linear" ? "nothing" : head} (option head).`,
    ...(linearBefore >= 0 && linearBefore < placed.length - 1
      ? [
          `Nothing stands between ${placed[linearBefore]?.path} and ${placed[linearBefore + 1]?.path}; of an activation there the file would not tell.`,
        ]
      : []),
    ...(doubles ? ["Parameters of float64 are rounded to float32."] : []),
    ...(shared
      ? [`${tables[0]?.path} and ${tables[1]?.path} have one weight in the file, and one each in the model.`]
      : []),
  ];
}

const sameMemory = (a: TensorData | undefined, b: TensorData | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.data.buffer === b.data.buffer &&
  a.data.byteOffset === b.data.byteOffset &&
  a.data.length === b.data.length;
