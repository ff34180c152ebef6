/**
 * The modules of a state dict, found by the names and shapes of their tensors: nn.Embedding, nn.LSTM, GRU and RNN, and
 * nn.Linear. A tensor that belongs to none of them is refused by its name. In which order the modules follow each other
 * is found in order.ts.
 */
import { dtypes, type TensorData } from "../dtypes.js";
import { FileFormatError } from "../errors.js";

/** Tensors by name, in the order of the file. */
export type StateDict = ReadonlyMap<string, TensorData>;

/** One direction of one layer of a recurrent module. */
export interface TorchPass {
  /** (G·H, X). */
  readonly weightIh: TensorData;
  /** (G·H, H). */
  readonly weightHh: TensorData;
  /** (G·H) each; undefined of a module with bias=False. */
  readonly biases: { readonly ih: TensorData; readonly hh: TensorData } | undefined;
}

/** A layer of a recurrent module: forward alone, or forward and reverse. */
export type TorchLayer = readonly [TorchPass] | readonly [TorchPass, TorchPass];

/** A recurrent module. */
export interface RecurrentModule {
  readonly kind: "recurrent";
  readonly path: string;
  readonly layers: readonly TorchLayer[];
  /** Number of blocks of H rows: 4 for LSTM, 3 for GRU, 1 for RNN. */
  readonly gates: number;
  readonly H: number;
  readonly input: number;
  readonly output: number;
}

/** A linear module, or an embedding where there is no bias: which, its place tells. */
export interface MatrixModule {
  readonly kind: "matrix";
  readonly path: string;
  readonly weight: TensorData;
  readonly bias: TensorData | undefined;
}

/** Any module. */
export type TorchModule = RecurrentModule | MatrixModule;

/** Makes the error of a file. */
export type Fail = (where: string, problem: string, remedy: string) => FileFormatError;

/** @param file the file's name */
export const failIn =
  (file: string): Fail =>
  (where, problem, remedy) =>
    new FileFormatError({ file, where, problem, remedy });

const recurrentName = /^(?:(.*)\.)?((?:weight|bias)_(?:ih|hh|hr))_l(\d+)(_reverse)?$/;
const matrixName = /^(?:(.*)\.)?(weight|bias)$/;
const has = "An imported state dict has nn.Embedding, nn.LSTM, nn.GRU, nn.RNN and nn.Linear alone";

/** Modules of a network, at most. */
const MOST_MODULES = 1000;

/** "lstm", or "the module itself" of a state dict of one module. */
export const pathText = (path: string): string => (path === "" ? "the module itself" : path);

/**
 * The modules of a state dict in the order of the file.
 *
 * @param only paths of the modules to look at; undefined: all
 * @throws FileFormatError naming a tensor that belongs to no such module, is missing, or has a shape that does not fit
 */
export function findModules(
  tensors: StateDict,
  only: readonly string[] | undefined,
  fail: Fail,
): TorchModule[] {
  const parts = new Map<string, Map<string, TensorData>>();
  const owners = new Set<string>();
  for (const [name, tensor] of tensors) {
    const [, path = "", kind = ""] = recurrentName.exec(name) ?? matrixName.exec(name) ?? [];
    const owner = kind === "" ? name.replace(/\.?[^.]*$/, "") : path;
    owners.add(owner);
    if (only !== undefined && !only.includes(owner)) continue;
    if (kind === "" || (kind === "weight" && tensor.shape.length !== 2))
      throw fail(
        `tensor ${name}`,
        `of shape (${tensor.shape.join(", ")}) belongs to no module that can be imported`,
        `${has}; the option modules takes some of a file's modules, in the order of their use.`,
      );
    if (dtypes[tensor.dtype].integer)
      throw fail(`tensor ${name}`, `holds ${tensor.dtype}`, "Parameters are floating-point numbers.");
    if (tensor.data.length === 0)
      throw fail(
        `tensor ${name}`,
        `of shape (${tensor.shape.join(", ")}) holds no numbers`,
        "No size of a parameter is 0; was the model built before it was saved?",
      );
    const own = parts.get(path) ?? new Map<string, TensorData>();
    parts.set(path, own.set(path === "" ? name : name.slice(path.length + 1), tensor));
  }
  for (const path of only ?? []) {
    if (parts.has(path)) continue;
    const there = [...owners].slice(0, 40).map(pathText).join(", ");
    throw fail(`module ${path}`, "is not in the file", `There are ${there}.`);
  }
  if (parts.size === 0) throw fail("state dict", "holds no tensors", `${has}.`);
  // In which order they follow each other is tried out.
  if (parts.size > MOST_MODULES)
    throw fail("state dict", `has ${parts.size} modules`, `At most ${MOST_MODULES} are imported.`);
  return [...parts].map(([path, own]) =>
    [...own.keys()].some((name) => name.includes("_l"))
      ? recurrentModule(path, own, fail)
      : matrixModule(path, own, fail),
  );
}

function matrixModule(path: string, own: ReadonlyMap<string, TensorData>, fail: Fail): MatrixModule {
  const [weight, bias] = [own.get("weight"), own.get("bias")];
  if (weight === undefined)
    throw fail(pathText(path), "has a bias and no weight", "Is the state dict complete?");
  if (bias) checkShape(bias, [weight.shape[0]!], fail);
  return { kind: "matrix", path, weight, bias };
}

function recurrentModule(path: string, own: ReadonlyMap<string, TensorData>, fail: Fail): RecurrentModule {
  const full = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const projection = [...own.keys()].find((name) => name.startsWith("weight_hr"));
  if (projection !== undefined)
    throw fail(
      `tensor ${full(projection)}`,
      "is a projection (proj_size)",
      "No cell here has one; leave proj_size at 0.",
    );
  const odd = [...own.keys()].find((name) => !recurrentName.test(name));
  if (odd !== undefined)
    throw fail(
      `tensor ${full(odd)}`,
      "stands among those of a recurrent module",
      "nn.LSTM, nn.GRU and nn.RNN have none such.",
    );
  const needs = (name: string): TensorData => {
    const tensor = own.get(name);
    if (tensor) return tensor;
    throw fail(
      `tensor ${full(name)}`,
      "is missing",
      `${pathText(path)} has others of its kind; is the file complete?`,
    );
  };
  const both = [...own.keys()].some((name) => name.endsWith("_reverse"));
  const numbers = [...own.keys()].map((name) => Number(/_l(\d+)/.exec(name)?.[1]));
  // A number beyond the count of tensors leaves one out, which is then named; of a billion layers no list is made.
  const largest = numbers.reduce((a, b) => Math.max(a, b), 0);
  const count = 1 + Math.min(largest, own.size);
  const withBias = [...own.keys()].some((name) => name.startsWith("bias"));
  const [rows = 0, H = 0] = needs("weight_hh_l0").shape;
  const gates = rows / H;
  if (![1, 3, 4].includes(gates))
    throw fail(
      `tensor ${full("weight_hh_l0")}`,
      `has the shape (${rows}, ${H})`,
      "It has 4, 3 or 1 times as many rows as columns: LSTM, GRU or RNN.",
    );
  const directions = both ? 2 : 1;
  const input = needs("weight_ih_l0").shape[1] ?? 0;
  const pass = (layer: number, suffix: string): TorchPass => {
    const named = (name: string, shape: readonly number[]): TensorData => {
      const tensor = needs(`${name}_l${layer}${suffix}`);
      checkShape(tensor, shape, fail);
      return tensor;
    };
    return {
      weightIh: named("weight_ih", [rows, layer === 0 ? input : H * directions]),
      weightHh: named("weight_hh", [rows, H]),
      biases: withBias ? { ih: named("bias_ih", [rows]), hh: named("bias_hh", [rows]) } : undefined,
    };
  };
  const layers = Array.from({ length: count }, (_, layer): TorchLayer => {
    const forward = pass(layer, "");
    return both ? [forward, pass(layer, "_reverse")] : [forward];
  });
  return { kind: "recurrent", path, layers, gates, H, input, output: H * directions };
}

function checkShape({ name, shape }: TensorData, wanted: readonly number[], fail: Fail): void {
  if (shape.join() === wanted.join()) return;
  const is = `has the shape (${shape.join(", ")})`;
  throw fail(`tensor ${name}`, is, `Beside the others of its module it should be (${wanted.join(", ")}).`);
}
