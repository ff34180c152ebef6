/** Two cells are one if their equations are, not if their names are. */
import { expect, it } from "vitest";
import { catalogue } from "./catalogue/index.js";
import { cell, cellFromEquations } from "./cell.js";
import { relu, tanh } from "./functions.js";
import { fromGraph, toGraph } from "./graph.js";
import { sameEquations } from "./same.js";

const own = (options: { name?: string; bias?: number; gate?: string; g?: typeof tanh }) => {
  const { name = "rnn", bias = 0, gate = "a", g = tanh } = options;
  return cell(name, { states: ["a"], output: "a", bias: { [gate]: bias } }, ({ a, x, affine }) => ({
    a: g(affine(gate, a, x)),
  }));
};

it.each<[string, Parameters<typeof own>[0], boolean]>([
  ["the same", {}, true],
  ["another name", { name: "mine" }, true],
  ["another start", { bias: 1 }, true],
  ["other names of parameters", { gate: "b" }, false],
  ["another function", { g: relu }, false],
])("%s", (_, options, same) => {
  expect(sameEquations(own(options), catalogue["rnn"] as never)).toBe(same);
});

it("every cell of the catalogue is itself, after a file too, and no other", () => {
  const cells = Object.values(catalogue);
  for (const [i, a] of cells.entries()) {
    const read = cellFromEquations(fromGraph(JSON.parse(JSON.stringify(toGraph(a.equations())))));
    expect(cells.map((b) => sameEquations(read, b))).toEqual(cells.map((_, k) => k === i));
  }
});
