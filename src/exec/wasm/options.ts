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
}
