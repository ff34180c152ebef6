/**
 * Activation layers: values worked out by hand, gradients against central differences, both executors, any batch,
 * streams, and the layer as data.
 */
import { describe, expect, it, test } from "vitest";
import { lstm } from "../../cell/index.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { networkData, networkFromData } from "../build/index.js";
import {
  agreeWithReference,
  checkGradients,
  examplesFor,
  sameBitsInAnyBatch,
  streamsSameBits,
} from "../gradient.cases.js";
import {
  activation,
  createPredictor,
  linear,
  type NetworkOptions,
  network,
  pool,
  recurrent,
} from "../index.js";
import { type ActivationName, activationNames } from "./activation.js";

const createWasm = () => createWasmExecutor({ tier: "simd" });
const input = { width: 3 };
const hidden = (by: ActivationName): NetworkOptions["layers"] => [
  recurrent({ cell: lstm, units: 5 }),
  activation({ by }),
  linear({ units: 19 }),
  activation({ by }),
];

test.each<[ActivationName, number, number]>([
  ["relu", -2, 0],
  ["relu", 1.5, 1.5],
  ["tanh", 0.5, 0.46211715726],
  ["sigmoid", -1, 0.26894142137],
  ["softplus", 0, Math.LN2],
  ["softsign", -3, -0.75],
  ["elu", 2, 2],
  ["elu", -1, -0.63212055883],
  ["elu", 1000, 1000],
  ["silu", 1, 0.73105857863],
  ["hardSigmoid", 1, 0.7],
  ["hardSigmoid", -9, 0],
  ["hardSigmoid", 9, 1],
  ["selu", -1, -1.11133073781],
  ["leakyRelu", -2, -0.02],
  ["gelu", 1, 0.84134474607],
  ["gelu", -0.5, -0.15426876936],
  ["geluTanh", 1, 0.84119199061],
  ["softmax", 7, 1],
])("%s(%d) is %d", async (by, z, wanted) => {
  const net = network({ input: { width: 1 }, layers: [activation({ by })], loss: "squaredError" });
  const [found] = createPredictor(net, await createReferenceExecutor()).predict([{ input: [z] }]);
  // The wanted numbers are written with eleven decimals.
  expect(found?.rows[0]?.[0]).toBeCloseTo(wanted, 10);
});

test.each<[ActivationName, number, number, number]>([
  ["elu", 2, -1, -1.26424111766],
  ["leakyRelu", 0.25, -2, -0.5],
  ["hardSigmoid", 1 / 6, 1, 2 / 3],
])("%s with α = %d of %d is %d", async (by, alpha, z, wanted) => {
  const net = network({ input: { width: 1 }, layers: [activation({ by, alpha })], loss: "squaredError" });
  const [found] = createPredictor(net, await createReferenceExecutor()).predict([{ input: [z] }]);
  expect(found?.rows[0]?.[0]).toBeCloseTo(wanted, 10);
  expect(networkData(networkFromData(networkData(net))).layers).toEqual([{ kind: "activation", by, alpha }]);
});

test("a softmax has probabilities over the features of every step, however large the numbers", async () => {
  const net = network({ input: { width: 3 }, layers: [activation({ by: "softmax" })], loss: "squaredError" });
  const [found] = createPredictor(net, await createReferenceExecutor()).predict([
    { input: [0, Math.LN2, 0, 1e6, 0, 0] },
  ]);
  const [first, second] = found!.rows;
  [0.25, 0.5, 0.25].forEach((wanted, f) => expect(first![f]).toBeCloseTo(wanted, 7));
  expect(second).toEqual([1, 0, 0]);
});

describe.each(activationNames)("%s", (by) => {
  const perStep = network({ input, layers: [...hidden(by), linear({ units: 2 })], loss: "squaredError" });
  const pooled: NetworkOptions = {
    input,
    // Before and after the pooling, which takes the last state through the activation.
    layers: [
      recurrent({ cell: lstm, units: 5, direction: "both" }),
      activation({ by }),
      pool({ by: "last" }),
      linear({ units: 4 }),
      activation({ by }),
      linear({ units: 2 }),
    ],
    loss: "crossEntropy",
  };
  const examples = examplesFor(perStep, [4, 0, 7, 1]);

  it("has the gradient of central differences", async () => {
    expect(await checkGradients(pooled, [4, 0, 2])).toBeGreaterThan(0);
  });
  // Sums of tens of float32 products of numbers around 1.
  it("agrees with the reference", () => agreeWithReference(createWasm, perStep, examples, 1e-4));
  it("gives the same bits in any batch", () => sameBitsInAnyBatch(createWasm, perStep, examples));
  it("streams the bits of the whole sequence", () => streamsSameBits(createWasm, perStep));
  it("is kept in a model file", () => {
    const data = JSON.parse(JSON.stringify(networkData(network(pooled))));
    expect(networkData(networkFromData(data))).toEqual(data);
  });
});

describe("refuses", () => {
  test("a name that it does not know", () => {
    expect(() => activation({ by: "swish" as ActivationName })).toThrow(
      'by is "swish"; it must be relu, tanh',
    );
  });
  test("an α that has no effect", () => {
    expect(() => activation({ by: "tanh", alpha: 2 })).toThrow("alpha");
  });
  test("token ids", () => {
    const layers = [activation({ by: "relu" })];
    expect(() => network({ input: { vocabulary: 3 }, layers, loss: "squaredError" })).toThrow(
      "activation1 needs vectors, not token ids",
    );
  });
});
