/**
 * B-trees of version 2: records of one size, in nodes that know how many each child has. Newer files keep in them where
 * the names and attributes of large groups are, and where pieces of data are. Source: the HDF5 File Format Specification,
 * version 3.0, III.A.2.
 */
import { type Hdf5Bytes, Hdf5Damage } from "./bytes.js";

/** Bytes that a count up to a limit takes. */
export const bytesFor = (limit: number): number => Math.floor(Math.log2(Math.max(limit, 1)) / 8) + 1;

/** What nodes of a depth hold: 0 are the leaves. */
interface Depth {
  readonly most: number;
  /** Records in all of it, at most, and the bytes of that count. */
  readonly total: number;
  readonly totalBytes: number;
}

/** A tree of more depth would be larger than any file. */
const MOST_DEPTH = 8;

/**
 * Where the records of a tree are, in order.
 *
 * @param type what its records must be
 * @throws Hdf5Damage
 */
export function* treeRecords(
  file: Hdf5Bytes,
  address: number,
  type: number,
): Generator<{ readonly at: number; readonly size: number }> {
  file.expect(address, "BTHD");
  const [nodeSize, size, depth] = [file.u32(address + 6), file.u16(address + 10), file.u16(address + 12)];
  if (file.u8(address + 5) !== type || size < 1 || depth > MOST_DEPTH)
    throw new Hdf5Damage(`the tree at ${address} is of another kind than it should be`);
  const leaf = Math.floor((nodeSize - 10) / size);
  const countBytes = bytesFor(leaf);
  const depths: Depth[] = [{ most: leaf, total: leaf, totalBytes: 0 }];
  for (let level = 1; level <= depth; level++) {
    const below = depths[level - 1]!;
    const pointer = 8 + countBytes + below.totalBytes;
    const most = Math.floor((nodeSize - 10 - pointer) / (size + pointer));
    const total = (most + 1) * below.total + most;
    depths.push({ most, total, totalBytes: bytesFor(total) });
  }
  function* node(at: number, count: number, level: number): Generator<{ at: number; size: number }> {
    file.expect(at, level === 0 ? "BTLF" : "BTIN");
    if (count > depths[level]!.most) throw new Hdf5Damage(`the node at ${at} has ${count} records`);
    const pointer = 8 + countBytes + (level === 0 ? 0 : depths[level - 1]!.totalBytes);
    const children = at + 6 + count * size;
    for (let i = 0; i <= count; i++) {
      if (level > 0) {
        const child = children + i * pointer;
        yield* node(file.u64(child), uintAt(file, child + 8, countBytes), level - 1);
      }
      if (i < count) yield { at: at + 6 + i * size, size };
    }
  }
  const count = file.u16(address + 24);
  if (count > 0) yield* node(file.u64(address + 16), count, depth);
}

/** A whole number of 1 to 8 bytes. @throws Hdf5Damage if it is not safe */
export function uintAt(file: Hdf5Bytes, at: number, bytes: number): number {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + file.u8(at + i);
  if (!Number.isSafeInteger(value)) throw new Hdf5Damage(`the number ${value} is too large`);
  return value;
}
