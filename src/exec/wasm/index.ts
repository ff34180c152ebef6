/**
 * `unrolled/exec/wasm`: the executor for every day. Kernels in WebAssembly, in the best of several builds that the
 * engine can run; a run of a plan is one call.
 */
import type { Executor } from "../executor.js";
import { WasmExecutor } from "./executor.js";
import { loadEngine } from "./module.js";
import type { TierName, WasmOptions } from "./options.js";
import { selfCheck } from "./self-check.js";
import { tiers } from "./tiers.js";

export type { TierName, WasmOptions };

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
  const engine = await loadEngine(options);
  if (tiers[engine.tier].checked) selfCheck(new WasmExecutor(engine));
  return new WasmExecutor(engine);
}
