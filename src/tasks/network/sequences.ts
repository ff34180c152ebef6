/**
 * Sequences as a plain network reads them: token ids, or steps of numbers, and targets if there are any. They come from files
 * and requests, so their form is checked here, and every error names the place.
 */
import { DataError, type Place } from "../../data/index.js";
import { givenSteps, type Reading, readSteps } from "../../io/index.js";
import { exampleLength, losses } from "../../nn/build/index.js";
import type { Example, FlatInput, Network } from "../../nn/index.js";

/** Token ids, or the numbers of each step; if each step has one number, the inner lists may be left out. */
type Steps = readonly number[] | readonly (readonly number[])[];

/** A sequence; of a network with several inputs, one for each by its name. What is there once is one list of numbers. */
export type SequenceInput = Steps | Readonly<Record<string, Steps>>;

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

const fail = (place: Place, problem: string, several = false): DataError =>
  new DataError({
    file: place.file ?? "data",
    ...(place.line === undefined ? {} : { line: place.line }),
    problem,
    remedy: several
      ? 'The inputs go by their names: {"words": [3, 1, 4], "series": [[0.5, 1], [0, 2]]}.'
      : "A sequence is a list of token ids, [3, 1, 4], or of the numbers of each step, [[0.5, 1], [0, 2]].",
  });

/** A sequence as an example, without a target. @throws DataError if it does not fit the network */
export function sequenceExample({ input: net }: Network, input: SequenceInput, place: Place = {}): Example {
  if (!("inputs" in net)) return { input: stepsOf(net, input, place).flat() };
  const given: Readonly<Record<string, unknown>> = Object(input);
  const names = Object.keys(net.inputs);
  if (rowsOf(input) !== undefined || names.some((name) => !Object.hasOwn(given, name)))
    throw fail(place, `has no input for each of ${names.join(", ")}`, true);
  const values = Object.entries(net.inputs).map(([name, of]): [string, number[]] => {
    const value = given[name];
    // What is there once is one row, whose inner list may be left out.
    const rows = of.once && Array.isArray(value) && !Array.isArray(value[0]) ? [value] : value;
    const found = stepsOf(of, rows, place, ` "${name}"`);
    if (of.once && found.length !== 1)
      throw fail(place, `has ${found.length} rows in "${name}", not one`, true);
    return [name, found.flat()];
  });
  return { input: Object.fromEntries(values) };
}

function stepsOf(net: FlatInput, input: unknown, place: Place, named = ""): readonly (readonly number[])[] {
  const rows = rowsOf(input);
  if (rows === undefined) throw fail(place, `has an input${named} that is not a list of numbers`);
  const width = "width" in net ? net.width : 1;
  const step = rows.findIndex((row) => row.length !== width);
  const at = `step ${step + 1}${named === "" ? "" : ` of${named}`}`;
  if (step >= 0) throw fail(place, `${at} has ${rows[step]?.length} numbers, but the network takes ${width}`);
  if ("vocabulary" in net) {
    const { vocabulary } = net;
    const odd = rows.findIndex(([id = -1]) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
    if (odd >= 0)
      throw fail(place, `step ${odd + 1} is ${rows[odd]}, but token ids run from 0 to ${vocabulary - 1}`);
  }
  return rows;
}

/** An input as the network reads it, and what its outputs are those of. */
export interface ReadInput {
  readonly input: SequenceInput;
  /** What the network gave, as the model that was imported gives it. */
  readonly given: (outputs: readonly (readonly number[])[]) => readonly (readonly number[])[];
  /** What belongs to the steps that were given, of the steps that the network reads. */
  readonly kept: <T>(all: readonly T[]) => readonly T[];
}

/** Does with a sequence what an imported model does before its network. @throws DataError if it cannot */
export function readInput(
  { output }: Network,
  reading: Reading,
  input: SequenceInput,
  place: Place = {},
): ReadInput {
  const rows = rowsOf(input);
  const perStep = output.over === "tokens";
  const asItIs = {
    input,
    given: (all: readonly (readonly number[])[]) => all,
    kept: <T>(all: readonly T[]) => all,
  };
  if (rows === undefined || Object.keys(reading).length === 0) return asItIs;
  const read = readSteps(rows, reading, perStep);
  if (typeof read === "string")
    throw new DataError({
      file: place.file ?? "data",
      ...(place.line === undefined ? {} : { line: place.line }),
      problem: read,
      remedy: "So it is in the model that was imported.",
    });
  return {
    input: read.rows,
    given: (outputs) => givenSteps(outputs, read, reading, perStep),
    kept(all) {
      const inOrder = reading.backwards ? [...all].reverse() : all;
      return inOrder.filter((_, t) => read.places[t] !== read.places[t - 1]);
    },
  };
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
  const wanted = (pools ? 1 : exampleLength(net, example)) * (isClass ? 1 : output.width);
  if (numbers.length !== wanted) throw wrong(`has a target of ${numbers.length} numbers, not ${wanted}`);
  const odd = numbers.find(
    (value) => isClass && !(Number.isInteger(value) && value >= 0 && value < output.width),
  );
  if (odd !== undefined) throw wrong(`has the target ${odd}`);
  return { ...example, target: numbers };
}
