/**
 * How buffers lie in a machine's memory: row strides, sizes, and which temporaries share memory.
 * Reals are float32, indices int32, one after another in the same units.
 */
import { lifetimes } from "../../plan/lifetimes.js";
import { bufferOf, type Plan, type PlanBuffer, type Space, spaceParts } from "../../plan/plan.js";
import { type Capacity, ExecutorError } from "../executor.js";

/** Rows of tokens and sequences are padded to whole panels of the widest product tile. */
const ROW_ALIGNMENT = 16;

/** Every buffer starts on a cache line. */
export const ALIGNMENT_BYTES = 64;

/**
 * Bytes behind every buffer: kernels work on vectors, and may read up to a panel's row past the last row of a
 * view; they write there only behind a buffer of one row, where nothing else is.
 */
const SLACK_BYTES = 64;

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/**
 * Floats from one row to the next. `rows:` buffers are dense, as in the API, so that parameters are flat
 * lists; width 1 is dense too; all else is padded, so that products store whole panels without a tail.
 */
export function rowStride(space: Space, width: number): number {
  return spaceParts(space).over === "rows" || width === 1 ? width : roundUp(width, ROW_ALIGNMENT);
}

/** Rows of a space at full capacity. @throws ExecutorError if the capacity of its packing is missing */
export function rowCapacity(space: Space, capacity: Readonly<Record<string, Capacity>>): number {
  const parts = spaceParts(space);
  if (parts.over === "rows") return parts.count;
  const packing = parts.over === "aligned" ? parts.source : parts.packing;
  const sizes = capacity[packing];
  if (!sizes) throw new ExecutorError(`the capacity of packing "${packing}" is missing`);
  return parts.over === "sequences" ? sizes.B : sizes.N;
}

/** Bytes of a buffer with room for `rows` rows, and the slack behind them. */
export function bufferBytes(buffer: PlanBuffer, rows: number): number {
  return roundUp(4 * rows * rowStride(buffer.space, buffer.width) + SLACK_BYTES, ALIGNMENT_BYTES);
}

/** True for buffers that belong to a session and not to a program. */
export const isPersistent = ({ role }: PlanBuffer): boolean => role === "parameter" || role === "slot";

/** Where each temporary lies in an arena, and the arena's size. */
export interface Arena {
  readonly bytes: number;
  readonly offsets: ReadonlyMap<string, number>;
}

interface Placed {
  readonly offset: number;
  readonly end: number;
  readonly first: number;
  readonly last: number;
}

/** Where something at an offset goes into a list by offset: after all that lie there or before. */
function placeAfter(placed: readonly Placed[], offset: number): number {
  let [low, high] = [0, placed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placed[middle]!.offset > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Lets temporaries share memory that do not live at the same time: the largest first, each at the lowest
 * place that is free for its whole life.
 */
export function temporaryArena(plan: Plan, capacity: Readonly<Record<string, Capacity>>): Arena {
  const sized = [...lifetimes(plan)].map(([name, lifetime]) => {
    const buffer = bufferOf(plan, name);
    return { name, ...lifetime, size: bufferBytes(buffer, rowCapacity(buffer.space, capacity)) };
  });
  sized.sort((a, b) => b.size - a.size || a.first - b.first);
  const placed: Placed[] = []; // by offset
  const offsets = new Map<string, number>();
  let bytes = 0;
  for (const { name, first, last, size } of sized) {
    let offset = 0;
    for (const other of placed) {
      if (other.last < first || other.first > last) continue;
      if (other.offset - offset >= size) break;
      offset = Math.max(offset, other.end);
    }
    offsets.set(name, offset);
    placed.splice(placeAfter(placed, offset), 0, { offset, end: offset + size, first, last });
    bytes = Math.max(bytes, offset + size);
  }
  return { bytes, offsets };
}
