/** Tensors of a foreign file as known numbers. */
import { elementTypes, type OnnxTensor } from "../messages.js";
import type { Constant } from "./values.js";

/** How the bytes of a type are read. */
const readers: Readonly<
  Record<number, { readonly bytes: number; readonly at: (v: DataView, i: number) => number }>
> = {
  [elementTypes.float32]: { bytes: 4, at: (v, i) => v.getFloat32(i, true) },
  [elementTypes.float64]: { bytes: 8, at: (v, i) => v.getFloat64(i, true) },
  [elementTypes.int8]: { bytes: 1, at: (v, i) => v.getInt8(i) },
  [elementTypes.uint8]: { bytes: 1, at: (v, i) => v.getUint8(i) },
  [elementTypes.bool]: { bytes: 1, at: (v, i) => v.getUint8(i) },
  [elementTypes.int32]: { bytes: 4, at: (v, i) => v.getInt32(i, true) },
  [elementTypes.int64]: { bytes: 8, at: (v, i) => Number(v.getBigInt64(i, true)) },
};

/** What messages call a type: by its name if it has one here. */
const typeText = (type: number): string =>
  Object.entries(elementTypes).find(([, number]) => number === type)?.[0] ?? `number ${type}`;

/** Dimensions of a tensor, at most. */
export const MOST_DIMENSIONS = 16;

/**
 * A tensor's numbers, or what is wrong with it.
 *
 * @param take is told how much memory they will take; it may throw
 */
export function readTensor(
  tensor: OnnxTensor,
  take: (bytes: number) => void = () => {},
): Constant | { readonly problem: string } {
  const { dims, type = 0, raw, location } = tensor;
  const count = dims.reduce((a, b) => a * b, 1);
  const reader = readers[type];
  if (location === 1) return { problem: "stands in another file; save the model as one" };
  if (!reader) return { problem: `has elements of the type ${typeText(type)}; save the model with float32` };
  const lists = [tensor.floats, tensor.int32s, tensor.int64s, tensor.doubles];
  const listed = lists.find(({ length }) => length > 0) ?? [];
  const has = raw ? raw.length / reader.bytes : listed.length;
  if (dims.length > MOST_DIMENSIONS) return { problem: `has ${dims.length} dimensions` };
  if (has !== count) return { problem: `has ${has} numbers and the shape (${dims.join(", ")})` };
  take(8 * count);
  const isFloat = type === elementTypes.float32 || type === elementTypes.float64;
  const data: number[] | Float32Array = isFloat ? new Float32Array(count) : new Array<number>(count).fill(0);
  const view = raw && new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  for (let i = 0; i < count; i++) data[i] = view ? reader.at(view, i * reader.bytes) : listed[i]!;
  return { kind: "constant", dims, data };
}
