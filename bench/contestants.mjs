// @ts-check
/**
 * Who is measured: one row per program, runtime and number of threads. A program that is not installed gives a sentence
 * instead, with what would install it; that is a line in the report, not a failure. Only who is asked for is looked for.
 */
import { findOurs } from "./ours/contestants.mjs";
import { findPeer, peers } from "./peers/contestants.mjs";
import { findTorch } from "./pytorch.mjs";
import { findRuntimes } from "./runtimes.mjs";

/** @typedef {import("./contestant.mjs").Found} Found */
/** @typedef {import("./runtimes.mjs").Runtime} Runtime */

/** The keys of our own rows. */
export const ours = ["unrolled", "limit"];

/** Where contestants come from, and the keys that these have. @type {readonly { keys: readonly string[], find: (runtimes: readonly Runtime[]) => Found }[]} */
const sources = [
  { keys: ours, find: findOurs },
  ...peers.map((peer) => ({
    keys: [peer.key],
    find: (/** @type {readonly Runtime[]} */ runtimes) => findPeer(peer, runtimes),
  })),
  { keys: ["torch"], find: findTorch },
];

/** Everybody's key, for --with. */
export const keys = sources.flatMap((source) => source.keys);

/** Everybody of the given keys who can be measured here, and a sentence for everybody who cannot. @param {readonly string[]} wanted @returns {Found} */
export function findContestants(wanted) {
  const runtimes = findRuntimes();
  const all = sources
    .filter((source) => source.keys.some((key) => wanted.includes(key)))
    .map(({ find }) => find(runtimes));
  return {
    found: all.flatMap(({ found }) => found).filter(({ key }) => wanted.includes(key)),
    absent: all.flatMap(({ absent }) => absent),
  };
}
