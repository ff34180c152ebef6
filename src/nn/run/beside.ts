/**
 * Sequences that the network's own attend to: inputs beside them, as the source of a translation, or they themselves. Here are
 * the tables by which a plan finds their rows and their sequences; align (tensor/packing.ts) makes them.
 */
import type { Program } from "../../exec/executor.js";
import { type Alignment, align, type Packing } from "../../tensor/packing.js";
import { packingOf, placeBeside, rowOf, stepOf } from "../names.js";

/** Writes where the sequences of an input beside the network's own lie, as far as the plan asks. */
export function writeBeside(program: Program, name: string, p: Packing, own: Packing): Alignment {
  const { buffers } = program.plan;
  if (placeBeside(name) in buffers) {
    const places = inverse(own.order);
    program.write(
      placeBeside(name),
      p.order.map((caller) => places[caller]!),
    );
  }
  return writeRows(program, packingOf(name), p, own);
}

/** Writes where the rows of a packing lie by the network's own sequences, as far as the plan asks. */
export function writeRows(program: Program, name: string, p: Packing, source: Packing): Alignment {
  const alignment = align(p, source);
  const { buffers } = program.plan;
  if (rowOf(name) in buffers) program.write(rowOf(name), alignment.rowOf);
  const steps = buffers[stepOf(name)];
  if (steps) program.write(steps.name, stepsOfRows(alignment, steps.width));
  return alignment;
}

/** Row after row, which step of its sequence it is: a one in so many columns. */
function stepsOfRows({ offsets, segmentOf }: Alignment, width: number): Float32Array {
  const out = new Float32Array(segmentOf.length * width);
  segmentOf.forEach((place, row) => {
    out[row * width + row - offsets[place]!] = 1;
  });
  return out;
}

/** The caller's index -> the place. */
export function inverse(order: Int32Array): Int32Array {
  const places = new Int32Array(order.length);
  order.forEach((caller, place) => {
    places[caller] = place;
  });
  return places;
}
