/**
 * Files of torch.save, read without executing anything: the zip archives since PyTorch 1.6 and the streams before them.
 * Dictionaries, lists, plain values and tensors are what they are; all else is an inert record (globals.ts).
 *
 * Source: torch/serialization.py.
 */
import type { TensorData } from "../../dtypes.js";
import { FileFormatError } from "../../errors.js";
import type { Budget } from "../../limits.js";
import { isZip, openZip, type Zip } from "../../zip.js";
import { globalsOf, storageType } from "./globals.js";
import { type PickleGlobal, type PickleOptions, readPickle } from "./pickle.js";
import { gather, isSize, Storage, type StoredTensor } from "./tensors.js";

/** What a file holds: its value, with tensors as {@link StoredTensor}, and the bytes of their storages. */
export interface TorchFile {
  readonly value: unknown;
  /** Names of classes and functions that mean nothing here, in the order in which they were met. */
  readonly inert: readonly string[];
  /** Of a TorchScript program: the texts of its code by the name of their module, "__torch__.torch.nn.modules.rnn". */
  readonly code?: ReadonlyMap<string, string>;
  /** Of a TorchScript program: its constants. */
  readonly constants?: unknown;
  /** @throws FileFormatError if the storage is missing or damaged, or the tensor does not lie within it */
  readonly tensor: (name: string, tensor: StoredTensor) => Promise<TensorData>;
}

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
  const order = zip.names.includes(`${folder}byteorder`) ? await zip.read(`${folder}byteorder`) : undefined;
  if (order !== undefined && new TextDecoder().decode(order) !== "little")
    throw fail("byteorder", "is not little-endian", "Save the state dict on a little-endian machine.");
  const inert = new Set<string>();
  const values = async (path: string): Promise<unknown> =>
    readPickle(await zip.read(path), pickleOptions(file, { where: path.slice(folder.length), budget, inert }))
      .value;
  const value = await values(pickle);
  const code = new Map<string, string>();
  for (const path of zip.names.filter((each) => each.startsWith(`${folder}code/`) && each.endsWith(".py"))) {
    const bytes = await zip.read(path);
    budget.take(2 * bytes.length, path, "has a program");
    const module = path.slice(`${folder}code/`.length, -".py".length).replaceAll("/", ".");
    code.set(module, new TextDecoder().decode(bytes));
  }
  const constants = zip.names.includes(`${folder}constants.pkl`)
    ? await values(`${folder}constants.pkl`)
    : undefined;
  // All weights of a recurrent module may lie in one storage: it is read, and its checksum computed, once.
  const storages = new Map<string, Promise<Uint8Array>>();
  const find = (key: string): Promise<Uint8Array> => {
    const found = storages.get(key) ?? zip.read(`${folder}data/${key}`);
    storages.set(key, found);
    return found;
  };
  return {
    value,
    inert: [...inert],
    ...(constants === undefined ? {} : { code, constants }),
    tensor: (name, tensor) => gather(name, tensor, { file, read: find, budget }),
  };
}

/** Five pickles (magic number, protocol, system, value, keys of storages), then for each key its length and its bytes. */
async function readLegacy(bytes: Uint8Array, file: string, budget: Budget): Promise<TorchFile> {
  const storages = new Map<string, Storage>();
  const inert = new Set<string>();
  const options = pickleOptions(file, { where: "pickle", budget, inert, storages });
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
    const length = storage.count * storage.size;
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
  return {
    value,
    inert: [...inert],
    tensor: (name, tensor) => gather(name, tensor, { file, read: find, budget }),
  };
}

/** What reading a pickle of a file needs. */
interface PickleOf {
  /** Which one, for messages. */
  readonly where: string;
  readonly budget: Budget;
  /** Takes the names that mean nothing here. */
  readonly inert: Set<string>;
  /** Takes every storage that is named. */
  readonly storages?: Map<string, Storage>;
}

function pickleOptions(file: string, { where, budget, inert, storages }: PickleOf): PickleOptions {
  const fail = (problem: string, remedy = `The file is damaged, or no state dict. ${saveStateDict}`) =>
    new FileFormatError({ file, where, problem, remedy });
  const take = (bytes: number): void => budget.take(bytes, where, "makes more and more values");
  return {
    fail,
    take,
    global: globalsOf({ fail, take }, (name) => inert.add(name)),
    persistent(id) {
      const [kind, of, key, , count, view] = Array.isArray(id) ? id : [];
      // Streams of before PyTorch 1.6 name the class of a module so, and the text of its program beside it.
      if (kind === "module") return of;
      const type = String((of as Partial<PickleGlobal> | null | undefined)?.name);
      const known = storageType(type);
      if (kind !== "storage" || known === undefined || typeof key !== "string" || !isSize(count))
        throw fail("refers to something that is no storage of a known type");
      // Streams of long ago had views of storages here.
      if (view !== undefined && view !== null)
        throw fail("has a view of a storage, as PyTorch wrote before 0.4");
      const storage = new Storage({ key, type: type.replace("torch.", ""), ...known, count });
      storages?.set(key, storage);
      return storage;
    },
  };
}
