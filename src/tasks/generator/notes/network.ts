/**
 * The network of a generator of piano-rolls, and its examples: any recurrent stack between the input and the output
 * (output.ts). A piece begins with silence, from which its first step is predicted, so music can start from nothing.
 */
import type { Cell } from "../../../cell/cell.js";
import type { Roll } from "../../../data/index.js";
import {
  dropout,
  type Example,
  type Layer,
  linear,
  type Network,
  network,
  recurrent,
  type Zoneout,
} from "../../../nn/index.js";
import { type NoteOutput, noteOutputs } from "./output.js";

/** The options of the network. */
export interface NoteNetworkOptions {
  readonly output: NoteOutput;
  readonly cell: Cell;
  readonly units: readonly number[];
  readonly dropout: number;
  readonly inputDropout: number;
  readonly recurrentDropout: number;
  readonly zoneout: Zoneout;
}

/** Dropped keys, then for each layer its cell and dropout, then the output. */
export function noteNetwork(options: NoteNetworkOptions): Network {
  const { output, cell, units, dropout: rate, inputDropout, recurrentDropout, zoneout } = options;
  const layers = units.flatMap((n): Layer[] => [
    recurrent({ cell, units: n, recurrentDropout, zoneout }),
    dropout({ rate }),
  ]);
  const { input, width, loss } = noteOutputs[output];
  const read = inputDropout > 0 ? [dropout({ rate: inputDropout })] : [];
  return network({ input, layers: [...read, ...layers, linear({ units: width })], loss });
}

/** The name of the output's biases. */
export const outputBias = "linear1.b_y";

/** Steps `from` to `to` − 1 of a piece, each predicted from those before it; before the first is silence. */
export const noteExample = (output: NoteOutput, roll: Roll, from = 0, to = roll.length): Example =>
  noteOutputs[output].example(roll, from, to);

/** A piece cut into examples of at most this many steps, as evenly as possible. */
export function noteExamples(output: NoteOutput, roll: Roll, most: number): Example[] {
  const parts = Math.ceil(roll.length / most);
  const border = (part: number): number => Math.round((part * roll.length) / parts);
  return Array.from({ length: parts }, (_, part) =>
    noteExample(output, roll, border(part), border(part + 1)),
  );
}

/**
 * A piece as it is judged: the whole of it, and its first step alone. Published figures do not count the first step, which
 * nothing precedes; here it is predicted from silence, and exactly its loss is subtracted again.
 */
export const wholeAndOpening = (output: NoteOutput, roll: Roll): Example[] => [
  noteExample(output, roll),
  noteExample(output, roll, 0, 1),
];
