// @ts-check
/**
 * A process that reads mutated files, one after the other, and says of each what became of it. It is watched from outside
 * (files.mjs), for what hangs or takes all memory cannot watch itself.
 */
import process from "node:process";
import { libraryErrors } from "unrolled/options";
import { loadCli } from "./cli.mjs";
import { formats } from "./formats.mjs";
import { randomOf } from "./random.mjs";

const MiB = 2 ** 20;
/** @type {Map<string, import("./formats.mjs").Prepared>} */
const prepared = new Map();
const [, , bundle = "", folder = ""] = process.argv;
const run = await loadCli(bundle);

/** @param {string} name */
async function preparedOf(name) {
  const there = prepared.get(name);
  if (there) return there;
  const format = formats.find((each) => each.name === name);
  if (!format) throw new RangeError(`there is no format ${name}`);
  const made = await format.prepare({ run, folder: `${folder}/${name.replace(/\W/g, "-")}-${process.pid}` });
  prepared.set(name, made);
  return made;
}

/** Peak memory of this process so far. */
const peak = () => process.resourceUsage().maxRSS * 1024;

/** @param {{ format: string, seed: number, from: number, to: number }} job */
async function work({ format, seed, from, to }) {
  const { make, read } = await preparedOf(format);
  const base = process.memoryUsage().rss;
  /** @type {{ read: number, refused: number, faults: { n: number, kind: string, what: string }[] }} */
  const done = { read: 0, refused: 0, faults: [] };
  for (let n = from; n < to; n++) {
    process.send?.({ kind: "at", n });
    const made = make(randomOf(seed, format, n));
    try {
      await read(made);
      done.read++;
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      if (libraryErrors.has(name)) done.refused++;
      else {
        const what = error instanceof Error ? `${name}: ${error.message}\n${error.stack}` : String(error);
        done.faults.push({ n, kind: "something went wrong", what: what.slice(0, 1500) });
      }
    }
    const taken = peak() - base;
    if (taken > 1024 * MiB) {
      // The peak never falls: another process goes on, from a base of its own.
      done.faults.push({ n, kind: "above 1 GiB", what: `${Math.round(taken / MiB)} MiB above the base` });
      process.send?.({ kind: "done", ...done, reached: n + 1 });
      process.exit(0);
    }
  }
  process.send?.({ kind: "done", ...done, reached: to });
}

process.on("message", (job) => void work(/** @type {any} */ (job)));
// What nobody waits for is a fault as well: the process ends, and the parent sees where.
process.on("unhandledRejection", (error) => {
  console.error(error);
  process.exit(70);
});
process.send?.({ kind: "ready" });
