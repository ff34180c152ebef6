/**
 * `unrolled/exec/wasm`: the executor for every day. Kernels in WebAssembly (128-bit SIMD, one thread), a run of
 * a plan is one call.
 */
import type { Executor } from "../executor.js";
import { WasmExecutor } from "./executor.js";
import { loadEngine } from "./module.js";
import type { WasmOptions } from "./options.js";

export type { WasmOptions };

/**
 * Creates the wasm executor. Reals are float32. The outputs of a sequence are the same bits alone, in any batch
 * and in any order.
 *
 * ```ts
 * const executor = await createWasmExecutor();
 * const program = executor.prepare(plan, { words: { B: 32, T: 100, N: 3200 } });
 * ```
 *
 * @throws ExecutorError if the kernels cannot be loaded, or WebAssembly with SIMD and shared memory is missing
 */
export async function createWasmExecutor(options: WasmOptions = {}): Promise<Executor> {
  return new WasmExecutor(await loadEngine(options));
}
