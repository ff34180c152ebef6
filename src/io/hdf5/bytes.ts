/**
 * The bytes of an HDF5 file, read by their places. The structures of a file point at each other, so a damaged one can lead in
 * circles or to the same place a million times: every reading counts, and there is a limit to what a file of its size
 * can have to be looked at.
 */

/** What is wrong with the structures of a file, in words that follow "is not HDF5 that can be read". */
export class Hdf5Damage extends Error {
  override readonly name = "Hdf5Damage";
}

/** An address that says that there is nothing. */
export const NOWHERE = Number.POSITIVE_INFINITY;

/** Bytes of structures that are read for each byte of a file, at most: each is read once or twice, if none is damaged. */
const TIMES = 16;

/** Reads structures. All numbers are little-endian; addresses and lengths have 8 bytes. */
export interface Hdf5Bytes {
  readonly length: number;
  u8(at: number): number;
  u16(at: number): number;
  u32(at: number): number;
  /** A number of 8 bytes; `NOWHERE` if all its bits are set. @throws Hdf5Damage if it is no safe whole number otherwise */
  u64(at: number): number;
  /** A view of so many bytes. */
  slice(at: number, length: number): Uint8Array;
  /** A view of numbers, which counts as nothing: budgets are for those. */
  data(at: number, length: number): Uint8Array;
  text(at: number, length: number): string;
  /** @throws Hdf5Damage if other bytes stand there */
  expect(at: number, signature: string): void;
}

/** @throws Hdf5Damage from its functions, for what lies beyond the file, and if too much of it is read */
export function hdf5Bytes(bytes: Uint8Array): Hdf5Bytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let left = TIMES * bytes.length + 2 ** 20;
  const within = (at: number, length: number): number => {
    if (!(at >= 0 && length >= 0 && at + length <= bytes.length))
      throw new Hdf5Damage(`${length} bytes at ${at} lie beyond the file`);
    return at;
  };
  const counted = (at: number, length: number): number => {
    left -= length + 1;
    if (left < 0) throw new Hdf5Damage("its structures lead to the same places again and again");
    return within(at, length);
  };
  const self: Hdf5Bytes = {
    length: bytes.length,
    u8: (at) => view.getUint8(counted(at, 1)),
    u16: (at) => view.getUint16(counted(at, 2), true),
    u32: (at) => view.getUint32(counted(at, 4), true),
    u64(at) {
      const value = view.getBigUint64(counted(at, 8), true);
      if (value === 0xffffffffffffffffn) return NOWHERE;
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Hdf5Damage(`the number ${value} is too large`);
      return Number(value);
    },
    slice: (at, length) => bytes.subarray(counted(at, length), at + length),
    data: (at, length) => bytes.subarray(within(at, length), at + length),
    text: (at, length) => new TextDecoder().decode(self.slice(at, length)),
    expect(at, signature) {
      if (self.text(at, signature.length) !== signature)
        throw new Hdf5Damage(`there is no ${signature} at ${at}`);
    },
  };
  return self;
}

/** A size rounded up to a multiple of 8, to which older structures are filled up. */
export const padded = (size: number): number => Math.ceil(size / 8) * 8;
