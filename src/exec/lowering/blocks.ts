/**
 * Which bytes of a memory are taken: first fit over a list of free ranges, growing at the end. Blocks are aligned to cache
 * lines.
 */
import { ALIGNMENT_BYTES } from "./layout.js";

/** Some bytes. */
export interface Range {
  readonly address: number;
  readonly bytes: number;
}

const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;

/** A guarded resource: an address is only valid until it is given back. */
export class Blocks {
  private free: Range[] = [];
  private readonly taken = new Map<number, number>();
  /** End of the last block ever handed out. */
  private end: number;
  private held = 0;
  private readonly reach: (end: number) => void;

  /**
   * @param start where blocks begin
   * @param reach makes the memory reach to an address, or throws; called before a block passes the end
   */
  constructor(start: number, reach: (end: number) => void) {
    this.end = align(start);
    this.reach = reach;
  }

  /** Bytes of all blocks. */
  get bytes(): number {
    return this.held;
  }

  /** A block, and whether its bytes were never part of one before. @throws what `reach` does */
  take(bytes: number): Range & { readonly isNew: boolean } {
    const size = align(Math.max(bytes, 1));
    const place = this.free.findIndex((range) => range.bytes >= size);
    const range = this.free[place] ?? this.tail();
    const address = range?.address ?? this.end;
    if (address + size > this.end) {
      this.reach(address + size);
      this.end = address + size;
    }
    if (range) {
      const rest = { address: address + size, bytes: range.bytes - size };
      this.free.splice(this.free.indexOf(range), 1, ...(rest.bytes > 0 ? [rest] : []));
    }
    this.taken.set(address, size);
    this.held += size;
    return { address, bytes: size, isNew: range === undefined };
  }

  /** The free range at the end, which a block that fits nowhere begins in. */
  private tail(): Range | undefined {
    const last = this.free.at(-1);
    return last && last.address + last.bytes === this.end ? last : undefined;
  }

  /** Gives a block back, once. */
  give(address: number): void {
    const bytes = this.taken.get(address) ?? 0;
    this.taken.delete(address);
    this.held -= bytes;
    const joined: Range[] = [];
    for (const range of [...this.free, { address, bytes }].sort((a, b) => a.address - b.address)) {
      const last = joined.at(-1);
      if (last && last.address + last.bytes === range.address) {
        joined[joined.length - 1] = { address: last.address, bytes: last.bytes + range.bytes };
      } else joined.push(range);
    }
    this.free = joined;
  }
}
