/**
 * The errors of a file's modules and tensors: what makes them, and what they call things.
 */
import type { TensorData } from "../../dtypes.js";
import { FileFormatError, type FileFormatProblem } from "../../errors.js";

/** Makes the error of a file. */
export type Fail = (where: string, problem: string, remedy: FileFormatProblem["remedy"]) => FileFormatError;

/** @param file the file's name */
export const failIn =
  (file: string): Fail =>
  (where, problem, remedy) =>
    new FileFormatError({ file, where, problem, remedy });

/** "lstm", or "the module itself" of a state dict of one module. */
export const pathText = (path: string): string => (path === "" ? "the module itself" : path);

/** @throws FileFormatError naming the tensor, its shape and what it should be */
export function checkShape({ name, shape }: TensorData, wanted: readonly number[], fail: Fail): void {
  if (shape.join() === wanted.join()) return;
  const is = `has the shape (${shape.join(", ")})`;
  throw fail(`tensor ${name}`, is, `Beside the others of its module it should be (${wanted.join(", ")}).`);
}
