/**
 * Sequences as a plain network reads them: token ids, or steps of numbers, and targets if there are any. They come from files
 * and requests, so their form is checked here, and every error names the place.
 */
import { DataError, type Place } from "../../data/index.js";
import { losses } from "../../nn/build/index.js";
import type { Example, Network } from "../../nn/index.js";

/** Token ids, or the numbers of each step; if each step has one number, the inner lists may be left out. */
export type SequenceInput = readonly number[] | readonly (readonly number[])[];

/** A sequence with its target. */
export interface SequenceExample extends Place {
  readonly input: SequenceInput;
  /** A number, numbers, or rows of numbers: for the sequence, or for each step. */
  readonly target: unknown;
}

/** Rows of numbers; a plain list of numbers becomes rows of one number each. Undefined for anything else. */
export function rowsOf(value: unknown): readonly (readonly number[])[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const rows = value.map((row: unknown) => (Array.isArray(row) ? row : [row]));
  return rows.flat().every((number) => typeof number === "number") ? (rows as number[][]) : undefined;
}

/** A sequence as an example, without a target. @throws DataError if it does not fit the network */
export function sequenceExample({ input: net }: Network, input: SequenceInput, place: Place = {}): Example {
  const fail = (problem: string): DataError =>
    new DataError({
      file: place.file ?? "data",
      ...(place.line === undefined ? {} : { line: place.line }),
      problem,
      remedy:
        "A sequence is a list of token ids, [3, 1, 4], or of the numbers of each step, [[0.5, 1], [0, 2]].",
    });
  const rows = rowsOf(input);
  if (rows === undefined) throw fail("has an input that is not a list of numbers");
  const width = "width" in net ? net.width : 1;
  const step = rows.findIndex((row) => row.length !== width);
  if (step >= 0)
    throw fail(`step ${step + 1} has ${rows[step]?.length} numbers, but the network takes ${width}`);
  if ("vocabulary" in net) {
    const { vocabulary } = net;
    const odd = rows.findIndex(([id = -1]) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
    if (odd >= 0)
      throw fail(`step ${odd + 1} is ${rows[odd]}, but token ids run from 0 to ${vocabulary - 1}`);
  }
  return { input: rows.flat() };
}

/** A sequence as an example with its target. @throws DataError if one of them does not fit the network */
export function labelledSequence(net: Network, { input, target, ...place }: SequenceExample): Example {
  const example = sequenceExample(net, input, place);
  const { loss, output } = net;
  const isClass = losses[loss].target === "class";
  const pools = output.over === "sequences";
  const each = isClass ? `a class from 0 to ${output.width - 1}` : `${output.width} numbers`;
  const wrong = (problem: string): DataError =>
    new DataError({
      file: place.file ?? "data",
      ...(place.line === undefined ? {} : { line: place.line }),
      problem,
      remedy: `It needs ${each} for ${pools ? "the sequence" : "every step"}.`,
    });
  const numbers = (typeof target === "number" ? [[target]] : rowsOf(target))?.flat();
  if (numbers === undefined) throw wrong('has no "target" of numbers');
  const wanted = (pools ? 1 : input.length) * (isClass ? 1 : output.width);
  if (numbers.length !== wanted) throw wrong(`has a target of ${numbers.length} numbers, not ${wanted}`);
  const odd = numbers.find(
    (value) => isClass && !(Number.isInteger(value) && value >= 0 && value < output.width),
  );
  if (odd !== undefined) throw wrong(`has the target ${odd}`);
  return { ...example, target: numbers };
}
