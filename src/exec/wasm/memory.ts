/**
 * The executor's linear memory and its allocator: first fit over a list of free ranges, growing at the end.
 * Blocks are aligned to cache lines and zero when handed out. Memory grows only here, which is only called
 * while a plan is prepared; a shared buffer's old views stay valid but short, so views are taken anew.
 */
import { ExecutorError } from "../executor.js";
import { ALIGNMENT_BYTES } from "../lowering/layout.js";

const PAGE = 65_536;

/** What 32-bit addresses reach. */
export const MOST_BYTES = 65_536 * PAGE;

interface Range {
  readonly address: number;
  readonly bytes: number;
}

/** A guarded resource: addresses are only valid until `free`. */
export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  /** Where blocks start: behind the constants of the kernels. */
  private readonly start: number;
  private free: Range[] = [];
  private readonly taken = new Map<number, number>();
  /** End of the last block ever handed out: memory behind it is still zero. */
  private end: number;
  private held = 0;
  private views: { buffer: ArrayBufferLike; ints: Int32Array; floats: Float32Array };

  constructor(memory: WebAssembly.Memory, start: number) {
    this.memory = memory;
    this.start = align(start);
    this.end = this.start;
    this.views = viewsOf(memory);
  }

  /** Bytes of all blocks. */
  get bytes(): number {
    return this.held;
  }

  /** All of memory as int32; the view is good until the next `allocate`. */
  get ints(): Int32Array {
    return this.current().ints;
  }

  /** All of memory as float32; the view is good until the next `allocate`. */
  get floats(): Float32Array {
    return this.current().floats;
  }

  /** A block of zeros. @throws ExecutorError if memory cannot grow so far */
  allocate(bytes: number): number {
    const size = align(Math.max(bytes, 1));
    const place = this.free.findIndex((range) => range.bytes >= size);
    const range = this.free[place];
    const address = range ? range.address : this.append(size);
    if (range) {
      const rest = { address: address + size, bytes: range.bytes - size };
      this.free.splice(place, 1, ...(rest.bytes > 0 ? [rest] : []));
      this.ints.fill(0, address / 4, (address + size) / 4);
    }
    this.taken.set(address, size);
    this.held += size;
    return address;
  }

  /** Gives a block back, once. */
  release(address: number): void {
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

  private append(size: number): number {
    const address = this.end;
    const missing = address + size - this.memory.buffer.byteLength;
    if (missing > 0) this.grow(Math.ceil(missing / PAGE));
    this.end = address + size;
    return address;
  }

  private grow(pages: number): void {
    try {
      this.memory.grow(pages);
    } catch (cause) {
      const now = Math.round(this.memory.buffer.byteLength / 2 ** 20);
      throw new ExecutorError(
        `the wasm executor holds ${now} MB and could not get ${Math.ceil(pages / 16)} MB more; ` +
          "prepare for smaller batches, dispose of programs that are done, or raise maximumBytes (4 GB at most)",
        { cause },
      );
    }
  }

  private current(): { ints: Int32Array; floats: Float32Array } {
    if (this.views.buffer !== this.memory.buffer) this.views = viewsOf(this.memory);
    return this.views;
  }
}

const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;

function viewsOf(memory: WebAssembly.Memory): LinearMemory["views"] {
  const { buffer } = memory;
  return { buffer, ints: new Int32Array(buffer), floats: new Float32Array(buffer) };
}
