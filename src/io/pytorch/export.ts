/**
 * From a network of ours to a state dict with PyTorch's names: the inverse of import.ts, by the same table of cells. What
 * a state dict of torch.nn's modules does not hold is refused by the name of the layer.
 */
import { sameEquations } from "../../cell/index.js";
import { checkModel } from "../../nn/build/index.js";
import {
  type Network,
  NetworkError,
  type Parameters,
  type PlacedLayer,
  type PoolLayer,
  type RecurrentLayer,
} from "../../nn/index.js";
import { type TensorData, tensorFrom } from "../dtypes.js";
import type { Mapping } from "../imported.js";
import { type TorchCell, torchCells } from "./cells.js";
import { type CodeModule, pytorchCode } from "./code.js";
import { type TensorWriter, writePass } from "./pass.js";

/** A network as PyTorch has it. */
export interface PyTorchExport {
  /** Float32, by PyTorch's names, in the order of the modules. */
  readonly tensors: readonly TensorData[];
  /** Where each parameter went; `from` is ours. */
  readonly mapped: readonly Mapping[];
  /** Sentences on what is not in the file. */
  readonly notes: readonly string[];
  /** The lines of PyTorch that make the module and load the file. */
  readonly code: (file: string) => readonly string[];
}

/** A module on the way: the layers that it is made of. */
interface Group {
  readonly name: string;
  readonly layers: readonly PlacedLayer[];
  readonly row?: TorchCell;
}

/**
 * Exports a network: an embedding or numbers, recurrent layers of the cells `lstm`, `gruResetAfter`, `rnn` and `rnnRelu`
 * in stacks, forward or in both directions, pooling (which has no parameters), linear layers.
 *
 * @example
 * const { tensors, code } = exportPyTorch(model.network, model.parameters);
 * const bytes = writeSafetensors(tensors, { format: "pt" });
 * console.log(code("model.safetensors").join("\n"));
 * @throws NetworkError naming the layer that PyTorch's modules cannot be
 */
export function exportPyTorch(net: Network, parameters: Parameters): PyTorchExport {
  checkModel("exportPyTorch", { network: net, parameters });
  if (net.loss === "crf")
    throw new NetworkError(refusal("the loss crf", "has transitions, which no module of torch.nn holds"));
  const groups = named(grouped(net));
  const tensors: TensorData[] = [];
  const mapped: Mapping[] = [];
  for (const group of groups) {
    const writer: TensorWriter = {
      read: (name) => (parameters.get(name) as { readonly data: Float32Array }).data,
      write(name, shape, values) {
        tensors.push(tensorFrom(`${group.name}.${name}`, shape, values));
      },
      map: (from, to, how) =>
        mapped.push({ from, to: to.map((each) => `${group.name}.${each}`).join(", "), how }),
    };
    if (group.row) writeRecurrent(group, group.row, writer);
    else writeMatrix(group, writer);
  }
  const dropped = net.layers.filter(({ layer }) => layer.kind === "dropout").map(({ name }) => name);
  return {
    tensors,
    mapped,
    notes: dropped.map((name) => `${name} acts in training alone, and is left out.`),
    code: (file) => pytorchCode(codeModules(net, groups), { net, file }),
  };
}

const refusal = (name: string, why: string): string =>
  `the network cannot be a state dict of PyTorch: ${name} ${why}`;

/** Layers that are modules with parameters; neighbours that one nn.LSTM with num_layers can be are one group. */
function grouped(net: Network): Omit<Group, "name">[] {
  const groups: { layers: PlacedLayer[]; row?: TorchCell }[] = [];
  net.layers.forEach((placed, i) => {
    const { layer, name } = placed;
    if (placed.from || placed.states)
      throw new NetworkError(
        refusal(
          name,
          "reads other values than that of the layer before it, and what is written is a row of layers",
        ),
      );
    if (layer.kind === "dropout") return;
    if (layer.kind === "pool") {
      checkPool(layer, name, net.layers.slice(0, i));
      return;
    }
    if (layer.kind === "embedding" || layer.kind === "linear") {
      groups.push({ layers: [placed] });
      return;
    }
    if (layer.kind !== "recurrent")
      throw new NetworkError(refusal(name, `is a ${layer.kind} layer, which is not written`));
    const row = rowOf(layer, name);
    const before = net.layers[i - 1]?.layer;
    const last = groups.at(-1);
    if (before?.kind === "recurrent" && last?.row === row && sameShape(before, layer))
      last.layers.push(placed);
    else groups.push({ layers: [placed], row });
  });
  return groups;
}

function checkPool({ by }: PoolLayer, name: string, before: readonly PlacedLayer[]): void {
  if (by === "attention")
    throw new NetworkError(refusal(name, "pools by attention, with weights of its own"));
  const from = before.filter(({ layer }) => layer.kind !== "dropout").at(-1)?.layer.kind;
  if (by === "ends" || (by === "last" && from !== "recurrent"))
    throw new NetworkError(
      refusal(name, "takes the vector of the last step, which the code that is written does not"),
    );
}

const sameShape = (a: RecurrentLayer, b: RecurrentLayer): boolean =>
  a.units === b.units && a.direction === b.direction;

function rowOf(layer: RecurrentLayer, name: string): TorchCell {
  const row = torchCells.find(({ cell }) => sameEquations(cell, layer.cell));
  const fail = (why: string) => new NetworkError(refusal(name, why));
  if (!row) {
    const has = torchCells.map(({ cell }) => cell.name).join(", ");
    throw fail(`has the cell ${layer.cell.name}; torch.nn has the equations of ${has}`);
  }
  if (layer.direction === "reverse")
    throw fail("reads in reverse alone, and torch.nn forward or in both directions");
  if (layer.initialState === "learned") throw fail("starts from a learned state, and torch.nn from zeros");
  if (layer.initialState === "given")
    throw fail("starts from given states, which a state dict does not tell");
  if (layer.residual) throw fail("is residual, and torch.nn's layers are not");
  if (Object.keys(layer.zoneout).length > 0) throw fail("has zoneout, which changes what it predicts");
  return row;
}

/** "lstm", or "lstm1" and "lstm2" where there are several. */
function named(groups: readonly Omit<Group, "name">[]): Group[] {
  const kinds = groups.map(({ row, layers }) => row?.module.toLowerCase() ?? layers[0]!.layer.kind);
  return groups.map((group, i) => {
    const [kind = "", several] = [kinds[i], kinds.filter((each) => each === kinds[i]).length > 1];
    const number = kinds.slice(0, i + 1).filter((each) => each === kind).length;
    return { ...group, name: several ? `${kind}${number}` : kind };
  });
}

function writeMatrix({ layers }: Group, { read, write, map }: TensorWriter): void {
  const { name, layer, input, output } = layers[0]!;
  const from =
    layer.kind === "embedding"
      ? `${name}.w_e`
      : layer.kind === "linear"
        ? (layer.tied ?? `${name}.w_ya`)
        : "";
  const shape = layer.kind === "embedding" ? [input.width, output.width] : [output.width, input.width];
  write("weight", shape, read(from));
  map(from, ["weight"], "as it is");
  if (layer.kind !== "linear") return;
  write("bias", [output.width], read(`${name}.b_y`));
  map(`${name}.b_y`, ["bias"], "as it is");
}

function writeRecurrent({ layers }: Group, row: TorchCell, writer: TensorWriter): void {
  layers.forEach(({ name, layer, input }, number) => {
    const { direction, units } = layer as RecurrentLayer;
    const passes = direction === "both" ? [`${name}.forward`, `${name}.reverse`] : [name];
    passes.forEach((prefix, i) => {
      writePass(prefix, row, {
        ...writer,
        H: units,
        X: input.width,
        suffix: `_l${number}${i === 1 ? "_reverse" : ""}`,
      });
    });
  });
}

/** The network in PyTorch's words, in order. */
function codeModules({ layers }: Network, groups: readonly Group[]): CodeModule[] {
  return layers.flatMap(({ name, layer, input, output }): CodeModule[] => {
    const group = groups.find((each) => each.layers[0]?.name === name);
    if (layer.kind === "pool") return [{ kind: "pool", by: layer.by as "last" | "mean" | "max" | "meanMax" }];
    if (!group) return [];
    if (layer.kind === "embedding")
      return [{ kind: "embedding", name: group.name, sizes: [input.width, output.width] }];
    if (layer.kind === "linear")
      return [{ kind: "linear", name: group.name, sizes: [input.width, output.width] }];
    const { units, direction } = layer as RecurrentLayer;
    const { module, nonlinearity } = group.row!;
    return [
      {
        kind: "recurrent",
        name: group.name,
        module,
        sizes: [input.width, units],
        layers: group.layers.length,
        both: direction === "both",
        ...(nonlinearity === "relu" ? { nonlinearity } : {}),
      },
    ];
  });
}
