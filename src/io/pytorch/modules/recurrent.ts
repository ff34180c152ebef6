/**
 * nn.LSTM, nn.GRU and nn.RNN, and their cells, out of their tensors: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, with
 * more layers and a reverse direction; a cell's tensors have no number.
 */
import type { TensorData } from "../../dtypes.js";
import type { TorchClass } from "../file/module-tree.js";
import { checkShape, type Fail, pathText } from "./fail.js";
import type { RecurrentModule, TorchLayer, TorchPass } from "./types.js";

const recurrentName = /^(?:weight|bias)_(?:ih|hh|hr)_l(\d+)(_reverse)?$/;
const cellName = /^(weight|bias)_(ih|hh)$/;

/** @throws FileFormatError naming a tensor that is missing, too much, or of a wrong shape */
export function recurrentModule(
  path: string,
  given: ReadonlyMap<string, TensorData>,
  { of, fail }: { readonly of: TorchClass | undefined; readonly fail: Fail },
): RecurrentModule {
  const isCell = [...given.keys()].every((name) => cellName.test(name));
  const own = isCell ? new Map([...given].map(([name, tensor]) => [`${name}_l0`, tensor])) : given;
  const full = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const named = (name: string): string => full(isCell ? name.replace(/_l0$/, "") : name);
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
      `tensor ${named(name)}`,
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
      `tensor ${named("weight_hh_l0")}`,
      `has the shape (${rows}, ${H})`,
      "It has 4, 3 or 1 times as many rows as columns: LSTM, GRU or RNN.",
    );
  const directions = both ? 2 : 1;
  const input = needs("weight_ih_l0").shape[1] ?? 0;
  const pass = (layer: number, suffix: string): TorchPass => {
    const fitting = (name: string, shape: readonly number[]): TensorData => {
      const tensor = needs(`${name}_l${layer}${suffix}`);
      checkShape(tensor, shape, fail);
      return tensor;
    };
    return {
      weightIh: fitting("weight_ih", [rows, layer === 0 ? input : H * directions]),
      weightHh: fitting("weight_hh", [rows, H]),
      biases: withBias ? { ih: fitting("bias_ih", [rows]), hh: fitting("bias_hh", [rows]) } : undefined,
    };
  };
  const layers = Array.from({ length: count }, (_, layer): TorchLayer => {
    const forward = pass(layer, "");
    return both ? [forward, pass(layer, "_reverse")] : [forward];
  });
  const nonlinearity = nonlinearityIn(of);
  return {
    kind: "recurrent",
    path,
    layers,
    gates,
    H,
    input,
    output: H * directions,
    ...(isCell ? { cell: true } : {}),
    ...(gates === 1 && nonlinearity ? { nonlinearity } : {}),
  };
}

/** nn.RNN's mode, or the cell's argument. */
function nonlinearityIn(of: TorchClass | undefined): "tanh" | "relu" | undefined {
  const [mode, own] = [of?.made.get("mode"), of?.made.get("nonlinearity")];
  return mode === "RNN_RELU" || own === "relu"
    ? "relu"
    : mode === "RNN_TANH" || own === "tanh"
      ? "tanh"
      : undefined;
}
