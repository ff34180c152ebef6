// @ts-check
/**
 * Recomputation over time: memory and time of a training step of long sequences, with everything kept and with the states
 * of every so many steps alone (`recompute`). Steps of all settings are timed one after the other, round by round, and the
 * median of each is compared with that of keeping everything; where that does not fit in 4 GiB, it says so.
 * Run it after `npm run build`: node bench/recompute.mjs [--cell lstm] [--units 256] [--steps 10000] [--batch 4]
 *   [--keep 50,100,200,1000] [--rounds 3] [--threads 1]
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { createWasmExecutor } from "unrolled/exec/wasm";
import { initialParameters, linear, network, recurrent } from "unrolled/nn";
import { adam, createTrainer, estimateMemory } from "unrolled/train";
import { cellOf } from "./ours/networks.mjs";
import { summary } from "./statistics.mjs";

const { values } = parseArgs({
  options: {
    cell: { type: "string", default: "lstm" },
    units: { type: "string", default: "256" },
    steps: { type: "string", default: "10000" },
    batch: { type: "string", default: "4" },
    keep: { type: "string", default: "50,100,200,1000" },
    rounds: { type: "string", default: "3" },
    threads: { type: "string", default: "1" },
  },
});
const [H, T, B, rounds] = [values.units, values.steps, values.batch, values.rounds].map(Number);
const cell = cellOf(values.cell);
const X = 64;
const net = network({
  input: { width: X },
  layers: [recurrent({ cell, units: /** @type {number} */ (H) }), linear({ units: 1 })],
  loss: "squaredError",
});
const examples = Array.from({ length: /** @type {number} */ (B) }, (_, id) => {
  const input = Float32Array.from({ length: /** @type {number} */ (T) * X }, (_, k) =>
    Math.sin(k * (id + 1)),
  );
  return {
    id,
    input,
    target: Float32Array.from({ length: /** @type {number} */ (T) }, (_, t) => Math.cos(t / 7)),
  };
});
const lengths = examples.map(({ target }) => target.length);
const settings = { optimizer: adam() };
const MiB = (/** @type {number} */ bytes) => `${Math.round(bytes / 2 ** 20).toLocaleString("en-US")} MiB`;

const contestants = [];
for (const keep of [undefined, ...values.keep.split(",").map(Number)]) {
  const options = keep === undefined ? settings : { ...settings, recompute: keep };
  const name = keep === undefined ? "everything" : `every ${keep}th state`;
  const executor = await createWasmExecutor({ tier: "fastest", threads: Number(values.threads) });
  const { total } = estimateMemory(net, executor, { settings: options, batch: lengths });
  if (total > executor.mostBytes) {
    console.log(`${name}: would take ${MiB(total)}, more than the executor can hold`);
    executor.dispose();
    continue;
  }
  const trainer = createTrainer(net, initialParameters(net, 1), executor, {
    ...options,
    batches: [lengths],
    seed: 1,
  });
  contestants.push({
    name,
    executor,
    trainer,
    seconds: /** @type {number[]} */ ([]),
    loss: trainer.step(examples).loss,
  });
}
for (let round = 0; round < /** @type {number} */ (rounds); round++) {
  for (const { trainer, seconds } of contestants) {
    const from = performance.now();
    trainer.step(examples);
    seconds.push((performance.now() - from) / 1000);
  }
}
const [first] = contestants;
const [{ model = "" } = {}] = cpus();
console.log(
  `${values.cell}, H=${H}, X=${X}, T=${T}, ${B} sequences, ${values.threads} thread(s), ${first?.executor.tier}, Node ${process.version}, ${model}`,
);
console.log("| kept | memory | seconds per step | time | loss of the first step |");
console.log("| --- | --: | --: | --: | --: |");
for (const { name, executor, seconds, loss } of contestants) {
  const ratio = summary(seconds).median / summary(/** @type {number[]} */ (first?.seconds)).median;
  console.log(
    `| ${name} | ${MiB(executor.bytes)} | ${summary(seconds).median.toFixed(2)} | ${ratio.toFixed(2)} | ${loss.toFixed(6)} |`,
  );
}
for (const { executor } of contestants) executor.dispose();
