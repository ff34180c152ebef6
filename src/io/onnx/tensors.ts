/** Tensors of an ONNX file as numbers: of every type of elements that numbers have, as bytes or in the list of their type. */
import { brainFloat, fromBits, half } from "../small-floats.js";
import type { Numbers } from "./evaluate/numbers.js";
import { elementTypes, type OnnxTensor } from "./messages.js";

/** How the elements of a type are read. */
interface Reader {
  readonly bytes: number;
  readonly at: (view: DataView, offset: number) => number;
  /** What a list of whole numbers means, where they are bits. */
  readonly listed?: (bits: number) => number;
}

const bits = (of: typeof half): Reader => ({
  bytes: 2,
  at: (v, i) => fromBits(of, v.getUint16(i, true)),
  listed: (value) => fromBits(of, value & 0xffff),
});

const readers: Readonly<Record<number, Reader>> = {
  [elementTypes.float32]: { bytes: 4, at: (v, i) => v.getFloat32(i, true) },
  [elementTypes.float64]: { bytes: 8, at: (v, i) => v.getFloat64(i, true) },
  [elementTypes.float16]: bits(half),
  [elementTypes.bfloat16]: bits(brainFloat),
  [elementTypes.int8]: { bytes: 1, at: (v, i) => v.getInt8(i) },
  [elementTypes.uint8]: { bytes: 1, at: (v, i) => v.getUint8(i) },
  [elementTypes.bool]: { bytes: 1, at: (v, i) => v.getUint8(i) },
  [elementTypes.int16]: { bytes: 2, at: (v, i) => v.getInt16(i, true) },
  [elementTypes.uint16]: { bytes: 2, at: (v, i) => v.getUint16(i, true) },
  [elementTypes.int32]: { bytes: 4, at: (v, i) => v.getInt32(i, true) },
  [elementTypes.uint32]: { bytes: 4, at: (v, i) => v.getUint32(i, true) },
  [elementTypes.int64]: { bytes: 8, at: (v, i) => Number(v.getBigInt64(i, true)) },
  [elementTypes.uint64]: { bytes: 8, at: (v, i) => Number(v.getBigUint64(i, true)) },
};

/** Types of elements that are read, by their numbers. */
export const isReadable = (type: number): boolean => Object.hasOwn(readers, type);

/** What messages call a type: by its name if it has one here. */
export const typeText = (type: number): string =>
  Object.entries(elementTypes).find(([, number]) => number === type)?.[0] ?? `number ${type}`;

/** Dimensions of a tensor, at most. */
export const MOST_DIMENSIONS = 16;

/**
 * A tensor's numbers, or what is wrong with it.
 *
 * @param take is told how much memory they will take; it may throw
 */
export function readNumbers(
  tensor: OnnxTensor,
  take: (bytes: number) => void = () => {},
): Numbers | { readonly problem: string } {
  const { dims, type = 0, raw, location } = tensor;
  const count = dims.reduce((a, b) => a * b, 1);
  const reader = Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (location === 1) return { problem: "stands in another file, which was not given" };
  if (!reader) return { problem: `has elements of the type ${typeText(type)}; save the model with float32` };
  const lists = [tensor.floats, tensor.int32s, tensor.int64s, tensor.doubles, tensor.uint64s];
  const listed = lists.find(({ length }) => length > 0) ?? [];
  const has = raw ? raw.length / reader.bytes : listed.length;
  if (dims.length > MOST_DIMENSIONS) return { problem: `has ${dims.length} dimensions` };
  if (has !== count || dims.some((n) => n < 0))
    return { problem: `has ${has} numbers and the shape (${dims.join(", ")})` };
  const isSingle = type === elementTypes.float32;
  take((isSingle ? 4 : 8) * count);
  const data = isSingle ? new Float32Array(count) : new Float64Array(count);
  const view = raw && new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const { at, bytes, listed: of = (value: number) => value } = reader;
  for (let i = 0; i < count; i++) data[i] = view ? at(view, i * bytes) : of(listed[i]!);
  return { type, dims, data };
}
