/**
 * Tensors of a graph that is evaluated: numbers with a shape and the type that the file gives them. Whole numbers are kept as
 * doubles, which hold them exactly up to 2⁵³; floats are computed in float64, whatever their type.
 */
import { elementTypes } from "../messages.js";

/** Numbers in row-major order. */
export interface Numbers {
  /** The number of the type of elements (messages.ts). */
  readonly type: number;
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** What a graph does that cannot be evaluated; the message follows the node. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}

const floats: readonly number[] = [
  elementTypes.float32,
  elementTypes.float64,
  elementTypes.float16,
  elementTypes.bfloat16,
];

/** True for a type of fractions. */
export const isFloat = (type: number): boolean => floats.includes(type);

/** How many numbers a shape holds. */
export const sizeOf = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Strides of a shape, row-major. */
export const stridesOf = (dims: readonly number[]): number[] => dims.map((_, i) => sizeOf(dims.slice(i + 1)));

/** An axis by its number, which may count from the end. @throws EvaluationError if there is none */
export function axisOf(axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(found) && found >= 0 && found < rank) return found;
  throw new EvaluationError(`names the axis ${axis} of ${rank}`);
}

/** The shape that several shapes are repeated to. @throws EvaluationError if they do not fit */
export function broadcast(...shapes: readonly (readonly number[])[]): readonly number[] {
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = shapes.map((dims) => dims[i - rank + dims.length] ?? 1);
    const size = sizes.find((n) => n !== 1) ?? 1;
    if (sizes.every((n) => n === 1 || n === size)) return size;
    throw new EvaluationError(
      `is given shapes that do not fit: ${shapes.map((dims) => `(${dims.join(", ")})`).join(" and ")}`,
    );
  });
}

/** Strides with which a shape is read as if it had that other one: 0 along what is repeated. */
export function stridesWithin(own: readonly number[], dims: readonly number[]): readonly number[] {
  const strides = stridesOf(own);
  return dims.map((_, i) => {
    const at = i - dims.length + own.length;
    return at < 0 || own[at] === 1 ? 0 : strides[at]!;
  });
}

/**
 * Goes over all places of a shape in order; tells each one's offsets by the strides of several tensors.
 *
 * @param visit is given the number of the place and the offsets, a list that is used again
 */
export function eachPlace(
  dims: readonly number[],
  strides: readonly (readonly number[])[],
  visit: (place: number, offsets: readonly number[]) => void,
): void {
  const count = sizeOf(dims);
  const at = new Array<number>(dims.length).fill(0);
  const offsets = new Array<number>(strides.length).fill(0);
  for (let place = 0; place < count; place++) {
    visit(place, offsets);
    // One place further, as an odometer goes.
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const turns = at[axis]! + 1 === dims[axis];
      const by = turns ? -at[axis]! : 1;
      at[axis] = turns ? 0 : at[axis]! + 1;
      for (let i = 0; i < strides.length; i++) offsets[i] = offsets[i]! + by * strides[i]![axis]!;
      if (!turns) break;
    }
  }
}
