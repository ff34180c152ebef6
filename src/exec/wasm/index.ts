/**
 * `unrolled/exec/wasm`: the executor for every day. Kernels in WebAssembly (128-bit SIMD, one thread or several), a
 * run of a plan is one call.
 */
import type { Executor } from "../executor.js";
import { WasmExecutor } from "./executor.js";
import { loadEngine } from "./module.js";
import type { WasmOptions } from "./options.js";
import { startTeam } from "./threads.js";

export type { WasmOptions };

/**
 * Creates the wasm executor. Reals are float32. The outputs of a sequence are the same bits alone, in any batch
 * and in any order; all results are, with any number of threads.
 *
 * ```ts
 * const executor = await createWasmExecutor();
 * const program = executor.prepare(plan, { words: { B: 32, T: 100, N: 3200 } });
 * ```
 *
 * @throws ExecutorError if the kernels cannot be loaded, WebAssembly with SIMD and shared memory is missing, or
 * threads cannot be had
 */
export async function createWasmExecutor(options: WasmOptions = {}): Promise<Executor> {
  const engine = await loadEngine(options);
  return new WasmExecutor(engine, await startTeam(engine, options));
}
