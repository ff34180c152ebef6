/** Ridge regression against what defines it: the gradient of its objective is zero at its solution. */
import { describe, expect, it } from "vitest";
import { purposes, uniform } from "../../tensor/random.js";
import { applyMap, ridgeSums } from "./ridge.js";

const random = (layer: number, element: number): number =>
  2 * uniform({ seed: 9, purpose: purposes.synthetic, layer }, element) - 1;
const pairs = Array.from({ length: 40 }, (_, n) => {
  const x = Array.from({ length: 5 }, (_, i) => random(n, i) + 0.3);
  return { x, y: [2 * x[0]! - x[3]! + 1 + 0.1 * random(n, 10), random(n, 11)] };
});
const sums = ridgeSums(5, 2);
for (const { x, y } of pairs) sums.add(x, y);

describe("ridge regression", () => {
  it.each([1e-4, 0.1, 10])("of strength %d is where the objective is least", (strength) => {
    const map = sums.solve(strength);
    const mean = (of: (x: number[]) => number): number =>
      pairs.reduce((s, { x }) => s + of(x), 0) / pairs.length;
    const squares = [0, 1, 2, 3, 4].map((i) => {
      const m = mean((x) => x[i]!);
      return pairs.reduce((s, { x }) => s + (x[i]! - m) ** 2, 0);
    });
    const lambda = (strength * squares.reduce((a, b) => a + b)) / 5;
    for (const j of [0, 1]) {
      const errors = pairs.map(({ x, y }) => applyMap(map, x)[j]! - y[j]!);
      expect(errors.reduce((a, b) => a + b)).toBeCloseTo(0, 9);
      for (let i = 0; i < 5; i++) {
        const gradient = pairs.reduce((s, { x }, n) => s + errors[n]! * x[i]!, 0);
        expect(gradient + lambda * map.weights[5 * j + i]!).toBeCloseTo(0, 9);
      }
    }
  });
  it("finds what there is, and stays finite where an input never moves", () => {
    const { weights, bias } = sums.solve(1e-6);
    expect([weights[0], weights[3], bias[0]].map((v) => Math.round(10 * v!) / 10)).toEqual([2, -1, 1]);
    const flat = ridgeSums(2, 1);
    for (let n = 0; n < 5; n++) flat.add([1, 1], [n]);
    expect([...flat.solve(1e-5).weights].every(Number.isFinite)).toBe(true);
    expect(applyMap(flat.solve(1e-5), [1, 1])[0]).toBeCloseTo(2, 9);
  });
});
