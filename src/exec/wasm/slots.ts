/**
 * The slots of a program: ints in linear memory through which rows learn their row counts, first rows and the
 * tables of the batch. The driver sets them before a run, loops while they run; kernels only read them.
 */
import { type Plan, type Space, spaceParts } from "../../plan/plan.js";
import type { Alignment, Packing } from "../../tensor/packing.js";
import type { Batch, Capacity } from "../executor.js";
import type { LinearMemory } from "./memory.js";
import * as t from "./table.js";

/** "reader:source", as a batch names its alignments. */
export const alignmentKey = (parts: { readonly packing: string; readonly source: string }): string =>
  `${parts.packing}:${parts.source}`;

/** A packing's or an alignment's first slot. */
interface Place {
  readonly key: string;
  readonly slot: number;
}

/** Addresses of slots, and the writing of a batch into them. */
export class Slots {
  /** A slot that holds 0: the first row of what has no other. */
  readonly zero: number;
  private readonly memory: LinearMemory;
  private readonly allocate: (bytes: number) => number;
  private readonly packings = new Map<string, number>();
  private readonly alignments = new Map<string, number>();
  /** The entries of the two maps in lists: going through a map allocates, and `write` must not. */
  private packingList: readonly Place[] = [];
  private alignmentList: readonly Place[] = [];
  private readonly counts = new Map<number, number>();

  constructor(memory: LinearMemory, allocate: (bytes: number) => number) {
    this.memory = memory;
    this.allocate = allocate;
    this.zero = allocate(4);
  }

  /** Makes room for the tables of a plan's packings and alignments at full capacity. */
  reserve(plan: Plan, alignments: readonly string[], capacity: Readonly<Record<string, Capacity>>): void {
    for (const name of plan.packings) {
      const { T } = capacity[name] as Capacity;
      const slot = this.allocate(4 * t.PACKING_SIZE);
      const offsets = this.allocate(4 * (T + 1));
      const active = this.allocate(4 * T);
      this.memory.ints[slot / 4 + t.PACKING_OFFSETS] = offsets;
      this.memory.ints[slot / 4 + t.PACKING_ACTIVE] = active;
      this.packings.set(name, slot);
    }
    for (const key of alignments) {
      const [reader = ""] = key.split(":");
      const slot = this.allocate(4 * t.ALIGNMENT_SIZE);
      const offsets = this.allocate(4 * ((capacity[reader] as Capacity).B + 1));
      this.memory.ints[slot / 4 + t.ALIGNMENT_OFFSETS] = offsets;
      this.alignments.set(key, slot);
    }
    const listOf = (slots: ReadonlyMap<string, number>): Place[] =>
      [...slots].map(([key, slot]) => ({ key, slot }));
    this.packingList = listOf(this.packings);
    this.alignmentList = listOf(this.alignments);
  }

  /** First slot of a packing. */
  packing(name: string): number {
    return this.packings.get(name) as number;
  }

  /** First slot of an alignment. */
  alignment(key: string): number {
    return this.alignments.get(key) as number;
  }

  /** First slots of the alignments whose reading packing this is. */
  alignmentsRead(reader: string): number[] {
    return [...this.alignments].flatMap(([key, slot]) => (key.startsWith(`${reader}:`) ? [slot] : []));
  }

  /** Slot that always holds `value`. */
  count(value: number): number {
    const there = this.counts.get(value);
    if (there !== undefined) return there;
    const slot = this.allocate(4);
    this.memory.ints[slot / 4] = value;
    this.counts.set(value, slot);
    return slot;
  }

  /** Slot of the number of rows a step over `space` has, at this moment of a loop. */
  rows(space: Space): number {
    const parts = spaceParts(space);
    if (parts.over === "rows") return this.count(parts.count);
    if (parts.over === "aligned") return this.alignment(alignmentKey(parts)) + 4 * t.ALIGNMENT_ROWS;
    const field = parts.over === "tokens" ? t.PACKING_TOKENS : t.PACKING_SEQUENCES;
    return this.packing(parts.packing) + 4 * field;
  }

  /** Slot of the number of rows a whole buffer of `space` has in this batch. */
  allRows(space: Space): number {
    const parts = spaceParts(space);
    if (parts.over === "rows") return this.count(parts.count);
    if (parts.over === "aligned") return this.alignment(alignmentKey(parts)) + 4 * t.ALIGNMENT_N;
    return this.packing(parts.packing) + 4 * (parts.over === "tokens" ? t.PACKING_N : t.PACKING_B);
  }

  /** Slot of the first row that a step sees of a buffer of `space`. */
  first(space: Space): number {
    const parts = spaceParts(space);
    return parts.over === "tokens" ? this.packing(parts.packing) + 4 * t.PACKING_FIRST : this.zero;
  }

  /** Sets all slots for a batch that is known to fit. */
  write(batch: Batch): void {
    const { ints } = this.memory;
    for (const { key, slot } of this.packingList) {
      const { B, T, N, offsets, active } = batch.packings[key] as Packing;
      const at = slot / 4;
      ints[at + t.PACKING_FIRST] = 0;
      ints[at + t.PACKING_TOKENS] = N;
      ints[at + t.PACKING_SEQUENCES] = B;
      ints[at + t.PACKING_N] = N;
      ints[at + t.PACKING_B] = B;
      ints[at + t.PACKING_T] = T;
      ints.set(offsets, ((ints[at + t.PACKING_OFFSETS] as number) >>> 0) / 4);
      ints.set(active, ((ints[at + t.PACKING_ACTIVE] as number) >>> 0) / 4);
    }
    for (const { key, slot } of this.alignmentList) {
      const { offsets, rowOf } = (batch.alignments as Readonly<Record<string, Alignment>>)[key] as Alignment;
      const at = slot / 4;
      ints[at + t.ALIGNMENT_ROWS] = rowOf.length;
      ints[at + t.ALIGNMENT_N] = rowOf.length;
      ints.set(offsets, ((ints[at + t.ALIGNMENT_OFFSETS] as number) >>> 0) / 4);
    }
  }
}
