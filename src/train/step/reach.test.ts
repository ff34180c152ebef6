/** The bound on weights: never below what weights are, and so far below what is infinite that nobody looks at them. */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { initialParameters, linear, network, recurrent } from "../../nn/index.js";
import { adam, adamW, createTrainer, type Optimizer, optimizerRow, rmsProp, sgd } from "../index.js";
import { Reach } from "./reach.js";
import { largestSize } from "./weight-sizes.js";

const optimizers: Readonly<Record<string, Optimizer>> = {
  sgd: sgd({ learningRate: 0.5 }),
  "sgd with momentum and decay": sgd({ learningRate: 0.5, momentum: 0.9, weightDecay: 0.1 }),
  rmsProp: rmsProp({ learningRate: 0.1 }),
  "rmsProp with momentum and decay": rmsProp({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.1 }),
  adam: adam({ learningRate: 0.5 }),
  adamW: adamW({ learningRate: 0.5, weightDecay: 0.3 }),
};
const net = network({
  input: { width: 1 },
  layers: [recurrent({ cell: gru, units: 3 }), linear({ units: 1 })],
  loss: "squaredError",
});
const numbersAt = (optimizer: Optimizer, step: number) => [
  { optimizer, numbers: optimizerRow(optimizer).at(optimizer, step) },
];

describe.each(Object.entries(optimizers))("of %s", (_, optimizer) => {
  it("weights stay within it", async () => {
    const start = initialParameters(net, 1);
    const executor = await createReferenceExecutor();
    const trainer = createTrainer(net, start, executor, { optimizer, batches: [[3]], clip: 2 });
    const reach = new Reach(optimizer, { optimizer, clip: 2 }, true);
    reach.ofBuffers(trainer.state().buffers);
    for (let step = 1; step <= 30; step++) {
      const input = [Math.sin(step), Math.cos(3 * step), 1];
      const { norm } = trainer.step([{ input, target: [5, -3, step] }]);
      reach.note(numbersAt(optimizer, step), norm);
      const weights = [...trainer.parameters().values()].map(({ data }) => largestSize(data));
      expect(Math.max(...weights)).toBeLessThanOrEqual(reach.bound);
    }
  });
  it("a hundred thousand steps of the largest gradients are far from it", () => {
    const reach = new Reach(optimizer, { optimizer, clip: 1 }, true);
    reach.ofWeights([[1]]);
    const coming = numbersAt(optimizer, 1);
    for (let step = 1; step <= 1e5; step++) {
      if (reach.mayOverflow(coming)) throw new Error(`looked at the weights at step ${step}`);
      reach.note(coming, 1);
    }
  });
  it("without clipping, in float32, nobody looks either", () => {
    const reach = new Reach(optimizer, { optimizer }, true);
    reach.ofWeights([[1]]);
    expect(reach.mayOverflow(numbersAt(optimizer, 1))).toBe(false);
    expect(new Reach(optimizer, { optimizer }, false).mayOverflow(numbersAt(optimizer, 1))).toBe(true);
  });
});

it("weights that are large, infinite or none are looked at", () => {
  const optimizer = adam();
  const reach = new Reach(optimizer, { optimizer, clip: 1 }, true);
  for (const weight of [3e38, Number.POSITIVE_INFINITY, Number.NaN]) {
    reach.ofWeights([[0, weight]]);
    expect(reach.mayOverflow(numbersAt(optimizer, 1))).toBe(true);
  }
});

it("training reads no weights while they are far from it", async () => {
  const executor = await createWasmExecutor({ tier: "simd" });
  const session = executor.session();
  let reads = 0;
  const watched = new Proxy(session, {
    get(target, key) {
      if (key === "read") reads++;
      const value = Reflect.get(target, key) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const trainer = createTrainer(net, initialParameters(net, 1), watched, {
    optimizer: adam(),
    clip: 1,
    batches: [[3]],
  });
  for (let step = 0; step < 50; step++) trainer.step([{ input: [1, 2, 3], target: [5, -3, step] }]);
  expect(reads).toBe(0);
  executor.dispose();
});
