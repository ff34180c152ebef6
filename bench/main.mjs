// @ts-check
/**
 * `npm run bench`: measures everything in one run, interleaved, and prints tables with ratios. Tasks stand in tasks.mjs,
 * who is measured in contestants.mjs, the taking of turns in rounds.mjs. Progress goes to standard error.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { quick, shared } from "./budget.mjs";
import { takesPart } from "./contestant.mjs";
import { findContestants, ours } from "./contestants.mjs";
import { installPeers } from "./install.mjs";
import { machine } from "./machine.mjs";
import { readOptions, select } from "./options.mjs";
import { fresh, reused } from "./processes.mjs";
import { programs, tryOut } from "./programs.mjs";
import { markdown } from "./report.mjs";
import { measure } from "./rounds.mjs";
import { groups, shrunk, tasks, tokens } from "./tasks.mjs";

const options = readOptions();
const startable = options.quick && options.with.includes("unrolled") ? programs : [];
const chosen = new Set(
  select([...tasks, ...startable], options.only, ({ id, group }, text) =>
    text in groups || text === "programs" ? group === text : id.includes(text),
  ),
);
const asked = tasks.filter((task) => chosen.has(task));
const measured = options.quick ? shrunk(asked) : asked;
const started = startable.filter((program) => chosen.has(program));

if (options.install) installPeers();
const { found: contestants, absent } = findContestants(options.with);
if (options.list) {
  for (const { id, group } of [...measured, ...started]) console.log(`${group.padEnd(8)} ${id}`);
  for (const { key, name, runtime, threads } of contestants)
    console.log(`${key.padEnd(8)} ${name}, ${runtime}${threads > 1 ? `, ${threads} threads` : ""}`);
  for (const line of absent) console.log(line);
  process.exit(0);
}

const before = machine();
// The limit is the same product whatever the task is: where nothing is held against it, once is enough.
const takingPart = measured.map((task, i) =>
  contestants.filter(
    (contestant) => takesPart(contestant, task) && !(options.quick && i > 0 && contestant.key === "limit"),
  ),
);
const budgetFor = options.quick
  ? () => quick
  : shared({ ...options, contestants: takingPart.reduce((sum, { length }) => sum + length, 0) });
const processes = options.quick ? reused() : fresh;
const began = performance.now();
const results = /** @type {import("./rounds.mjs").Result[][]} */ ([]);
const queue = measured.entries();
const work = async () => {
  for (const [i, task] of queue) {
    const taking = takingPart[i] ?? [];
    const minutes = ((performance.now() - began) / 60_000).toFixed(1);
    console.error(
      `${i + 1}/${measured.length} ${task.id}: ${taking.length} contestants, after ${minutes} min`,
    );
    results[i] = await measure(task, taking, budgetFor(taking.length), processes);
  }
};
// Where speed is not the question, as many tasks at a time as there are cores.
await Promise.all(Array.from({ length: options.quick ? availableParallelism() : 1 }, work));
processes.end();
const printed = await Promise.all(started.map(tryOut));

const report = {
  command: options.command,
  quick: options.quick === true,
  machine: before,
  absent,
  results: results.flat(),
  programs: printed,
  tokens: Object.fromEntries(measured.map((task) => [task.id, tokens(task)])),
};
const text = markdown(report);
console.log(options.json ? JSON.stringify(report) : text);
if (options.write) writeFileSync(new URL("RESULTS.md", import.meta.url), text);

const failed = [...report.results.filter(({ key }) => ours.includes(key)), ...printed].filter(
  ({ refused }) => refused !== undefined,
);
for (const { task, name, refused } of failed) console.error(`${name} has no figure for ${task}: ${refused}`);
if (failed.length > 0) process.exitCode = 1;
