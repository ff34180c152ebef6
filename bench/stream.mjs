// @ts-check
/**
 * How fast one step of a stream is when it is called from JavaScript: one token in, one prediction out, batch 1, one
 * thread. Prints the median of batches of 1,000 steps in microseconds, and the bytes that a step leaves on the heap.
 * Run it after `npm run build`: node --expose-gc bench/stream.mjs [--tier simd|relaxed|paired]
 *   [--seconds 2] [cell X H]...   (default: the three sizes below)
 */
import { parseArgs } from "node:util";
import { createWasmExecutor } from "unrolled/exec/wasm";
import { createStream, createStreams, initialParameters } from "unrolled/nn";
import { networkOf } from "./ours/networks.mjs";
import { layer } from "./tasks.mjs";

const { values, positionals: given } = parseArgs({
  allowPositionals: true,
  options: { tier: { type: "string", default: "auto" }, seconds: { type: "string", default: "2" } },
});
/** @type {() => ReturnType<typeof createWasmExecutor>} */
const create = () =>
  createWasmExecutor({ tier: /** @type {import("unrolled/exec/wasm").TierName} */ (values.tier) });
const sizes = given.length
  ? Array.from({ length: given.length / 3 }, (_, i) => given.slice(3 * i, 3 * i + 3))
  : [
      ["gru", "64", "128"],
      ["lstm", "128", "128"],
      ["lstm", "512", "512"],
    ];
const BATCH = 1000;
const MINIMUM = { batches: 20, milliseconds: 1000 * Number(values.seconds) };

const executor = await create();
console.log(`${executor.tier}, one thread, Node ${process.version}; a step from JavaScript, batch 1`);
if (!globalThis.gc) console.log("bytes per step are not measured: start with node --expose-gc");
for (const [name = "", X, H] of sizes) {
  const net = networkOf(layer("forward", "stream", name, [Number(X), Number(H), 1, 1]));
  const own = await create();
  const stream = createStream(net, own, { parameters: initialParameters(net, 1) });
  const inputs = Array.from({ length: 16 }, (_, i) =>
    Float32Array.from({ length: Number(X) }, (_, k) => Math.sin(i + k)),
  );
  const steps = (/** @type {number} */ count) => {
    for (let i = 0; i < count; i++) stream.step(/** @type {Float32Array} */ (inputs[i & 15]));
  };
  steps(5 * BATCH);
  /** @type {number[]} */
  const times = [];
  const began = performance.now();
  while (times.length < MINIMUM.batches || performance.now() - began < MINIMUM.milliseconds) {
    const from = performance.now();
    steps(BATCH);
    times.push((performance.now() - from) / BATCH);
  }
  times.sort((a, b) => a - b);
  const micro = (/** @type {number} */ share) =>
    (1000 * /** @type {number} */ (times[Math.floor(share * (times.length - 1))])).toFixed(2);
  const bytes = globalThis.gc ? `${heapPerStep(steps).toFixed(3)} bytes per step` : "";
  console.log(`${name} ${X}→${H}: ${micro(0.5)} µs per step (best ${micro(0)}, p90 ${micro(0.9)}) ${bytes}`);
  const count = 32;
  const streams = createStreams(net, own, { count, parameters: initialParameters(net, 1) });
  const together = Float32Array.from({ length: count * Number(X) }, (_, k) => Math.sin(k));
  const each = [];
  for (let i = 0; i < 40; i++) {
    const from = performance.now();
    for (let k = 0; k < 20; k++) streams.step(together);
    each.push((1000 * (performance.now() - from)) / 20 / count);
  }
  each.sort((a, b) => a - b);
  console.log(`  ${count} streams stepped together: ${each[20]?.toFixed(2)} µs per stream and step`);
  own.dispose();
}
executor.dispose();

/** What 100,000 steps leave on the heap before anything is collected, for each of them. */
function heapPerStep(/** @type {(count: number) => void} */ steps) {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  steps(100_000);
  return (process.memoryUsage().heapUsed - before) / 100_000;
}
