/**
 * The spine on WebAssembly: recurrences, training, a many-to-many model that learns its rule, and memory that
 * stays as it was sized before the first step.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { createWasmExecutor, type TierName } from "../../exec/wasm/index.js";
import { embedding, initialParameters, linear, network, pool, recurrent } from "../../nn/index.js";
import { recurrenceCases } from "../../plan/recurrence.cases.js";
import { adam, createTrainer } from "../index.js";
import { learnParity, paritySequences, trainingCases } from "./training.cases.js";

// `npm run test:tiers` runs this file in every tier, on every Node that is there.
const tier = (process.env["UNROLLED_TIER"] ?? "auto") as TierName | "auto";
const create = () => createWasmExecutor({ tier });
recurrenceCases(create, 1e-5);
// Ten steps let differences of single steps grow: adaptive optimisers divide by small gradients.
trainingCases(create, 2e-3);

it("learns a label per step: the parity of the digits so far, on sequences it has not seen", async () => {
  const executor = await create();
  expect(executor.name).toBe("wasm");
  expect(await learnParity(executor, 400)).toBeGreaterThanOrEqual(0.99);
});

it("trains 2,000 steps without growing the heap or the WebAssembly memory", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const net = network({
    input: { vocabulary: 3 },
    layers: [
      embedding({ width: 8 }),
      recurrent({ cell: gru, units: 8 }),
      pool({ by: "max" }),
      linear({ units: 2 }),
    ],
    loss: "crossEntropy",
  });
  const executor = await create();
  const examples = paritySequences(64, 1).map(({ input, id }) => ({
    input,
    target: [id! % 2],
    id: id!,
  }));
  const batches = Array.from({ length: 16 }, (_, i) => examples.slice(i * 4, i * 4 + 4));
  const lengths = batches.map((batch) => batch.map((e) => Number(e.input.length)));
  const trainer = createTrainer(net, initialParameters(net, 1), executor, {
    optimizer: adam(),
    batches: lengths,
  });
  const train = (steps: number): void => {
    for (let s = 0; s < steps; s++) trainer.step(batches[s % batches.length]!);
  };
  train(200);
  collect();
  const before = {
    bytes: executor.bytes,
    heap: process.memoryUsage().heapUsed,
    buffers: process.memoryUsage().arrayBuffers,
  };
  train(2000);
  collect();
  expect(executor.bytes).toBe(before.bytes);
  // Buffers of the last few steps may wait for the collector; the inputs of 2,000 would be over a megabyte.
  expect(process.memoryUsage().arrayBuffers - before.buffers).toBeLessThan(64 * 1024);
  // What the engine's compiler and profiler keep may still move; 2,000 leaked steps would be many megabytes.
  expect(process.memoryUsage().heapUsed - before.heap).toBeLessThan(512 * 1024);
});
