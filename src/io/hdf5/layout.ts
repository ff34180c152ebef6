/**
 * Where the numbers of a data set are: in one place, or in pieces, which a tree, an array or one address lists. Source: the
 * HDF5 File Format Specification, version 3.0, III.A, III.C, III.D, IV.A.2.i and VII (indexes of pieces).
 */
import { type Hdf5Bytes, Hdf5Damage, NOWHERE } from "./bytes.js";
import { treeLeaves } from "./links.js";
import { treeRecords, uintAt } from "./tree.js";

/** A piece as it is listed. */
export interface ListedPiece {
  /** Of its first element. */
  readonly offset: readonly number[];
  readonly at: number;
  /** Its bytes as they are stored. */
  readonly length: number;
  /** Bits of the filters that were left out. */
  readonly mask: number;
}

/** Numbers in pieces of one shape. */
export interface Pieces {
  readonly kind: "pieces";
  readonly shape: readonly number[];
  /** Lists them; those that were never written are not there. */
  readonly list: (of: PiecesOf) => Iterable<ListedPiece>;
}

/** What is known of the pieces elsewhere. */
export interface PiecesOf {
  /** Of the whole. */
  readonly shape: readonly number[];
  /** A piece's bytes, unpacked. */
  readonly bytes: number;
  readonly packed: boolean;
}

/** Where numbers are. */
export type Layout = { readonly kind: "whole"; readonly at: number } | Pieces;

/** Reads a layout message. @throws Hdf5Damage */
export function layoutAt(file: Hdf5Bytes, at: number): Layout {
  const version = file.u8(at);
  if (version === 3 || version === 4) {
    const kind = file.u8(at + 1);
    if (kind === 0) return { kind: "whole", at: at + 4 };
    if (kind === 1) return { kind: "whole", at: file.u64(at + 2) };
    if (kind === 2)
      return version === 4
        ? newerPieces(file, at)
        : olderPieces(
            file,
            file.u64(at + 3),
            sizesAt(file, { at: at + 11, rank: file.u8(at + 2), bytes: 4 }),
          );
    throw new Hdf5Damage(`its numbers are laid out in the way ${kind} of version ${version}`);
  }
  const [rank, kind] = [file.u8(at + 1), file.u8(at + 2)];
  if (version !== 1 && version !== 2) throw new Hdf5Damage(`its layout has version ${version}`);
  if (kind === 0) return { kind: "whole", at: at + 8 + 4 * rank + 4 };
  if (kind === 1) return { kind: "whole", at: file.u64(at + 8) };
  if (kind === 2) return olderPieces(file, file.u64(at + 8), sizesAt(file, { at: at + 16, rank, bytes: 4 }));
  throw new Hdf5Damage(`its numbers are laid out in the way ${kind}`);
}

/** The shape of a piece; the last size, that of an element, is left out. */
const sizesAt = (
  file: Hdf5Bytes,
  { at, rank, bytes }: { readonly at: number; readonly rank: number; readonly bytes: number },
): readonly number[] =>
  Array.from({ length: Math.max(rank - 1, 0) }, (_, i) => uintAt(file, at + bytes * i, bytes));

function olderPieces(file: Hdf5Bytes, tree: number, shape: readonly number[]): Pieces {
  function* list({ bytes, packed }: PiecesOf): Iterable<ListedPiece> {
    if (tree === NOWHERE) return;
    const key = 8 + 8 * (shape.length + 1);
    for (const { keyAt, child } of treeLeaves(file, tree, 1, { key })) {
      const offset = shape.map((_, i) => file.u64(keyAt + 8 + 8 * i));
      yield {
        offset,
        at: child,
        length: packed ? file.u32(keyAt) : bytes,
        mask: file.u32(keyAt + 4),
      };
    }
  }
  return { kind: "pieces", shape, list };
}

/** Version 4 has a way of listing for each way in which a data set may grow. */
function newerPieces(file: Hdf5Bytes, start: number): Pieces {
  const [flags, rank, bytes] = [2, 3, 4].map((k) => file.u8(start + k)) as [number, number, number];
  const shape = sizesAt(file, { at: start + 5, rank, bytes });
  const kindAt = start + 5 + rank * bytes;
  const [kind, at] = [file.u8(kindAt), kindAt + 1];
  if (kind === 1) {
    const filtered = (flags & 2) !== 0;
    function* one({ bytes: size }: PiecesOf): Iterable<ListedPiece> {
      const place = file.u64(at + (filtered ? 12 : 0));
      const [length, mask] = filtered ? [file.u64(at), file.u32(at + 8)] : [size, 0];
      if (place !== NOWHERE) yield { offset: shape.map(() => 0), at: place, length, mask };
    }
    return { kind: "pieces", shape, list: one };
  }
  if (kind === 2) {
    const from = file.u64(at);
    function* inOrder({ shape: whole, bytes: size }: PiecesOf): Iterable<ListedPiece> {
      if (from === NOWHERE) return;
      for (const [i, offset] of offsets(whole, shape))
        yield { offset, at: from + i * size, length: size, mask: 0 };
    }
    return { kind: "pieces", shape, list: inOrder };
  }
  if (kind === 3)
    return { kind: "pieces", shape, list: (of) => fixedArray(file, file.u64(at + 1), shape, of) };
  if (kind === 5)
    return { kind: "pieces", shape, list: (of) => listedByTree(file, file.u64(at + 6), shape, of) };
  throw new Hdf5Damage(`its pieces are listed in the way ${kind}, for data that grow`);
}

/** The offsets of all pieces, numbered along the rows. */
function* offsets(whole: readonly number[], piece: readonly number[]): Generator<[number, number[]]> {
  const counts = whole.map((size, i) => Math.ceil(size / piece[i]!));
  const total = counts.reduce((a, b) => a * b, 1);
  for (let i = 0; i < total; i++) {
    let rest = i;
    const offset = new Array<number>(counts.length);
    for (let axis = counts.length - 1; axis >= 0; axis--) {
      offset[axis] = (rest % counts[axis]!) * piece[axis]!;
      rest = Math.floor(rest / counts[axis]!);
    }
    yield [i, offset];
  }
}

function* fixedArray(
  file: Hdf5Bytes,
  header: number,
  shape: readonly number[],
  { shape: whole, bytes, packed }: PiecesOf,
): Generator<ListedPiece> {
  if (header === NOWHERE) return;
  file.expect(header, "FAHD");
  const [entry, pageBits, most] = [file.u8(header + 6), file.u8(header + 7), file.u64(header + 8)];
  const block = file.u64(header + 16);
  if (block === NOWHERE) return;
  file.expect(block, "FADB");
  const perPage = 2 ** pageBits;
  const pages = most > perPage ? Math.ceil(most / perPage) : 0;
  // Pages have a checksum each, after a bit for each page that says whether it was written.
  const first = block + 14 + (pages > 0 ? Math.ceil(pages / 8) + 4 : 0);
  for (const [i, offset] of offsets(whole, shape)) {
    if (i >= most) throw new Hdf5Damage(`it lists ${most} pieces, which are too few`);
    const page = pages > 0 ? Math.floor(i / perPage) : 0;
    if (pages > 0 && (file.u8(block + 14 + (page >> 3)) & (0x80 >> (page & 7))) === 0) continue;
    const at = first + i * entry + 4 * page;
    const place = file.u64(at);
    if (place === NOWHERE) continue;
    const width = entry - 12;
    yield packed
      ? { offset, at: place, length: uintAt(file, at + 8, width), mask: file.u32(at + 8 + width) }
      : { offset, at: place, length: bytes, mask: 0 };
  }
}

function* listedByTree(
  file: Hdf5Bytes,
  tree: number,
  shape: readonly number[],
  { bytes, packed }: PiecesOf,
): Generator<ListedPiece> {
  if (tree === NOWHERE) return;
  for (const { at, size } of treeRecords(file, tree, packed ? 11 : 10)) {
    const offset = shape.map((each, i) => each * file.u64(at + size - 8 * (shape.length - i)));
    const width = size - 8 * shape.length - 12;
    yield packed
      ? { offset, at: file.u64(at), length: uintAt(file, at + 8, width), mask: file.u32(at + 8 + width) }
      : { offset, at: file.u64(at), length: bytes, mask: 0 };
  }
}
