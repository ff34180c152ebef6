// @ts-check
/**
 * `npm run leaks [-- --evaluations 1000 --trainings 500]`: evaluates models and lets trainings fail, many times, and prints
 * what is held before and after: bytes of the executor, threads of the process, resident memory. Ends with status 1 if
 * an executor or a thread is left over, or memory grows with every round. Threads are counted on Linux alone.
 */
import { readdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { classifier, generator } from "unrolled";
import { createExecutor } from "unrolled/exec";

const { values } = parseArgs({
  options: {
    evaluations: { type: "string", default: "1000" },
    trainings: { type: "string", default: "500" },
  },
});
const [evaluations, trainings] = [Number(values.evaluations), Number(values.trainings)];
setFlagsFromString("--expose-gc");
const collect = /** @type {() => void} */ (runInNewContext("gc"));

/** Threads of this process; undefined where the system does not tell. */
const threads = () => (process.platform === "linux" ? readdirSync("/proc/self/task").length : undefined);

/** What is held when all that can go has gone: ending threads and collected memory take a moment. */
async function held() {
  for (let i = 0; i < 5; i++) {
    collect();
    await wait(100);
  }
  return { threads: threads(), resident: process.memoryUsage().rss };
}

const MiB = (/** @type {number} */ bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
/** Bytes of resident memory that a round may take on average before it counts as kept. */
const MOST_PER_ROUND = 4096;
/** What an engine may take once, whatever the number of rounds: code that it compiles, heaps that it grows. */
const ONCE = 48 * 2 ** 20;
/** @type {string[]} */
const problems = [];

/**
 * Does something many times, after a tenth of it that warms up.
 * @param {string} name
 * @param {number} rounds
 * @param {(round: number) => Promise<void>} round
 */
async function measure(name, rounds, round) {
  for (let i = 0; i < Math.max(2, rounds / 10); i++) await round(i);
  const before = await held();
  for (let i = 0; i < rounds; i++) await round(i);
  const after = await held();
  const grown = after.resident - before.resident;
  console.log(
    `${name}, ${rounds} times: resident ${MiB(before.resident)} before, ${MiB(after.resident)} after; threads ${before.threads ?? "not counted here"} and ${after.threads ?? "not counted here"}`,
  );
  if (after.threads !== undefined && after.threads > Number(before.threads))
    problems.push(`${name}: ${after.threads - Number(before.threads)} threads are left over`);
  if (grown > ONCE + MOST_PER_ROUND * rounds) problems.push(`${name}: ${MiB(grown)} of memory are kept`);
}

const executor = await createExecutor({ tier: "simd" });
const names = ["anna", "hanna", "ada", "ida", "nina", "dana", "diana", "adina"];
const rolls = [
  [[60], [62], [64, 67], [65]],
  [[60, 64], [62], [60]],
];
const small = { units: [6], epochs: 1, executor };
const lines = await generator.train({ ...small, train: names, valid: names });
const notes = await generator.train({ ...small, unit: "note", train: rolls, valid: rolls });
for (const [name, model, data] of /** @type {const} */ ([
  ["evaluation of lines", lines, names],
  ["evaluation of notes", notes, rolls],
])) {
  await /** @type {any} */ (model).evaluate(data);
  const bytes = executor.bytes;
  await measure(name, evaluations, () => /** @type {any} */ (model).evaluate(data));
  if (executor.bytes !== bytes)
    problems.push(`${name}: the executor holds ${executor.bytes - bytes} bytes more`);
}
for (const model of [lines, notes]) model.dispose();
if (executor.bytes !== 0) problems.push(`models that are disposed of hold ${executor.bytes} bytes`);
executor.dispose();

const moods = ["good", "bad"].flatMap((label) =>
  ["film", "book", "song"].map((thing) => ({ label, text: `this ${thing} is ${label}` })),
);
await measure("training that fails on three threads", trainings, async (round) => {
  const stop = new AbortController();
  const training = classifier.train({
    train: moods,
    valid: moods,
    units: [4],
    embedding: 4,
    minimumCount: 1,
    threads: 3,
    signal: stop.signal,
    // In turns it is stopped, and what is told of its progress throws.
    onProgress() {
      if (round % 2 === 0) return stop.abort(new Error("enough"));
      throw new Error("enough");
    },
  });
  await training.then(
    () => problems.push("a training that was to fail went on"),
    () => {},
  );
});

for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
