/**
 * The options of the wasm executor, apart from what uses them: public types name nothing that a project without
 * the browser's type library does not know.
 */

/** How to create a wasm executor. */
export interface WasmOptions {
  /**
   * Where the kernels are, or their bytes. Default: `kernels.simd.wasm` beside this file. Needed where a
   * bundler moves files without noticing `new URL(..., import.meta.url)`.
   */
  readonly module?: URL | ArrayBuffer | Uint8Array;
  /**
   * The most memory the executor may ever hold. Default: 4 GB, which only reserves addresses; lower it where
   * that much cannot be reserved.
   */
  readonly maximumBytes?: number;
  /**
   * How many threads run a plan, this one among them. Default: 1. Results are the same bits for any number. More
   * than one starts workers, which end with `dispose` and do not keep a process alive. The thread that calls `run`
   * must be allowed to wait: in a browser, threads need the executor inside a worker.
   */
  readonly threads?: number;
}
