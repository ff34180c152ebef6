/**
 * Piano-rolls from a JSON file: `{ "train": […], "valid": […], "test": […] }`, each a list of pieces, a piece a list of steps,
 * a step a list of the MIDI numbers that sound. The data sets of Boulanger-Lewandowski, Bengio and Vincent (2012) are
 * distributed in this form. "train" is required, the other parts are optional.
 */
import { parseJsonText } from "../../io/json.js";
import { DataError } from "../errors.js";
import { readText, requireSource, type Source } from "../source.js";
import { pianoKeys, type Roll } from "./roll.js";

/** The parts of a file of rolls. */
export interface RollParts {
  readonly train: readonly Roll[];
  readonly valid?: readonly Roll[];
  readonly test?: readonly Roll[];
}

const parts = ["train", "valid", "test"] as const;

/**
 * Reads a file of rolls.
 *
 * ```ts
 * import { readRolls, textSource } from "unrolled/data";
 * const file = textSource("tunes.json", '{"train": [[[60, 64], [67]]]}');
 * (await readRolls(file)).train[0]; // [[60, 64], [67]]
 * ```
 *
 * @throws DataError naming the place of a number that is not a note of a piano, or of something that should be a list
 */
export async function readRolls(source: Source): Promise<RollParts> {
  requireSource(source);
  const file = source.name;
  const json = parse(await readText(source), file);
  const lists = json as Readonly<Record<string, unknown>> | null;
  if (lists === null || typeof lists !== "object" || Array.isArray(lists) || !("train" in lists))
    throw new DataError({
      file,
      problem: 'has no "train"',
      remedy: 'Piano-rolls are {"train": [...], "valid": [...], "test": [...]}, each a list of pieces.',
    });
  const found = parts.flatMap((part) => (part in lists ? [[part, rollsOf(lists[part], part, file)]] : []));
  return Object.fromEntries(found) as RollParts;
}

function parse(text: string, file: string): unknown {
  const result = parseJsonText(text);
  if ("value" in result) return result.value;
  throw new DataError({
    file,
    problem: result.problem,
    remedy: "It may be truncated; fetch or save it again.",
  });
}

function rollsOf(value: unknown, part: string, file: string): Roll[] {
  const list = (of: unknown, place: string): readonly unknown[] => {
    if (Array.isArray(of)) return of;
    throw new DataError({
      file,
      problem: `${place} is not a list`,
      remedy: "A part is a list of pieces, a piece of steps, a step of MIDI numbers.",
    });
  };
  return list(value, part).map((piece, p) =>
    list(piece, `${part}[${p}]`).map((step, t) => {
      const place = `${part}[${p}][${t}]`;
      const pitches = list(step, place).map((pitch) => pianoKey(pitch, place, file));
      return [...new Set(pitches)].sort((a, b) => a - b);
    }),
  );
}

function pianoKey(pitch: unknown, place: string, file: string): number {
  const { lowest, highest } = pianoKeys;
  if (Number.isInteger(pitch) && (pitch as number) >= lowest && (pitch as number) <= highest)
    return pitch as number;
  throw new DataError({
    file,
    problem: `${place} holds ${JSON.stringify(pitch)}`,
    remedy: `Notes are MIDI numbers of the piano's keys, ${lowest} to ${highest}; 60 is middle C.`,
  });
}
