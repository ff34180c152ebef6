// @ts-check
/**
 * Mutated files, by default 100,000 over all formats, read in processes that are watched: none may crash, hang, take more than
 * 1 GiB or end in an error that is not for people. Number n of a seed is always the same file; what is done is kept, so that
 * an interrupted run goes on.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleCli } from "./parts/cli.mjs";
import { formats } from "./parts/formats.mjs";
import { inPool, MOST_SECONDS } from "./parts/pool.mjs";
import { tableLines } from "./parts/table.mjs";

/** Files of one job: after each the progress is kept. */
const OF_A_JOB = 250;

/** @typedef {{ to: number, read: number, refused: number, parts: [number, number][], faults: import("./parts/pool.mjs").Fault[] }} Done */

/** How many files of each format. @param {number} count @param {readonly string[]} names */
function countsOf(count, names) {
  const chosen = formats.filter(({ name }) => names.length === 0 || names.includes(name));
  const shares = chosen.reduce((sum, { share }) => sum + share, 0);
  return chosen.map(({ name, share }) => ({ name, count: Math.round((count * share) / shares) }));
}

/**
 * @param {{ seed: number, minutes: number, work: string, print: (line: string) => void, count?: number, only?: readonly string[] }} options
 * @returns {Promise<boolean>} true if nothing was wrong
 */
export async function run({ seed, minutes, work, print, count = 100_000, only = [] }) {
  mkdirSync(work, { recursive: true });
  const kept = join(work, "files.json");
  const title = JSON.stringify({ seed, count, only });
  const before = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : undefined;
  /** @type {Record<string, Done>} */
  const done = before?.title === title ? before.done : {};
  const wanted = countsOf(count, only);
  for (const { name } of wanted) done[name] ??= { to: 0, read: 0, refused: 0, parts: [], faults: [] };
  if (before?.title === title) print("goes on where it was interrupted");
  const keep = () => {
    writeFileSync(`${kept}.new`, JSON.stringify({ title, done }));
    renameSync(`${kept}.new`, kept);
  };
  // Round by round over the formats, so that whatever ends early has seen all of them.
  /** @type {import("./parts/pool.mjs").Job[]} */
  const jobs = [];
  const rounds = Math.ceil(Math.max(...wanted.map((each) => each.count)) / OF_A_JOB);
  for (let round = 0; round < rounds; round++)
    for (const { name, count: most } of wanted) {
      const [from, to] = [round * OF_A_JOB, Math.min((round + 1) * OF_A_JOB, most)];
      const isDone = done[name]?.parts.some(([a, b]) => a <= from && b >= to);
      if (from < to && !isDone) jobs.push({ format: name, seed, from, to });
    }
  const end = Date.now() + minutes * 60_000;
  const bundle = await bundleCli(work);
  await inPool(jobs, {
    processes: Math.min(2, availableParallelism()),
    program: fileURLToPath(new URL("./parts/worker.mjs", import.meta.url)),
    args: [bundle, join(work, "folders")],
    isOver: () => Date.now() > end,
    report(job, outcome, isWhole) {
      const own = done[job.format];
      if (!own) return;
      own.read += outcome.read;
      own.refused += outcome.refused;
      own.faults.push(...outcome.faults);
      for (const { n, kind, what } of outcome.faults)
        print(`${job.format}, file ${n} of seed ${seed}: ${kind}: ${what}`);
      // A part that a fault divided is known as one again when its last piece is.
      if (isWhole) own.parts.push([Math.floor(job.from / OF_A_JOB) * OF_A_JOB, job.to]);
      keep();
    },
  });
  rmSync(join(work, "folders"), { recursive: true, force: true });
  const of = (/** @type {Done} */ own, /** @type {string} */ kind) =>
    own.faults.filter((fault) => fault.kind === kind).length;
  const kinds = ["crash", `more than ${MOST_SECONDS} s`, "above 1 GiB", "something went wrong"];
  const rows = wanted.map(({ name }) => {
    const own = done[name] ?? { to: 0, read: 0, refused: 0, parts: [], faults: [] };
    const all = own.read + own.refused + own.faults.length;
    return [name, all, own.read, own.refused, ...kinds.map((kind) => of(own, kind))];
  });
  const sum = (/** @type {number} */ column) => rows.reduce((total, row) => total + Number(row[column]), 0);
  const total = ["all", ...[1, 2, 3, 4, 5, 6, 7].map(sum)];
  for (const line of tableLines([["mutated files", "files", "read", "refused", ...kinds], ...rows, total]))
    print(line);
  const faults = Number(total[4]) + Number(total[5]) + Number(total[6]) + Number(total[7]);
  const isWhole = Number(total[1]) >= wanted.reduce((all, each) => all + each.count, 0);
  if (!isWhole)
    print(
      `only ${Number(total[1]).toLocaleString("en")} files in ${minutes} minutes; call it again to go on`,
    );
  else if (faults === 0) rmSync(kept, { force: true });
  return isWhole && faults === 0;
}
