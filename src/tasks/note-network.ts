/**
 * Piano-rolls as a network reads them: 88 numbers a step, 1 for each key that sounds, and 88 sigmoids for the next step. A
 * piece begins with a silent step, from which its first step is predicted: so music can begin from nothing.
 */
import type { Cell } from "../cell/cell.js";
import { DataError, pianoKeys, type Roll } from "../data/index.js";
import {
  dropout,
  type Example,
  type Layer,
  linear,
  type Network,
  network,
  recurrent,
  type Zoneout,
} from "../nn/index.js";

/** The options of the network. */
export interface NoteNetworkOptions {
  readonly cell: Cell;
  readonly units: readonly number[];
  readonly dropout: number;
  readonly inputDropout: number;
  readonly recurrentDropout: number;
  readonly zoneout: Zoneout;
}

/** Dropped keys, then for each layer its cell and dropout, then a sigmoid for each key. */
export function noteNetwork(options: NoteNetworkOptions): Network {
  const { cell, units, dropout: rate, inputDropout, recurrentDropout, zoneout } = options;
  if (units.length === 0)
    throw new RangeError("units is an empty list; give the hidden units of each layer, as in [46]");
  const layers = units.flatMap((n): Layer[] => [
    recurrent({ cell, units: n, recurrentDropout, zoneout }),
    dropout({ rate }),
  ]);
  const input = inputDropout > 0 ? [dropout({ rate: inputDropout })] : [];
  return network({
    input: { width: pianoKeys.count },
    layers: [...input, ...layers, linear({ units: pianoKeys.count })],
    loss: "binaryCrossEntropy",
  });
}

/** A step as numbers. @throws DataError naming the note that a piano does not have */
export function stepNumbers(step: readonly number[], out = new Float32Array(pianoKeys.count)): Float32Array {
  for (const pitch of step) {
    const key = pitch - pianoKeys.lowest;
    if (!(Number.isInteger(key) && key >= 0 && key < pianoKeys.count))
      throw new DataError({
        file: "data",
        problem: `a step holds the note ${pitch}`,
        remedy: `Notes are MIDI numbers of the piano's keys, ${pianoKeys.lowest} to ${pianoKeys.highest}.`,
      });
    out[key] = 1;
  }
  return out;
}

/**
 * Steps `from` to `to` − 1 of a piece, each predicted from those before it: what is read first is the step before `from`,
 * or silence.
 */
export function noteExample(roll: Roll, from = 0, to = roll.length): Example {
  const { count } = pianoKeys;
  const [input, target] = [new Float32Array((to - from) * count), new Float32Array((to - from) * count)];
  for (let t = from; t < to; t++) {
    const place = (t - from) * count;
    stepNumbers(roll[t - 1] ?? [], input.subarray(place, place + count));
    stepNumbers(roll[t] as readonly number[], target.subarray(place, place + count));
  }
  return { input, target };
}

/** A piece in examples of at most so many steps, as even as can be. */
export function noteExamples(roll: Roll, most: number): Example[] {
  const parts = Math.ceil(roll.length / most);
  const border = (part: number): number => Math.round((part * roll.length) / parts);
  return Array.from({ length: parts }, (_, part) => noteExample(roll, border(part), border(part + 1)));
}
