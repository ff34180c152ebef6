// @ts-check
/**
 * How long initial weights take: `node tools/initial-weights.mjs [UNITS...]`, after `npm run build`. A line for each number of
 * units of one layer of the notes' GRU, by default 512, 1024, 2048 and 4096, in turn in one process: seconds that passed, seconds
 * of computing, which a busy machine leaves nearly as they are, and the longest time in which nothing else could run.
 */
import { gru } from "unrolled/cell";
import { linear, network, recurrent } from "unrolled/nn";
import { initialSteps } from "unrolled/nn/build";

const given = process.argv.slice(2).map(Number);
for (const units of given.length > 0 ? given : [512, 1024, 2048, 4096]) {
  const net = network({
    input: { vocabulary: 64 },
    layers: [recurrent({ cell: gru, units }), linear({ units: 64 })],
    loss: "crossEntropy",
  });
  const start = performance.now();
  const used = process.cpuUsage();
  const work = initialSteps(net, 1);
  let [before, longest] = [start, 0];
  for (let step = work.next(); !step.done; step = work.next()) {
    const now = performance.now();
    longest = Math.max(longest, now - before);
    before = now;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  const { user, system } = process.cpuUsage(used);
  const computing = ((user + system) / 1e6).toFixed(2);
  console.log(
    `gru of ${units} units: ${seconds} s, ${computing} s of computing, at most ${Math.round(longest)} ms at a time`,
  );
}
