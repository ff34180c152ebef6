// @ts-check
/**
 * The executors that are measured, one row each: a tier of kernels with a number of threads, the major version of Node
 * that it needs and, where it is not measured everywhere, the groups of tasks. contestants.mjs makes a contestant of
 * every row on every Node that is found.
 */
import { createWasmExecutor } from "unrolled/exec/wasm";

/** @typedef {import("unrolled/exec/wasm").TierName} TierName */
/** @typedef {Awaited<ReturnType<typeof createWasmExecutor>>} Executor */

/** @type {readonly { tier: TierName, threads: number, since: number, groups?: readonly string[] }[]} */
const rows = [
  { tier: "simd", threads: 1, since: 20 },
  { tier: "simd", threads: 2, since: 20 },
  { tier: "relaxed", threads: 1, since: 24, groups: ["train", "forward"] },
  { tier: "paired", threads: 1, since: 24 },
  { tier: "paired", threads: 2, since: 24 },
];

/** The rows, each with how its executor is made. */
export const tiers = rows.map(({ tier, threads, since, groups }) => ({
  name: tier,
  threads,
  since,
  groups,
  create: () => createWasmExecutor({ tier, threads }),
}));

/** The row that a contestant's process is told to serve. @param {string | undefined} text "simd 1" */
export function tierOf(text) {
  const row = tiers.find(({ name, threads }) => `${name} ${threads}` === text);
  if (row) return row;
  const all = tiers.map(({ name, threads }) => `"${name} ${threads}"`).join(", ");
  throw new Error(`there is no tier "${text}" to measure; there are ${all}`);
}
