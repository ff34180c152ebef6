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

With everything installed it takes the better part of an hour. The package is measured as built. PyTorch is measured
where a Python with torch is found: Debian's python3-torch serves.`;

const options = /** @type {const} */ ({
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
});
const values = read();
if (values.help) {
  console.log(help);
  process.exit(0);
}
if (values.quick && values.write) refuse("--quick measures no speed, so there is nothing to --write");
if (values.install) install();

const { found, absent } = findContestants();
const chosen = select(tasks, values.only, ({ id, group }, text) =>
  text in groups ? group === text : id.includes(text),
);
const contestants = select(found, values.with, ({ key }, name) => key === name);
if (values.list) {
  for (const { id, group } of chosen) console.log(`${group.padEnd(8)} ${id}`);
  for (const { key, name, runtime, threads } of contestants)
    console.log(`${key.padEnd(8)} ${name}, ${runtime}${threads > 1 ? `, ${threads} threads` : ""}`);
  for (const line of absent) console.log(line);
  process.exit(0);
}

const budget = values.quick
  ? { rounds: 2, seconds: 0.2, shortestMs: 1, warmSeconds: 0.01 }
  : { rounds: number("rounds"), seconds: number("seconds"), shortestMs: 50, warmSeconds: 0.6 };
const before = machine();
const results = [];
const measured = values.quick ? chosen.map(shrink) : chosen;
for (const [i, task] of measured.entries()) {
  const taking = contestants.filter((contestant) => takesPart(contestant, chosen[i] ?? task));
  console.error(`${i + 1}/${measured.length} ${task.id}: ${taking.length} contestants`);
  results.push(...(await measure(task, taking, budget)));
}

const quoted = process.argv.slice(2).map((text) => (/[^\w,./=-]/.test(text) ? `"${text}"` : text));
const command = ["npm run bench", ...(quoted.length > 0 ? ["--", ...quoted] : [])].join(" ");
const perTask = Object.fromEntries(measured.map((task) => [task.id, tokens(task)]));
const report = { command, quick: values.quick === true, machine: before, absent, results, tokens: perTask };
const text = markdown(report);
console.log(values.json ? JSON.stringify(report) : text);
if (values.write) writeFileSync(new URL("RESULTS.md", import.meta.url), text);

function read() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/**
 * The items that fit one of the comma-separated texts; all if there is no text.
 * @template T @param {readonly T[]} items @param {string | undefined} texts @param {(item: T, text: string) => boolean} fits
 */
function select(items, texts, fits) {
  if (texts === undefined) return items;
  const all = texts.split(",");
  for (const text of all)
    if (!items.some((item) => fits(item, text))) refuse(`there is nothing called "${text}" here; see --list`);
  return items.filter((item) => all.some((text) => fits(item, text)));
}

/** @param {"rounds" | "seconds"} name */
function number(name) {
  const value = Number(values[name]);
  if (value > 0) return name === "rounds" ? Math.ceil(value) : value;
  return refuse(`--${name} is ${values[name]}; it must be a number above 0`);
}

/** @param {string} reason @returns {never} */
function refuse(reason) {
  console.error(reason);
  process.exit(2);
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
