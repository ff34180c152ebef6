// The element types a tensor file can hold, one row each, and tensors as bytes with their conversions to and
// from JavaScript's typed arrays. Knows no file format: safetensors.ts reads and writes what stands here.
// Bytes are little-endian whatever the machine, so values go through a DataView, except where the machine's own
// order is the file's: a model of millions of float32 is then one copy.
import { FileFormatError } from "./errors.js";

/** One element type: its size in bytes, whether it holds integers, and how an element is read. */
interface DtypeRow {
  readonly bytes: number;
  readonly integer: boolean;
  /** 64-bit integers beyond 2⁵³ come out rounded. */
  readonly read: (view: DataView, offset: number) => number;
}

/** The element types by the names that safetensors gives them. */
export const dtypes = {
  F64: { bytes: 8, integer: false, read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, integer: false, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, integer: false, read: (view, at) => halfToNumber(view.getUint16(at, true)) },
  BF16: { bytes: 2, integer: false, read: (view, at) => brainFloatToNumber(view.getUint16(at, true)) },
  I64: { bytes: 8, integer: true, read: (view, at) => Number(view.getBigInt64(at, true)) },
  I32: { bytes: 4, integer: true, read: (view, at) => view.getInt32(at, true) },
  I16: { bytes: 2, integer: true, read: (view, at) => view.getInt16(at, true) },
  I8: { bytes: 1, integer: true, read: (view, at) => view.getInt8(at) },
  U64: { bytes: 8, integer: true, read: (view, at) => Number(view.getBigUint64(at, true)) },
  U32: { bytes: 4, integer: true, read: (view, at) => view.getUint32(at, true) },
  U16: { bytes: 2, integer: true, read: (view, at) => view.getUint16(at, true) },
  U8: { bytes: 1, integer: true, read: (view, at) => view.getUint8(at) },
  BOOL: { bytes: 1, integer: true, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
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
  if (elementCount(shape) !== values.length) {
    throw new RangeError(
      `tensor ${name}: shape [${shape}] holds ${elementCount(shape)} elements, not ${values.length}`,
    );
  }
  const data = bytesOf(values).slice();
  if (!isLittleEndian()) {
    const size = values.BYTES_PER_ELEMENT;
    for (let at = 0; at < data.length; at += size) data.subarray(at, at + size).reverse();
  }
  return { name, dtype: dtypeOf(values), shape, data };
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

/** IEEE half precision: 1 sign bit, 5 exponent bits, 10 fraction bits. Node 20 has no Float16Array. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** bfloat16: the upper half of a float32. */
function brainFloatToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 7) & 0xff;
  const fraction = bits & 0x7f;
  if (exponent === 0) return sign * fraction * 2 ** -133;
  if (exponent === 255) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (128 + fraction) * 2 ** (exponent - 134);
}
