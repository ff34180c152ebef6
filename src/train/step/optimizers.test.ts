/** Every optimiser's update in the plan against the published formulas, written out by hand for one weight. */
import { expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { linear, network, pool, recurrent } from "../../nn/index.js";
import { adam, adamW, createTrainer, type Optimizer, rmsProp, sgd } from "../index.js";

/** A rule for one weight: from weight, gradient and its own memory to the new weight. */
type Rule = (theta: number, g: number, memory: number[], step: number) => number;

const rules: readonly [string, Optimizer, Rule][] = [
  ["sgd", sgd({ learningRate: 0.3 }), (p, g) => p - 0.3 * g],
  [
    "sgd with momentum",
    sgd({ learningRate: 0.3, momentum: 0.8 }),
    (p, g, m) => {
      m[0] = 0.8 * (m[0] ?? 0) + 0.3 * g;
      return p - m[0];
    },
  ],
  [
    "rmsProp",
    rmsProp({ learningRate: 0.1, decay: 0.7 }),
    (p, g, m) => {
      m[0] = 0.7 * (m[0] ?? 0) + 0.3 * g * g;
      return p - (0.1 * g) / (Math.sqrt(m[0]) + 1e-8);
    },
  ],
  [
    "adam",
    adam({ learningRate: 0.1 }),
    (p, g, m, t) => {
      m[0] = 0.9 * (m[0] ?? 0) + 0.1 * g;
      m[1] = 0.999 * (m[1] ?? 0) + 0.001 * g * g;
      return p - (0.1 * (m[0] / (1 - 0.9 ** t))) / (Math.sqrt(m[1] / (1 - 0.999 ** t)) + 1e-8);
    },
  ],
  [
    "adamW",
    adamW({ learningRate: 0.1, weightDecay: 0.2 }),
    (p, g, m, t) => {
      m[0] = 0.9 * (m[0] ?? 0) + 0.1 * g;
      m[1] = 0.999 * (m[1] ?? 0) + 0.001 * g * g;
      return (
        p - 0.1 * 0.2 * p - (0.1 * (m[0] / (1 - 0.9 ** t))) / (Math.sqrt(m[1] / (1 - 0.999 ** t)) + 1e-8)
      );
    },
  ],
];

it.each(rules)("%s updates as published", async (_name, optimizer, rule) => {
  // The output's bias b meets a recurrent layer whose weights are zero: z = b, loss (b − y)², so db = 2 (b − y).
  const net = network({
    input: { width: 1 },
    layers: [recurrent({ cell: gru, units: 1 }), pool({ by: "last" }), linear({ units: 1 })],
    loss: "squaredError",
  });
  const zeros = new Map(
    net.parameters.map((p) => [
      p.name,
      { shape: p.shape, data: new Float32Array(p.shape.reduce((a, n) => a * n, 1)) },
    ]),
  );
  const trainer = createTrainer(net, zeros, await createReferenceExecutor(), { optimizer, batches: [[1]] });
  const memory: number[] = [];
  let [b, y] = [0, 1.5];
  for (let step = 1; step <= 6; step++, y -= 0.7) {
    trainer.step([{ input: [0], target: [y] }]);
    b = rule(b, 2 * (b - y), memory, step);
    // The trainer hands weights out as float32.
    expect(trainer.parameters().get("linear1.b_y")?.data[0]).toBeCloseTo(b, 6);
  }
});

it("settings that make no sense are refused, and those that an optimiser does not have", () => {
  expect(() => adam({ learningRate: -1 })).toThrow("learningRate is -1; it must be a number above 0 (adam)");
  expect(() => adam({ beta1: 1 })).toThrow("beta1 is 1; it must be a number from 0 to below 1");
  expect(() => adam({ weightDecay: 0.1 } as never)).toThrow('adam has no option "weightDecay"');
  expect(() => sgd({ rate: 0.1 } as never)).toThrow('sgd has no option "rate"');
  expect(() => rmsProp({ epsilon: 0 })).toThrow("epsilon is 0; it must be a number above 0");
  expect(() => adamW({ learningRate: "0.1" } as never)).toThrow('learningRate is "0.1"; it must be a number');
  expect(adamW({ learningRate: undefined } as never)).toEqual(adamW());
});
