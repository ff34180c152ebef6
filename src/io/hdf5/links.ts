/**
 * What is in a group: names with the addresses of object headers. Older groups have a B-tree of symbol tables and a heap of
 * names, newer ones a message for each link, in the header or, of many, in a heap. Links by path, within the file or to
 * another, are not followed. Source: the HDF5 File Format Specification, version 3.0, III.A, III.B, III.D, III.G and IV.A.2.
 */
import { type Hdf5Bytes, Hdf5Damage, NOWHERE } from "./bytes.js";
import { type Hdf5Message, messageTypes, numberOf } from "./header.js";
import { heapAt } from "./heap.js";
import { treeRecords } from "./tree.js";

/** Links by name. */
export type Hdf5Links = ReadonlyMap<string, number>;

/** The links of a group, in the file's order. @throws Hdf5Damage */
export function linksOf(file: Hdf5Bytes, messages: readonly Hdf5Message[]): Hdf5Links {
  const links = new Map<string, number>();
  for (const { type, at } of messages) {
    if (type === messageTypes.symbolTable) symbolTable(file, at, links);
    else if (type === messageTypes.link) linkMessage(file, at, links);
    else if (type === messageTypes.linkInfo) denseLinks(file, at, links);
  }
  return links;
}

function symbolTable(file: Hdf5Bytes, at: number, links: Map<string, number>): void {
  const [tree, heap] = [file.u64(at), file.u64(at + 8)];
  file.expect(heap, "HEAP");
  const names = { at: file.u64(heap + 24), size: file.u64(heap + 8) };
  const all = file.data(names.at, names.size);
  for (const node of treeLeaves(file, tree, 0, { key: 8 })) {
    file.expect(node.child, "SNOD");
    const count = file.u16(node.child + 6);
    for (let i = 0; i < count; i++) {
      const entry = node.child + 8 + 40 * i;
      const start = file.u64(entry);
      const end = all.indexOf(0, start);
      if (end < 0) throw new Hdf5Damage("a name does not end");
      // 2: a link by its path.
      if (file.u32(entry + 16) !== 2)
        links.set(file.text(names.at + start, end - start), file.u64(entry + 8));
    }
  }
}

/** A child of a leaf of a B-tree, and where its key is. */
export interface TreeLeaf {
  readonly keyAt: number;
  readonly child: number;
}

/**
 * The children of the leaves of a B-tree of version 1, in order.
 *
 * @param type 0 of groups, 1 of pieces of data
 * @throws Hdf5Damage
 */
export function* treeLeaves(
  file: Hdf5Bytes,
  address: number,
  type: number,
  size: { readonly key: number },
  level?: number,
): Generator<TreeLeaf> {
  file.expect(address, "TREE");
  const [foundType, foundLevel] = [file.u8(address + 4), file.u8(address + 5)];
  // Levels go down by one, so that nothing leads back, and there are few of them.
  if (foundType !== type || (level !== undefined && foundLevel !== level) || foundLevel > 16)
    throw new Hdf5Damage(`the tree at ${address} is of another kind or level than it should be`);
  const count = file.u16(address + 6);
  for (let i = 0; i < count; i++) {
    const keyAt = address + 24 + i * (size.key + 8);
    const child = file.u64(keyAt + size.key);
    if (foundLevel === 0) yield { keyAt, child };
    else yield* treeLeaves(file, child, type, size, foundLevel - 1);
  }
}

function linkMessage(file: Hdf5Bytes, start: number, links: Map<string, number>): void {
  const flags = file.u8(start + 1);
  let at = start + 2;
  const kind = flags & 8 ? file.u8(at++) : 0;
  at += (flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0);
  const width = 1 << (flags & 3);
  const length = numberOf(file, at, width);
  const name = file.text(at + width, length);
  if (kind === 0) links.set(name, file.u64(at + width + length));
}

/** Links of large groups stand in a heap; a tree lists them by their names. */
function denseLinks(file: Hdf5Bytes, at: number, links: Map<string, number>): void {
  const heapAddress = at + 2 + (file.u8(at + 1) & 1 ? 8 : 0);
  const heap = file.u64(heapAddress);
  if (heap === NOWHERE) return;
  const find = heapAt(file, heap);
  // Four bytes of the name's hash stand before the identifier.
  for (const record of treeRecords(file, file.u64(heapAddress + 8), 5))
    linkMessage(file, find(record.at + 4).at, links);
}
