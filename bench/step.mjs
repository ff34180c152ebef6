// How fast one training step is: forward, loss, backward, all weight gradients, clipping and the update (plain
// gradient descent), one call into the executor. Prints the median of many runs and GFLOP/s, counting
// only the products that the plan executes; "3 x forward" counts three times the forward products, as the
// comparisons with other frameworks do, although no gradient of the input is computed.
// Run it after `npm run build`: node bench/step.mjs [--tier simd|relaxed|paired] [--threads N] [cell] [X H B T]
// (default: gru 64 128 32 100, one thread)
import { parseArgs } from "node:util";
import { catalogue } from "unrolled/cell";
import { createWasmExecutor } from "unrolled/exec/wasm";
import {
  bindBatch,
  capacityFor,
  initialParameters,
  names,
  network,
  recurrent,
  writeParameters,
} from "unrolled/nn";
import { cost } from "unrolled/plan";
import { sgd, trainingNames, trainingPlan } from "unrolled/train";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tier: { type: "string", default: "auto" }, threads: { type: "string", default: "1" } },
});
const [name = "gru", ...sizes] = positionals;
const [X = 64, H = 128, B = 32, T = 100] = sizes.map(Number);
const net = network({
  input: { width: X },
  layers: [recurrent({ cell: catalogue[name], units: H })],
  loss: "squaredError",
});
const plan = trainingPlan(net, { optimizer: sgd(), clip: 1 });
const executor = await createWasmExecutor({ tier: values.tier, threads: Number(values.threads) });
const session = executor.session();
const program = session.prepare(plan, { [names.packing]: capacityFor([new Array(B).fill(T)]) });
writeParameters(net, initialParameters(net, 1), session);
const example = (i) => ({
  input: Float32Array.from({ length: T * X }, (_, k) => Math.sin(i + k)),
  target: Float32Array.from({ length: T * H }, (_, k) => 0.5 * Math.cos(i + k)),
});
const { batch, packing } = bindBatch(
  net,
  program,
  Array.from({ length: B }, (_, i) => example(i)),
  { seed: 1, step: 1 },
);
program.write(trainingNames.weight, [1 / B]);
program.write("train.rate", [1e-3]);

const times = [];
const began = performance.now();
while (times.length < 40 || performance.now() - began < 4000) {
  const from = performance.now();
  program.run(batch);
  times.push(performance.now() - from);
}
const sorted = times.slice(10).sort((a, b) => a - b);
const at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
const executed = cost(plan, { [names.packing]: packing }).productFlops;
const forward = net.parameters.reduce(
  (sum, p) => sum + (p.shape.length === 2 ? 2 * B * T * p.shape[0] * p.shape[1] : 0),
  0,
);
const rate = (flops) => (flops / at(0.5) / 1e6).toFixed(1);
console.log(`${name} X=${X} H=${H} B=${B} T=${T}, ${executor.tier}, Node ${process.version}`);
console.log(
  `median ${at(0.5).toFixed(2)} ms (10 % ${at(0.1).toFixed(2)}, 90 % ${at(0.9).toFixed(2)}), ${rate(executed)} GFLOP/s executed, ${rate(3 * forward)} as 3 x forward`,
);
console.log(`memory ${(executor.bytes / 2 ** 20).toFixed(1)} MiB`);
executor.dispose();
