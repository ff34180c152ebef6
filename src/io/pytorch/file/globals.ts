/**
 * What names in a file of torch.save mean: the few that make dictionaries, lists and tensors, one row each. Any other class
 * or function becomes an inert record (pickle.ts), for a checkpoint may hold what it likes beside its tensors.
 *
 * Source: torch/_utils.py, torch/jit/_pickle.py.
 */
import { type Dtype, dtypes } from "../../dtypes.js";
import type { FileFormatError } from "../../errors.js";
import type { PickleGlobal } from "./pickle.js";
import { PickleRecord } from "./pickle.js";
import { isSize, isSizes, Storage, StoredTensor } from "./tensors.js";

/** The classes of storages by PyTorch's names. */
const storageTypes: Readonly<Record<string, Dtype>> = {
  DoubleStorage: "F64",
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
} as const;

/** Classes of storages of numbers that are not read, and how many bytes one takes. */
const otherStorages: Readonly<Record<string, number>> = {
  QInt8Storage: 1,
  QUInt8Storage: 1,
  QInt32Storage: 4,
  ComplexFloatStorage: 8,
  ComplexDoubleStorage: 16,
};

/** What a class of storages holds: its type, undefined of numbers that are not read, and its size. Undefined: it is none. */
export function storageType(
  name: string,
): { readonly dtype: Dtype | undefined; readonly size: number } | undefined {
  const own = name.replace(/^torch\./, "");
  const dtype = Object.hasOwn(storageTypes, own) ? storageTypes[own] : undefined;
  const size = dtype
    ? dtypes[dtype].bytes
    : Object.hasOwn(otherStorages, own)
      ? otherStorages[own]
      : undefined;
  return size === undefined ? undefined : { dtype, size };
}

/** What rows need to know. */
export interface GlobalContext {
  readonly fail: (problem: string) => FileFormatError;
  /** Takes the bytes of what is made. */
  readonly take: (bytes: number) => void;
}

type Call = (args: readonly unknown[], context: GlobalContext) => unknown;

/** A list out of a list; of nothing, an empty one. */
const listOf: Call = ([values = []], { fail, take }) => {
  if (!Array.isArray(values)) throw fail("makes a list of something that is none");
  // A list that is remembered can be made another of any number of times.
  take(64 * values.length);
  return [...values];
};

/** A dictionary out of pairs. */
const dictionaryOf: Call = (args, context) => {
  const [given = []] = args;
  const pairs = given instanceof Map ? [...given] : given;
  if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2))
    throw context.fail("makes a dictionary of something that is not a list of pairs");
  return new Map(listOf([pairs], context) as [unknown, unknown][]);
};

/** A record of a class that stands among the arguments. */
const recordOf: Call = ([of, ...rest]) =>
  new PickleRecord(String((of as Partial<PickleGlobal> | null)?.name ?? "something"), rest);

const tensorOf: Call = ([storage, offset, shape, strides], { fail }) => {
  if (
    !(storage instanceof Storage) ||
    !isSize(offset) ||
    !isSizes(shape) ||
    !isSizes(strides) ||
    shape.length !== strides.length
  )
    throw fail("makes a tensor of something that is no storage, offset, shape and strides");
  const { dtype, type } = storage;
  if (dtype === undefined) return new PickleRecord(`torch.Tensor of ${type}`, []);
  return new StoredTensor({ ...storage, dtype }, offset, shape, strides);
};

const rows: Readonly<Record<string, Call>> = {
  "collections.OrderedDict": dictionaryOf,
  "collections.defaultdict": (_, context) => dictionaryOf([], context),
  "builtins.dict": dictionaryOf,
  "builtins.list": listOf,
  "builtins.tuple": listOf,
  "builtins.set": listOf,
  "builtins.frozenset": listOf,
  "copyreg._reconstructor": recordOf,
  "copyreg.__newobj__": recordOf,
  "torch.Size": listOf,
  "torch._utils._rebuild_tensor_v2": tensorOf,
  "torch._utils._rebuild_tensor": tensorOf,
  "torch._utils._rebuild_parameter": ([tensor]) => tensor,
  "torch._utils._rebuild_parameter_with_state": ([tensor]) => tensor,
  // A tensor of a class of its own, or with attributes: what makes it, its class, and what that takes.
  "torch._tensor._rebuild_from_type_v2": ([make, , args], { fail }) => {
    const { call } = (make ?? {}) as Partial<PickleGlobal>;
    if (typeof call !== "function" || !Array.isArray(args))
      throw fail("makes a tensor by something that makes none");
    return call(args);
  },
  // What TorchScript puts around lists and dictionaries, to say of what they are.
  "torch.jit._pickle.restore_type_tag": ([value]) => value,
  "torch.jit._pickle.build_intlist": listOf,
  "torch.jit._pickle.build_doublelist": listOf,
  "torch.jit._pickle.build_boollist": listOf,
  "torch.jit._pickle.build_tensorlist": listOf,
};

/** The names of Python 2, which torch.save still writes. */
const modern = (module: string): string =>
  module === "__builtin__" ? "builtins" : module === "copy_reg" ? "copyreg" : module;

/** The table: what a name stands for. @param seen takes the names of all that mean nothing here */
export function globalsOf(
  context: GlobalContext,
  seen: (name: string) => void,
): (module: string, name: string) => PickleGlobal {
  const known = new Map<string, PickleGlobal>(
    Object.entries(rows).map(([name, call]) => [name, { name, call: (args) => call(args, context) }]),
  );
  return (module, name) => {
    const full = `${modern(module)}.${name}`;
    const row = known.get(full);
    if (row !== undefined) return row;
    if (storageType(full) === undefined) seen(full);
    return { name: full };
  };
}
