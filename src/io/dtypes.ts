/**
 * The element types a tensor file can hold, one row each, and tensors as bytes with their conversions to and
 * from JavaScript's typed arrays. Knows no file format: safetensors.ts reads and writes what stands here.
 * Bytes are little-endian whatever the machine, so values go through a DataView, except where the machine's own
 * order is the file's: a model of millions of float32 is then one copy.
 */
import { FileFormatError } from "./errors.js";
import { brainFloat, fromBits, half, toBits } from "./small-floats.js";

/** One element type: its size in bytes, whether it holds integers, and how an element is read and written. */
interface DtypeRow {
  readonly bytes: number;
  readonly integer: boolean;
  /** 64-bit integers beyond 2⁵³ come out rounded. */
  readonly read: (view: DataView, offset: number) => number;
  /** Fractions are rounded to the nearest number of the type, of two equally near to the even one. */
  readonly write: (view: DataView, offset: number, value: number) => void;
}

/** The element types by the names that safetensors gives them. */
export const dtypes = {
  F64: {
    bytes: 8,
    integer: false,
    read: (view, at) => view.getFloat64(at, true),
    write: (view, at, value) => view.setFloat64(at, value, true),
  },
  F32: {
    bytes: 4,
    integer: false,
    read: (view, at) => view.getFloat32(at, true),
    write: (view, at, value) => view.setFloat32(at, value, true),
  },
  F16: {
    bytes: 2,
    integer: false,
    read: (view, at) => fromBits(half, view.getUint16(at, true)),
    write: (view, at, value) => view.setUint16(at, toBits(half, value), true),
  },
  BF16: {
    bytes: 2,
    integer: false,
    read: (view, at) => fromBits(brainFloat, view.getUint16(at, true)),
    write: (view, at, value) => view.setUint16(at, toBits(brainFloat, value), true),
  },
  I64: {
    bytes: 8,
    integer: true,
    read: (view, at) => Number(view.getBigInt64(at, true)),
    write: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
  },
  I32: {
    bytes: 4,
    integer: true,
    read: (view, at) => view.getInt32(at, true),
    write: (view, at, value) => view.setInt32(at, value, true),
  },
  I16: {
    bytes: 2,
    integer: true,
    read: (view, at) => view.getInt16(at, true),
    write: (view, at, value) => view.setInt16(at, value, true),
  },
  I8: {
    bytes: 1,
    integer: true,
    read: (view, at) => view.getInt8(at),
    write: (view, at, value) => view.setInt8(at, value),
  },
  U64: {
    bytes: 8,
    integer: true,
    read: (view, at) => Number(view.getBigUint64(at, true)),
    write: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
  },
  U32: {
    bytes: 4,
    integer: true,
    read: (view, at) => view.getUint32(at, true),
    write: (view, at, value) => view.setUint32(at, value, true),
  },
  U16: {
    bytes: 2,
    integer: true,
    read: (view, at) => view.getUint16(at, true),
    write: (view, at, value) => view.setUint16(at, value, true),
  },
  U8: {
    bytes: 1,
    integer: true,
    read: (view, at) => view.getUint8(at),
    write: (view, at, value) => view.setUint8(at, value),
  },
  BOOL: {
    bytes: 1,
    integer: true,
    read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
    write: (view, at, value) => view.setUint8(at, value),
  },
} as const satisfies Record<string, DtypeRow>;

/** The name of an element type: "F32", "I64", … */
export type Dtype = keyof typeof dtypes;

/** A named tensor as bytes: row-major, little-endian, `data.length` = product of `shape` · size of `dtype`. */
export interface TensorData {
  readonly name: string;
  readonly dtype: Dtype;
  /** `[]` is a scalar; a 0 anywhere means no elements. */
  readonly shape: readonly number[];
  /** May be a view into the bytes of the file it was read from, at any alignment. */
  readonly data: Uint8Array;
}

/** How many elements a shape holds; the empty shape holds one. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

/** The tensor's values as a new Float32Array; float64 and integers are rounded to the nearest float32. */
export function toFloat32(tensor: TensorData): Float32Array {
  return copyInto(tensor, new Float32Array(tensor.data.length / dtypes[tensor.dtype].bytes));
}

/** The tensor's values as a new Float64Array; exact, except for 64-bit integers beyond 2⁵³. */
export function toFloat64(tensor: TensorData): Float64Array {
  return copyInto(tensor, new Float64Array(tensor.data.length / dtypes[tensor.dtype].bytes));
}

/**
 * The tensor's values as a new Int32Array.
 *
 * @param file the name to report
 * @throws FileFormatError when the tensor holds fractions, or an integer that 32 bits do not hold
 */
export function toInt32(tensor: TensorData, file = "tensor file"): Int32Array {
  const { bytes, integer, read } = dtypes[tensor.dtype];
  const fail = (problem: string) =>
    new FileFormatError({
      file,
      where: `tensor ${JSON.stringify(tensor.name)}`,
      problem,
      remedy: "Indices are stored as I32, or as another integer type with values from -2^31 to 2^31 - 1.",
    });
  if (!integer) throw fail(`${tensor.dtype} values where integers are needed`);
  const view = viewOf(tensor.data);
  const out = new Int32Array(tensor.data.length / bytes);
  for (let i = 0; i < out.length; i++) {
    const value = read(view, i * bytes);
    out[i] = value;
    if (out[i] !== value) throw fail(`element ${i} is ${value}, which 32 bits do not hold`);
  }
  return out;
}

/**
 * A tensor of the type the values have: Float32Array gives F32, Float64Array F64, Int32Array I32.
 *
 * @throws RangeError when the shape does not hold as many elements as there are values
 */
export function tensorFrom(
  name: string,
  shape: readonly number[],
  values: Float32Array | Float64Array | Int32Array,
): TensorData {
  checkCount(name, shape, values.length);
  const data = bytesOf(values).slice();
  if (!isLittleEndian()) {
    const size = values.BYTES_PER_ELEMENT;
    for (let at = 0; at < data.length; at += size) data.subarray(at, at + size).reverse();
  }
  return { name, dtype: dtypeOf(values), shape, data };
}

/**
 * A tensor of any type.
 *
 * ```ts
 * tensorAs("F16", "w", [2], [0.1, -3]);
 * ```
 *
 * @param values fractions are rounded to the nearest number of the type, of two equally near to the even one
 * @throws RangeError when the shape does not hold as many elements, or the type does not hold a value: an integer type
 *   a fraction or a number beyond its range, a type of fewer than 64 bits a finite number that it would make infinite
 */
export function tensorAs(
  dtype: Dtype,
  name: string,
  { shape, values }: { readonly shape: readonly number[]; readonly values: ArrayLike<number> },
): TensorData {
  checkCount(name, shape, values.length);
  const { bytes, integer, read, write } = dtypes[dtype];
  const data = new Uint8Array(values.length * bytes);
  const view = viewOf(data);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const fits = !integer || Number.isSafeInteger(value);
    if (fits) write(view, i * bytes, value);
    const stored = fits ? read(view, i * bytes) : Number.NaN;
    if (integer ? stored !== value : Number.isFinite(value) && !Number.isFinite(stored))
      throw new RangeError(`tensor ${name}: element ${i} is ${value}, which ${dtype} does not hold`);
  }
  return { name, dtype, shape, data };
}

function checkCount(name: string, shape: readonly number[], count: number): void {
  if (elementCount(shape) === count) return;
  throw new RangeError(
    `tensor ${name}: shape [${shape}] holds ${elementCount(shape)} elements, not ${count}`,
  );
}

function dtypeOf(values: Exact): "F32" | "F64" | "I32" {
  if (values instanceof Int32Array) return "I32";
  return values instanceof Float32Array ? "F32" : "F64";
}

/** The typed arrays whose elements are a file's bytes as they stand. */
type Exact = Float32Array | Float64Array | Int32Array;

const isLittleEndian = (): boolean => new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes of an array, in place. */
const bytesOf = (values: Exact): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function copyInto<T extends Float32Array | Float64Array>(tensor: TensorData, out: T): T {
  const { bytes, read } = dtypes[tensor.dtype];
  if (tensor.dtype === dtypeOf(out) && isLittleEndian()) {
    bytesOf(out).set(tensor.data);
    return out;
  }
  const view = viewOf(tensor.data);
  for (let i = 0; i < out.length; i++) out[i] = read(view, i * bytes);
  return out;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
