/**
 * From a state dict of PyTorch to a network of ours: modules are found by their tensors (modules.ts), put in order
 * (order.ts) and become layers; the rows of their gates become our parameters by the table in cells.ts. What a state dict
 * cannot tell is an option, and is said.
 */
import {
  embedding,
  type Layer,
  type LossName,
  linear,
  network,
  pool,
  recurrent,
  type Tensor,
} from "../../nn/index.js";
import { type TensorData, toFloat32, toFloat64 } from "../dtypes.js";
import type { Imported, Mapping, Rows, SourceLayer } from "../imported.js";
import { type TorchCell, torchCells } from "./cells.js";
import {
  evaluateEmbedding,
  evaluateLast,
  evaluateLinear,
  evaluateMax,
  evaluateMean,
  evaluateRecurrent,
  evaluateSigmoid,
  evaluateSoftmax,
} from "./evaluate.js";
import {
  failIn,
  findModules,
  pathText,
  type RecurrentModule,
  type StateDict,
  type TorchPass,
} from "./modules.js";
import { orderModules, type PlacedModule } from "./order.js";

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
const heads = {
  linear: { loss: "squaredError", evaluate: undefined },
  softmax: { loss: "crossEntropy", evaluate: evaluateSoftmax },
  sigmoid: { loss: "binaryCrossEntropy", evaluate: evaluateSigmoid },
} as const satisfies Record<string, { loss: LossName; evaluate: ((rows: Rows) => Rows) | undefined }>;

const poolings = {
  last: evaluateLast,
  mean: () => evaluateMean,
  max: () => evaluateMax,
} as const;

/** The names that the options take. */
export const pytorchChoices = {
  activation: ["tanh", "relu"],
  head: Object.keys(heads),
  pooling: ["none", ...Object.keys(poolings)],
} as const;

/** A layer of ours on the way: what it is made of. */
interface Made {
  readonly layers: readonly Layer[];
  readonly name: string;
  readonly evaluate: (input: Rows) => Rows;
  /** Its parameters and where they are from, once its name is known. */
  readonly fill: (name: string) => Filled;
}

interface Filled {
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly mapped: readonly Mapping[];
}

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
  const { head = "linear", name = "state dict", modules } = options;
  const fail = failIn(name);
  const found = findModules(tensors, modules, fail);
  const placed = orderModules(found, modules, fail);
  const last = placed.map(({ kind }) => kind).lastIndexOf("recurrent");
  if (last < 0)
    throw fail("modules", "none of them is recurrent", "A file to import has an nn.LSTM, nn.GRU or nn.RNN.");
  const made = placed.flatMap((each, i) => madeOf(each, options, i === last));
  const net = network({
    input:
      placed[0]?.kind === "matrix" && placed[0].role === "embedding"
        ? { vocabulary: placed[0].input }
        : { width: (placed[0] as PlacedModule).input },
    layers: made.flatMap(({ layers }) => layers),
    loss: heads[head].loss,
  });
  const names = net.layers.map((each) => each.name);
  const layers: SourceLayer[] = [];
  const parameters = new Map<string, Tensor>();
  const mapped: Mapping[] = [];
  for (const each of made) {
    const own = names.splice(0, each.layers.length);
    const filled = each.fill(own[0] as string);
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

function madeOf(each: PlacedModule, options: PyTorchOptions, isLastRecurrent: boolean): Made[] {
  if (each.kind === "recurrent") return recurrentLayers(each, options, isLastRecurrent);
  const { path, weight, bias, role, output } = each;
  if (role === "embedding") {
    const fill = (name: string): Filled => {
      const to = `${name}.w_e`;
      return filled([[to, weight.shape, toFloat32(weight)]], [{ from: weight.name, to, how: "as it is" }]);
    };
    return [
      { layers: [embedding({ width: output })], name: path, evaluate: evaluateEmbedding(weight), fill },
    ];
  }
  const fill = (name: string): Filled => {
    const [w, b] = [`${name}.w_ya`, `${name}.b_y`];
    return filled(
      [
        [w, weight.shape, toFloat32(weight)],
        [b, [output], bias ? toFloat32(bias) : new Float32Array(output)],
      ],
      [
        { from: weight.name, to: w, how: "as it is" },
        bias ? { from: bias.name, to: b, how: "as it is" } : { from: "(no bias)", to: b, how: "zeros" },
      ],
    );
  };
  return [
    {
      layers: [linear({ units: output })],
      name: pathText(path),
      evaluate: evaluateLinear(weight, bias),
      fill,
    },
  ];
}

const filled = (
  tensors: readonly (readonly [string, readonly number[], Float32Array])[],
  mapped: readonly Mapping[],
): Filled => ({
  parameters: new Map(tensors.map(([name, shape, data]) => [name, { shape, data }])),
  mapped,
});

function recurrentLayers(module: RecurrentModule, options: PyTorchOptions, isLastRecurrent: boolean): Made[] {
  const { activation = "tanh", pooling = "none" } = options;
  const { gates, H, layers } = module;
  const row = torchCells.find(
    (each) => each.gates.length === gates && (each.nonlinearity ?? activation) === activation,
  ) as TorchCell;
  return layers.map((layer, number): Made => {
    const direction = layer.length === 2 ? "both" : "forward";
    const own = recurrent({ cell: row.cell, units: H, direction });
    const steps = evaluateRecurrent(layer, { gates, nonlinearity: activation });
    const pooled =
      isLastRecurrent && number === layers.length - 1 && pooling !== "none" ? pooling : undefined;
    const reduce = pooled && poolings[pooled](layer.length);
    const fill = (name: string): Filled => {
      const passes = layer.map((pass, i) =>
        passParameters(pass, row, direction === "both" ? `${name}.${i === 0 ? "forward" : "reverse"}` : name),
      );
      return {
        parameters: new Map(passes.flatMap(({ parameters }) => [...parameters])),
        mapped: passes.flatMap(({ mapped }) => mapped),
      };
    };
    return {
      layers: pooled ? [own, pool({ by: pooled })] : [own],
      name: `${pathText(module.path)}, layer ${number}${pooled ? `, ${pooled}` : ""}`,
      evaluate: reduce ? (input) => reduce(steps(input)) : steps,
      fill,
    };
  });
}

/** The parameters of one direction. @param prefix of our names: "recurrent1.forward" */
function passParameters(
  { weightIh, weightHh, biases }: TorchPass,
  { gates }: TorchCell,
  prefix: string,
): Filled {
  const [wIh, wHh] = [toFloat32(weightIh), toFloat32(weightHh)];
  const [rows = 0, H = 0] = weightHh.shape;
  const X = weightIh.shape[1] as number;
  const bIh = biases ? toFloat64(biases.ih) : new Float64Array(rows);
  const bHh = biases ? toFloat64(biases.hh) : new Float64Array(rows);
  const parameters: [string, readonly number[], Float32Array][] = [];
  gates.forEach((each, k) => {
    const part = (values: Float32Array | Float64Array, width: number) =>
      values.slice(k * H * width, (k + 1) * H * width);
    const add = (name: string, shape: readonly number[], data: ArrayLike<number>) =>
      parameters.push([`${prefix}.${name}`, shape, Float32Array.from(data)]);
    if ("gate" in each) {
      const [h, x] = [part(wHh, H), part(wIh, X)];
      const joined = new Float32Array(H * (H + X));
      for (let j = 0; j < H; j++) {
        joined.set(h.subarray(j * H, (j + 1) * H), j * (H + X));
        joined.set(x.subarray(j * X, (j + 1) * X), j * (H + X) + H);
      }
      add(`w_${each.gate}`, [H, H + X], joined);
      const ofState = part(bHh, 1);
      // Added in float64, rounded once.
      add(
        `b_${each.gate}`,
        [H],
        part(bIh, 1).map((value, j) => value + (ofState[j] as number)),
      );
    } else {
      add(`w_${each.ofInput}`, [H, X], part(wIh, X));
      add(`b_${each.ofInput}`, [H], part(bIh, 1));
      add(`w_${each.ofState}`, [H, H], part(wHh, H));
      add(`b_${each.ofState}`, [H], part(bHh, 1));
    }
  });
  return filled(parameters, passMapping({ weightIh, weightHh, biases }, gates, prefix));
}

function passMapping(
  { weightIh, weightHh, biases }: TorchPass,
  gates: TorchCell["gates"],
  prefix: string,
): Mapping[] {
  const order = `blocks of rows ${gates.map(({ torch }) => torch).join(", ")}`;
  const names = (letter: string, of: "ofInput" | "ofState"): string =>
    `${prefix}.${gates.map((each) => `${letter}_${"gate" in each ? each.gate : each[of]}`).join(", ")}`;
  const apart = gates.some((each) => "ofInput" in each);
  const summed = (other: string): string => `${order}; added to ${other}${apart ? ", but for n" : ""}`;
  const weights = [
    { from: weightHh.name, to: names("w", "ofState"), how: `${order}; columns of the state` },
    { from: weightIh.name, to: names("w", "ofInput"), how: `${order}; columns of x` },
  ];
  if (biases === undefined)
    return [...weights, { from: "(no biases)", to: names("b", "ofInput"), how: "zeros" }];
  const { ih, hh } = biases;
  return [
    ...weights,
    { from: hh.name, to: names("b", "ofState"), how: summed(ih.name) },
    { from: ih.name, to: names("b", "ofInput"), how: summed(hh.name) },
  ];
}

function assumedIn(tensors: StateDict, placed: readonly PlacedModule[], options: PyTorchOptions): string[] {
  const { activation = "tanh", head = "linear", pooling = "none", modules } = options;
  const doubles = [...tensors.values()].some(({ dtype }) => dtype === "F64");
  const [first] = placed;
  const plain = placed.some((each) => each.kind === "recurrent" && each.gates === 1);
  const linearBefore = placed.findIndex((each) => each.kind === "matrix" && each.role === "linear");
  const tables = placed.flatMap((each) => (each.kind === "matrix" ? [each] : []));
  const shared = tables.length === 2 && sameMemory(tables[0]?.weight, tables[1]?.weight);
  return [
    `The order of the modules: ${placed.map(({ path }) => pathText(path)).join(", ")}${modules ? " (as the option modules says)" : ""}.`,
    ...(first?.kind === "matrix" && first.role === "embedding"
      ? [`${first.path}.weight has no bias and comes first: taken for an embedding.`]
      : []),
    ...(plain ? [`nn.RNN's nonlinearity is not in the file: ${activation} (option activation).`] : []),
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
    ...(modules ? [`Of the file's modules the others are left out.`] : []),
  ];
}

const sameMemory = (a: TensorData | undefined, b: TensorData | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.data.buffer === b.data.buffer &&
  a.data.byteOffset === b.data.byteOffset &&
  a.data.length === b.data.length;
