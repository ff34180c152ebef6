/**
 * The options of the wasm executor, apart from what uses them: public types name nothing that a project without
 * the browser's type library does not know.
 */

/** The builds of the kernels, the plainest first. */
export const tierNames = ["simd", "relaxed", "paired"] as const;

/**
 * A build of the kernels: `simd` runs wherever WebAssembly has SIMD and threads; `relaxed` also fuses product and
 * sum (Node 24, browsers of 2024); `paired` is `relaxed` with V8 told to pair 128-bit operations into 256.
 */
export type TierName = (typeof tierNames)[number];

/** How to create a wasm executor. */
export interface WasmOptions {
  /**
   * Which build to run. Default "auto": `relaxed` where the engine knows it, else `simd`. `paired` is about twice as
   * fast as `relaxed`, but sets an experimental flag of V8 for the whole process: it is chosen only by its name, or by
   * "fastest" where it runs, which is for processes of one's own.
   */
  readonly tier?: TierName | "auto" | "fastest";
  /**
   * Where the kernels are, or their bytes; name their tier too if it is not `simd`. Default: the tier's file beside
   * this one. Needed where a bundler moves files without noticing `new URL(..., import.meta.url)`.
   */
  readonly module?: URL | ArrayBuffer | Uint8Array;
  /**
   * The most memory the executor may ever hold. Default: 4 GB, which only reserves addresses; or, where so many cannot be
   * reserved, 2 GB, 1 GB and so on.
   */
  readonly maximumBytes?: number;
  /**
   * How many threads run a plan, this one among them. Default: 1. Results are the same bits for any number. More
   * than one starts workers, which end with `dispose` and do not keep a process alive. The thread that calls `run`
   * must be allowed to wait: in a browser, threads need the executor inside a worker.
   */
  readonly threads?: number;
}
