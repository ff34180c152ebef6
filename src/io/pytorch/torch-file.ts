/**
 * Files of torch.save, read without executing anything: the zip archives since PyTorch 1.6 and the streams before them.
 * Allowed are dictionaries, lists, plain values and tensors; a pickled module is refused with the way out.
 *
 * Source: torch/serialization.py, torch/_utils.py.
 */
import { type Dtype, dtypes, elementCount, type TensorData } from "../dtypes.js";
import { FileFormatError } from "../errors.js";
import type { Budget } from "../limits.js";
import { isZip, openZip, type Zip } from "../zip.js";
import { type PickleGlobal, type PickleOptions, readPickle } from "./pickle.js";

/** A storage as a pickle names it: its bytes stand elsewhere. */
interface Storage {
  readonly key: string;
  readonly dtype: Dtype;
  readonly count: number;
}

/** A tensor in a pickle: a view of a storage, in elements. */
export class StoredTensor {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** What a file holds: its value, with tensors as {@link StoredTensor}, and the bytes of their storages. */
export interface TorchFile {
  readonly value: unknown;
  /** @throws FileFormatError if the storage is missing or damaged, or the tensor does not lie within it */
  readonly tensor: (name: string, tensor: StoredTensor) => Promise<TensorData>;
}

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

const saveStateDict = "Save the tensors alone: torch.save(model.state_dict(), FILE).";

/** What starts a file of before PyTorch 1.6: a pickle of this number. */
const legacyMagic = 0x1950a86a20f9469cfc6cn;

/** Whether bytes look like a file of torch.save: an archive, or a pickle of a protocol that is read. */
export const isTorchFile = (bytes: Uint8Array): boolean =>
  isZip(bytes) || (bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5);

/**
 * Reads a file of torch.save.
 *
 * @param name the file's name, for errors
 * @param budget what values and tensors take
 * @throws FileFormatError naming what is damaged, or what is not allowed and the way out
 */
export async function readTorchFile(bytes: Uint8Array, name: string, budget: Budget): Promise<TorchFile> {
  return isZip(bytes)
    ? readArchive(openZip(bytes, name, budget), name, budget)
    : readLegacy(bytes, name, budget);
}

async function readArchive(zip: Zip, file: string, budget: Budget): Promise<TorchFile> {
  const pickle = zip.names.find((name) => /^[^/]*\/data\.pkl$/.test(name));
  const fail = (where: string, problem: string, remedy: string) =>
    new FileFormatError({ file, where, problem, remedy });
  if (pickle === undefined) throw fail("archive", "has no data.pkl", "Files of torch.save have one.");
  const folder = pickle.slice(0, -"data.pkl".length);
  if (zip.names.includes(`${folder}constants.pkl`))
    throw fail(
      "archive",
      "is a TorchScript program",
      "Load it with torch.jit.load, and save its state_dict().",
    );
  const order = zip.names.includes(`${folder}byteorder`) ? await zip.read(`${folder}byteorder`) : undefined;
  if (order !== undefined && new TextDecoder().decode(order) !== "little")
    throw fail("byteorder", "is not little-endian", "Save the state dict on a little-endian machine.");
  const { value } = readPickle(await zip.read(pickle), pickleOptions(file, { where: "data.pkl", budget }));
  // All weights of a recurrent module may lie in one storage: it is read, and its checksum computed, once.
  const storages = new Map<string, Promise<Uint8Array>>();
  const find = (key: string): Promise<Uint8Array> => {
    const found = storages.get(key) ?? zip.read(`${folder}data/${key}`);
    storages.set(key, found);
    return found;
  };
  return { value, tensor: (name, tensor) => gather(name, tensor, { file, read: find, budget }) };
}

/** Five pickles (magic number, protocol, system, value, keys of storages), then for each key its length and its bytes. */
async function readLegacy(bytes: Uint8Array, file: string, budget: Budget): Promise<TorchFile> {
  const storages = new Map<string, Storage>();
  const options = pickleOptions(file, { where: "pickle", budget, storages });
  let at = 0;
  const next = (): unknown => {
    const { value, end } = readPickle(bytes, options, at);
    at = end;
    return value;
  };
  if (next() !== legacyMagic) throw options.fail("is a pickle, but none of torch.save");
  next();
  next();
  const value = next();
  const keys = next();
  // Keys of other types may be lists in lists, of which a text could be larger than any memory.
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string"))
    throw options.fail("has no list of storages");
  const places = new Map<string, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const key of keys) {
    const storage = storages.get(key);
    if (storage === undefined) throw options.fail(`has a storage ${key} that no tensor uses`);
    const length = storage.count * dtypes[storage.dtype].bytes;
    if (at + 8 + length > bytes.length || Number(view.getBigUint64(at, true)) !== storage.count)
      throw options.fail(`is cut off in storage ${key}, or says another length for it`);
    places.set(key, bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  const find = async (key: string): Promise<Uint8Array> => {
    const found = places.get(key);
    if (found) return found;
    throw options.fail(`has no storage ${key}`);
  };
  return { value, tensor: (name, tensor) => gather(name, tensor, { file, read: find, budget }) };
}

/** What reading a pickle of a file needs. */
interface PickleOf {
  /** Which one, for messages. */
  readonly where: string;
  readonly budget: Budget;
  /** Takes every storage that is named. */
  readonly storages?: Map<string, Storage>;
}

function pickleOptions(file: string, { where, budget, storages }: PickleOf): PickleOptions {
  const fail = (problem: string, remedy = `The file is damaged, or no state dict. ${saveStateDict}`) =>
    new FileFormatError({ file, where, problem, remedy });
  const take = (bytes: number): void => budget.take(bytes, where, "makes more and more values");
  const globals = new Map<string, PickleGlobal>(
    [
      { name: "collections.OrderedDict", call: (args: readonly unknown[]) => orderedDict(args, fail, take) },
      {
        name: "torch._utils._rebuild_tensor_v2",
        call: (args: readonly unknown[]) => rebuildTensor(args, fail),
      },
      { name: "torch._utils._rebuild_parameter", call: ([tensor]: readonly unknown[]) => tensor },
      ...Object.keys(storageTypes).map((name) => ({ name: `torch.${name}` })),
    ].map((row) => [row.name, row]),
  );
  return {
    fail,
    take,
    global(module, name) {
      const found = globals.get(`${module}.${name}`);
      if (found) return found;
      throw fail(
        `names ${module}.${name}, which is not allowed`,
        `Nothing in a file is executed, so whole models and other objects are not read. ${saveStateDict}`,
      );
    },
    persistent(id) {
      const [kind, type, key, , count, view] = Array.isArray(id) ? id : [];
      const dtype =
        storageTypes[String((type as Partial<PickleGlobal> | undefined)?.name).replace("torch.", "")];
      if (kind !== "storage" || dtype === undefined || typeof key !== "string" || !isSize(count))
        throw fail("refers to something that is no storage of a known type");
      // Streams of long ago had views of storages here.
      if (view !== undefined && view !== null)
        throw fail("has a view of a storage, as PyTorch wrote before 0.4");
      const storage = { key, dtype, count };
      storages?.set(key, storage);
      return storage;
    },
  };
}

function orderedDict(
  args: readonly unknown[],
  fail: (problem: string) => FileFormatError,
  take: (bytes: number) => void,
): Map<unknown, unknown> {
  const pairs = args[0] ?? [];
  // A list that is remembered can be made a dictionary of any number of times.
  if (Array.isArray(pairs)) take(64 * pairs.length);
  if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2))
    throw fail("makes an OrderedDict of something that is not a list of pairs");
  return new Map(pairs as [unknown, unknown][]);
}

function rebuildTensor(
  [storage, offset, shape, strides]: readonly unknown[],
  fail: (problem: string) => FileFormatError,
): StoredTensor {
  const isStorage = typeof storage === "object" && storage !== null && "dtype" in storage;
  if (
    !isStorage ||
    !isSize(offset) ||
    !isSizes(shape) ||
    !isSizes(strides) ||
    shape.length !== strides.length
  )
    throw fail("makes a tensor of something that is no storage, offset, shape and strides");
  return new StoredTensor(storage as Storage, offset, shape, strides);
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
/** As many dimensions as PyTorch has, at most. */
const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 64 && value.every(isSize);

/** How tensors are read. */
interface Gathering {
  readonly file: string;
  readonly read: (key: string) => Promise<Uint8Array>;
  readonly budget: Budget;
}

/** A tensor's elements in rows: a view of the storage where they lie so already, else a copy. */
async function gather(
  name: string,
  { storage, offset, shape, strides }: StoredTensor,
  { file, read, budget }: Gathering,
): Promise<TensorData> {
  const { key, dtype, count } = storage;
  const fail = (problem: string) =>
    new FileFormatError({ file, where: `tensor ${name}`, problem, remedy: "The file is damaged." });
  const bytes = await read(key);
  const size = dtypes[dtype].bytes;
  if (bytes.length !== count * size)
    throw fail(`lies in a storage of ${bytes.length} bytes, which should have ${count} elements of ${size}`);
  const length = elementCount(shape);
  const last = shape.reduce((sum, n, k) => sum + (n - 1) * strides[k]!, offset);
  // A stride of 0 would let a small file ask for any amount of memory.
  if (!(length <= count) || (length > 0 && last >= count))
    throw fail(`of shape (${shape.join(", ")}) does not lie within its storage of ${count} elements`);
  // Any number of tensors can be views of one storage, and what is made of them is made of each.
  budget.take(length * size, `tensor ${name}`, `has the shape (${shape.join(", ")})`);
  if (isContiguous(shape, strides))
    return { name, dtype, shape, data: bytes.subarray(offset * size, (offset + length) * size) };
  return { name, dtype, shape, data: copied(bytes, { storage, offset, shape, strides }, length * size) };
}

/** The elements of a view one after the other, as an odometer goes through its places. */
function copied(
  bytes: Uint8Array,
  { storage, offset, shape, strides }: StoredTensor,
  total: number,
): Uint8Array {
  const size = dtypes[storage.dtype].bytes;
  const data = new Uint8Array(total);
  const place = new Array<number>(shape.length).fill(0);
  let from = offset * size;
  for (let to = 0; to < total; ) {
    for (let k = 0; k < size; k++) data[to++] = bytes[from + k]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]! * size;
      if (++place[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]! * size;
      place[axis] = 0;
    }
  }
  return data;
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let k = shape.length - 1; k >= 0; k--) {
    const n = shape[k]!;
    if (n !== 1 && strides[k] !== step) return false;
    step *= n;
  }
  return true;
}
