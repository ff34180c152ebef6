// @ts-check
/**
 * How fast one training step is: forward, loss, backward, all weight gradients, clipping and the update (plain
 * gradient descent), one call into the executor. Prints the median of many runs and GFLOP/s, counting
 * only the products that the plan executes; "3 x forward" counts three times the forward products, as the
 * comparisons with other frameworks do, although no gradient of the input is computed.
 * Run it after `npm run build`: node bench/step.mjs [--tier simd|relaxed|paired] [--threads N] [--seconds 4]
 *   [cell] [X H B T]   (default: gru 64 128 32 100, one thread)
 */
import { parseArgs } from "node:util";
import { createWasmExecutor } from "unrolled/exec/wasm";
import { prepareBatch } from "./ours/batch.mjs";
import { networkOf } from "./ours/networks.mjs";
import { summary } from "./statistics.mjs";
import { layer } from "./tasks.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tier: { type: "string", default: "auto" },
    threads: { type: "string", default: "1" },
    seconds: { type: "string", default: "4" },
  },
});
const [name = "gru", ...sizes] = positionals;
const [X = 64, H = 128, B = 32, T = 100] = sizes.map(Number);
const task = layer("train", "train", name, [X, H, B, T]);
const tier = /** @type {import("unrolled/exec/wasm").TierName} */ (values.tier);
const executor = await createWasmExecutor({ tier, threads: Number(values.threads) });
const { ready, run, dispose } = prepareBatch(task, executor);

const times = [];
const began = performance.now();
while (times.length < 40 || performance.now() - began < 1000 * Number(values.seconds)) {
  const from = performance.now();
  run();
  times.push(performance.now() - from);
}
const { median, low, high } = summary(times.slice(10));
const forward = networkOf(task).parameters.reduce(
  (sum, { shape: [rows = 0, columns = 0] }) => sum + 2 * B * T * rows * columns,
  0,
);
const rate = (/** @type {number} */ flops) => (flops / median / 1e6).toFixed(1);
console.log(`${name} X=${X} H=${H} B=${B} T=${T}, ${executor.tier}, Node ${process.version}`);
console.log(
  `median ${median.toFixed(2)} ms (10 % ${low.toFixed(2)}, 90 % ${high.toFixed(2)}), ${rate(ready.flops)} GFLOP/s executed, ${rate(3 * forward)} as 3 x forward`,
);
console.log(`memory ${(executor.bytes / 2 ** 20).toFixed(1)} MiB`);
dispose();
