/**
 * Loading the kernels: finding the bytes, compiling them, making the shared memory that they import.
 */
import { ExecutorError } from "../executor.js";
import { LinearMemory, MOST_BYTES } from "./memory.js";
import type { TierName, WasmOptions } from "./options.js";
import { chooseTier, tiers } from "./tiers.js";

/** What the kernels export (assembly/index.ts). */
export interface Kernels {
  heapStart(): number;
  panelColumns(): number;
  run(header: number, repack: number): void;
  /** For workers; see workers.ts. */
  serve(team: number, thread: number): void;
  /** Marks a team as failed and wakes all who wait; `messageBytes` of a message are in its memory. */
  fail(team: number, messageBytes: number): void;
}

/** The kernels in a memory of their own. */
export interface Engine {
  /** What workers instantiate again, on the same memory. */
  readonly module: WebAssembly.Module;
  readonly kernels: Kernels;
  readonly memory: LinearMemory;
  readonly tier: TierName;
  /** The most that memory can grow to. */
  readonly mostBytes: number;
}

const PAGE = 65_536;
/** Pages that the kernels' import asks for at least (tools/build.mjs). */
const INITIAL_PAGES = 16;

/** @throws ExecutorError if the file cannot be read or the engine lacks SIMD or shared memory */
export async function loadEngine(options: WasmOptions): Promise<Engine> {
  const tier = chooseTier(options.tier ?? (options.module ? "simd" : "auto"));
  const source = options.module ?? tiers[tier].file;
  const bytes = source instanceof URL ? await readBytes(source) : (source as BufferSource);
  const { memory, mostBytes } = await createMemory(options.maximumBytes);
  let module: WebAssembly.Module;
  let instance: WebAssembly.Instance;
  try {
    module = await WebAssembly.compile(bytes);
    instance = await WebAssembly.instantiate(module, { env: { memory } });
  } catch (cause) {
    throw new ExecutorError(`the kernels do not run here: needed is ${tiers[tier].needs}`, { cause });
  }
  const kernels = instance.exports as unknown as Kernels;
  const held = new LinearMemory(memory, kernels.heapStart() >>> 0, mostBytes);
  return { module, kernels, memory: held, tier, mostBytes };
}

async function readBytes(url: URL): Promise<BufferSource> {
  try {
    // Asked of the process and not imported, so that bundlers for browsers have nothing to resolve.
    if (url.protocol === "file:") return await process.getBuiltinModule("node:fs/promises").readFile(url);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.arrayBuffer();
  } catch (cause) {
    throw new ExecutorError(`the kernels could not be read from ${url}; give their place as options.module`, {
      cause,
    });
  }
}

/** The least that is reserved by itself: small networks take no more. */
const LEAST_BYTES = 64 * 2 ** 20;

/** Memory, and how far it can grow. */
interface Reserved {
  readonly memory: WebAssembly.Memory;
  readonly mostBytes: number;
}

/**
 * Shared memory, which reserves its addresses up to its end when it is made. Where nobody says how much, and 4 GB of addresses
 * are not to be had (`ulimit -v`), it is a half, a quarter and so on: whoever trains is told what that allows.
 */
async function createMemory(wanted: number | undefined): Promise<Reserved> {
  const maximum = Math.floor((wanted ?? MOST_BYTES) / PAGE);
  if (!(maximum >= INITIAL_PAGES && maximum <= MOST_BYTES / PAGE))
    throw new ExecutorError(`maximumBytes is ${wanted}; it must lie between 1 MB and 4 GB`);
  const least = wanted === undefined ? LEAST_BYTES / PAGE : maximum;
  let reason: unknown;
  for (let pages = maximum; pages >= least; pages /= 2) {
    try {
      const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: pages, shared: true });
      return { memory, mostBytes: wanted ?? pages * PAGE };
    } catch (cause) {
      reason = cause;
    }
  }
  // Loaded when it is needed: hardly any page comes to this.
  const { noMemory } = await import("./no-memory.js");
  throw noMemory(least * PAGE, { wanted, reason });
}
