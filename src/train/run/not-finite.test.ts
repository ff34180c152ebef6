/**
 * Weights that nothing spoils: what a run does with gradients, losses and updates that are not finite.
 */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { readModel } from "../../io/index.js";
import { type Example, initialParameters, linear, network, recurrent } from "../../nn/index.js";
import {
  adam,
  type CheckpointStore,
  type FitOptions,
  newestCheckpoint,
  sgd,
  type TrainedNetwork,
  fit as trainNetwork,
} from "../index.js";
import { memoryStore } from "./store.cases.js";

describe("gradients that are not finite", () => {
  const numbers = network({
    input: { width: 1 },
    layers: [recurrent({ cell: gru, units: 3 }), linear({ units: 1 })],
    loss: "squaredError",
  });
  const good: Example[] = Array.from({ length: 8 }, (_, i) => ({ input: [i / 8, 1], target: [1, 0] }));
  const bad: Example = { input: [Number.NaN, 1], target: [1, 0] };
  const attempt = async (
    examples: readonly Example[],
    store: CheckpointStore,
    more: Partial<FitOptions> = {},
  ): Promise<TrainedNetwork> =>
    trainNetwork(numbers, {
      parameters: initialParameters(numbers, 1),
      executor: await createWasmExecutor({ tier: "simd" }),
      train: examples,
      optimizer: adam(),
      seed: 1,
      batchSize: 1,
      epochs: 4,
      checkpoints: { store },
      ...more,
    });
  it("are left out and counted where so many are let pass, and do not touch the weights", async () => {
    const { training, parameters } = await attempt([...good, bad], memoryStore(), { mostSkipped: 2 });
    expect([training.skipped, training.steps]).toEqual([4, 36]);
    for (const { data } of parameters.values()) expect(data.every(Number.isFinite)).toBe(true);
  });
  it("nor does a loss that is not finite beside gradients that are", async () => {
    // Every sequence's loss is finite, and their sum is more than float32 holds; gradients are averaged.
    const parameters = new Map(initialParameters(numbers, 1));
    parameters.set("linear1.b_y", { shape: [1], data: Float32Array.of(8e18) });
    parameters.set("linear1.w_ya", { shape: [1, 3], data: new Float32Array(3) });
    const many = Array.from({ length: 16 }, (): Example => ({ input: [0], target: [0] }));
    for (const accumulate of [1, 2]) {
      const store = memoryStore();
      const options = { parameters, batchSize: 16, optimizer: sgd({ learningRate: 1 }), accumulate };
      const error = await attempt(many, store, options).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: "TrainingError", finding: { step: 1 } });
      expect((error as Error).message).toMatch(
        /^step 1 is not finite \(loss Infinity, norm of the gradients \d/,
      );
      const { bytes } = (await newestCheckpoint(store)) as { bytes: Uint8Array };
      expect(readModel(bytes).parameters).toEqual(parameters);
    }
  });
  it("nor does an update that would make a weight infinite: it ends the run, or is counted", async () => {
    const store = memoryStore();
    const far: Example = { input: [0.5, 1], target: [1e18, -1e18] };
    const options = { optimizer: sgd({ learningRate: 1e21 }), epochs: 2 };
    await expect(attempt([far], store, options)).rejects.toThrow(
      /^step 1 would make a weight infinite \(loss \S+e\+35, norm of the gradients \d+\); training ended/,
    );
    const { bytes } = (await newestCheckpoint(store)) as { bytes: Uint8Array };
    expect(readModel(bytes).parameters).toEqual(initialParameters(numbers, 1));
    const { training, parameters } = await attempt([far], memoryStore(), { ...options, mostSkipped: 3 });
    expect(training.skipped).toBe(2);
    expect(parameters).toEqual(initialParameters(numbers, 1));
  });
  it("end the run after a stated number in a row, with the last good state kept", async () => {
    const store = memoryStore();
    const spoilt = good.map(() => bad);
    await expect(attempt(spoilt, store, { mostSkipped: 5 })).rejects.toThrow(
      /^step 5 is not finite \(loss NaN, norm of the gradients NaN\), as in the 4 steps before it; .*\n {2}likely cause: a bad value/,
    );
    const { bytes } = (await newestCheckpoint(store)) as { bytes: Uint8Array };
    expect(readModel(bytes).parameters).toEqual(initialParameters(numbers, 1));
  });
});
