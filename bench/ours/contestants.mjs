// @ts-check
/**
 * Our contestants: a row for each tier of tiers.mjs on each Node that can run it, and beside each tier on one thread its
 * limit, the bare product.
 */
import { fileURLToPath } from "node:url";
import { earlier } from "../runtimes.mjs";
import { tiers } from "./tiers.mjs";

/** @typedef {import("../contestant.mjs").Contestant} Contestant */
/** @typedef {import("../contestant.mjs").Scope} Scope */
/** @typedef {import("../runtimes.mjs").Runtime} Runtime */

const serve = fileURLToPath(new URL("serve.mjs", import.meta.url));

/** What the catalogue has, we do, in these kinds of tasks. @param {readonly import("../tasks.mjs").Task["kind"][]} kinds @returns {Scope} */
const everyCell = (...kinds) => ({
  kinds: Object.fromEntries(kinds.map((kind) => [kind, ["*"]])),
  models: ["recurrent", "language", "tagger"],
  ragged: ["*"],
});

/** Our rows on every Node that is there. @param {readonly Runtime[]} runtimes @returns {import("../contestant.mjs").Found} */
export function findOurs(runtimes) {
  const most = Math.max(...tiers.map(({ since }) => since));
  const absent = runtimes.some(({ major }) => major >= most)
    ? []
    : [`Node ${most} is not installed, which our faster tiers need: npm run bench -- --install`];
  return { found: runtimes.flatMap(on), absent };
}

/** @param {Runtime} runtime @returns {Contestant[]} */
function on({ command, version, major, newest }) {
  return tiers
    .filter(({ since }) => major >= since)
    .flatMap(({ name, threads, groups }) => {
      const shown = groups ?? (newest ? undefined : earlier);
      const row = (/** @type {string} */ what, /** @type {string} */ key, /** @type {Scope} */ does) => ({
        name: `${key} ${name}`,
        key,
        runtime: `Node ${version}`,
        threads,
        command,
        limit: name,
        args: [serve, what, `${name} ${threads}`],
        does: shown ? { ...does, groups: shown } : does,
      });
      const run = row("run", "unrolled", everyCell("train", "forward", "stream", "startup"));
      // The limit is a product on one thread: what more threads give is measured against one thread's steps.
      return threads === 1 ? [run, row("limit", "limit", everyCell("train", "forward"))] : [run];
    });
}
