/**
 * What elements a data set or an attribute has, and in which shape: datatype and dataspace messages. Source: the HDF5 File
 * Format Specification, version 3.0, IV.A.2.b and IV.A.2.d.
 */
import { type Hdf5Bytes, Hdf5Damage } from "./bytes.js";

/** The type of elements. */
export type Hdf5Type =
  | {
      readonly kind: "number";
      /** A float, or a whole number with or without sign. */
      readonly of: "f" | "i" | "u";
      readonly size: number;
      readonly littleEndian: boolean;
    }
  | { readonly kind: "text"; readonly size: number }
  | { readonly kind: "long text" }
  | { readonly kind: "other"; readonly name: string };

/** Classes that are no numbers and no texts, for messages. */
const others: Readonly<Record<number, string>> = {
  2: "time",
  4: "bits",
  5: "opaque",
  6: "compound",
  7: "reference",
  8: "enumeration",
  9: "list",
  10: "array",
};

/** Reads a datatype message. @throws Hdf5Damage */
export function typeAt(file: Hdf5Bytes, at: number): Hdf5Type {
  const kind = file.u8(at) & 15;
  const [bits, size] = [file.u8(at + 1), file.u32(at + 4)];
  const littleEndian = (bits & 1) === 0;
  if (kind === 0 && [1, 2, 4, 8].includes(size))
    return { kind: "number", of: bits & 8 ? "i" : "u", size, littleEndian };
  // Bit 6 marks an order of bytes that only VAX has.
  if (kind === 1 && [2, 4, 8].includes(size) && (bits & 64) === 0)
    return { kind: "number", of: "f", size, littleEndian };
  if (kind === 3 && size > 0) return { kind: "text", size };
  if (kind === 9 && (bits & 15) === 1) return { kind: "long text" };
  return { kind: "other", name: others[kind] ?? `class ${kind} of ${size} bytes` };
}

/** A type for messages: "<f4", "text". */
export const typeText = (type: Hdf5Type): string =>
  type.kind === "number"
    ? `${type.littleEndian ? "<" : ">"}${type.of}${type.size}`
    : type.kind === "other"
      ? type.name
      : "text";

/** Dimensions that HDF5 allows. */
const MOST_DIMENSIONS = 32;

/** Reads a dataspace message: the shape; [] of one element. @throws Hdf5Damage */
export function shapeAt(file: Hdf5Bytes, at: number): readonly number[] {
  const [version, rank] = [file.u8(at), file.u8(at + 1)];
  if ((version !== 1 && version !== 2) || rank > MOST_DIMENSIONS)
    throw new Hdf5Damage(`a shape has version ${version} and ${rank} dimensions`);
  // 2: there is no element at all.
  if (version === 2 && file.u8(at + 3) === 2) return [0];
  const start = at + (version === 1 ? 8 : 4);
  const shape = Array.from({ length: rank }, (_, i) => file.u64(start + 8 * i));
  if (shape.every(Number.isSafeInteger)) return shape;
  throw new Hdf5Damage("a shape has no size");
}
