/**
 * The executor's linear memory. Blocks are zero when handed out. Memory grows only here, which is only called
 * while a plan is prepared; a shared buffer's old views stay valid but short, so views are taken anew.
 */
import { ExecutorError } from "../executor.js";
import { Blocks } from "../lowering/blocks.js";
import type { MachineMemory } from "../lowering/machine.js";

const PAGE = 65_536;

/** What 32-bit addresses reach. */
export const MOST_BYTES = 65_536 * PAGE;

interface Views {
  readonly buffer: ArrayBufferLike;
  readonly ints: Int32Array;
  readonly floats: Float32Array;
}

/** A guarded resource: addresses are only valid until `release`. */
export class LinearMemory implements MachineMemory {
  readonly memory: WebAssembly.Memory;
  private readonly mostBytes: number;
  private readonly blocks: Blocks;
  private views: Views;

  /**
   * @param start where blocks begin: behind the constants of the kernels
   * @param mostBytes to which the memory can grow, for messages
   */
  constructor(memory: WebAssembly.Memory, start: number, mostBytes = MOST_BYTES) {
    [this.memory, this.mostBytes] = [memory, mostBytes];
    this.blocks = new Blocks(start, (end) => this.reach(end));
    this.views = viewsOf(memory);
  }

  get bytes(): number {
    return this.blocks.bytes;
  }

  get ints(): Int32Array {
    return this.current().ints;
  }

  get floats(): Float32Array {
    return this.current().floats;
  }

  allocate(bytes: number): number {
    const { address, bytes: size, isNew } = this.blocks.take(bytes);
    // What no block has held yet is still zero.
    if (!isNew) this.ints.fill(0, address / 4, (address + size) / 4);
    return address;
  }

  release(address: number): void {
    this.blocks.give(address);
  }

  private reach(end: number): void {
    const missing = end - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    const pages = Math.ceil(missing / PAGE);
    try {
      this.memory.grow(pages);
    } catch (cause) {
      const now = Math.round(this.memory.buffer.byteLength / 2 ** 20);
      throw new ExecutorError(
        `the wasm executor holds ${now} MB and could not get ${Math.ceil(pages / 16)} MB more, of ${Math.floor(this.mostBytes / 2 ** 20)} MB at most; ` +
          "prepare for smaller batches, or dispose of programs that are done",
        { cause },
      );
    }
  }

  private current(): Views {
    if (this.views.buffer !== this.memory.buffer) this.views = viewsOf(this.memory);
    return this.views;
  }
}

function viewsOf(memory: WebAssembly.Memory): Views {
  const { buffer } = memory;
  return { buffer, ints: new Int32Array(buffer), floats: new Float32Array(buffer) };
}
