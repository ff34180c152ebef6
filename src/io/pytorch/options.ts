/**
 * What a file does not tell: options with defaults, checked, and the sentences that say what was taken for what.
 */
import { type LossName, NetworkError } from "../../nn/index.js";
import type { TensorData } from "../dtypes.js";
import type { Rows } from "../imported.js";
import { evaluateSigmoid, evaluateSoftmax } from "./evaluate.js";
import type { PyTorchFile } from "./file/read.js";
import { type Item, itemText, type PoolWay, poolWays } from "./modules/items.js";
import { isEmbedding } from "./modules/order.js";

/** What a file does not tell. */
export interface PyTorchOptions {
  /** nn.RNN's `nonlinearity`. Default what the file says, else "tanh"; nn.LSTM and nn.GRU have no other. */
  readonly activation?: "tanh" | "relu";
  /**
   * What follows the last layer: nothing (squared error), softmax (cross-entropy over classes) or sigmoid (binary
   * cross-entropy). Default what the file says, else "linear": the values that a PyTorch module returns where its loss takes
   * logits.
   */
  readonly head?: keyof typeof heads;
  /**
   * What of the last recurrent layer's steps goes on: every one of them ("none"); the last state ("last": h_n, of two
   * directions the two ends side by side); the vector of the last step ("ends": out[:, -1], where the reverse direction has
   * read that step alone); their mean or their maximum. Default "none".
   */
  readonly pooling?: "none" | PoolWay;
  /**
   * What follows what: paths of modules, and what stands between them without parameters ("relu", "last"). What is not named
   * is left out. Default: all modules, in the order that fits.
   */
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

/** The names that the options take. */
export const pytorchChoices: Readonly<Record<"activation" | "head" | "pooling", readonly string[]>> = {
  activation: ["tanh", "relu"],
  head: Object.keys(heads),
  pooling: ["none", ...poolWays],
};

/** @throws NetworkError naming an option that is none, or that nothing in the file asks for */
export function checkOptions(options: PyTorchOptions, items: readonly Item[]): void {
  for (const [key, choices] of Object.entries(pytorchChoices)) {
    const value = options[key as "activation" | "head" | "pooling"];
    if (value !== undefined && !choices.includes(value))
      throw new NetworkError(`the option ${key} is "${value}"; it can be ${choices.join(", ")}`);
  }
  const { activation, pooling } = options;
  const plain = items.find((each) => each.kind === "recurrent" && each.gates === 1);
  if (activation !== undefined && plain === undefined)
    throw new NetworkError("the option activation is for nn.RNN, and the state dict has none");
  const told = plain?.kind === "recurrent" ? plain.nonlinearity : undefined;
  if (activation !== undefined && told !== undefined && told !== activation)
    throw new NetworkError(`the option activation is "${activation}", and the file says "${told}"`);
  if (pooling !== undefined && items.some(({ kind }) => kind === "pool" || kind === "attend"))
    throw new NetworkError(
      "the option pooling is given, and the option modules has a pooling as well; leave one out",
    );
}

/** What was chosen where the file is silent. */
export interface Chosen {
  readonly options: PyTorchOptions;
  /** What follows the last layer, and whether the file says so. */
  readonly head: keyof typeof heads;
  readonly headFrom: string | undefined;
}

/** Sentences on what the file does not tell. */
export function assumedIn(
  { tensors, said }: PyTorchFile,
  items: readonly Item[],
  { options, head, headFrom }: Chosen,
): string[] {
  const { activation = "tanh", pooling = "none", modules } = options;
  const doubles = [...tensors.values()].some(({ dtype }) => dtype === "F64");
  const [first] = items;
  const tables = items.flatMap((each) => (each.kind === "matrix" ? [each] : []));
  const shared = tables.length === 2 && sameMemory(tables[0]?.weight, tables[1]?.weight);
  const silent = items.find(
    (each) => each.kind === "recurrent" && each.gates === 1 && each.nonlinearity === undefined,
  );
  const norms = items.filter((each) => each.kind === "norm" && each.epsilon === undefined);
  const cells = items.filter((each) => each.kind === "recurrent" && each.cell);
  const pools = items.some(({ kind }) => kind === "pool" || kind === "attend");
  return [
    ...said,
    `The order of the modules: ${items.map(itemText).join(", ")}${modules ? " (as the option modules says; others are left out)" : ""}.`,
    ...(first?.kind === "matrix" && first.role === undefined && isEmbedding(first, true)
      ? [`${first.path}.weight has no bias and comes first: taken for an embedding.`]
      : []),
    ...(silent ? [`nn.RNN's nonlinearity is not in the file: ${activation} (option activation).`] : []),
    ...cells.map(
      (each) => `${itemText(each)} is a cell: taken for one that a loop calls for every step, from zeros.`,
    ),
    ...norms.map((each) => `The epsilon of ${itemText(each)} is not in the file: 1e-5, PyTorch's default.`),
    ...(modules && pools
      ? []
      : [
          `Which steps go on after the last recurrent layer is not in the file: ${steps[pooling]} (option pooling${pooling === "none" ? "" : `: ${pooling}`}).`,
        ]),
    headFrom === undefined
      ? `What follows the last layer is not in the file: ${head === "linear" ? "nothing" : head} (option head).`
      : `${headFrom} comes last: what follows the last layer is ${head} (option head).`,
    ...(modules === undefined
      ? [
          "What a program does between its modules (functions, sums) is not in the file: nothing (option modules).",
        ]
      : []),
    ...(doubles ? ["Parameters of float64 are rounded to float32."] : []),
    ...(shared
      ? [`${tables[0]?.path} and ${tables[1]?.path} have one weight in the file, and one each in the model.`]
      : []),
  ];
}

/** What goes on, in words. */
const steps: Readonly<Record<"none" | PoolWay, string>> = {
  none: "every one",
  last: "the last state, h_n",
  ends: "the last step, out[:, -1]",
  mean: "the mean of all",
  max: "the maximum of all",
};

const sameMemory = (a: TensorData | undefined, b: TensorData | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.data.buffer === b.data.buffer &&
  a.data.byteOffset === b.data.byteOffset &&
  a.data.length === b.data.length;
