// The executors that are measured, one row each: a tier of kernels with a number of threads, and the major version of
// Node that it needs. contestants.mjs makes a contestant of every row on every Node that is found.
import { createWasmExecutor } from "unrolled/exec/wasm";

/** @type {readonly { name: string, threads: number, since: number, create: () => Promise<import("unrolled/exec/wasm").Executor> }[]} */
export const tiers = [
  { tier: "simd", threads: 1, since: 20 },
  { tier: "simd", threads: 2, since: 20 },
  { tier: "relaxed", threads: 1, since: 24 },
  { tier: "paired", threads: 1, since: 24 },
  { tier: "paired", threads: 2, since: 24 },
].map(({ tier, threads, since }) => ({
  ...{ name: tier, threads, since },
  create: () => createWasmExecutor({ tier, threads }),
}));
