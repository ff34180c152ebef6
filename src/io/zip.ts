/**
 * Zip archives, as PyTorch and Keras write their models: the directory at the end, entries stored as they are or
 * deflated, sizes beyond 4 GiB (zip64). Nothing is unpacked before it is asked for; deflate is the platform's
 * (DecompressionStream: browsers, Node from 20.12).
 *
 * Source: PKWARE's APPNOTE.TXT 6.3.10.
 */
import { crc32 } from "./crc32.js";
import { FileFormatError } from "./errors.js";
import { inflate } from "./inflate.js";
import { type Budget, fileBudget } from "./limits.js";

/** An archive. */
export interface Zip {
  /** The names of its files, in the order of its directory; folders are left out. */
  readonly names: readonly string[];
  /**
   * The bytes of a file: a view into the archive where it is stored as it is.
   *
   * @throws FileFormatError if there is no such file, or it is damaged
   */
  readonly read: (name: string) => Promise<Uint8Array>;
}

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly size: number;
  /** Where its local header starts. */
  readonly at: number;
}

const signatures = {
  local: 0x04034b50,
  entry: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator: 0x07064b50,
};
const [stored, deflated] = [0, 8];
const big = 0xffffffff;

type Fail = (where: string, problem: string) => FileFormatError;

/** Whether bytes begin as an archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === signatures.local;
}

/**
 * Opens an archive.
 *
 * @param bytes the whole file; do not change it while the archive is in use
 * @param name the file's name, for errors
 * @param budget what it takes to unpack what is read of it; default: that of a file
 * @throws FileFormatError if it is none, or its directory is damaged
 */
export function openZip(
  bytes: Uint8Array,
  name = "zip file",
  budget: Budget = fileBudget(name, {}, bytes.length),
): Zip {
  const fail: Fail = (where, problem) =>
    new FileFormatError({
      file: name,
      where,
      problem,
      remedy: "The file is damaged, cut off, or no zip archive.",
    });
  const entries = new Map<string, Entry>();
  for (const entry of directory(bytes, fail)) {
    if (entries.has(entry.name)) throw fail(`entry ${entry.name}`, "is there twice");
    if (!entry.name.endsWith("/")) entries.set(entry.name, entry);
  }
  // Entries that lie over each other would let a small archive hold any amount.
  const packed = [...entries.values()].filter((entry) => entry.packed <= bytes.length);
  if (packed.reduce((sum, entry) => sum + entry.packed, 0) > bytes.length)
    throw fail("directory", "lists entries that lie over each other");
  return {
    names: [...entries.keys()],
    async read(wanted) {
      const entry = entries.get(wanted);
      if (!entry) throw fail(`entry ${wanted}`, "is missing");
      return contents(bytes, entry, { fail, budget });
    },
  };
}

function directory(bytes: Uint8Array, fail: Fail): Entry[] {
  const view = viewOf(bytes);
  const { count, start, end } = directoryPlace(view, fail);
  const entries: Entry[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== signatures.entry)
      throw fail("directory", `has no entry ${i + 1} of ${count}`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((k) =>
      view.getUint16(at + k, true),
    ) as [number, number, number];
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > end) throw fail("directory", `ends within entry ${i + 1} of ${count}`);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const extra = bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const narrow = [24, 20, 42].map((k) => view.getUint32(at + k, true));
    const [size, packed, local] = widened(narrow, extra, () => fail(`entry ${name}`, "has no sizes")) as [
      number,
      number,
      number,
    ];
    entries.push({
      name,
      size,
      packed,
      at: local,
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
    });
    at = next;
  }
  return entries;
}

/** Where the directory is: the end record says, or the one of zip64 before it. */
function directoryPlace(view: DataView, fail: Fail): { count: number; start: number; end: number } {
  const length = view.byteLength;
  let at = length - 22;
  // A comment of up to 65,535 bytes may follow.
  while (at >= 0 && at >= length - 22 - 0xffff && view.getUint32(at, true) !== signatures.end) at--;
  if (at < 0 || view.getUint32(at, true) !== signatures.end) throw fail("end", "has no directory");
  let count = view.getUint16(at + 10, true);
  let size = view.getUint32(at + 12, true);
  let start = view.getUint32(at + 16, true);
  if (at >= 20 && view.getUint32(at - 20, true) === signatures.locator) {
    const record = Number(view.getBigUint64(at - 12, true));
    if (record + 56 > length || view.getUint32(record, true) !== signatures.end64)
      throw fail("end", "has no zip64 record where it says");
    [count, size, start] = [32, 40, 48].map((k) => Number(view.getBigUint64(record + k, true))) as [
      number,
      number,
      number,
    ];
  }
  if (start + size > length) throw fail("end", "says that the directory lies beyond the file");
  return { count, start, end: start + size };
}

/** Sizes that 32 bits do not hold stand in the extra field of zip64, those alone, in this order. */
function widened(narrow: readonly number[], extra: Uint8Array, missing: () => FileFormatError): number[] {
  if (!narrow.includes(big)) return [...narrow];
  const view = viewOf(extra);
  let at = 0;
  while (at + 4 <= extra.length && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true);
  at += 4;
  return narrow.map((value) => {
    if (value !== big) return value;
    if (at + 8 > extra.length) throw missing();
    at += 8;
    return Number(view.getBigUint64(at - 8, true));
  });
}

async function contents(
  bytes: Uint8Array,
  entry: Entry,
  { fail: failure, budget }: { readonly fail: Fail; readonly budget: Budget },
): Promise<Uint8Array> {
  const fail = (problem: string) => failure(`entry ${entry.name}`, problem);
  const view = viewOf(bytes);
  const { at, packed, size, method, flags, checksum } = entry;
  if (at + 30 > bytes.length || view.getUint32(at, true) !== signatures.local) throw fail("has no header");
  if ((flags & 1) !== 0) throw fail("is encrypted");
  const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (start + packed > bytes.length) throw fail("lies beyond the file");
  const raw = bytes.subarray(start, start + packed);
  if (method !== stored && method !== deflated)
    throw fail(`is packed by method ${method}, not stored or deflated`);
  const where = `entry ${entry.name}`;
  const packing = { format: "deflate-raw", bytes: raw, size, budget, where, fail } as const;
  const out = method === stored ? raw : await inflate(packing);
  if (out.length !== size) throw fail(`has ${out.length} bytes, not ${size}`);
  if (crc32(out) !== checksum)
    throw fail(
      "has another checksum than it should (or was written without one, by torch.serialization.set_crc32_options(False))",
    );
  return out;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
