/**
 * The modules of a file, found by the names and shapes of their tensors, and by their classes where the file has those:
 * nn.Embedding, nn.LSTM, GRU and RNN (and their cells), nn.Linear, normalisations, and modules without parameters. A tensor
 * that belongs to none of them is refused by its name. In which order they follow each other is found in order.ts.
 */
import { dtypes, type TensorData, toFloat64 } from "../../dtypes.js";
import type { TorchClass } from "../file/module-tree.js";
import type { PyTorchFile } from "../file/read.js";
import { checkShape, type Fail, pathText } from "./fail.js";
import { recurrentModule } from "./recurrent.js";
import type { MatrixModule, NormModule, PlainModule, TorchModule } from "./types.js";

const ownNames =
  /^(?:(.*)\.)?((?:weight|bias)_(?:ih|hh|hr)(?:_l\d+(?:_reverse)?)?|weight|bias|running_mean|running_var)$/;
const has =
  "Imported are nn.Embedding, nn.LSTM, nn.GRU, nn.RNN and their cells, nn.Linear, nn.BatchNorm1d and nn.LayerNorm";

/** Names of what training alone needs: counts of batches, and the weights of a loss. */
const ofTraining = /(^|\.)(num_batches_tracked|(criterion|loss|loss_fn|loss_func)\.(weight|pos_weight))$/i;

/** Modules of a network, at most. */
const MOST_MODULES = 1000;

const shapeText = ({ shape }: TensorData): string => `(${shape.join(", ")})`;

/**
 * The modules of a file, in the order of the file.
 *
 * @param only paths of the modules to look at; undefined: all
 * @throws FileFormatError naming a tensor that belongs to no such module, is missing, or has a shape that does not fit
 */
export function findModules(
  { tensors, classes }: Pick<PyTorchFile, "tensors" | "classes">,
  only: readonly string[] | undefined,
  fail: Fail,
): TorchModule[] {
  const parts = new Map<string, Map<string, TensorData>>();
  const owners = new Set<string>(plainPaths(classes));
  for (const [name, tensor] of tensors) {
    if (ofTraining.test(name)) continue;
    const [, path = "", kind = ""] = ownNames.exec(name) ?? [];
    const owner = kind === "" ? name.replace(/\.?[^.]*$/, "") : path;
    owners.add(owner);
    if (only !== undefined && !only.includes(owner)) continue;
    if (kind === "" || (kind === "weight" && tensor.shape.length !== 2 && tensor.shape.length !== 1))
      throw fail(
        `tensor ${name}`,
        `of shape ${shapeText(tensor)} ${noModule(name, tensor)}`,
        otherModule(name),
      );
    if (dtypes[tensor.dtype].integer)
      throw fail(`tensor ${name}`, `holds ${tensor.dtype}`, "Parameters are floating-point numbers.");
    if (tensor.data.length === 0)
      throw fail(
        `tensor ${name}`,
        `of shape ${shapeText(tensor)} holds no numbers`,
        "No size of a parameter is 0; was the model built before it was saved?",
      );
    const own = parts.get(path) ?? new Map<string, TensorData>();
    parts.set(path, own.set(path === "" ? name : name.slice(path.length + 1), tensor));
  }
  for (const path of only ?? []) {
    if (owners.has(path)) continue;
    const there = [...owners].slice(0, 40).map(pathText).join(", ");
    throw fail(`module ${path}`, "is not in the file", `There are ${there}.`);
  }
  if (parts.size === 0) throw fail("state dict", "holds no tensors", `${has}.`);
  // In which order they follow each other is tried out.
  if (parts.size > MOST_MODULES)
    throw fail("state dict", `has ${parts.size} modules`, `At most ${MOST_MODULES} are imported.`);
  const found = new Map<string, TorchModule>(
    [...parts].map(([path, own]) => [path, moduleOf(path, own, { of: classes.get(path), fail })]),
  );
  const plain = [...plainPaths(classes)].filter((path) => only?.includes(path) ?? true);
  for (const path of plain) found.set(path, plainModule(path, classes.get(path)!));
  // In the order in which modules were made, where the file has it.
  const order = classes.size > 0 ? [...classes.keys()] : [...found.keys()];
  return order.flatMap((path) => found.get(path) ?? []);
}

/** What a tensor belongs to, where its name or shape tells. */
function noModule(name: string, { shape }: TensorData): string {
  const known = others.find(({ named }) => named.test(name));
  if (known) return `belongs to ${known.is}`;
  if (/(^|\.)weight$/.test(name) && shape.length > 2)
    return `belongs to a convolution (nn.Conv${shape.length - 2}d)`;
  return "belongs to no module that can be imported";
}

const otherModule = (name: string): string =>
  others.find(({ named }) => named.test(name))?.remedy ??
  `${has}; the option modules takes some of a file's modules, in the order of their use.`;

/** Names of tensors that tell of what they belong to, and what to do about it. */
const others: readonly { readonly named: RegExp; readonly is: string; readonly remedy: string }[] = [
  {
    named: /(^|\.)(in_proj_weight|in_proj_bias)$/,
    is: "nn.MultiheadAttention",
    remedy: `${has}; the option modules leaves others out.`,
  },
  {
    named: /(_g|_v|parametrizations\.\w+\.original[01])$/,
    is: "weight normalisation, which keeps a weight's length and direction apart",
    remedy:
      "Call torch.nn.utils.remove_weight_norm, or parametrize.remove_parametrizations, before you save.",
  },
  {
    named: /_raw$/,
    is: "a weight that is dropped in training (weight_drop)",
    remedy: "Save a module with the plain weight: module.weight_hh_l0 = module.weight_hh_l0_raw.",
  },
];

/** Paths of modules without parameters, containers apart. */
function* plainPaths(classes: PyTorchFile["classes"]): Generator<string> {
  for (const [path, { children, kind }] of classes)
    if (children.length === 0 && path !== "" && !parameterised.has(kind)) yield path;
}

/** Classes that have parameters, or may have. */
const parameterised = new Set(
  "Embedding LSTM GRU RNN LSTMCell GRUCell RNNCell Linear BatchNorm1d LayerNorm".split(" "),
);

const plainModule = (path: string, { name, kind, made }: TorchClass): PlainModule => ({
  kind: "plain",
  path,
  name,
  class: kind,
  made,
});

function moduleOf(
  path: string,
  own: ReadonlyMap<string, TensorData>,
  { of, fail }: { readonly of: TorchClass | undefined; readonly fail: Fail },
): TorchModule {
  if ([...own.keys()].some((name) => /_(ih|hh)/.test(name))) return recurrentModule(path, own, { of, fail });
  const [weight, bias] = [own.get("weight"), own.get("bias")];
  if (weight === undefined) {
    if (own.has("running_var")) return normModule(path, own, { of, fail });
    throw fail(pathText(path), "has a bias and no weight", "Is the state dict complete?");
  }
  if (weight.shape.length === 1) return normModule(path, own, { of, fail });
  if (bias) checkShape(bias, [weight.shape[0]!], fail);
  const module: MatrixModule = { kind: "matrix", path, weight, bias, role: roleIn(of) };
  return module;
}

const roleIn = (of: TorchClass | undefined): MatrixModule["role"] =>
  of?.kind === "Embedding" ? "embedding" : of?.kind === "Linear" ? "linear" : undefined;

function normModule(
  path: string,
  own: ReadonlyMap<string, TensorData>,
  { of, fail }: { readonly of: TorchClass | undefined; readonly fail: Fail },
): NormModule {
  const [gamma, beta, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map((name) =>
    own.get(name),
  );
  const first = (gamma ?? variance)!;
  const width = first.shape[0]!;
  for (const each of own.values()) checkShape(each, [width], fail);
  const batch = mean !== undefined && variance !== undefined;
  if (!batch && (beta === undefined || (of !== undefined && of.kind !== "LayerNorm")))
    throw fail(
      `tensor ${first.name}`,
      `of shape (${width}) belongs to ${of ? `${of.name}, which is no module` : "no module"} that can be imported`,
      `${has}; without running_mean and running_var, a weight and a bias of one size are those of nn.LayerNorm.`,
    );
  const epsilon = of?.made.get("eps");
  return {
    kind: "norm",
    path,
    width,
    over: batch ? "batch" : "features",
    gamma: gamma && toFloat64(gamma),
    beta: beta && toFloat64(beta),
    ...(batch ? { mean: toFloat64(mean), variance: toFloat64(variance) } : {}),
    epsilon: typeof epsilon === "number" ? epsilon : undefined,
    names: [...own.values()].map(({ name }) => name),
  };
}
