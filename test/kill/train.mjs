/**
 * The program that kill.test.ts kills: trains with checkpoints in a folder, says each one that is safe on standard output,
 * and at the end the result. node train.mjs FOLDER [THREADS]
 */
import { createHash } from "node:crypto";
import { gru } from "unrolled/cell";
import { createWasmExecutor } from "unrolled/exec/wasm";
import { dropout, embedding, initialParameters, linear, network, recurrent } from "unrolled/nn";
import { adam, fit, newestCheckpoint, warmUp } from "unrolled/train";
import { checkpointFolder } from "unrolled/train/node";

const [folder, threads = "1"] = process.argv.slice(2);
const net = network({
  input: { vocabulary: 7 },
  layers: [
    embedding({ width: 24 }),
    dropout({ rate: 0.2 }),
    recurrent({ cell: gru, units: 48 }),
    linear({ units: 2 }),
  ],
  loss: "crossEntropy",
});
const train = Array.from({ length: 96 }, (_, i) => {
  const input = Array.from({ length: 5 + (i % 16) }, (_, t) => (3 * i + 5 * t + i * t) % 7);
  return { input, target: input.map((id, t) => (id + t) % 2) };
});
const store = checkpointFolder(folder);
const newest = await newestCheckpoint(store);
const executor = await createWasmExecutor({ tier: "simd", threads: Number(threads) });
const { parameters, training } = await fit(net, {
  parameters: initialParameters(net, 1),
  executor,
  train,
  epochs: 60,
  batchSize: 8,
  seed: 1,
  optimizer: adam({ learningRate: 0.01 }),
  schedule: warmUp({ steps: 10 }),
  clip: 1,
  average: 0.9,
  ...(newest ? { resume: newest.bytes } : {}),
  checkpoints: {
    store: {
      ...store,
      async save(name, bytes) {
        await store.save(name, bytes);
        process.stdout.write(`saved ${name}\n`);
      },
    },
    everySteps: 6,
  },
});
const hash = createHash("sha256");
for (const [name, { data }] of parameters) hash.update(name).update(data);
process.stdout.write(`done ${training.steps} ${hash.digest("hex")}\n`, () => process.exit(0));
