/**
 * How much room examples take: the sequences, steps and rows that each brings to every packing of a batch. Memory is
 * sized from it once, for the largest batch.
 */
import type { Capacity } from "../../exec/executor.js";
import { names } from "../names.js";

/**
 * The room an example takes: its length where the network has one input, otherwise what it brings to each packing
 * ("batch", "batch.characters").
 */
export type Extent = number | Readonly<Record<string, Capacity>>;

/** The room of every packing. */
export type Room = Readonly<Record<string, Capacity>>;

const roomOf = (extent: Extent): Room =>
  typeof extent === "number" ? { [names.packing]: { B: 1, T: extent, N: extent } } : extent;

/** The capacity that batches of examples of the given extents need. */
export function capacityFor(batches: readonly (readonly Extent[])[]): Room {
  const most: Record<string, Capacity> = { [names.packing]: { B: 1, T: 1, N: 1 } };
  for (const batch of batches) {
    const sum: Record<string, Capacity> = {};
    for (const [packing, { B, T, N }] of batch.flatMap((extent) => Object.entries(roomOf(extent)))) {
      const before = sum[packing] ?? { B: 0, T: 0, N: 0 };
      sum[packing] = { B: before.B + B, T: Math.max(before.T, T), N: before.N + N };
    }
    for (const [packing, room] of Object.entries(sum))
      most[packing] = larger(most[packing] ?? { B: 1, T: 1, N: 1 }, room);
  }
  return most;
}

const larger = (a: Capacity, b: Capacity): Capacity => ({
  B: Math.max(a.B, b.B),
  T: Math.max(a.T, b.T),
  N: Math.max(a.N, b.N),
});

/** Room that both fit in. */
export function roomFor(a: Room, b: Room): Room {
  const out: Record<string, Capacity> = { ...a };
  for (const [packing, room] of Object.entries(b)) out[packing] = larger(out[packing] ?? room, room);
  return out;
}

/** Whether what needs `need` runs in `room`. */
export function fitsIn(room: Room, need: Room): boolean {
  return Object.entries(need).every(([packing, { B, T, N }]) => {
    const there = room[packing];
    return there !== undefined && B <= there.B && T <= there.T && N <= there.N;
  });
}

/** Steps of an example, on the network's own packing. */
export const stepsOfExtent = (extent: Extent): number => roomOf(extent)[names.packing]?.T ?? 0;

/** Extents of a batch of `count` examples that no other batch of these examples exceeds in anything. */
export function largestExtents(extents: readonly Extent[], count: number): Extent[] {
  const descending = (values: readonly number[]): number[] =>
    [...values].sort((a, b) => b - a).slice(0, count);
  if (extents.every((extent) => typeof extent === "number")) return descending(extents);
  const rooms = extents.map(roomOf);
  const out: Record<string, Capacity>[] = Array.from({ length: Math.min(count, rooms.length) }, () => ({}));
  for (const packing of new Set(rooms.flatMap(Object.keys))) {
    const [B, T, N] = (["B", "T", "N"] as const).map((key) =>
      descending(rooms.map((room) => room[packing]?.[key] ?? 0)),
    ) as [number[], number[], number[]];
    out.forEach((room, i) => {
      room[packing] = { B: B[i]!, T: T[i]!, N: N[i]! };
    });
  }
  return out;
}
