/**
 * `npm run mutate`: small faults are put into the code, one at a time, and the tests have to notice. It prints the score by
 * folder and what survived, and ends with status 1 if less than 85 % was killed, or a survivor has no accepted reason
 * (accepted.json), or an accepted one does not survive. It goes on where it was interrupted.
 *
 *   npm run mutate -- [--sample 1600] [--seed 1] [--concurrency 1] [--again] [path of a folder or file …]
 *
 * Paths choose among the mutants, or among those of the sample, so that a sample can be run folder by folder.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { install } from "../ensure.mjs";
import { keyOf, sample } from "./mutants.mjs";
import { findings, scores } from "./report.mjs";
import { resultsIn } from "./results.mjs";
import { isMutated, targetOf } from "./targets.mjs";

const WANTED = 0.85;

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    concurrency: { type: "string", default: "1" },
    again: { type: "boolean", default: false },
  },
});
const status = install(here);
if (status !== 0) process.exit(status);
process.chdir(root);

// Imported here, because what it imports has just been installed.
const { mutantsOf, runMutants } = await import("./run.mjs");

const code = readdirSync("src", { recursive: true })
  .map((path) => `src/${path.replaceAll("\\", "/")}`)
  .filter((path) => path.endsWith(".ts") && !path.includes("/assembly/"))
  .sort();
const texts = new Map(code.map((file) => [file, readFileSync(file, "utf8")]));
const textOf = (file) => texts.get(file) ?? "";

const all = await mutantsOf(code.filter((path) => isMutated(path) && targetOf(path) !== path));
const within = ({ file }) => positionals.length === 0 || positionals.some((path) => file.startsWith(path));
const drawn = values.sample === undefined ? all : sample(all, Number(values.sample), Number(values.seed));
const asked = drawn.filter(within);
if (asked.length === 0) throw new Error(`there is nothing to mutate in ${positionals.join(", ")}`);

const work = join(here, ".work");
mkdirSync(work, { recursive: true });
const path = join(work, "results.jsonl");
if (values.again) rmSync(path, { force: true });
const store = resultsIn(path, { code, textOf });
const known = store.read();
const left = asked.filter((mutant) => !known.has(keyOf(mutant)));
console.error(`${asked.length} of ${all.length} mutants, ${left.length} of them without a result`);
let done = 0;
if (left.length > 0)
  await runMutants(left, {
    root,
    concurrency: Number(values.concurrency),
    onResult(result) {
      store.add(result);
      if (++done % 25 === 0) console.error(`${done} of ${left.length}`);
    },
  });

const results = store.read();
const { score, lines } = scores(asked, results);
const accepted = JSON.parse(readFileSync(join(here, "accepted.json"), "utf8"));
const found = findings(asked, all, results, { accepted, textOf });
const statusOf = (mutant) => results.get(keyOf(mutant))?.status;
const missing = asked.filter((mutant) => statusOf(mutant) === undefined);
// Code that cannot even be loaded is no fault that a test could find.
const broken = asked.filter((mutant) => statusOf(mutant) === "RuntimeError");
for (const survivor of found.unexplained) console.log(survivor);
for (const row of found.stale) console.log(`accepted.json, ${row}`);
if (missing.length > 0) console.log(`${missing.length} mutants have no result; run this again`);
console.log(`\n${lines.join("\n")}\n`);
console.log(
  `${found.unexplained.length} survivors without a reason, ${found.accepted} accepted with one; ${broken.length} mutants cannot be loaded and do not count`,
);
const problems = found.unexplained.length + found.stale.length + missing.length;
if (score < WANTED || problems > 0) process.exitCode = 1;
