/**
 * The safetensors format: 8 bytes of header length, a JSON header of names, types, shapes and offsets, then the
 * tensors' bytes without gaps. As strict as the reference implementation in Rust (huggingface/safetensors): what
 * it refuses is refused here. Reading allocates no tensor: each one is a view into the file's bytes.
 */
import { checkArguments } from "../options/check.js";
import { checkTensor, tensorKind } from "./check-tensor.js";
import { type Dtype, dtypes, elementCount, type TensorData } from "./dtypes.js";
import { FileFormatError } from "./errors.js";
import { compareCodePoints } from "./order.js";
import { parseStrictJson } from "./strict-json.js";

/** What a safetensors file holds. */
export interface Safetensors {
  /** Free texts of the header's `__metadata__`; empty when there is none. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The tensors by name, in the order of their bytes in the file. */
  readonly tensors: ReadonlyMap<string, TensorData>;
}

const headerLimit = 100_000_000;
const metadataKey = "__metadata__";

type Fail = (where: string, problem: string, remedy: string) => FileFormatError;

/** A tensor as the header describes it. */
interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** True if bytes begin as a safetensors file does: the length of a header that the file has room for, then `{`. */
export function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 9 || bytes[8] !== 0x7b) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  return length <= BigInt(bytes.length - 8);
}

/**
 * Reads a safetensors file.
 *
 * @param bytes the whole file; the tensors are views into it, so do not change it while they are in use
 * @param name the file's name, for errors
 * @throws FileFormatError naming what is wrong
 */
export function readSafetensors(bytes: Uint8Array, name = "safetensors file"): Safetensors {
  checkArguments("readSafetensors", { bytes }, { bytes: { kind: "bytes" } });
  const fail: Fail = (where, problem, remedy) => new FileFormatError({ file: name, where, problem, remedy });
  const { text, end } = headerText(bytes, fail);
  const header = parseStrictJson(text);
  if ("problem" in header) {
    throw fail("header", header.problem, "A header is one JSON object with one entry per tensor.");
  }
  let metadata: [string, string][] = [];
  const entries: Entry[] = [];
  // A header that starts with `{` and is JSON is an object.
  for (const [key, value] of Object.entries(header.value as Record<string, unknown>)) {
    if (key === metadataKey) metadata = metadataEntries(value, fail);
    else entries.push(tensorEntry(key, value, fail));
  }
  const data = bytes.subarray(end);
  checkLayout(entries, data.length, fail);
  return {
    // Not by assignment: the key "__proto__" would set the prototype.
    metadata: Object.fromEntries(metadata),
    tensors: new Map(
      entries.map(({ name, dtype, shape, start, end }) => [
        name,
        { name, dtype, shape, data: data.subarray(start, end) },
      ]),
    ),
  };
}

/**
 * Writes a safetensors file: the header padded with blanks to a multiple of 8 bytes, the tensors ordered by size of
 * their type, largest first, then by name, so that every tensor is aligned to its type.
 *
 * @throws RangeError when two tensors have one name, or a tensor's bytes do not fit its shape and type
 */
export function writeSafetensors(
  tensors: Iterable<TensorData>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const all = typeof tensors?.[Symbol.iterator] === "function" ? [...tensors] : tensors;
  checkArguments(
    "writeSafetensors",
    { tensors: all },
    { tensors: { kind: "list", of: tensorKind, least: 0 } },
  );
  const given = all as readonly TensorData[];
  for (const tensor of given) checkTensor("writeSafetensors", tensor);
  const ordered = [...given].sort(
    (a, b) => dtypes[b.dtype].bytes - dtypes[a.dtype].bytes || compareCodePoints(a.name, b.name),
  );
  checkWritable(ordered);
  // Written entry by entry: in a JavaScript object, names such as "0" would move to the front.
  const entries = Object.keys(metadata).length > 0 ? [`"${metadataKey}":${sortedJson(metadata)}`] : [];
  let offset = 0;
  for (const { name, dtype, shape, data } of ordered) {
    const info = { dtype, shape, data_offsets: [offset, offset + data.length] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(info)}`);
    offset += data.length;
  }
  const header = new TextEncoder().encode(`{${entries.join(",")}}`);
  const start = 8 + Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(start + offset).fill(0x20, 8, start);
  new DataView(bytes.buffer).setUint32(0, start - 8, true);
  bytes.set(header, 8);
  let at = start;
  for (const { data } of ordered) {
    bytes.set(data, at);
    at += data.length;
  }
  return bytes;
}

/** The header as text, and where it ends in the file. */
function headerText(bytes: Uint8Array, fail: Fail): { text: string; end: number } {
  const remedy =
    "A safetensors file starts with the header's length in 8 bytes; is this one, and is it complete?";
  if (bytes.length < 8) throw fail("header length", `the file has only ${bytes.length} bytes`, remedy);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(headerLimit)) {
    throw fail(
      "header length",
      `${length} bytes of header are more than the limit of ${headerLimit}`,
      remedy,
    );
  }
  const end = 8 + Number(length);
  if (end > bytes.length) {
    throw fail(
      "header length",
      `the header ends at byte ${end}, but the file has ${bytes.length} bytes`,
      remedy,
    );
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, end));
    if (text.startsWith("{")) return { text, end };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw fail("header", "is not UTF-8", remedy);
  }
  throw fail("header", "does not start with `{`", remedy);
}

function metadataEntries(value: unknown, fail: Fail): [string, string][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw fail(metadataKey, "is not an object", "Metadata is a JSON object of texts.");
  }
  return Object.entries(value).map(([key, text]: [string, unknown]) => {
    if (typeof text === "string") return [key, text];
    throw fail(
      metadataKey,
      `the value of ${JSON.stringify(key)} is not a text`,
      "Metadata values are texts.",
    );
  });
}

function tensorEntry(name: string, value: unknown, fail: Fail): Entry {
  const where = `tensor ${JSON.stringify(name)}`;
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !Object.hasOwn(dtypes, dtype)) {
    const known = Object.keys(dtypes).join(", ");
    throw fail(where, `dtype is ${JSON.stringify(dtype) ?? "missing"}`, `Known types are ${known}.`);
  }
  if (!isSizes(shape)) {
    throw fail(
      where,
      "shape is not a list of sizes",
      "A shape is a list of whole numbers, empty for a scalar.",
    );
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw fail(
      where,
      "data_offsets is not [start, end]",
      "Offsets are two whole numbers, the start not after the end.",
    );
  }
  const [start, end] = offsets as [number, number];
  // The reference multiplies with a check for overflow, whatever sizes of 0 come after.
  if (shape.some((_, i) => elementCount(shape.slice(0, i + 1)) > Number.MAX_SAFE_INTEGER)) {
    throw fail(where, `the sizes of the shape [${shape}] multiply beyond 2^53`, "No file holds so many.");
  }
  const needed = elementCount(shape) * dtypes[dtype as Dtype].bytes;
  if (needed !== end - start) {
    throw fail(
      where,
      `${end - start} bytes of data for shape [${shape}] of ${dtype}`,
      `That shape and type take ${needed} bytes.`,
    );
  }
  return { name, dtype: dtype as Dtype, shape, start, end };
}

/** Sorts the entries by place and sees to it that they cover the data exactly, without holes or overlaps. */
function checkLayout(entries: Entry[], dataLength: number, fail: Fail): void {
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  let reached = 0;
  for (const { name, start, end } of entries) {
    const where = `tensor ${JSON.stringify(name)}`;
    if (start !== reached) {
      const what = start > reached ? "leaves a hole" : "overlaps the tensor before it";
      throw fail(where, `starting at ${start} it ${what}`, `The next tensor's data starts at ${reached}.`);
    }
    if (end > dataLength) {
      const remedy = "The file is cut off, or its header is wrong.";
      throw fail(
        where,
        `its data ends at ${end}, but the file holds only ${dataLength} bytes of data`,
        remedy,
      );
    }
    reached = end;
  }
  if (reached !== dataLength) {
    const problem = `${dataLength - reached} bytes follow the last tensor`;
    throw fail("end of file", problem, "A file ends with its last tensor.");
  }
}

function checkWritable(tensors: readonly TensorData[]): void {
  const taken = new Set([metadataKey]);
  for (const { name, dtype, shape, data } of tensors) {
    const needed = isSizes(shape) ? elementCount(shape) * dtypes[dtype].bytes : Number.NaN;
    if (needed !== data.length) {
      throw new RangeError(`tensor ${name}: ${data.length} bytes do not fit shape [${shape}] of ${dtype}`);
    }
    if (taken.has(name)) throw new RangeError(`a tensor cannot be called ${name}: the name is taken`);
    if (hasLoneSurrogate(name))
      throw new RangeError(`the tensor name ${JSON.stringify(name)} is not valid Unicode`);
    taken.add(name);
  }
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Half of a surrogate pair alone, which JSON can spell and UTF-8 cannot. */
function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

function sortedJson(metadata: Readonly<Record<string, string>>): string {
  const keys = Object.keys(metadata).sort(compareCodePoints);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`).join(",")}}`;
}
