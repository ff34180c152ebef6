// @ts-check
/**
 * `node bench/against.mjs FOLDER [--rounds 15] [--seconds 6]`: one training step of this build against that of the build in
 * another checkout, in turns, at H=128 and H=512, in every tier and on every Node that is there. Prints the ratio of medians;
 * ends with status 1 where this build takes more than 2 % longer. For refactorings, which must cost nothing.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { tiers } from "./ours/tiers.mjs";
import { fresh } from "./processes.mjs";
import { measure } from "./rounds.mjs";
import { findRuntimes } from "./runtimes.mjs";
import { layer } from "./tasks.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "15" }, seconds: { type: "string", default: "6" } },
});
const [other] = positionals;
if (other === undefined) {
  console.error("which build is to be compared? node bench/against.mjs FOLDER, a checkout that was built");
  process.exit(2);
}
const here = fileURLToPath(new URL("..", import.meta.url));
const program = fileURLToPath(new URL("ours/serve-build.mjs", import.meta.url));
const budget = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  warmSeconds: 1,
  shortestMs: 30,
  longestMs: 60_000,
};
const tasks = [
  layer("train", "train", "gru", [64, 128, 32, 100]),
  layer("train", "train", "gru", [512, 512, 64, 64]),
];

let slower = 0;
for (const task of tasks) {
  for (const runtime of findRuntimes()) {
    for (const { name: tier, threads, since } of tiers) {
      if (runtime.major < since || (runtime.newest && since < runtime.major)) continue;
      const contestant = (/** @type {string} */ name, /** @type {string} */ folder) => ({
        name,
        key: "unrolled",
        runtime: `Node ${runtime.version}`,
        threads,
        command: runtime.command,
        args: [program, folder, tier, String(threads)],
        does: { kinds: {}, models: [], ragged: [] },
      });
      const rows = [contestant("this", here), contestant("other", resolve(other))];
      const [mine, theirs] = await measure(task, rows, budget, fresh);
      const what = `${task.id}, ${tier}, ${threads} thread${threads > 1 ? "s" : ""}, Node ${runtime.version}`;
      if (!mine?.ms || !theirs?.ms) {
        console.log(`${what}: ${mine?.refused ?? theirs?.refused}`);
        slower++;
        continue;
      }
      const ratio = mine.ms.median / theirs.ms.median;
      if (ratio > 1.02) slower++;
      const ms = (/** @type {number} */ value) => `${value.toFixed(2)} ms`;
      console.log(
        `${what}: ${ms(mine.ms.median)} against ${ms(theirs.ms.median)}, ratio ${ratio.toFixed(3)} of ${mine.ms.runs} and ${theirs.ms.runs} runs`,
      );
    }
  }
}
console.log(
  slower === 0 ? "no row is more than 2 % slower" : `${slower} rows are more than 2 % slower, or failed`,
);
process.exit(slower === 0 ? 0 : 1);
