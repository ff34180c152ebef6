/**
 * The model file: ONE safetensors file, specified in docs/model-file.md. The tensors are the parameters under their
 * names; `__metadata__` has the key `unrolled`, whose value is JSON: format version, task, the network with its cells'
 * equations as data, and what the task keeps (vocabulary, labels). Reading executes nothing that stands in the file.
 */
import { CellError } from "../cell/expr.js";
import { checkModel, networkData, networkFormat, networkFromData } from "../nn/build/index.js";
import { type Network, NetworkError, type Parameters, type Tensor } from "../nn/index.js";
import { type TensorData, tensorFrom, toFloat32 } from "./dtypes.js";
import { FileFormatError } from "./errors.js";
import { parseJsonText } from "./json.js";
import { readSafetensors, type Safetensors, writeSafetensors } from "./safetensors.js";
import { scaleName, storedParameter, type WeightStorage, weightStorages, widened } from "./storage.js";

/** The newest format that this package reads and writes. It reads all earlier ones. */
export const modelFormat = 3;

/** What a model file holds. */
export interface ModelFile {
  /** The task that made it: "classifier". */
  readonly task: string;
  readonly network: Network;
  readonly parameters: Parameters;
  /** What the task keeps beside the network, as JSON. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Numbers that the task keeps beside the network's parameters; in the file, under names with "task." before them. */
  readonly own?: Parameters;
  /** Of a model that was read: how it lay in its file. Writing does not look at it. */
  readonly stored?: { readonly format: number; readonly storage: WeightStorage };
}

/** Prefix of a task's own tensors: parameters have a layer's name there. */
const OWN = "task.";

/** How a model is written. */
export interface WriteModelOptions {
  /**
   * How matrices are stored: "float32" (default), "float16" (half the size), or "int8" (a quarter; one scale for each
   * row). Reading gives float32 again, so that what was lost shows in predictions alone.
   */
  readonly storage?: WeightStorage;
  /** What stands beside the model. Default: nothing. */
  readonly extras?: ModelExtras;
}

/** What a file may hold beside its model, under names of its own. */
export interface ModelExtras {
  readonly tensors: readonly TensorData[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * A model as the bytes of its file; what stands beside it does not keep the file from being read as a model. The format
 * that the file names is the earliest that has the way its weights are stored and what its network is, so that earlier versions read what they can.
 *
 * @throws NetworkError if a weight that is to be stored in fewer bits is not finite, or float16 does not hold it
 */
export function writeModel(
  model: ModelFile,
  { storage = "float32", extras }: WriteModelOptions = {},
): Uint8Array {
  checkModel("writeModel", model);
  const specs = new Map(model.network.parameters.map((spec) => [spec.name, spec]));
  const tensors = [...model.parameters].flatMap(([name, { shape, data }]) =>
    storedParameter(specs.get(name) ?? { name, shape, blocks: [] }, data, storage),
  );
  const own = [...(model.own ?? [])].map(([name, { shape, data }]) => tensorFrom(OWN + name, shape, data));
  const header = {
    format: Math.max(weightStorages[storage].format, networkFormat(model.network)),
    task: model.task,
    network: networkData(model.network),
    data: model.data,
  };
  return writeSafetensors([...tensors, ...own, ...(extras?.tensors ?? [])], {
    unrolled: JSON.stringify(header),
    ...extras?.metadata,
  });
}

/**
 * Reads a model file.
 *
 * @param name the file's name, for messages
 * @throws FileFormatError saying what is wrong with the file and what would be right
 */
export function readModel(bytes: Uint8Array, name = "model"): ModelFile {
  const file = readSafetensors(bytes, name);
  const fail: Fail = (where, problem, remedy) => new FileFormatError({ file: name, where, problem, remedy });
  const text = file.metadata["unrolled"];
  if (text === undefined) {
    throw fail(
      "metadata",
      'has no key "unrolled"',
      "A model that unrolled saved has one; a plain safetensors file of weights must be imported first.",
    );
  }
  const header = parse(text, fail);
  const format = readFormat(header["format"], fail);
  const { task, data } = header;
  if (typeof task !== "string" || data === null || typeof data !== "object")
    throw fail("metadata", "names no task", "Save the model again.");
  try {
    const network = networkFromData(header["network"]);
    const parameters = readParameters(network, file, fail);
    const own = readOwn(file);
    return {
      task,
      network,
      parameters,
      data: data as Record<string, unknown>,
      ...(own.size > 0 ? { own } : {}),
      stored: { format, storage: storageOf(network, file) },
    };
  } catch (error) {
    if (error instanceof CellError || error instanceof NetworkError)
      throw fail("metadata", error.message, "Save the model again.");
    throw error;
  }
}

/**
 * Reads a model file that is to answer: its weights are finite.
 *
 * @throws FileFormatError as `readModel` and `requireFinite`
 */
export function readFiniteModel(bytes: Uint8Array, name?: string): ModelFile {
  const model = readModel(bytes, name);
  requireFinite(model, name);
  return model;
}

/** @throws FileFormatError naming the first weight that is not finite: with it, every answer is nonsense */
export function requireFinite({ parameters }: Pick<ModelFile, "parameters">, name = "model"): void {
  for (const [parameter, { data }] of parameters) {
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    throw new FileFormatError({
      file: name,
      where: `tensor ${parameter}`,
      problem: `holds ${data[at]} at place ${at}`,
      remedy:
        "With such weights every answer is nonsense: its training went wrong, or the file is damaged; take an earlier model, or train again with a lower learning rate.",
    });
  }
}

type Fail = (where: string, problem: string, remedy: string) => FileFormatError;

/** The format that a file names. @throws FileFormatError if it is none, or one of a later version */
function readFormat(format: unknown, fail: Fail): number {
  if (!(Number.isSafeInteger(format) && (format as number) >= 1))
    throw fail(
      "metadata",
      `has format ${JSON.stringify(format) ?? "nothing"}, which is not the number of a format`,
      `Formats are whole numbers from 1 to ${modelFormat}; save the model again.`,
    );
  if ((format as number) <= modelFormat) return format as number;
  throw fail(
    "metadata",
    `has format ${format}`,
    `This version reads formats 1 to ${modelFormat}; install a newer version of unrolled, or save the model with the one that wrote it as float32.`,
  );
}

function readParameters(network: Network, file: Safetensors, fail: Fail): Parameters {
  const parameters = new Map<string, Tensor>();
  for (const { name, shape } of network.parameters) {
    const tensor = file.tensors.get(name);
    const wanted = `It should have the shape (${shape.join(", ")}).`;
    if (!tensor) throw fail(`tensor ${name}`, "is missing", wanted);
    if (tensor.shape.join() !== shape.join())
      throw fail(
        `tensor ${name}`,
        `has the shape (${tensor.shape.join(", ")})`,
        `It should be (${shape.join(", ")}).`,
      );
    const result = widened(tensor, file.tensors.get(scaleName(name)));
    if ("problem" in result) throw fail(`tensor ${result.tensor}`, result.problem, result.remedy);
    parameters.set(name, { shape, data: result.values });
  }
  return parameters;
}

/** The task's own numbers. */
function readOwn(file: Safetensors): Parameters {
  const own = [...file.tensors].filter(([name]) => name.startsWith(OWN));
  return new Map(
    own.map(([name, tensor]) => [name.slice(OWN.length), { shape: tensor.shape, data: toFloat32(tensor) }]),
  );
}

/** How a file's weights are stored: that of the smallest. */
function storageOf(network: Network, file: Safetensors): WeightStorage {
  const found = new Set(network.parameters.map(({ name }) => file.tensors.get(name)?.dtype));
  return found.has("I8") ? "int8" : found.has("F16") ? "float16" : "float32";
}

function parse(text: string, fail: Fail): Record<string, unknown> {
  const result = parseJsonText(text);
  const header = "value" in result ? result.value : undefined;
  if (header !== null && typeof header === "object" && !Array.isArray(header))
    return header as Record<string, unknown>;
  const deep = "problem" in result && !result.problem.startsWith("is not JSON");
  const problem = deep
    ? `under the key "unrolled" ${result.problem}`
    : 'is not JSON under the key "unrolled"';
  throw fail("metadata", problem, "Save the model again.");
}
