/** The wasm executor: conformance, golden values, and what it alone promises. */
import { executorCases } from "../executor.cases.js";
import { goldenCases } from "../golden.cases.js";
import { createWasmExecutor } from "./index.js";

// float32 has 24 bits: a sum of n products within ±1 is off by some √n · 2⁻²⁴ and at most n · 2⁻²⁴; n reaches 1100,
// and sums pass through up to a dozen steps. Functions: exp, log and softplus are within 3 units in the last place.
executorCases("wasm", () => createWasmExecutor(), { sums: 2e-5, functions: 4e-7 });

// Twelve time steps of cells of a dozen units, forward and back, in float32.
goldenCases(() => createWasmExecutor(), 1e-5);
