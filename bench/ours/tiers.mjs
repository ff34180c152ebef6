// The executors that are measured, one row each: a tier of kernels with a number of threads. A row may ask for a
// newer Node with `since` (its major version). contestants.mjs makes a contestant of every row on every Node.
import { createWasmExecutor } from "unrolled/exec/wasm";

/** @type {readonly { name: string, threads: number, since: number, create: () => Promise<import("unrolled/exec/wasm").Executor> }[]} */
export const tiers = [{ name: "simd", threads: 1, since: 20, create: () => createWasmExecutor() }];
