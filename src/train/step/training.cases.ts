/**
 * Training as every executor must do it: a stored ten-step trajectory of the loss for each optimiser, learning a
 * label per step, leaving weights alone when a gradient is not finite, clipping, and the same bits however a
 * batch is made up.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gru, lstm, lstmNotes } from "../../cell/index.js";
import type { Executor } from "../../exec/executor.js";
import {
  createPredictor,
  dropout,
  type Example,
  embedding,
  initialParameters,
  linear,
  network,
  pool,
  recurrent,
  stack,
} from "../../nn/index.js";
import { purposes, randomWord } from "../../tensor/random.js";
import { adam, adamW, createSplitTrainer, createTrainer, type Optimizer, rmsProp, sgd } from "../index.js";

/** Sequences of random digits whose label at every step is whether the digits so far sum to an even number. */
export function paritySequences(count: number, seed: number): Example[] {
  return Array.from({ length: count }, (_, i) => {
    const word = (k: number): number => randomWord({ seed, purpose: purposes.synthetic, sequence: i }, k);
    const input = Int32Array.from({ length: 1 + (word(0) % 6) }, (_, t) => word(t + 1) % 3);
    let sum = 0;
    const target = input.map((digit) => {
      sum += digit;
      return sum % 2;
    });
    return { input, target, id: i };
  });
}

/** Where the stored trajectories lie; training.test.ts writes them anew when UNROLLED_WRITE_FIXTURES is set. */
export const trajectoryFile = new URL("../../../test/golden/trajectories.json", import.meta.url);

/** The optimisers whose trajectories are stored. */
export const trajectoryOptimizers: Readonly<Record<string, Optimizer>> = {
  sgd: sgd({ learningRate: 0.05, momentum: 0.9 }),
  rmsProp: rmsProp({ learningRate: 0.01, momentum: 0.5 }),
  adam: adam({ learningRate: 0.02 }),
  adamW: adamW({ learningRate: 0.02, weightDecay: 0.1 }),
};

/** The losses of ten steps of a two-layer bidirectional network with dropout, under one optimiser. */
export async function trajectory(executor: Executor, optimizer: Optimizer): Promise<number[]> {
  const net = network({
    input: { vocabulary: 3 },
    layers: [
      embedding({ width: 5 }),
      dropout({ rate: 0.2 }),
      stack({ cell: lstmNotes, units: [6, 4], direction: "both" }),
      linear({ units: 2 }),
    ],
    loss: "crossEntropy",
  });
  const examples = paritySequences(8, 3);
  const batches = [examples.map((e) => Number(e.input.length))];
  const trainer = createTrainer(net, initialParameters(net, 7), executor, {
    optimizer,
    clip: 1,
    seed: 7,
    batches,
  });
  return Array.from({ length: 10 }, () => trainer.step(examples).loss);
}

/**
 * Registers the tests.
 *
 * @param tolerance largest relative difference of a loss from the stored float64 trajectory
 */
export function trainingCases(create: () => Promise<Executor>, tolerance: number): void {
  describe("training", () => {
    it.each(Object.keys(trajectoryOptimizers))("follows the stored trajectory of %s", async (name) => {
      const losses = await trajectory(await create(), trajectoryOptimizers[name]!);
      const stored = (JSON.parse(readFileSync(trajectoryFile, "utf8")) as Record<string, number[]>)[name]!;
      losses.forEach((loss, i) => {
        if (!(Math.abs(loss / stored[i]! - 1) <= tolerance))
          throw new Error(`step ${i + 1}: ${loss}, stored ${stored[i]}`);
      });
    });

    it("leaves weights and optimiser alone when a gradient is not finite, and goes on", async () => {
      const net = network({
        input: { width: 1 },
        layers: [recurrent({ cell: gru, units: 3 }), linear({ units: 1 })],
        loss: "squaredError",
      });
      const executor = await create();
      const trainer = createTrainer(net, initialParameters(net, 1), executor, {
        optimizer: adam(),
        batches: [[2]],
      });
      trainer.step([{ input: [0.5, 1], target: [1, 0] }]);
      const before = trainer.parameters();
      const report = trainer.step([{ input: [Number.NaN, 1], target: [1, 0] }]);
      expect(report.updated).toBe(false);
      expect(trainer.parameters()).toEqual(before);
      const next = trainer.step([{ input: [0.5, 1], target: [1, 0] }]);
      expect(next.updated).toBe(true);
      expect(Number.isFinite(next.loss)).toBe(true);
      expect(trainer.parameters()).not.toEqual(before);
    });

    // Loss and norm are finite, and the update is not: 2e18 times the rate, or the rate itself, is beyond float32.
    it.each<[string, Optimizer]>([
      ["sgd", sgd({ learningRate: 1e21 })],
      ["sgd with momentum", sgd({ learningRate: 1e21, momentum: 0.9 })],
      ["rmsProp", rmsProp({ learningRate: 2e38 })],
      ["adam", adam({ learningRate: 1e39 })],
      ["adamW", adamW({ learningRate: 1e39 })],
    ])("undoes an update of %s that would make a weight infinite", async (_, optimizer) => {
      const net = network({
        input: { width: 1 },
        layers: [recurrent({ cell: gru, units: 3 }), linear({ units: 1 })],
        loss: "squaredError",
      });
      const settings = { optimizer, batches: [[2]], average: 0.9 };
      for (const clip of [undefined, 1]) {
        if (clip !== undefined && optimizer.kind === "sgd") continue;
        const clipped = clip === undefined ? settings : { ...settings, clip };
        for (const make of [createTrainer, createSplitTrainer]) {
          const trainer = make(net, initialParameters(net, 1), await create(), clipped);
          const before = trainer.state();
          const report = trainer.step([{ input: [0.5, 1], target: [1e18, -1e18] }]);
          expect(report).toMatchObject({ updated: false, undone: true });
          expect([report.loss, report.norm].every(Number.isFinite)).toBe(true);
          expect(trainer.state()).toEqual({ ...before, step: 1 });
          expect(trainer.stateBefore()).toEqual(before);
        }
      }
    });

    it("scales gradients down to the global norm it was given", async () => {
      const net = network({
        input: { width: 2 },
        layers: [recurrent({ cell: lstm, units: 3 }), linear({ units: 1 })],
        loss: "squaredError",
      });
      const example: Example = { input: [1, -1, 0.5, 2], target: [30, -20] };
      const moved = async (clip: number | undefined): Promise<number> => {
        const start = initialParameters(net, 1);
        const trainer = createTrainer(net, start, await create(), {
          optimizer: sgd({ learningRate: 1 }),
          batches: [[2]],
          ...(clip === undefined ? {} : { clip }),
        });
        trainer.step([example]);
        let sum = 0;
        for (const [name, { data }] of trainer.parameters())
          data.forEach((v, k) => (sum += (v - start.get(name)!.data[k]!) ** 2));
        return Math.sqrt(sum);
      };
      expect(await moved(undefined)).toBeGreaterThan(10);
      // With plain gradient descent at rate 1 the weights move by exactly the clipped norm, up to float32 rounding.
      expect(await moved(0.25)).toBeCloseTo(0.25, 4);
    });

    it("gives an output and a loss the same bits alone, in a batch, and in any order; lengths 0 and 1 included", async () => {
      const net = network({
        input: { vocabulary: 3 },
        layers: [
          recurrent({ cell: gru, units: 5, direction: "both" }),
          stack({ cell: lstmNotes, units: [7, 19] }),
          pool({ by: "mean" }),
          linear({ units: 3 }),
        ],
        loss: "crossEntropy",
      });
      const examples: Example[] = [
        ...paritySequences(9, 4).map(({ input, id }) => ({
          input,
          target: [id! % 3],
          id: id!,
        })),
        { input: [], target: [1], id: 9 },
        { input: [2], target: [0], id: 10 },
      ];
      const parameters = initialParameters(net, 2);
      const predictor = createPredictor(net, await create(), { loss: true, parameters });
      const together = predictor.predict(examples);
      const reversed = predictor.predict([...examples].reverse()).reverse();
      expect(reversed).toEqual(together);
      examples.forEach((example, i) => expect(predictor.predict([example])[0]).toEqual(together[i]));
      expect(together.every((p) => p.rows[0]?.every(Number.isFinite) && Number.isFinite(p.loss))).toBe(true);
    });
  });
}

/** Learns a label per step (many-to-many): the parity of the digits so far. Returns the share of right labels on unseen sequences. */
export async function learnParity(executor: Executor, steps: number): Promise<number> {
  const net = network({
    input: { vocabulary: 3 },
    layers: [recurrent({ cell: gru, units: 16 }), linear({ units: 2 })],
    loss: "crossEntropy",
  });
  const batches = Array.from({ length: steps }, (_, s) => paritySequences(32, 100 + s));
  const lengths = batches.map((batch) => batch.map((e) => Number(e.input.length)));
  const trainer = createTrainer(net, initialParameters(net, 1), executor, {
    optimizer: adam({ learningRate: 0.02 }),
    clip: 5,
    seed: 1,
    batches: lengths,
  });
  for (const batch of batches) trainer.step(batch);
  const test = paritySequences(200, 99);
  let [right, all] = [0, 0];
  createPredictor(net, trainer.session)
    .predict(test)
    .forEach(({ rows }, i) => {
      rows.forEach(([even, odd], t) => {
        right += Number(Number(odd! > even!) === test[i]?.target?.[t]);
        all++;
      });
    });
  return right / all;
}
