/** Executors by name: what is made, what is recorded of it, and what there is not. */
import { describe, expect, it } from "vitest";
import { OptionError } from "../../options/index.js";
import { createExecutor, type ExecutorOptions, executorNames, executorRecorded, tiersOf } from "./index.js";

describe("createExecutor", () => {
  it("makes the executor of every day where nothing is chosen", async () => {
    const executor = await createExecutor();
    expect([executor.name, executor.synchronous]).toEqual(["wasm", true]);
    executor.dispose();
  });
  it.each<[ExecutorOptions, string]>([
    [{ tier: "simd", threads: 2 }, "wasm simd, 2 threads"],
    [{ name: "reference" }, "reference float64"],
    [{ name: "reference", tier: "float32" }, "reference float32"],
    [{ name: "reference", tier: "fastest", threads: 1 }, "reference float64"],
  ])("makes of %j %s, and that names it again", async (options, tier) => {
    const executor = await createExecutor(options);
    expect(executor.tier).toBe(tier);
    const again = await createExecutor(executorRecorded(tier));
    expect(again.tier).toBe(tier.split(",")[0]);
    for (const made of [executor, again]) made.dispose();
  });
  it.each<[unknown, RegExp]>([
    [{ name: "native" }, /name is "native"; it must be "?wasm"? or "?reference"?/],
    [{ tier: "float32" }, /tier is "float32"; .*simd/],
    [{ name: "reference", tier: "simd" }, /tier is "simd"; .*float64/],
    [{ name: "reference", threads: 2 }, /threads is 2/],
    [{ name: "reference", maximumBytes: 2 ** 30 }, /the executor reference has no option "maximumBytes"/],
    [{ thread: 2 }, /the executor wasm has no option "thread"; did you mean threads\?/],
  ])("refuses %j by name", async (options, message) => {
    const made = createExecutor(options as ExecutorOptions);
    await expect(made).rejects.toThrow(OptionError);
    await expect(made).rejects.toThrow(message);
  });
});

it("names tiers once, and knows none that was not recorded by these executors", () => {
  expect(executorNames).toEqual(["wasm", "reference"]);
  expect(tiersOf("wasm")).toEqual(["simd", "relaxed", "paired"]);
  for (const tier of ["native avx2", "wasm avx2", "wasm", ""]) expect(executorRecorded(tier)).toBeUndefined();
});
