/**
 * Fractal heaps: where newer files keep the names and attributes of groups that have many. Blocks double in size from row
 * to row; an object is found by its place among all bytes of the heap. Source: the HDF5 File Format Specification, version
 * 3.0, III.G.
 */
import { type Hdf5Bytes, Hdf5Damage, NOWHERE } from "./bytes.js";
import { bytesFor, treeRecords, uintAt } from "./tree.js";

/** Finds an object by its identifier, whose place in the file is given. @throws Hdf5Damage */
export type HeapLookup = (idAt: number) => { readonly at: number; readonly length: number };

/** How blocks lie in a heap. */
interface Table {
  readonly width: number;
  readonly start: number;
  /** Rows of blocks that hold objects; those after them hold more such tables. */
  readonly directRows: number;
  readonly offsetBytes: number;
}

/** Opens a heap. @throws Hdf5Damage */
export function heapAt(file: Hdf5Bytes, address: number): HeapLookup {
  file.expect(address, "FRHP");
  const idLength = file.u16(address + 5);
  if (file.u16(address + 7) !== 0) throw new Hdf5Damage("a heap of names is packed");
  const [mostManaged, hugeTree] = [file.u32(address + 10), file.u64(address + 22)];
  const [start, largest] = [file.u64(address + 112), file.u64(address + 120)];
  const offsetBytes = Math.ceil(file.u16(address + 128) / 8);
  const width = file.u16(address + 110);
  if (!(start >= 1 && largest >= start && width >= 1 && offsetBytes <= 8))
    throw new Hdf5Damage("a heap has blocks of no size");
  const directRows = Math.log2(largest) - Math.log2(start) + 2;
  const table: Table = { width, start, directRows, offsetBytes };
  const [root, rows] = [file.u64(address + 132), file.u16(address + 140)];
  const lengthBytes = bytesFor(Math.min(largest, mostManaged));
  return (idAt) => {
    const kind = (file.u8(idAt) >> 4) & 3;
    if (kind === 0) {
      const offset = uintAt(file, idAt + 1, offsetBytes);
      const length = uintAt(file, idAt + 1 + offsetBytes, lengthBytes);
      return { at: managed(file, table, { root, rows, offset }), length };
    }
    if (kind === 1) return huge(file, hugeTree, { idAt, idLength });
    // Very small ones stand in the identifier.
    const long = idLength > 18;
    const length = (long ? ((file.u8(idAt) & 15) << 8) | file.u8(idAt + 1) : file.u8(idAt) & 15) + 1;
    return { at: idAt + (long ? 2 : 1), length };
  };
}

interface Wanted {
  readonly root: number;
  /** Rows of the table at the root; 0: it is one block. */
  readonly rows: number;
  readonly offset: number;
}

/** Goes from the root down to the block that an offset is in. */
function managed(file: Hdf5Bytes, { width, start, directRows, offsetBytes }: Table, wanted: Wanted): number {
  let { root: block, rows, offset } = wanted;
  for (;;) {
    if (block === NOWHERE) throw new Hdf5Damage("a heap has no block where an object should be");
    file.expect(block, rows === 0 ? "FHDB" : "FHIB");
    if (rows === 0) return block + offset;
    // The first two rows have blocks of one size, each one after them of twice the size of the one before.
    const row = offset < width * start ? 0 : Math.floor(Math.log2(offset / (width * start))) + 1;
    if (row >= rows) throw new Hdf5Damage("an object lies beyond its heap");
    const size = row === 0 ? start : start * 2 ** (row - 1);
    const inRow = offset - (row === 0 ? 0 : width * size);
    const column = Math.floor(inRow / size);
    block = file.u64(block + 13 + offsetBytes + 8 * (row * width + column));
    offset = inRow - column * size;
    const nested = Math.log2(size) - Math.log2(start * width) + 1;
    // Tables within tables get smaller, or a damaged one would lead to itself.
    if (row >= directRows && !(nested >= 1 && nested < rows)) throw new Hdf5Damage("a heap leads to itself");
    rows = row < directRows ? 0 : nested;
  }
}

/** Objects that are larger than blocks are listed by a tree, unless the identifier has room for their place. */
function huge(
  file: Hdf5Bytes,
  tree: number,
  { idAt, idLength }: { readonly idAt: number; readonly idLength: number },
): ReturnType<HeapLookup> {
  if (idLength >= 17) return { at: file.u64(idAt + 1), length: file.u64(idAt + 9) };
  const wanted = uintAt(file, idAt + 1, Math.min(idLength - 1, 8));
  for (const { at } of treeRecords(file, tree, 1))
    if (file.u64(at + 16) === wanted) return { at: file.u64(at), length: file.u64(at + 8) };
  throw new Hdf5Damage("a heap has no object where one should be");
}
