/**
 * How much reading a file may take. A small file can ask for any amount of memory: packed zeros, a huge shape, values that are
 * referred to a thousand times. Readers say what they are about to make before they make it, and a budget refuses what is too
 * much. One budget is for one file, whatever is inside it.
 */
import { type Keyed, keyed } from "../options/error.js";
import { FileFormatError } from "./errors.js";

/** Limits of reading a file. */
export interface ReadLimits {
  /** Bytes that reading may take beside the file itself: what it unpacks to, and what is made of it. Default 512 MiB. */
  readonly mostBytes?: number | undefined;
}

/** The limits where none are given: well below what a machine has, and above what models and tables of today need. */
export const usualLimits = { mostBytes: 2 ** 29 } as const satisfies ReadLimits;

/** What is left to be taken. */
export interface Budget {
  /**
   * Takes some of it, before the bytes are made.
   *
   * @param where the part of the file: "entry data.pkl"
   * @param what what it would do, in words that follow the place: "unpacks to 5,000,000 bytes"
   * @throws the error of the budget if there is not so much left
   */
  take(bytes: number, where: string, what: string): void;
}

/** A budget whose error is made by `fail`. */
export function budgetOf(
  { mostBytes = usualLimits.mostBytes }: ReadLimits,
  fail: (where: string, problem: string, remedy: Keyed) => Error,
): Budget {
  let left: number = mostBytes;
  return {
    take(bytes, where, what) {
      left -= bytes;
      // Sizes out of a file may be anything, also no number.
      if (left >= 0) return;
      const remedy = keyed("{mostBytes} raises the limit, for a file that you trust.");
      throw fail(where, `${what}, and reading a file may take ${sizeText(mostBytes)} beside it`, remedy);
    },
  };
}

/** The budget of a file of tensors. @param size of the file: what is as large as that is no surprise */
export function fileBudget(file: string, limits: ReadLimits = {}, size = 0): Budget {
  const { mostBytes = usualLimits.mostBytes } = limits;
  return budgetOf(
    { mostBytes: mostBytes + size },
    (where, problem, remedy) => new FileFormatError({ file, where, problem, remedy }),
  );
}

/** A size in words: "512 MiB", "3 KiB". */
export function sizeText(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value < 10 && unit > 0 ? Math.round(10 * value) / 10 : Math.round(value)} ${units[unit]}`;
}
