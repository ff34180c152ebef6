/**
 * The model file: ONE safetensors file. The tensors are the parameters under their names; `__metadata__` has the
 * key `unrolled`, whose value is JSON: format version, task, the network with its cells' equations as data, and
 * what the task keeps (vocabulary, labels). Reading executes nothing that stands in the file.
 */
import { CellError } from "../cell/expr.js";
import {
  type Network,
  NetworkError,
  networkData,
  networkFromData,
  type Parameters,
  type Tensor,
} from "../nn/index.js";
import { type TensorData, tensorFrom, toFloat32 } from "./dtypes.js";
import { FileFormatError } from "./errors.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";

/** The version that this package writes; it reads this one and earlier ones. */
export const modelFormat = 1;

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
}

/** Prefix of a task's own tensors: parameters have a layer's name there. */
const OWN = "task.";

/** What a file may hold beside its model, under names of its own. */
export interface ModelExtras {
  readonly tensors: readonly TensorData[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** A model as the bytes of its file; what stands beside it does not keep the file from being read as a model. */
export function writeModel(model: ModelFile, extras?: ModelExtras): Uint8Array {
  const own = [...(model.own ?? [])].map(([name, tensor]): [string, Tensor] => [OWN + name, tensor]);
  const tensors = [...model.parameters, ...own].map(([name, { shape, data }]) =>
    tensorFrom(name, shape, data),
  );
  const header = {
    format: modelFormat,
    task: model.task,
    network: networkData(model.network),
    data: model.data,
  };
  return writeSafetensors([...tensors, ...(extras?.tensors ?? [])], {
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
  const fail = (where: string, problem: string, remedy: string): FileFormatError =>
    new FileFormatError({ file: name, where, problem, remedy });
  const text = file.metadata["unrolled"];
  if (text === undefined) {
    throw fail(
      "metadata",
      'has no key "unrolled"',
      "A model that unrolled saved has one; a plain safetensors file of weights must be imported first.",
    );
  }
  const header = parse(text, fail);
  if (header["format"] !== modelFormat) {
    throw fail(
      "metadata",
      `has format ${String(header["format"])}`,
      `This version reads format ${modelFormat}; open the file with the version of unrolled that wrote it.`,
    );
  }
  const { task, data } = header;
  if (typeof task !== "string" || data === null || typeof data !== "object")
    throw fail("metadata", "names no task", "Save the model again.");
  try {
    const network = networkFromData(header["network"]);
    const parameters = new Map<string, Tensor>();
    for (const spec of network.parameters) {
      const tensor = file.tensors.get(spec.name);
      if (!tensor)
        throw fail(
          `tensor ${spec.name}`,
          "is missing",
          `It should have the shape (${spec.shape.join(", ")}).`,
        );
      if (tensor.shape.join() !== spec.shape.join())
        throw fail(
          `tensor ${spec.name}`,
          `has the shape (${tensor.shape.join(", ")})`,
          `It should be (${spec.shape.join(", ")}).`,
        );
      parameters.set(spec.name, { shape: spec.shape, data: toFloat32(tensor) });
    }
    const own = new Map(
      [...file.tensors].flatMap(([name, tensor]): [string, Tensor][] =>
        name.startsWith(OWN)
          ? [[name.slice(OWN.length), { shape: tensor.shape, data: toFloat32(tensor) }]]
          : [],
      ),
    );
    return {
      ...{ task, network, parameters, data: data as Record<string, unknown> },
      ...(own.size > 0 ? { own } : {}),
    };
  } catch (error) {
    if (error instanceof CellError || error instanceof NetworkError)
      throw fail("metadata", error.message, "Save the model again.");
    throw error;
  }
}

function parse(
  text: string,
  fail: (where: string, problem: string, remedy: string) => FileFormatError,
): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    header = undefined;
  }
  if (header === null || typeof header !== "object" || Array.isArray(header))
    throw fail("metadata", 'is not JSON under the key "unrolled"', "Save the model again.");
  return header as Record<string, unknown>;
}
