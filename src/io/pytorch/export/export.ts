/**
 * From a network of ours to a state dict with PyTorch's names: the inverse of import.ts, by the same table of cells. What
 * a state dict of torch.nn's modules does not hold is refused by the name of the layer.
 */
import { sameEquations, toGraph, zoneOut } from "../../../cell/index.js";
import { checkModel } from "../../../nn/build/index.js";
import {
  type ActivationName,
  type Network,
  NetworkError,
  type Parameters,
  type PlacedLayer,
  type RecurrentLayer,
} from "../../../nn/index.js";
import { type TensorData, tensorFrom } from "../../dtypes.js";
import type { Mapping } from "../../imported.js";
import { type TorchCell, torchCells } from "../cells.js";
import { type TensorWriter, writePass } from "../pass.js";
import { type CodeModule, pytorchCode } from "./code.js";
import { namer, type PythonCell, pythonCell, pythonName } from "./python-cell.js";

/** A network as PyTorch has it. */
export interface PyTorchExport {
  /** Float32, by PyTorch's names, in the order of the modules. */
  readonly tensors: readonly TensorData[];
  /** Where each parameter went; `from` is ours. */
  readonly mapped: readonly Mapping[];
  /** Sentences on what is not in the file. */
  readonly notes: readonly string[];
  /** Whether there are classes among the lines, which are then better kept in a file. */
  readonly hasClasses: boolean;
  /**
   * The lines of PyTorch that make the module and load the file.
   *
   * @param beside true for lines of a file that lies beside the other; default: the other lies where Python was started
   */
  readonly code: (file: string, beside?: boolean) => readonly string[];
}

/** What an export may have beside a network. */
export interface PyTorchExportOptions {
  /** What numbers that go in are scaled by, (x − mean) / deviation: then the module does it. Default: they go in as they are. */
  readonly scaler?: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
}

/** A module on the way: the layers that it is made of. */
interface Group {
  readonly name: string;
  readonly layers: readonly PlacedLayer[];
  /** The class of torch.nn that it is. */
  readonly row?: TorchCell;
  /** The class of its own that it is. */
  readonly own?: PythonCell;
}

/**
 * Exports a network: an embedding or numbers, recurrent layers of any cell, pooling and activations (which have no
 * parameters), linear layers. The cells `lstm`, `gruResetAfter`, `rnn` and `rnnRelu` become nn.LSTM, nn.GRU and nn.RNN, in stacks, forward
 * or in both directions; any other cell, and what those classes do not do, becomes a class that stands in the code.
 *
 * @example
 * const { tensors, code } = exportPyTorch(model.network, model.parameters);
 * const bytes = writeSafetensors(tensors, { format: "pt" });
 * console.log(code("model.safetensors").join("\n"));
 * @throws NetworkError naming the layer that cannot be a module of PyTorch
 */
export function exportPyTorch(
  net: Network,
  parameters: Parameters,
  { scaler }: PyTorchExportOptions = {},
): PyTorchExport {
  checkModel("exportPyTorch", { network: net, parameters });
  if (net.loss === "crf")
    throw new NetworkError(refusal("the loss crf", "has transitions, which no module of torch.nn holds"));
  const groups = named(grouped(net));
  const tensors: TensorData[] = [];
  const mapped: Mapping[] = [];
  if (scaler) {
    const width = scaler.mean.length;
    tensors.push(tensorFrom("mean", [width], Float32Array.from(scaler.mean)));
    tensors.push(tensorFrom("deviation", [width], Float32Array.from(scaler.deviation)));
  }
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
    else if (group.own) writeOwn(group, net, writer);
    else writeMatrix(group, writer);
  }
  const dropped = net.layers.filter(({ layer }) => layer.kind === "dropout").map(({ name }) => name);
  const own = groups.flatMap((group) =>
    group.own ? [`${group.layers[0]!.name} is the class ${group.own.name}.`] : [],
  );
  return {
    tensors,
    mapped,
    notes: [
      ...(scaler ? ["The module scales what goes in, by the buffers mean and deviation."] : []),
      ...own,
      ...dropped.map((name) => `${name} acts in training alone, and is left out.`),
    ],
    hasClasses: groups.some((group) => group.own !== undefined),
    code: (file, beside = false) =>
      pytorchCode(codeModules(net, groups), { net, file, beside, scales: scaler !== undefined }),
  };
}

const refusal = (name: string, why: string): string =>
  `the network cannot be a state dict of PyTorch: ${name} ${why}`;

/** Layers that are modules with parameters; neighbours that one nn.LSTM with num_layers can be are one group. */
function grouped(net: Network): Omit<Group, "name">[] {
  const groups: { layers: PlacedLayer[]; row?: TorchCell; own?: PythonCell }[] = [];
  const classes = new Map<string, PythonCell>();
  const className = namer(["Model", "torch", "os", "model", "load_file"]);
  net.layers.forEach((placed, i) => {
    const { layer, name } = placed;
    if (placed.from || placed.states)
      throw new NetworkError(
        refusal(
          name,
          "reads other values than that of the layer before it, and what is written is a row of layers",
        ),
      );
    if (layer.kind === "dropout" || layer.kind === "activation") return;
    if (layer.kind === "pool") {
      if (layer.by === "attention")
        throw new NetworkError(refusal(name, "pools by attention, with weights of its own"));
      return;
    }
    if (["embedding", "linear", "normalise", "scale"].includes(layer.kind)) {
      groups.push({ layers: [placed] });
      return;
    }
    if (layer.kind !== "recurrent")
      throw new NetworkError(refusal(name, `is a ${layer.kind} layer, which is not written`));
    if (layer.initialState === "given")
      throw new NetworkError(refusal(name, "starts from given states, which a state dict does not tell"));
    const row = rowOf(layer);
    if (row === undefined) {
      const body = zoneOut(layer.cell.equations(), layer.zoneout);
      const key = JSON.stringify(toGraph(body));
      const made =
        classes.get(key) ?? pythonCell(body, className(classText(layer.cell.name)), layer.cell.equations());
      if (made === undefined)
        throw new NetworkError(
          refusal(name, `has the cell ${layer.cell.name}, of which an op is none of PyTorch`),
        );
      classes.set(key, made);
      groups.push({ layers: [placed], own: made });
      return;
    }
    const before = net.layers[i - 1]?.layer;
    const last = groups.at(-1);
    if (before?.kind === "recurrent" && last?.row === row && sameShape(before, layer))
      last.layers.push(placed);
    else groups.push({ layers: [placed], row });
  });
  return groups;
}

/** "minGru" as the name of a class: MinGru. */
const classText = (name: string): string => pythonName(name.slice(0, 1).toUpperCase() + name.slice(1));

const sameShape = (a: RecurrentLayer, b: RecurrentLayer): boolean =>
  a.units === b.units && a.direction === b.direction;

/** The class of torch.nn that a layer is; undefined if none does all that it does. */
function rowOf({ cell, direction, initialState, residual, zoneout }: RecurrentLayer): TorchCell | undefined {
  const plain =
    direction !== "reverse" && initialState === "zero" && !residual && Object.keys(zoneout).length === 0;
  return plain ? torchCells.find((each) => sameEquations(each.cell, cell)) : undefined;
}

/** "lstm", or "lstm1" and "lstm2" where there are several. */
function named(groups: readonly Omit<Group, "name">[]): Group[] {
  const kinds = groups.map(
    ({ row, own, layers }) => row?.module.toLowerCase() ?? own?.name.toLowerCase() ?? layers[0]!.layer.kind,
  );
  return groups.map((group, i) => {
    const [kind = "", several] = [kinds[i], kinds.filter((each) => each === kinds[i]).length > 1];
    const number = kinds.slice(0, i + 1).filter((each) => each === kind).length;
    return { ...group, name: several ? `${kind}${number}` : kind };
  });
}

function writeMatrix({ layers }: Group, { read, write, map }: TensorWriter): void {
  const { name, layer, input, output } = layers[0]!;
  if (layer.kind === "normalise" || layer.kind === "scale") {
    for (const [from, to] of [
      ["g", "weight"],
      ["k", "bias"],
    ] as const) {
      write(to, [output.width], read(`${name}.${from}`));
      map(`${name}.${from}`, [to], "as it is");
    }
    return;
  }
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

/** The parameters of each direction by the names of the equations. */
function writeOwn({ layers }: Group, net: Network, { read, write, map }: TensorWriter): void {
  const { name, layer } = layers[0]!;
  const { direction } = layer as RecurrentLayer;
  const passes: [string, string][] =
    direction === "both"
      ? [
          [`${name}.forward.`, "0."],
          [`${name}.reverse.`, "1."],
        ]
      : [[`${name}.`, ""]];
  for (const [prefix, to] of passes)
    for (const { name: from, shape } of net.parameters.filter((each) => each.name.startsWith(prefix))) {
      const own = `${to}${from.slice(prefix.length)}`;
      write(own, shape, read(from));
      map(from, [own], "as it is");
    }
}

/** Activations as PyTorch has them. */
const functionTexts: Readonly<Record<ActivationName, (alpha: number | undefined) => string>> = {
  relu: () => "torch.relu(x)",
  tanh: () => "torch.tanh(x)",
  sigmoid: () => "torch.sigmoid(x)",
  softplus: () => "torch.nn.functional.softplus(x)",
  softsign: () => "torch.nn.functional.softsign(x)",
  elu: (alpha = 1) => `torch.nn.functional.elu(x, alpha=${alpha})`,
  selu: () => "torch.nn.functional.selu(x)",
  leakyRelu: (alpha = 0.01) => `torch.nn.functional.leaky_relu(x, negative_slope=${alpha})`,
  silu: () => "torch.nn.functional.silu(x)",
  gelu: () => "torch.nn.functional.gelu(x)",
  geluTanh: () => 'torch.nn.functional.gelu(x, approximate="tanh")',
  hardSigmoid: (alpha = 0.2) => `torch.clamp(${alpha} * x + 0.5, 0, 1)`,
  softmax: () => "torch.softmax(x, dim=-1)",
};

/** The network in PyTorch's words, in order. */
function codeModules({ layers }: Network, groups: readonly Group[]): CodeModule[] {
  return layers.flatMap(({ name, layer, input, output }): CodeModule[] => {
    const group = groups.find((each) => each.layers[0]?.name === name);
    if (layer.kind === "pool" && layer.by !== "attention") return [{ kind: "pool", by: layer.by }];
    if (layer.kind === "activation")
      return [{ kind: "function", text: `x = ${functionTexts[layer.by](layer.alpha)}` }];
    if (!group) return [];
    if (layer.kind === "embedding")
      return [{ kind: "embedding", name: group.name, sizes: [input.width, output.width] }];
    if (layer.kind === "linear")
      return [{ kind: "linear", name: group.name, sizes: [input.width, output.width] }];
    if (layer.kind === "normalise")
      return [{ kind: "normalise", name: group.name, width: output.width, epsilon: layer.epsilon }];
    if (layer.kind === "scale") return [{ kind: "scale", name: group.name, width: output.width }];
    const { units, direction, residual, initialState } = layer as RecurrentLayer;
    if (group.own)
      return [
        {
          kind: "own",
          name: group.name,
          cell: group.own,
          sizes: [input.width, units],
          directions: direction === "both" ? [false, true] : [direction === "reverse"],
          learned: initialState === "learned",
          residual,
        },
      ];
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
