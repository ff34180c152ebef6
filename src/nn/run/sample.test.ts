/** Lists in lists become the flat lists that networks read; what does not fit is refused by the example's name and the place. */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { embedding, features, linear, type Network, network, pool, recurrent } from "../index.js";
import { exampleOf, type Sample } from "./sample.js";

const one = recurrent({ cell: gru, units: 3 });
const vectors = network({ input: { width: 2 }, layers: [one, linear({ units: 2 })], loss: "squaredError" });
const pooled = network({
  input: { width: 2 },
  layers: [one, pool({ by: "mean" }), linear({ units: 3 })],
  loss: "crossEntropy",
});
const ids = network({ input: { vocabulary: 5 }, layers: [one, linear({ units: 3 })], loss: "crossEntropy" });
const several = network({
  input: {
    inputs: {
      word: { vocabulary: 4 },
      shape: { width: 2 },
      strokes: { width: 2, inside: true },
    },
  },
  layers: [
    features({ word: [embedding({ width: 2 })], shape: [], strokes: [one, pool({ by: "last" })] }),
    one,
    linear({ units: 3 }),
  ],
  loss: "crossEntropy",
});

/** An example whose lists are all plain. */
function plain(net: Network, sample: unknown): unknown {
  return JSON.parse(
    JSON.stringify(exampleOf(net, sample as Sample, "example 7"), (_, value) =>
      ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value,
    ),
  );
}

describe("a sample", () => {
  it.each<[string, Network, unknown, unknown]>([
    [
      "of vectors with rows of targets",
      vectors,
      {
        input: [[0.1, 0.2], Float32Array.of(0.5, 1)],
        target: [
          [1, 2],
          [3, 4],
        ],
        id: 3,
        weight: 2,
      },
      { input: [0.1, 0.2, 0.5, 1], target: [1, 2, 3, 4], id: 3, weight: 2 },
    ],
    ["of no steps", vectors, { input: [], target: [] }, { input: [], target: [] }],
    ["without a target", vectors, { input: [[1, 2]] }, { input: [1, 2] }],
    ["with one class", pooled, { input: [[1, 2]], target: 2 }, { input: [1, 2], target: [2] }],
    ["with one class in a row", pooled, { input: [[1, 2]], target: [[2]] }, { input: [1, 2], target: [2] }],
    ["of ids", ids, { input: [1, 2], target: [0, 1] }, { input: [1, 2], target: [0, 1] }],
    [
      "of ids in rows of one",
      ids,
      { input: [[1], [2]], target: [[0], [1]] },
      { input: [1, 2], target: [0, 1] },
    ],
    [
      "of several inputs",
      several,
      {
        input: {
          word: [1, 2],
          shape: [
            [1, 2],
            [3, 4],
          ],
          strokes: [
            [
              [1, 2],
              [3, 4],
            ],
            [],
          ],
        },
        target: [0, 1],
      },
      { input: { word: [1, 2], shape: [1, 2, 3, 4], strokes: [[1, 2, 3, 4], []] }, target: [0, 1] },
    ],
  ])("%s becomes an example", (_, net, sample, wanted) => expect(plain(net, sample)).toEqual(wanted));

  it("that is flat is given back as it is, and its numbers are not copied", () => {
    for (const [net, sample] of [
      [vectors, { input: Float32Array.of(1, 2), target: [1, 2] }],
      [several, { input: { word: [1], shape: [1, 2], strokes: [[1, 2]] }, target: [0] }],
    ] as const)
      expect(exampleOf(net, sample, "example 7")).toBe(sample);
  });

  it.each<[string, Network, unknown, string]>([
    ["a text", vectors, { input: "abc" }, 'example 7: the input is "abc"; it must be a list of numbers'],
    ["nothing", vectors, {}, "example 7: the input is undefined; it must be a list"],
    [
      "a short row",
      vectors,
      { input: [[1, 2], [3]] },
      "example 7: row 1 of the input has 1 numbers and needs 2",
    ],
    ["a number among rows", vectors, { input: [[1, 2], 3] }, "row 1 of the input has no numbers and needs 2"],
    [
      "an empty place",
      vectors,
      { input: [[1, null]] },
      "row 0 of the input holds null at 1; it must be a number",
    ],
    ["a list too deep", vectors, { input: [[1, [2]]] }, "row 0 of the input holds a list at 1"],
    ["vectors for ids", ids, { input: [[1, 2]] }, "row 0 of the input has 2 numbers and needs 1"],
    [
      "a target's row",
      vectors,
      { input: [[1, 2]], target: [[1]] },
      "row 0 of the target has 1 numbers and needs 2",
    ],
    [
      "a target that is a text",
      vectors,
      { input: [], target: "1" },
      'example 7: the target is "1"; it must be a list',
    ],
    [
      "a named input",
      several,
      { input: { word: [1], shape: [[1]], strokes: [[]] } },
      'row 0 of the input "shape" has 1 numbers and needs 2',
    ],
    [
      "an input inside a step",
      several,
      { input: { word: [1], shape: [[1, 2]], strokes: [[[1]]] } },
      'row 0 of step 0 of the input "strokes" has 1 numbers and needs 2',
    ],
  ])("with %s is refused", (_, net, sample, says) => expect(() => plain(net, sample)).toThrow(says));
});
