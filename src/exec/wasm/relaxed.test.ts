/**
 * The relaxed tier: conformance and golden values with fused products. Node 20 knows the instructions behind a flag,
 * so they are tested there too; Node 24 chooses the tier by itself.
 */
import { setFlagsFromString } from "node:v8";
import { expect, it } from "vitest";
import { executorCases } from "../executor.cases.js";
import { goldenCases } from "../golden.cases.js";
import { createWasmExecutor } from "./index.js";
import { chooseTier } from "./tiers.js";

if (process.version.startsWith("v20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");
const create = () => createWasmExecutor({ tier: "relaxed" });

// As for the simd tier (wasm.test.ts): fused products round less often, not more.
executorCases("wasm relaxed", create, { sums: 2e-5, functions: 4e-7 });
goldenCases(create, 1e-5);

it("says which tier runs, and what a tier needs that does not", async () => {
  const executor = await create();
  expect(executor.tier).toBe("wasm relaxed");
  executor.dispose();
  expect(chooseTier("auto")).toBe("relaxed");
  expect(chooseTier("simd")).toBe("simd");
  await expect(createWasmExecutor({ tier: "best" as "auto" })).rejects.toThrow(
    /no tier "best"; there are paired, relaxed, simd/,
  );
  if (process.version.startsWith("v20.")) {
    await expect(createWasmExecutor({ tier: "paired" })).rejects.toThrow(
      /"paired" does not run here: it needs Node 24/,
    );
  } else {
    const paired = await createWasmExecutor({ tier: "paired" });
    expect(paired.tier).toBe("wasm paired");
    paired.dispose();
  }
});
