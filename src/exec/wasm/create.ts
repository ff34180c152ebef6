/**
 * Makes the wasm executor. A module of its own, which `unrolled/exec/wasm` and the table of executors both load: so the
 * bundled package has it beside the kernels, whose place is told from where this code lies.
 */
import type { Executor } from "../executor.js";
import { LoweredExecutor } from "../lowering/executor.js";
import { keptBy } from "../resource.js";
import { loadEngine } from "./module.js";
import type { WasmOptions } from "./options.js";
import { startTeam } from "./threads.js";
import { tiers } from "./tiers.js";

/**
 * Creates the wasm executor. Reals are float32. The outputs of a sequence are the same bits alone, in any batch
 * and in any order; all results are, with any number of threads.
 *
 * ```ts
 * const executor = await createWasmExecutor();
 * const session = executor.session();
 * const program = session.prepare(plan, { words: { B: 32, T: 100, N: 3200 } });
 * ```
 *
 * @throws ExecutorError if the kernels cannot be loaded, WebAssembly with SIMD and shared memory is missing, or
 * threads cannot be had
 */
export async function createWasmExecutor(options: WasmOptions = {}): Promise<Executor> {
  const engine = await loadEngine(options);
  const team = await startTeam(engine, options);
  const executor = new LoweredExecutor(team);
  if (!tiers[engine.tier].checked) return executor;
  return keptBy(executor, async () => {
    // Loaded when it is needed: no page is ever in such a tier, unless it asks.
    const { selfCheck } = await import("./self-check.js");
    selfCheck(executor);
    return executor;
  });
}
