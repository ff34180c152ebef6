/**
 * The numbers of a data set: in one piece, inside its header, or in pieces of one shape that may be packed. What was never
 * written has the fill value. Source: the HDF5 File Format Specification, version 3.0, III.A.1, IV.A.2.f, IV.A.2.i, IV.A.2.l.
 */
import { inflate } from "../inflate.js";
import type { Budget } from "../limits.js";
import { fromBits, half } from "../small-floats.js";
import { type Hdf5Bytes, Hdf5Damage, NOWHERE, padded } from "./bytes.js";
import { type Hdf5Message, messageTypes } from "./header.js";
import { layoutAt, type Pieces } from "./layout.js";
import type { Hdf5Type } from "./types.js";

/** A data set of numbers. */
export interface NumberSet {
  readonly file: Hdf5Bytes;
  readonly messages: readonly Hdf5Message[];
  readonly shape: readonly number[];
  readonly type: Extract<Hdf5Type, { kind: "number" }>;
  readonly budget: Budget;
  /** Where it is, for messages. */
  readonly where: string;
}

/** Its numbers, row-major. @throws Hdf5Damage, or the budget's error before anything is made */
export async function numbersOf(set: NumberSet): Promise<Float64Array> {
  const { file, messages, shape, type, budget, where } = set;
  const count = shape.reduce((a, b) => a * b, 1);
  budget.take(8 * count, where, `has the shape (${shape.join(", ")})`);
  const layout = messages.find((each) => each.type === messageTypes.layout);
  if (!layout) throw new Hdf5Damage("it does not say where its numbers are");
  const found = layoutAt(file, layout.at);
  if (found.kind === "whole") {
    if (found.at === NOWHERE) return new Float64Array(count).fill(fillValue(set));
    const out = new Float64Array(count);
    convert(file.data(found.at, count * type.size), type, out);
    return out;
  }
  return fromPieces(set, found, count);
}

async function fromPieces(
  set: NumberSet,
  { shape: piece, list }: Pieces,
  count: number,
): Promise<Float64Array> {
  const { file, shape, type, budget, where } = set;
  if (piece.length !== shape.length || piece.some((size) => size < 1))
    throw new Hdf5Damage(`its pieces have the shape (${piece.join(", ")})`);
  const size = piece.reduce((a, b) => a * b, 1);
  const filters = filtersOf(set);
  const out = new Float64Array(count).fill(fillValue(set));
  let values: Float64Array | undefined;
  const seen = new Set<string>();
  const bytes = size * type.size;
  for (const { offset, at, length, mask } of list({ shape, bytes, packed: filters.length > 0 })) {
    const name = offset.join();
    // Each piece once, and in its place: then there are no more of them than the shape has room for.
    if (seen.has(name) || offset.some((from, i) => from % piece[i]! !== 0 || from >= shape[i]!))
      throw new Hdf5Damage(`a piece lies at (${name})`);
    seen.add(name);
    values ??= new Float64Array(takenFor(size, set));
    let raw = file.data(at, length);
    for (const [i, filter] of [...filters.entries()].reverse())
      if ((mask & (1 << i)) === 0) raw = await filter(raw, { bytes, type, budget, where });
    if (raw.length < bytes) throw new Hdf5Damage(`a piece has ${raw.length} bytes`);
    convert(raw, type, values);
    place(values, { piece, offset }, out, shape);
  }
  return out;
}

/** The size of a piece, once the budget has room for it. */
function takenFor(size: number, { budget, where }: NumberSet): number {
  budget.take(8 * size, where, `has pieces of ${size.toLocaleString("en")} numbers`);
  return size;
}

/** Copies what of a piece lies within the shape, row by row of the last axis. */
function place(
  values: Float64Array,
  { piece, offset }: { readonly piece: readonly number[]; readonly offset: readonly number[] },
  out: Float64Array,
  shape: readonly number[],
): void {
  const rank = shape.length;
  const most = shape.map((size, i) => Math.min(piece[i]!, size - offset[i]!));
  const width = rank === 0 ? 1 : most[rank - 1]!;
  const at = new Array<number>(rank).fill(0);
  for (;;) {
    let [from, to] = [0, 0];
    for (let i = 0; i < rank; i++) {
      from = from * piece[i]! + at[i]!;
      to = to * shape[i]! + offset[i]! + at[i]!;
    }
    out.set(values.subarray(from, from + width), to);
    let axis = rank - 2;
    while (axis >= 0 && ++at[axis]! >= most[axis]!) at[axis--] = 0;
    if (axis < 0) return;
  }
}

interface Filtered {
  /** Of a piece, without what filters add. */
  readonly bytes: number;
  readonly type: NumberSet["type"];
  readonly budget: Budget;
  readonly where: string;
}

type Filter = (raw: Uint8Array, of: Filtered) => Uint8Array | Promise<Uint8Array>;

/** Filters by their numbers, undone. */
const filterRows: Readonly<Record<number, Filter>> = {
  1: (bytes, { bytes: size, budget, where }) =>
    inflate({
      format: "deflate",
      bytes,
      size,
      budget,
      where,
      fail: (problem) => new Hdf5Damage(`a piece ${problem}`),
    }),
  2: unshuffled,
  // A checksum at the end: what it would tell, the certificate tells as well.
  3: (raw) => raw.subarray(0, Math.max(raw.length - 4, 0)),
};

/** All first bytes of the elements stand before all second ones. */
function unshuffled(raw: Uint8Array, { type: { size } }: Filtered): Uint8Array {
  const out = new Uint8Array(raw.length);
  const count = Math.floor(raw.length / size);
  for (let k = 0; k < size; k++) for (let i = 0; i < count; i++) out[i * size + k] = raw[k * count + i]!;
  return out;
}

function filtersOf({ file, messages }: NumberSet): readonly Filter[] {
  const message = messages.find((each) => each.type === messageTypes.filters);
  if (!message) return [];
  const [version, count] = [file.u8(message.at), file.u8(message.at + 1)];
  if ((version !== 1 && version !== 2) || count > 32)
    throw new Hdf5Damage(`it has ${count} filters of version ${version}`);
  let at = message.at + (version === 1 ? 8 : 2);
  return Array.from({ length: count }, () => {
    const id = file.u16(at);
    const named = version === 1 || id > 255;
    const name = named ? file.u16(at + 2) : 0;
    const values = file.u16(at + (named ? 6 : 4));
    at += (named ? 8 : 6) + (version === 1 ? padded(name) + 4 * (values + (values % 2)) : name + 4 * values);
    const filter = filterRows[id];
    if (filter) return filter;
    throw new Hdf5Damage(`it is packed by the filter ${id}; gzip, shuffle and fletcher32 are read`);
  });
}

function fillValue({ file, messages, type }: NumberSet): number {
  const message = messages.find((each) => each.type === messageTypes.fillValue);
  if (!message) return 0;
  const { at } = message;
  const version = file.u8(at);
  const isThere = version === 3 ? (file.u8(at + 1) & 32) !== 0 : file.u8(at + 3) !== 0;
  const sizeAt = at + (version === 3 ? 2 : 4);
  if (!isThere || file.u32(sizeAt) !== type.size) return 0;
  const out = new Float64Array(1);
  convert(file.data(sizeAt + 4, type.size), type, out);
  return out[0]!;
}

type ReadNumber = (view: DataView, at: number, littleEndian: boolean) => number;

/** How numbers are read, by kind and size. */
const readers: Readonly<Record<string, ReadNumber>> = {
  f2: (view, at, little) => fromBits(half, view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
};

function convert(raw: Uint8Array, { of, size, littleEndian }: NumberSet["type"], out: Float64Array): void {
  const read = readers[`${of}${size}`]!;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  for (let i = 0; i < out.length; i++) out[i] = read(view, i * size, littleEndian);
}
