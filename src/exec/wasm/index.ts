/**
 * `unrolled/exec/wasm`: the executor for every day. Kernels in WebAssembly, in the best of several builds that the
 * engine can run, on one thread or several; a run of a plan is one call.
 */

export { createWasmExecutor } from "./create.js";
export { type TierName, tierNames, type WasmOptions } from "./options.js";
