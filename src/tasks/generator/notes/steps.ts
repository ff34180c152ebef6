/**
 * The steps of a piano-roll as keys, counted from 0, and as 88 numbers.
 */
import { DataError, pianoKeys } from "../../../data/index.js";

/** The keys of a step, ascending, each once. @throws DataError naming a note that is not on a piano */
export function keysOf(step: readonly number[]): number[] {
  const keys = step.map((pitch) => {
    const key = pitch - pianoKeys.lowest;
    if (Number.isInteger(key) && key >= 0 && key < pianoKeys.count) return key;
    throw new DataError({
      file: "data",
      problem: `a step holds the note ${pitch}`,
      remedy: `Notes are MIDI numbers of the piano's keys, ${pianoKeys.lowest} to ${pianoKeys.highest}.`,
    });
  });
  return [...new Set(keys)].sort((a, b) => a - b);
}

/** A step as numbers: 1 for each key that sounds. @throws DataError as {@link keysOf} */
export function stepNumbers(step: readonly number[], out = new Float32Array(pianoKeys.count)): Float32Array {
  for (const key of keysOf(step)) out[key] = 1;
  return out;
}
