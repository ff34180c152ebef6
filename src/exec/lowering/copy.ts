/** Copies between the API's flat lists (rows × width, no padding) and buffers in a machine's memory. */
import type { PlanBuffer } from "../../plan/plan.js";
import type { BufferView } from "../executor.js";
import { rowStride } from "./layout.js";
import type { MachineMemory } from "./machine.js";

type Numbers = Float32Array | Int32Array;

const viewOf = (memory: MachineMemory, buffer: PlanBuffer): Numbers =>
  buffer.dtype === "index" ? memory.ints : memory.floats;

/** The rows of a buffer in place. */
export function viewIn(memory: MachineMemory, address: number, buffer: PlanBuffer, rows: number): BufferView {
  const stride = rowStride(buffer.space, buffer.width);
  const first = address / 4;
  return { values: viewOf(memory, buffer).subarray(first, first + rows * stride), stride };
}

/** Writes whole rows from row 0 on. Indices count modulo 2³², reals are rounded to float32. */
export function copyIn(
  memory: MachineMemory,
  address: number,
  buffer: PlanBuffer,
  values: ArrayLike<number>,
): void {
  const view = viewOf(memory, buffer);
  const { width } = buffer;
  const stride = rowStride(buffer.space, width);
  const first = address / 4;
  if (stride === width) return view.set(values, first);
  for (let i = 0, row = first; i < values.length; i += width, row += stride) {
    for (let f = 0; f < width; f++) view[row + f] = values[i + f]!;
  }
}

/** Reads `rows` rows from row 0 on. */
export function copyOut(
  memory: MachineMemory,
  address: number,
  buffer: PlanBuffer,
  rows: number,
): Float64Array {
  const view = viewOf(memory, buffer);
  const { width } = buffer;
  const stride = rowStride(buffer.space, width);
  const first = address / 4;
  const out = new Float64Array(rows * width);
  if (stride === width) {
    out.set(view.subarray(first, first + out.length));
    return out;
  }
  for (let i = 0, row = first; i < out.length; i += width, row += stride) {
    for (let f = 0; f < width; f++) out[i + f] = view[row + f]!;
  }
  return out;
}
