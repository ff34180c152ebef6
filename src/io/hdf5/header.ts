/**
 * The superblock, which says where the root group is, and object headers: lists of messages that describe a group or a data
 * set. Both versions of headers are read. Source: the HDF5 File Format Specification, version 3.0, II and IV.A.
 */
import { type Hdf5Bytes, Hdf5Damage } from "./bytes.js";

/** The types of messages that are read. */
export const messageTypes = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  fillValue: 0x05,
  link: 0x06,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** A message of an object header: where its contents are. */
export interface Hdf5Message {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

/** Where the root group's header is. @throws Hdf5Damage */
export function rootAddress(file: Hdf5Bytes): number {
  const version = file.u8(8);
  // Sizes of addresses and lengths stand in other places, and so does the root.
  const places: Readonly<Record<number, readonly [sizes: number, root: number]>> = {
    0: [13, 64],
    1: [13, 68],
    2: [9, 36],
    3: [9, 36],
  };
  const found = places[version];
  if (!found) throw new Hdf5Damage(`its superblock has version ${version}; 0 to 3 are read`);
  const [sizes, root] = found;
  if (file.u8(sizes) !== 8 || file.u8(sizes + 1) !== 8)
    throw new Hdf5Damage("its addresses do not have 64 bits");
  return file.u64(root);
}

/** The messages of an object header, in their order. @throws Hdf5Damage */
export function messagesAt(file: Hdf5Bytes, address: number): readonly Hdf5Message[] {
  if (file.u8(address) === 1) return firstVersion(file, address);
  file.expect(address, "OHDR");
  return secondVersion(file, address);
}

/** A part of a header: headers go on elsewhere. */
interface Block {
  readonly at: number;
  readonly size: number;
}

/** Goes through the blocks of a header, those too that are found on the way; each once. */
function throughBlocks(
  first: Block,
  read: (block: Block, found: (type: number, at: number, size: number) => void) => void,
  file: Hdf5Bytes,
): Hdf5Message[] {
  const messages: Hdf5Message[] = [];
  const blocks = [first];
  const seen = new Set<number>();
  for (let block = blocks.shift(); block; block = blocks.shift()) {
    if (seen.has(block.at)) throw new Hdf5Damage("a header goes on where it was before");
    seen.add(block.at);
    read(block, (type, at, size) => {
      if (type === messageTypes.continuation) blocks.push({ at: file.u64(at), size: file.u64(at + 8) });
      else messages.push({ type, at, size });
    });
  }
  return messages;
}

/** Prefix of 16 bytes, then messages: type, size, flags, three bytes that say nothing. */
function firstVersion(file: Hdf5Bytes, address: number): Hdf5Message[] {
  let left = file.u16(address + 2);
  return throughBlocks(
    { at: address + 16, size: file.u32(address + 8) },
    (block, found) => {
      for (let at = block.at; left > 0 && at + 8 <= block.at + block.size; left--) {
        const [type, size] = [file.u16(at), file.u16(at + 2)];
        refuseShared(file.u8(at + 4), type);
        found(type, at + 8, size);
        at += 8 + size;
      }
    },
    file,
  );
}

/** Flags say what stands before the size of the first block; later blocks have a signature, and all end in a checksum. */
function secondVersion(file: Hdf5Bytes, address: number): Hdf5Message[] {
  const flags = file.u8(address + 5);
  const sizeAt = address + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const width = 1 << (flags & 3);
  const first = { at: sizeAt + width, size: numberOf(file, sizeAt, width) };
  const prefix = 4 + (flags & 4 ? 2 : 0);
  return throughBlocks(
    first,
    (block, found) => {
      const isFirst = block.at === first.at;
      if (!isFirst) file.expect(block.at, "OCHK");
      const end = block.at + block.size - (isFirst ? 0 : 4);
      for (let at = block.at + (isFirst ? 0 : 4); at + prefix <= end; ) {
        const [type, size] = [file.u8(at), file.u16(at + 1)];
        refuseShared(file.u8(at + 3), type);
        found(type, at + prefix, size);
        at += prefix + size;
      }
    },
    file,
  );
}

/** A number of 1, 2, 4 or 8 bytes. */
export const numberOf = (file: Hdf5Bytes, at: number, width: number): number =>
  width === 1 ? file.u8(at) : width === 2 ? file.u16(at) : width === 4 ? file.u32(at) : file.u64(at);

/** A message may only say where another file's or object's message is. */
function refuseShared(flags: number, type: number): void {
  const read: readonly number[] = Object.values(messageTypes);
  if ((flags & 2) !== 0 && read.includes(type))
    throw new Hdf5Damage("it shares descriptions between objects");
}
