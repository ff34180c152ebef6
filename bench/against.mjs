// @ts-check
/**
 * `node bench/against.mjs FOLDER [--pairs 9] [--seconds 1]`: one training step of this build against that of the build in
 * another checkout, at H=128 and H=512, in every tier and on every Node that is there. Processes of the same build differ by
 * more than builds do (where their memory happens to lie), so each row is made of pairs of new processes, which take
 * turns, and its ratio is the median of the pairs', with a 95 % interval. Ends with status 1 where all of an interval lies
 * above 1.02. For refactorings, which must cost nothing. A folder compared with itself shows what chance does.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { tiers } from "./ours/tiers.mjs";
import { fresh } from "./processes.mjs";
import { measure } from "./rounds.mjs";
import { findRuntimes } from "./runtimes.mjs";
import { medianInterval } from "./statistics.mjs";
import { layer } from "./tasks.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { pairs: { type: "string", default: "9" }, seconds: { type: "string", default: "1" } },
});
const [other] = positionals;
if (other === undefined) {
  console.error("which build is to be compared? node bench/against.mjs FOLDER, a checkout that was built");
  process.exit(2);
}
const here = fileURLToPath(new URL("..", import.meta.url));
const program = fileURLToPath(new URL("ours/serve-build.mjs", import.meta.url));
const pairs = Number(values.pairs);
const budget = {
  rounds: 9,
  seconds: Number(values.seconds),
  warmSeconds: 0.5,
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
      const both = [contestant("this", here), contestant("other", resolve(other))];
      const what = `${task.id}, ${tier}, ${threads} thread${threads > 1 ? "s" : ""}, Node ${runtime.version}`;
      const ratios = [];
      let refused = "";
      for (let pair = 0; pair < pairs && refused === ""; pair++) {
        // Who begins changes, so that nobody always finds the machine as the other left it.
        const rows = pair % 2 === 0 ? both : [...both].reverse();
        const results = await measure(task, rows, budget, fresh);
        const [mine, theirs] = ["this", "other"].map((name) =>
          results.find((result) => result.name === name),
        );
        if (mine?.ms && theirs?.ms) ratios.push(mine.ms.median / theirs.ms.median);
        else refused = mine?.refused ?? theirs?.refused ?? "no figure";
      }
      const { low, median, high } = refused === "" ? medianInterval(ratios) : { low: 2, median: 0, high: 0 };
      if (low > 1.02) slower++;
      const told = `ratio ${median.toFixed(3)}, 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}, of ${pairs} pairs`;
      console.log(`${what}: ${refused || told}`);
    }
  }
}
console.log(
  slower === 0
    ? "no row is more than 2 % slower beyond chance"
    : `${slower} rows are more than 2 % slower, or failed`,
);
process.exit(slower === 0 ? 0 : 1);
