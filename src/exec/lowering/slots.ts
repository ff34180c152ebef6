/**
 * The slots of a program: ints behind the header of every thread, through which rows learn their row counts,
 * first rows and the tables of the batch. The driver sets them before a run, loops while they run; kernels only
 * read them. Here too: which places of a packing are whose.
 */
import { type Plan, type Space, spaceParts } from "../../plan/plan.js";
import type { Packing } from "../../tensor/packing.js";
import type { Batch, Capacity } from "../executor.js";
import { alignmentKey } from "./alignments.js";
import { ALIGNMENT_BYTES } from "./layout.js";
import * as t from "./table.js";

/** The memory that tables lie in, as int32; a view is good until memory grows. */
export interface TableMemory {
  readonly ints: Int32Array;
}

/** Where the headers of a program's threads lie: thread 0's address, and bytes from one to the next. */
export interface Headers {
  readonly address: number;
  readonly stride: number;
  readonly threads: number;
}

/** A packing's or an alignment's first slot. */
interface Place {
  readonly key: string;
  readonly slot: number;
}

/** Offsets of slots, and the writing of a batch into them. */
export class Slots {
  /** A slot that holds 0: the first row of what has no other. */
  readonly zero: number;
  private readonly memory: TableMemory;
  /** Values at first, from the end of the header on. */
  private readonly initial: number[] = [];
  private headers: Headers = { address: 0, stride: 0, threads: 0 };
  /** Where the places of each thread start in the batch that is being written. */
  private bounds = new Int32Array(1);
  private readonly packings = new Map<string, number>();
  private readonly alignments = new Map<string, number>();
  /** The entries of the two maps in lists: going through a map allocates, and `write` must not. */
  private packingList: readonly Place[] = [];
  private alignmentList: readonly Place[] = [];
  private readonly counts = new Map<number, number>();

  constructor(memory: TableMemory) {
    this.memory = memory;
    this.zero = this.add([0]);
  }

  /** Bytes of a thread's header with all slots so far, in whole cache lines: threads never write to one line. */
  get headerBytes(): number {
    return Math.ceil((4 * (t.HEADER_SIZE + this.initial.length)) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  }

  /** Tells where the headers are, when all slots are known; writes the slots behind each. */
  place(headers: Headers): void {
    this.headers = headers;
    this.bounds = new Int32Array(headers.threads + 1);
    const { address, stride, threads } = headers;
    for (let thread = 0; thread < threads; thread++) {
      this.memory.ints.set(this.initial, (address + thread * stride) / 4 + t.HEADER_SIZE);
    }
  }

  /** Makes room for the tables of a plan's packings and alignments at full capacity. */
  reserve(
    plan: Plan,
    alignments: readonly string[],
    room: {
      readonly capacity: Readonly<Record<string, Capacity>>;
      readonly allocate: (bytes: number) => number;
    },
  ): void {
    const { capacity, allocate } = room;
    for (const name of plan.packings) {
      const { T } = capacity[name]!;
      const slots = new Array<number>(t.PACKING_SIZE).fill(0);
      slots[t.PACKING_OFFSETS] = allocate(4 * (T + 1));
      slots[t.PACKING_ACTIVE] = allocate(4 * T);
      this.packings.set(name, this.add(slots));
    }
    for (const key of alignments) {
      const [reader = ""] = key.split(":");
      const slots = new Array<number>(t.ALIGNMENT_SIZE).fill(0);
      slots[t.ALIGNMENT_OFFSETS] = allocate(4 * (capacity[reader]!.B + 1));
      this.alignments.set(key, this.add(slots));
    }
    const listOf = (slots: ReadonlyMap<string, number>): Place[] =>
      [...slots].map(([key, slot]) => ({ key, slot }));
    this.packingList = listOf(this.packings);
    this.alignmentList = listOf(this.alignments);
  }

  /** First slot of a packing. */
  packing(name: string): number {
    return this.packings.get(name)!;
  }

  /** First slot of an alignment. */
  alignment(key: string): number {
    return this.alignments.get(key)!;
  }

  /** First slots of the alignments whose reading packing this is. */
  alignmentsRead(reader: string): number[] {
    return [...this.alignments].flatMap(([key, slot]) => (key.startsWith(`${reader}:`) ? [slot] : []));
  }

  /** Slot that always holds `value`. */
  count(value: number): number {
    const there = this.counts.get(value);
    if (there !== undefined) return there;
    const slot = this.add([value]);
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
    if (parts.over === "rows") return this.zero;
    if (parts.over === "aligned") return this.alignment(alignmentKey(parts)) + 4 * t.ALIGNMENT_FIRST;
    return this.packing(parts.packing) + 4 * (parts.over === "tokens" ? t.PACKING_FIRST : t.PACKING_PLACE);
  }

  /** Sets all slots for a batch that is known to fit. Allocates nothing: streams that take turns call it per step. */
  write(batch: Batch): void {
    const { ints } = this.memory;
    const { address, stride, threads } = this.headers;
    for (const { key, slot } of this.packingList) {
      const packing = batch.packings[key]!;
      const { B, T, N, offsets, active } = packing;
      placeBounds(packing, threads, this.bounds);
      for (let thread = 0; thread < threads; thread++) {
        const at = (address + thread * stride + slot) / 4;
        ints[at + t.PACKING_FIRST] = 0;
        ints[at + t.PACKING_TOKENS] = N;
        ints[at + t.PACKING_SEQUENCES] = B;
        ints[at + t.PACKING_PLACE] = 0;
        ints[at + t.PACKING_N] = N;
        ints[at + t.PACKING_B] = B;
        ints[at + t.PACKING_T] = T;
        ints[at + t.PACKING_FROM] = this.bounds[thread]!;
        ints[at + t.PACKING_TO] = this.bounds[thread + 1]!;
      }
      ints.set(offsets, this.pointer(slot + 4 * t.PACKING_OFFSETS));
      ints.set(active, this.pointer(slot + 4 * t.PACKING_ACTIVE));
    }
    for (const { key, slot } of this.alignmentList) {
      const { offsets, rowOf } = batch.alignments![key]!;
      for (let thread = 0; thread < threads; thread++) {
        const at = (address + thread * stride + slot) / 4;
        ints[at + t.ALIGNMENT_ROWS] = rowOf.length;
        ints[at + t.ALIGNMENT_FIRST] = 0;
        ints[at + t.ALIGNMENT_N] = rowOf.length;
      }
      ints.set(offsets, this.pointer(slot + 4 * t.ALIGNMENT_OFFSETS));
    }
  }

  private add(values: readonly number[]): number {
    return 4 * (t.HEADER_SIZE + this.initial.push(...values) - values.length);
  }

  /** What a slot points to, as an index in ints. */
  private pointer(slot: number): number {
    return (this.memory.ints[(this.headers.address + slot) / 4]! >>> 0) / 4;
  }
}

/** Boundaries start at even places: products go two rows at a time. */
const PLACE_GRAIN = 2;

/**
 * Where the places of each thread start, and B: threads + 1 numbers. Ranges hold about equally many tokens;
 * threads get none when there are more of them than places.
 *
 * @param bounds where they are written; returned
 */
export function placeBounds({ B, N, lengths }: Packing, threads: number, bounds: Int32Array): Int32Array {
  let next = 1;
  let tokens = 0;
  for (let place = 0; place < B && next < threads; place++) {
    if (place % PLACE_GRAIN === 0 && tokens * threads >= N * next) bounds[next++] = place;
    tokens += lengths[place]!;
  }
  bounds.fill(B, next);
  return bounds;
}
