/**
 * The first biases give each output its frequency, and the loss that counting has.
 */
import { expect, it } from "vitest";
import { firstBiases } from "./first-biases.js";

const parameters = (length: number) =>
  new Map([["linear1.b_y", { shape: [length], data: new Float32Array(length) }]]);
const biases = (found: ReturnType<typeof firstBiases>): number[] => [
  ...(found.get("linear1.b_y")?.data ?? []),
];
// Biases are float32.
const digits = 6;

it("of sigmoids are the log odds of their frequencies", () => {
  const examples = [{ target: [1, 0, 1, 0] }, { target: [1, 0] }];
  const [first = 0, second = 0] = biases(
    firstBiases(parameters(2), examples, { bias: "linear1.b_y", targets: "numbers" }),
  );
  expect(1 / (1 + Math.exp(-first))).toBeCloseTo(4 / 5, digits);
  expect(1 / (1 + Math.exp(-second))).toBeCloseTo(1 / 5, digits);
});

it("of a softmax are the logarithms of the tokens' frequencies; the parameters given stay as they are", () => {
  const before = parameters(3);
  const found = biases(
    firstBiases(before, [{ target: [0, 0, 1] }, {}], { bias: "linear1.b_y", targets: "class" }),
  );
  expect(found.map(Math.exp).map((f) => Math.round(6e5 * f) / 1e5)).toEqual([3, 2, 1]);
  expect(biases(before)).toEqual([0, 0, 0]);
});

it("need a layer that has biases", () => {
  expect(() => firstBiases(new Map(), [], { bias: "b", targets: "class" })).toThrow(
    "there is no parameter b",
  );
});
