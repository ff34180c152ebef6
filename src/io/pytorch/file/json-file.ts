/**
 * Weights as JSON, as programs for audio plug-ins exchange them: a state dict of nested lists, with what the network is beside
 * it, or a list of layers with the matrices of Keras (rows are inputs). Both become tensors by PyTorch's names.
 */

import { type TensorData, tensorFrom } from "../../dtypes.js";
import { FileFormatError } from "../../errors.js";
import { parseJsonText } from "../../json.js";
import type { Budget } from "../../limits.js";

/** What a file of JSON holds. */
export interface JsonFile {
  readonly tensors: ReadonlyMap<string, TensorData>;
  /** What follows what, as the option modules says it. Absent: the file does not tell. */
  readonly order?: readonly string[];
  /** Sentences on what the file says. */
  readonly said: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;
type Fail = (where: string, problem: string, remedy: string) => FileFormatError;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether bytes begin as an object of JSON does. */
export function isJson(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 64)).replace(/^\u00ef\u00bb\u00bf/, "");
  return /^\s*\{\s*"/.test(start);
}

/**
 * Reads weights as JSON.
 *
 * @throws FileFormatError naming what is wrong, or that the file holds no such weights
 */
export function readJsonFile(bytes: Uint8Array, file: string, budget: Budget): JsonFile {
  const fail: Fail = (where, problem, remedy) => new FileFormatError({ file, where, problem, remedy });
  // What is parsed takes several times the text.
  budget.take(8 * bytes.length, "JSON", "is parsed");
  const parsed = parseJsonText(new TextDecoder().decode(bytes));
  if ("problem" in parsed) throw fail("JSON", parsed.problem, "Is the file complete?");
  const value: unknown = parsed.value;
  if (isFields(value) && Array.isArray(value["layers"]) && Array.isArray(value["in_shape"]))
    return ofLayers(value["layers"], fail);
  const inside = isFields(value) && isFields(value["state_dict"]) ? value["state_dict"] : value;
  const entries = isFields(inside) ? Object.entries(inside) : [];
  if (entries.length === 0 || !entries.every(([, each]) => sizesOf(each) !== undefined))
    throw fail(
      "JSON",
      "holds no weights: neither a state dict of nested lists, nor layers with theirs",
      "A model of TensorFlow.js or a description of Keras is imported as such.",
    );
  const tensors = new Map(entries.map(([name, each]) => [name, tensorOf(name, each, fail)]));
  return { tensors, ...described(isFields(value) ? value["model_data"] : undefined, tensors) };
}

/** What a file says of its network: a recurrent module, a linear layer, and whether the input is added to the output. */
function described(
  data: unknown,
  tensors: ReadonlyMap<string, TensorData>,
): Pick<JsonFile, "order" | "said"> {
  if (!isFields(data)) return { said: [] };
  const paths = [...new Set([...tensors.keys()].map((name) => name.replace(/\.[^.]*$/, "")))];
  const recurrent = paths.filter((path) => tensors.has(`${path}.weight_hh_l0`));
  const others = paths.filter((path) => !recurrent.includes(path));
  if (recurrent.length !== 1 || others.length > 1) return { said: [] };
  const skips = Number(data["skip"] ?? 0) > 0;
  const wider = Number(data["input_size"] ?? 1) > Number(data["output_size"] ?? 1);
  const skipped = wider ? `add:input[:${Number(data["output_size"] ?? 1)}]` : "add:input";
  return {
    order: [...recurrent, ...others, ...(skips ? [skipped] : [])],
    said: skips ? ["The file says that the input is added to the output (skip)."] : [],
  };
}

/** The sizes of nested lists of numbers; undefined if they are no such lists, or of no sizes. */
function sizesOf(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (value.every((each) => typeof each === "number")) return [value.length];
  const [first, ...others] = value.map(sizesOf);
  if (first === undefined || first.length > 3) return undefined;
  return others.every((each) => each?.join() === first.join()) ? [value.length, ...first] : undefined;
}

function tensorOf(name: string, value: unknown, fail: Fail): TensorData {
  const shape = sizesOf(value);
  if (shape === undefined)
    throw fail(`tensor ${name}`, "is no nested list of numbers", "Rows are of one length.");
  return tensorFrom(name, shape, Float32Array.from((value as unknown[]).flat(3) as number[]));
}

/** Layers one after the other, with an activation each. */
function ofLayers(layers: readonly unknown[], fail: Fail): JsonFile {
  const tensors = new Map<string, TensorData>();
  const order: string[] = [];
  layers.forEach((layer, i) => {
    const path = `layers.${i}`;
    const { type, activation, weights } = (isFields(layer) ? layer : {}) as Fields;
    const row = typeof type === "string" && Object.hasOwn(layerTypes, type) ? layerTypes[type] : undefined;
    if (row === undefined)
      throw fail(
        path,
        `is a ${JSON.stringify(type)} layer`,
        `Read are ${Object.keys(layerTypes).join(", ")}.`,
      );
    const given = Array.isArray(weights)
      ? weights.map((each, k) => tensorOf(`${path}.weights.${k}`, each, fail))
      : [];
    for (const [name, shape, values] of row(given, (problem) => fail(path, problem, "Is the file complete?")))
      tensors.set(`${path}.${name}`, tensorFrom(`${path}.${name}`, shape, values));
    if (given.length > 0) order.push(path);
    // A recurrent layer's own is tanh; of any other it follows.
    const follows = typeof activation === "string" && activation !== "" && activation !== "linear";
    if (follows && !(row === layerTypes["lstm"] || row === layerTypes["gru"])) order.push(activation);
  });
  return { tensors, order, said: ["What follows what, the file says."] };
}

type Named = readonly [string, readonly number[], Float32Array];
type LayerType = (
  weights: readonly TensorData[],
  fail: (problem: string) => FileFormatError,
) => readonly Named[];

const numbersOf = ({ data }: TensorData): Float32Array =>
  new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);

/** A matrix of Keras as one of PyTorch: columns become rows, block by block in another order. */
function turned(matrix: TensorData, blocks: readonly number[]): Float32Array {
  const [rows = 0, columns = 0] = matrix.shape;
  const values = numbersOf(matrix);
  const H = columns / blocks.length;
  const out = new Float32Array(rows * columns);
  blocks.forEach((from, to) => {
    for (let j = 0; j < H; j++)
      for (let k = 0; k < rows; k++) out[(to * H + j) * rows + k] = values[k * columns + from * H + j]!;
  });
  return out;
}

/** A vector, block by block in another order. */
const ordered = (values: Float32Array, blocks: readonly number[]): Float32Array => {
  const H = values.length / blocks.length;
  return Float32Array.from(blocks.flatMap((from) => [...values.subarray(from * H, (from + 1) * H)]));
};

/** A recurrent layer of so many gates. @param blocks where PyTorch's gates stand among those of Keras */
const recurrentType =
  (blocks: readonly number[]): LayerType =>
  ([kernel, recurrent, bias], fail) => {
    const [X = 0, columns = 0] = kernel?.shape ?? [];
    const H = columns / blocks.length;
    if (!kernel || !recurrent || !bias || recurrent.shape.join() !== `${H},${columns}`)
      throw fail("has no kernel, recurrent kernel and bias whose shapes fit");
    const both = numbersOf(bias);
    // Keras' GRU has two biases, of the input and of the state; its LSTM one.
    const twice = bias.shape.length === 2;
    if (both.length !== columns * (twice ? 2 : 1))
      throw fail(`has a bias of shape (${bias.shape.join(", ")})`);
    return [
      ["weight_ih_l0", [columns, X], turned(kernel, blocks)],
      ["weight_hh_l0", [columns, H], turned(recurrent, blocks)],
      ["bias_ih_l0", [columns], ordered(both.slice(0, columns), blocks)],
      ["bias_hh_l0", [columns], twice ? ordered(both.slice(columns), blocks) : new Float32Array(columns)],
    ];
  };

const dense: LayerType = ([kernel, bias], fail) => {
  const [input = 0, output = 0] = kernel?.shape ?? [];
  if (kernel?.shape.length !== 2) throw fail("has no kernel");
  if (bias && bias.shape.join() !== `${output}`) throw fail(`has a bias of shape (${bias.shape.join(", ")})`);
  return [
    ["weight", [output, input], turned(kernel, [0])],
    ["bias", [output], bias ? numbersOf(bias) : new Float32Array(output)],
  ];
};

/** Types of layers. LSTM's gates are i, f, c, o as PyTorch's; GRU's z, r, h, where PyTorch has r, z, n. */
const layerTypes: Readonly<Record<string, LayerType>> = {
  lstm: recurrentType([0, 1, 2, 3]),
  gru: recurrentType([1, 0, 2]),
  dense,
  "time-distributed-dense": dense,
  activation: () => [],
};
