/** What is no id, no number or not as wide as it must be is refused before it is packed, by the example and the place. */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { extentOf } from "../build/index.js";
import {
  createPredictor,
  type Example,
  embedding,
  features,
  initialParameters,
  linear,
  type Network,
  network,
  recurrent,
} from "../index.js";

const one = recurrent({ cell: gru, units: 2 });
const vectors = network({ input: { width: 2 }, layers: [one, linear({ units: 1 })], loss: "squaredError" });
const ids = network({ input: { vocabulary: 3 }, layers: [one, linear({ units: 2 })], loss: "crossEntropy" });
const several = network({
  input: { inputs: { word: { vocabulary: 4 }, tag: { vocabulary: 2 } } },
  layers: [
    features({ word: [embedding({ width: 2 })], tag: [embedding({ width: 1 })] }),
    one,
    linear({ units: 2 }),
  ],
  loss: "crossEntropy",
});

describe("an example with", () => {
  it.each<[string, Network, unknown, string]>([
    ["an empty place", vectors, { input: [1, null] }, "example 7: number 1 is null; it must be a number"],
    ["a number as a text", vectors, { input: ["1", "2"] }, "example 7: number 0 is 1; it must be a number"],
    [
      "half a step",
      vectors,
      { input: [1] },
      "example 7 holds 1 numbers, which is not a multiple of the input width 2",
    ],
    [
      "a fraction for an id",
      ids,
      { input: [0, 1.5] },
      "example 7: step 1 holds the token id 1.5; ids run from 0 to 2",
    ],
    [
      "a fraction for an id of a second input",
      several,
      { input: { word: [3, 1], tag: [0, 0.5] } },
      'example 7: step 1 of the input "tag" holds the token id 0.5; ids run from 0 to 1',
    ],
  ])("%s is refused", (_, net, example, says) =>
    expect(() => extentOf(net, example as Example, "example 7")).toThrow(says),
  );
});

it("a batch is looked at too, inputs and targets, by whoever trains or predicts", async () => {
  const run = async (net: Network, ...examples: unknown[]) => {
    const executor = await createReferenceExecutor();
    const predictor = createPredictor(net, executor, { loss: true, parameters: initialParameters(net, 1) });
    return predictor.predict(examples as Example[]);
  };
  const good = { input: [1, 2], target: [1] };
  await expect(run(vectors, good, { input: [1, null], target: [1] })).rejects.toThrow("number 1 is null");
  await expect(run(vectors, good, { input: [1, 2], target: [null] })).rejects.toThrow("number 0 is null");
  await expect(run(ids, { input: [1], target: [0.5] })).rejects.toThrow("example 0 has the class 0.5");
});
