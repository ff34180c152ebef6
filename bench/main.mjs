// @ts-check
// `npm run bench`: measures everything in one run, interleaved, and prints tables with ratios. Tasks stand in tasks.mjs,
// contestants in contestants.mjs, the taking of turns in rounds.mjs. Progress goes to standard error.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findContestants, takesPart } from "./contestants.mjs";
import { machine } from "./machine.mjs";
import { markdown } from "./report.mjs";
import { measure } from "./rounds.mjs";
import { groups, shrink, tasks, tokens } from "./tasks.mjs";

const help = `npm run bench -- [options]

  --only TEXT,...   only these groups of tasks, or tasks whose name contains the text: stream, "train lstm 64"
  --with NAME,...   only these contestants: unrolled, limit, tfjs, jax, brain, ort-node, ort-web, torch
  --rounds N        the most runs of each contestant at a task (default 15); slow ones do fewer, at least three
  --seconds S       how long a contestant may run at a task before it does fewer (default 8)
  --quick           tiny sizes, two rounds: shows that everything runs, and no speed
  --list            the tasks and the contestants found, measuring nothing
  --json            one JSON object instead of Markdown
  --write           also write bench/RESULTS.md
  --install         first install the peers (bench/peers) and Node 24 (tools/node24), without install scripts

The package is measured as built: npm run build first. PyTorch is measured where a Python with torch is found.`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    with: { type: "string" },
    rounds: { type: "string", default: "15" },
    seconds: { type: "string", default: "8" },
    quick: { type: "boolean" },
    list: { type: "boolean" },
    json: { type: "boolean" },
    write: { type: "boolean" },
    install: { type: "boolean" },
    help: { type: "boolean" },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
if (values.install) install();

const wanted = values.only?.split(",");
const keys = values.with?.split(",");
const chosen = tasks.filter(
  ({ id, group }) => wanted?.some((text) => (text in groups ? group === text : id.includes(text))) ?? true,
);
const { found, absent } = findContestants();
const contestants = found.filter(({ key }) => keys?.includes(key) ?? true);
if (chosen.length === 0 || contestants.length === 0) {
  console.error(`nothing to measure: ${chosen.length} tasks, ${contestants.length} contestants; see --list`);
  process.exit(2);
}
if (values.list) {
  for (const { id, group } of chosen) console.log(`${group.padEnd(8)} ${id}`);
  for (const { key, name, runtime, threads } of contestants)
    console.log(`${key.padEnd(8)} ${name}, ${runtime}${threads > 1 ? `, ${threads} threads` : ""}`);
  for (const line of absent) console.log(line);
  process.exit(0);
}

const budget = values.quick
  ? { rounds: 2, seconds: 0.2, shortestMs: 1, warmSeconds: 0.01 }
  : { rounds: number("rounds"), seconds: number("seconds"), shortestMs: 30, warmSeconds: 1 };
const before = machine();
const results = [];
for (const [i, task] of chosen.entries()) {
  const taking = contestants.filter((contestant) => takesPart(contestant, task));
  console.error(`${i + 1}/${chosen.length} ${task.id}: ${taking.length} contestants`);
  results.push(...(await measure(values.quick ? shrink(task) : task, taking, budget)));
}

const command = ["npm run bench", ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])].join(
  " ",
);
const report = { command, quick: values.quick === true, machine: before, absent, results };
const text = markdown({
  ...report,
  tokens: Object.fromEntries(chosen.map((task) => [task.id, tokens(task)])),
});
console.log(values.json ? JSON.stringify(report) : text);
if (values.write) writeFileSync(new URL("RESULTS.md", import.meta.url), text);

/** @param {"rounds" | "seconds"} name */
function number(name) {
  const value = Number(values[name]);
  if (value > 0) return name === "rounds" ? Math.ceil(value) : value;
  console.error(`--${name} is ${values[name]}; it must be a number above 0`);
  return process.exit(2);
}

function install() {
  for (const folder of ["bench/peers", "tools/node24"]) {
    const cwd = fileURLToPath(new URL(`../${folder}`, import.meta.url));
    console.error(`npm ci in ${folder}`);
    const npm = spawnSync("npm", ["ci"], {
      cwd,
      stdio: ["ignore", 2, 2],
      shell: process.platform === "win32",
    });
    if (npm.status !== 0) process.exit(npm.status ?? 1);
  }
}
