/**
 * What options can be: one function per kind of value, from its text to the value, refusing what makes no sense before
 * any work starts. Values of a --config file go through the same functions.
 */
import { InvalidArgumentError, Option } from "commander";
import { DataError, splitByPosition } from "../../data/index.js";

/** Options whose values are paths: commander does not know of such. */
const files = new WeakSet<Option>();

/** Marks an option as one whose value is a path, or several. */
export function fileOption(of: Option): Option {
  files.add(of);
  return of;
}

/** Whether an option's value is a path, or several. */
export const isFileOption = (of: Option): boolean => files.has(of);

/** A size in bytes: 1000000, 512MiB, 2GiB. */
export function byteSize(text: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*(|[KMGT]i?)B?$/i.exec(text) ?? [];
  const power = "KMGT".indexOf(unit.slice(0, 1).toUpperCase()) + 1;
  const value = Number(number) * 1024 ** (unit === "" ? 0 : power);
  if (number !== "" && value >= 1) return Math.round(value);
  throw new InvalidArgumentError("Give a size in bytes, as in 2GiB.");
}

/** An option of a command, under a heading of its help. */
export function option<T>(
  heading: string,
  flags: string,
  describes: string,
  parse?: (text: string) => T,
): Option {
  const made = new Option(flags, describes).helpGroup(heading);
  return parse === undefined ? made : made.argParser(parse);
}

/** An option that takes one of some names. */
export function choice(heading: string, flags: string, describes: string, names: readonly string[]): Option {
  return option(heading, flags, describes).choices(names);
}

/** A whole number from `least` on. */
export const wholeNumber =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const upTo = most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`;
    throw new InvalidArgumentError(`Give a whole number from ${least}${upTo}.`);
  };

/** A number above zero. */
export function positiveNumber(text: string): number {
  const value = decimal(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("Give a number above 0.");
}

/** A number from 0 on. */
export function numberFromZero(text: string): number {
  const value = decimal(text);
  if (value >= 0) return value;
  throw new InvalidArgumentError("Give a number, 0 or more.");
}

/** A share: above 0, and at most 1. */
export function share(text: string): number {
  const value = decimal(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("Give a number above 0 and at most 1, as in 0.9.");
}

/** A probability of dropping: at least 0 and below 1. */
export function dropRate(text: string): number {
  const value = decimal(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError("Give a number from 0 to below 1, as in 0.5.");
}

/** A number between 0 and 1, neither included. */
export function fraction(text: string): number {
  const value = decimal(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError("Give a number between 0 and 1, as in 0.9.");
}

/** Whole numbers from 1 with commas between them. */
export function sizes(text: string): number[] {
  return text.split(",").map((part) => wholeNumber(1)(part.trim()));
}

/** Names with commas between them. */
export function names(text: string): string[] {
  const list = text.split(",").map((part) => part.trim());
  if (list.every((name) => name !== "")) return list;
  throw new InvalidArgumentError("Give names with commas between them.");
}

/** Two or three parts of the data, by position. Only its form is checked here: how many rows there are shows later. */
export function split(text: string): string {
  try {
    splitByPosition(2 ** 50, text);
  } catch (error) {
    if (error instanceof DataError) throw new InvalidArgumentError(error.message);
    throw error;
  }
  return text;
}

/** A text that may be given several times. */
export function collect(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** As JavaScript writes numbers, 1e-3 too; not "", which Number takes for 0. NaN for anything else. */
export function decimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}
