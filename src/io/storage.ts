/**
 * How a model file stores weights, one row per way. Matrices (the parameters of two dimensions) are stored as the row
 * says; biases and other vectors stay float32, for they are few, and so do parameters that must be exact. Reading widens
 * everything to float32, so that nothing but this file knows how weights were stored.
 */

import { NetworkError, type ParameterSpec } from "../nn/index.js";
import { checkArguments } from "../options/check.js";
import { OptionError } from "../options/error.js";
import type { ValueKind } from "../options/value.js";
import { type TensorData, tensorAs, tensorFrom, toFloat32 } from "./dtypes.js";
import { roundHalfEven } from "./small-floats.js";

/** "float32", "float16", or "int8" with one scale for each row. */
export type WeightStorage = "float32" | "float16" | "int8";

/** The row of a way to store. */
interface StorageRow {
  /** The first format of model files that has it. */
  readonly format: number;
  readonly store: (name: string, shape: readonly number[], values: Float32Array) => readonly TensorData[];
}

/** Where the scales of an int8 matrix stand. */
export const scaleName = (parameter: string): string => `${parameter}.scale`;

/** The ways by name. */
export const weightStorages: Readonly<Record<WeightStorage, StorageRow>> = {
  float32: { format: 1, store: (name, shape, values) => [tensorFrom(name, shape, values)] },
  /** 11 significant bits, rounded to the nearest, of two equally near to the even one. */
  float16: {
    format: 1,
    store(name, shape, values) {
      const large = values.find((value) => Math.abs(value) >= 65520);
      if (large === undefined) return [tensorAs("F16", name, { shape, values })];
      throw new NetworkError(
        `the parameter ${name} holds ${large}, and float16 ends at 65504; store it as float32 or int8`,
      );
    },
  },
  int8: {
    // Readers of format 1 would take the whole numbers for the weights.
    format: 2,
    store(name, shape, values) {
      const { numbers, scales } = quantised(shape, values);
      return [
        { name, dtype: "I8", shape, data: new Uint8Array(numbers) },
        tensorFrom(scaleName(name), [scales.length], scales),
      ];
    },
  },
};

/**
 * A parameter as the tensors of a file.
 *
 * @throws NetworkError if a weight that is not stored as float32 is not finite, or float16 does not hold it
 */
export function storedParameter(
  { name, shape, exact }: ParameterSpec,
  values: Float32Array,
  storage: WeightStorage,
): readonly TensorData[] {
  if (exact || shape.length !== 2) return weightStorages.float32.store(name, shape, values);
  const odd = storage === "float32" ? -1 : values.findIndex((value) => !Number.isFinite(value));
  if (odd < 0) return weightStorages[storage].store(name, shape, values);
  throw new NetworkError(
    `the parameter ${name} holds ${values[odd]} at place ${odd}; only finite weights can be stored as ${storage}`,
  );
}

/** A matrix in whole numbers from −127 to 127, and for each row what they are multiples of. */
export interface Quantised {
  readonly numbers: Int8Array;
  readonly scales: Float32Array;
}

const sizes: ValueKind = { kind: "list", of: { kind: "whole", least: 0 } };

/**
 * Quantises the rows of a matrix, each symmetrically around 0: its scale is the float32 nearest to its largest size
 * / 127, and a weight becomes the nearest multiple of it, of two equally near the even one. A row of zeros has the
 * scale 0. All of it is arithmetic that IEEE 754 fixes, so the result is the same everywhere.
 */
export function quantised(shape: readonly number[], values: Float32Array): Quantised {
  checkArguments("quantised", { shape, values }, { shape: sizes, values: { kind: "numbers" } });
  const [rows = 1, columns = 1] = shape;
  if (values.length !== rows * columns)
    throw new OptionError(
      `{values} of quantised are ${values.length}, and a matrix of ${rows} × ${columns} has ${rows * columns}`,
    );
  const numbers = new Int8Array(rows * columns);
  const scales = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    let largest = 0;
    for (let i = r * columns; i < (r + 1) * columns; i++) largest = Math.max(largest, Math.abs(values[i]!));
    let scale = Math.fround(largest / 127);
    // Of the very largest float32, 127 times the rounded scale may be beyond it.
    if (Math.fround(127 * scale) === Number.POSITIVE_INFINITY) scale = Math.fround(scale * (1 - 2 ** -23));
    scales[r] = scale;
    if (scale === 0) continue;
    for (let i = r * columns; i < (r + 1) * columns; i++) {
      const value = values[i]!;
      // A scale that was rounded down may put the largest weight just above 127.
      const size = Math.min(roundHalfEven(Math.abs(value) / scale), 127);
      numbers[i] = value < 0 ? -size : size;
    }
  }
  return { numbers, scales };
}

/** The weights that such numbers stand for: number · scale, rounded to float32. */
export function dequantised(stored: Quantised): Float32Array {
  const { numbers, scales } = Object(stored) as Quantised;
  checkArguments(
    "dequantised",
    { numbers, scales },
    { numbers: { kind: "numbers" }, scales: { kind: "numbers" } },
  );
  const columns = scales.length === 0 ? 0 : numbers.length / scales.length;
  return Float32Array.from(numbers, (number, i) => number * scales[Math.floor(i / columns)]!);
}

/** What is wrong with stored weights, in words that follow the tensor's name, and what would be right. */
export interface StorageProblem {
  readonly tensor: string;
  readonly problem: string;
  readonly remedy: string;
}

const wide = ["F64", "F32", "F16", "BF16"];

/** A parameter's weights in float32. @param scales of an int8 matrix, if they are there */
export function widened(
  tensor: TensorData,
  scales: TensorData | undefined,
): { readonly values: Float32Array } | StorageProblem {
  if (wide.includes(tensor.dtype)) return { values: toFloat32(tensor) };
  const rows = tensor.shape[0] ?? 0;
  const { dtype } = tensor;
  if (dtype !== "I8" || tensor.shape.length !== 2)
    return {
      tensor: tensor.name,
      problem: `holds ${dtype} in the shape (${tensor.shape.join(", ")})`,
      remedy: `Weights are ${wide.join(", ")}, or matrices of I8 with a scale for each row.`,
    };
  const wanted = `There must be a tensor F32 of the shape (${rows}), a scale for each row of ${tensor.name}.`;
  const name = scaleName(tensor.name);
  if (!scales) return { tensor: name, problem: "is missing", remedy: wanted };
  const fits = scales.dtype === "F32" && scales.shape.length === 1 && scales.shape[0] === rows;
  if (!fits) {
    const problem = `holds ${scales.dtype} in the shape (${scales.shape.join(", ")})`;
    return { tensor: name, problem, remedy: wanted };
  }
  // A copy: bytes from a file may be a view, and a Buffer's slice is one as well.
  const numbers = new Int8Array(tensor.data);
  return { values: dequantised({ numbers, scales: toFloat32(scales) }) };
}
