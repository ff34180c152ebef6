/**
 * `unrolled/exec/wasm`: the executor for every day. Kernels in WebAssembly, in the best of several builds that the
 * engine can run, on one thread or several; a run of a plan is one call.
 */
import type { Executor } from "../executor.js";
import { WasmExecutor } from "./executor.js";
import { loadEngine } from "./module.js";
import type { TierName, WasmOptions } from "./options.js";
import { selfCheck } from "./self-check.js";
import { startTeam } from "./threads.js";
import { tiers } from "./tiers.js";

export type { TierName, WasmOptions };

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
  const team = await startTeam(engine, options);
  // On an executor of its own, whose parameters' names nobody meets.
  if (tiers[engine.tier].checked) selfCheck(new WasmExecutor(engine, team));
  return new WasmExecutor(engine, team);
}
