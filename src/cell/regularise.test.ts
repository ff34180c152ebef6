/** Noise in a cell's equations, read as they print: what reads the mask, what does not, and what stays one value. */
import { expect, it } from "vitest";
import { catalogue, gru, indRnn, lstmPeephole } from "./catalogue/index.js";
import { type Cell, cell } from "./cell.js";
import { type Expr, topological } from "./expr.js";
import { add, div, mul, sigmoid, tanh } from "./functions.js";
import { featureCount } from "./nodes.js";
import { printCell } from "./print.js";
import { dropStates, multipliedStates, zoneOut } from "./regularise.js";

const leaf = (name: string): Expr => Object.freeze({ op: "input", args: [], width: "H", name });
const equationsOf = (text: string): string[] => text.split("\n\n")[0]?.split("\n") ?? [];

it("a product reads mask ∘ state, also inside an expression; the carry reads the state", () => {
  expect(equationsOf(printCell(dropStates(gru.equations(), { c: leaf("m") })))).toEqual([
    "Γr   = σ(w_r [m⟨t⟩ ∘ c⟨t−1⟩, x⟨t⟩] + b_r)",
    "Γu   = σ(w_u [m⟨t⟩ ∘ c⟨t−1⟩, x⟨t⟩] + b_u)",
    "c̃⟨t⟩ = tanh(w_c [Γr ∘ (m⟨t⟩ ∘ c⟨t−1⟩), x⟨t⟩] + b_c)",
    "c⟨t⟩ = Γu ∘ c̃⟨t⟩ + (1 − Γu) ∘ c⟨t−1⟩",
  ]);
});

it("without masks, or of states that no product reads, nothing changes", () => {
  for (const { equations } of Object.values(catalogue)) {
    expect(dropStates(equations(), {})).toEqual(equations());
    expect(zoneOut(equations(), {})).toEqual(equations());
  }
  const untouched = dropStates(lstmPeephole.equations(), { c: leaf("m") });
  expect(untouched.next["a"]).toBe(lstmPeephole.equations().next["a"]);
});

it.each<[Cell, string[]]>([
  [gru, ["c"]],
  [lstmPeephole, ["a"]],
  [indRnn, []],
])("the states that products of $name read are known", (of, states) => {
  expect(multipliedStates(of.equations())).toEqual(states);
});

it("a product that reads a new state reads it as it is, and a value in and outside of products is two", () => {
  const deep = cell("deep", { states: ["h", "y"], output: "y" }, ({ h, y, x, linear }) => {
    const shared = sigmoid(h);
    const fresh = add(mul(0.5, h), tanh(linear("h", mul(shared, y), x)));
    return { gates: { shared }, h: fresh, y: add(shared, linear("y", fresh, y)) };
  });
  expect(equationsOf(printCell(dropStates(deep.equations(), { h: leaf("m"), y: leaf("n") })))).toEqual([
    "shared = σ(h⟨t−1⟩)",
    "h⟨t⟩   = 0.5 ∘ h⟨t−1⟩ + tanh(w_h [σ(m⟨t⟩ ∘ h⟨t−1⟩) ∘ (n⟨t⟩ ∘ y⟨t−1⟩), x⟨t⟩])",
    "y⟨t⟩   = shared + w_y [h⟨t⟩, n⟨t⟩ ∘ y⟨t−1⟩]",
  ]);
});

it("zoneout mixes the old state and the new, by chance or as expected; the step reads the new one", () => {
  const { equations } = lstmPeephole;
  const trained = equationsOf(printCell(zoneOut(equations(), { c: 0.5 }, { c: leaf("z") })));
  const expected = equationsOf(printCell(zoneOut(equations(), { c: 0.25, a: 0 })));
  expect(trained.slice(-3)).toEqual([
    "Γo   = σ(w_o [a⟨t−1⟩, x⟨t⟩] + b_o + p_o ∘ v1)",
    "a⟨t⟩ = Γo ∘ tanh(v1)",
    "c⟨t⟩ = select(0.5 > z⟨t⟩, c⟨t−1⟩, v1)",
  ]);
  expect(expected.at(-1)).toBe("c⟨t⟩ = 0.25 ∘ c⟨t−1⟩ + 0.75 ∘ v1");
});

it("a mask is for the state alone, not for what else has its name", () => {
  const H: Expr = Object.freeze({ op: "state", args: [], width: "H", name: "H" });
  const counted = cell("counted", { states: ["H"], output: "H" }, ({ x, linear }) => ({
    H: tanh(linear("h", div(x, featureCount("H")), H)),
  }));
  const { next } = dropStates(counted.equations(), { H: leaf("m") });
  expect(topological(Object.values(next)).filter(({ op }) => op === "mul")).toEqual([mul(leaf("m"), H)]);
});
