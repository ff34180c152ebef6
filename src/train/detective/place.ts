/**
 * Where in the data a number of a plan belongs: its example, its time step, and both in words.
 */

import { names } from "../../nn/build/index.js";
import type { Example, Network } from "../../nn/index.js";
import { spaceParts } from "../../plan/index.js";
import { placeOfRow, timeOfRow } from "../../tensor/packing.js";
import type { Spot } from "./observe.js";

/** A place in the data. */
export interface Place {
  /** What the example is called. */
  readonly example?: string;
  /** Its time step, from 0; of a sequence inside it or beside it, that one's. */
  readonly time?: number;
  /** All of it, for people. */
  readonly text: string;
}

/** The examples that a spot may be of. */
interface Data {
  readonly net: Network;
  readonly examples: readonly Example[];
  readonly nameOf: (example: Example) => string;
}

/** The place of a number. */
export function placeOf(spot: Spot, { examples, nameOf }: Data): Place {
  const { time, packing, place } = coordinates(spot);
  const own = packing === names.packing;
  const caller = own && place !== undefined ? spot.batch.packings[packing]?.order[place] : undefined;
  const found = examples.length === 1 ? examples[0] : caller === undefined ? undefined : examples[caller];
  const example = found && nameOf(found);
  const step = time === undefined ? "" : ` at step ${time}${own ? "" : ` of ${packing}`}`;
  const of = example === undefined ? " of the batch as a whole" : ` of ${example}`;
  return {
    ...(example === undefined ? {} : { example }),
    ...(time === undefined ? {} : { time }),
    text: `${spot.buffer}, feature ${spot.feature},${step}${of}`,
  };
}

/** Sequence and time of a row, where its space has them. */
function coordinates({ space, row, time, batch }: Spot): {
  readonly packing?: string;
  readonly place?: number;
  readonly time?: number;
} {
  const parts = spaceParts(space);
  if (parts.over === "rows") return {};
  const { packing } = parts;
  const tables = batch.packings[packing]!;
  const known = time === undefined ? {} : { time };
  if (parts.over === "sequences") return { packing, place: row, ...known };
  if (parts.over === "aligned") {
    const alignment = batch.alignments?.[`${packing}:${parts.source}`];
    return { packing, place: alignment!.segmentOf[row]!, ...known };
  }
  return { packing, place: placeOfRow(tables)[row]!, time: timeOfRow(tables)[row]! };
}
