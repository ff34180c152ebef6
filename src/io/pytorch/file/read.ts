/**
 * The named tensors of a file: safetensors, or what torch.save wrote; and what else the file tells of its modules. A
 * checkpoint that keeps its state dict or its module beside other things, as trainers write them, is looked through for it.
 */
import { checkArguments } from "../../../options/check.js";
import { someOf } from "../../../options/error.js";
import type { TensorData } from "../../dtypes.js";
import { FileFormatError } from "../../errors.js";
import { fileBudget, type ReadLimits } from "../../limits.js";
import { isSafetensors, readSafetensors } from "../../safetensors.js";
import { contentsOf } from "./contents.js";
import { isJson, readJsonFile } from "./json-file.js";
import type { TorchClass } from "./module-tree.js";
import { refuseOthers } from "./others.js";
import { isTorchFile, readTorchFile } from "./torch-file.js";

/** Tensors by name, in the order of the file. */
export type StateDict = ReadonlyMap<string, TensorData>;

/** What a file tells of a network. */
export interface PyTorchFile {
  readonly tensors: StateDict;
  /** What modules were made with, by path. Empty: the file is a state dict. */
  readonly classes: ReadonlyMap<string, TorchClass>;
  /** Of a TorchScript program: its code. */
  readonly code?: ReadonlyMap<string, string>;
  /** What follows what, as the option modules says it, where the file does. */
  readonly order?: readonly string[];
  /** Sentences on what was taken of the file, and what was passed over. */
  readonly said: readonly string[];
}

/** How a file is read. */
export interface ReadPyTorchOptions {
  /** The file's name, for errors. Default "state dict". */
  readonly name?: string | undefined;
  /** Of a file of several networks: which, by the keys that lead to it, joined by points. Default: the only one. */
  readonly part?: string | undefined;
  /** How much reading it may take. */
  readonly limits?: ReadLimits | undefined;
}

/**
 * Reads a file: a state dict, a module that was saved whole, a checkpoint or a TorchScript program. Nothing in it is executed:
 * of a module its tensors are taken, and what it was made with.
 *
 * @param bytes the whole file, .safetensors, .pt or .pth; tensors are views into it, so do not change it while they are in use
 * @throws FileFormatError naming what is wrong with the file, and what would be right
 */
export async function readPyTorch(
  bytes: Uint8Array,
  { name = "state dict", part, limits = {} }: ReadPyTorchOptions = {},
): Promise<PyTorchFile> {
  checkArguments("readPyTorch", { bytes }, { bytes: { kind: "bytes" } });
  if (isJson(bytes)) {
    const { tensors, order, said } = readJsonFile(bytes, name, fileBudget(name, limits, bytes.length));
    return { tensors, classes: new Map(), ...(order ? { order } : {}), said };
  }
  // The length of a safetensors header can begin as a pickle does (640 is 0x80 0x02), so it is looked at first.
  if (isSafetensors(bytes) || !isTorchFile(bytes)) return ofSafetensors(bytes, name, part);
  const file = await readTorchFile(bytes, name, fileBudget(name, limits, bytes.length));
  const { tensors, classes, said } = contentsOf(file.value, part, name);
  const out = new Map<string, TensorData>();
  for (const [key, tensor] of tensors) out.set(key, await file.tensor(key, tensor));
  const passed = file.inert.filter(
    (each) => !/^(torch|__torch__|builtins|collections|numpy|_codecs)\./.test(each),
  );
  return {
    tensors: renamed(out),
    classes,
    ...(file.code === undefined ? {} : { code: file.code }),
    said: [
      ...said,
      ...(passed.length > 0
        ? [`Of ${someOf(passed, 8)} nothing was executed: what the file says of them is data.`]
        : []),
    ],
  };
}

/**
 * Reads a state dict.
 *
 * @param bytes the whole file, as {@link readPyTorch} takes it
 * @param name the file's name, for errors
 * @param limits how much reading it may take
 * @returns the tensors by name, in the order of the file
 * @throws FileFormatError naming what is wrong with the file, and what would be right
 */
export async function readStateDict(
  bytes: Uint8Array,
  name = "state dict",
  limits: ReadLimits = {},
): Promise<StateDict> {
  checkArguments("readStateDict", { bytes }, { bytes: { kind: "bytes" } });
  return (await readPyTorch(bytes, { name, limits })).tensors;
}

function ofSafetensors(bytes: Uint8Array, file: string, part: string | undefined): PyTorchFile {
  refuseOthers(bytes, file);
  const fail = (where: string, problem: string, remedy: string) =>
    new FileFormatError({ file, where, problem, remedy });
  if (!isSafetensors(bytes) && /\.(pt|pth|bin|ckpt)$/i.test(file)) {
    const remedy = "Files of torch.save are; is the file damaged, or of another program?";
    throw fail("start", "is neither a zip archive nor a pickle", remedy);
  }
  const { tensors, metadata } = readSafetensors(bytes, file);
  if (metadata["unrolled"] !== undefined)
    throw fail("metadata", "is a model of unrolled already", "Use it as it is.");
  if (part !== undefined)
    throw fail(
      "header",
      "has no parts",
      "Parts are those of a checkpoint; the option modules names modules.",
    );
  const all = new Map(tensors);
  // save_model() writes a tensor that has two names once, and says so: the name that is left out, and the one that is there.
  const tied = Object.entries(metadata).filter(([left, kept]) => !all.has(left) && all.has(kept));
  for (const [left, kept] of tied) all.set(left, { ...all.get(kept)!, name: left });
  return {
    tensors: renamed(all),
    classes: new Map(),
    said: tied.map(([left, kept]) => `${left} is ${kept} (metadata of the file).`),
  };
}

/** Without what DataParallel and torch.compile put before the names of all. */
function renamed(tensors: StateDict): StateDict {
  const names = [...tensors.keys()].map((name) => name.replace(/(^|\.)_orig_mod\./g, "$1"));
  const parallel = names.length > 0 && names.every((name) => name.startsWith("module."));
  const own = (name: string): string => (parallel ? name.slice("module.".length) : name);
  return new Map(
    [...tensors.values()].map((tensor, i) => [own(names[i]!), { ...tensor, name: own(names[i]!) }]),
  );
}
