/**
 * What derived equations print: text checked by hand, term by term, for the two cells of the notes, stored
 * text for the others (read through when it was stored), and for all of them that the text means what the
 * derived graph means.
 */
import { expect, test } from "vitest";
import { gru, lstmNotes, rnn } from "../cell/catalogue/index.js";
import { cell } from "../cell/cell.js";
import { cells, reluLstm } from "../cell/cells.cases.js";
import type { CellEquations } from "../cell/equations.js";
import { bindingsFor, evaluate, type Matrix, numbers } from "../cell/evaluate.cases.js";
import type { Expr } from "../cell/expr.js";
import { add, exp, greater, mul, sub, tanh } from "../cell/functions.js";
import { printCell } from "../cell/print.js";
import { fromLatex, type Names, printedLines, readPrinted, withoutLayout } from "../cell/printed.cases.js";
import { backward } from "./backward.js";
import { printBackward } from "./print.js";

const named = cells.map((c) => [c.name, c.equations()] as const);

test("the notes' GRU", () => {
  expect(printBackward(gru.equations())).toBe(
    `
For t = T … 1. "From step t+1" is what that step gives for its ⟨t−1⟩; at t = T it is 0, unless the final state is read.

dc⟨t⟩   = ∂L/∂c⟨t⟩ + (dc⟨t⟩ from step t+1)
dc̃⟨t⟩   = dc⟨t⟩ ∘ Γu
dz_c    = dc̃⟨t⟩ ∘ (1 − c̃⟨t⟩ ∘ c̃⟨t⟩)
dΓr     = (w_ccᵀ dz_c) ∘ c⟨t−1⟩
dz_r    = dΓr ∘ Γr ∘ (1 − Γr)
dΓu     = dc⟨t⟩ ∘ c̃⟨t⟩ − dc⟨t⟩ ∘ c⟨t−1⟩
dz_u    = dΓu ∘ Γu ∘ (1 − Γu)
dc⟨t−1⟩ = dc⟨t⟩ ∘ (1 − Γu) + (w_ccᵀ dz_c) ∘ Γr + w_rcᵀ dz_r + w_ucᵀ dz_u
dx⟨t⟩   = w_cxᵀ dz_c + w_rxᵀ dz_r + w_uxᵀ dz_u

dw_r = Σ_t dz_r [c⟨t−1⟩, x⟨t⟩]ᵀ
db_r = Σ_t dz_r
dw_u = Σ_t dz_u [c⟨t−1⟩, x⟨t⟩]ᵀ
db_u = Σ_t dz_u
dw_c = Σ_t dz_c [Γr ∘ c⟨t−1⟩, x⟨t⟩]ᵀ
db_c = Σ_t dz_c`.slice(1),
  );
});

test("the notes' LSTM", () => {
  expect(printBackward(lstmNotes.equations())).toBe(
    `
For t = T … 1. "From step t+1" is what that step gives for its ⟨t−1⟩; at t = T it is 0, unless the final state is read.

da⟨t⟩   = ∂L/∂a⟨t⟩ + (da⟨t⟩ from step t+1)
dc⟨t⟩   = (dc⟨t⟩ from step t+1) + da⟨t⟩ ∘ Γo
dΓf     = dc⟨t⟩ ∘ c⟨t−1⟩
dz_f    = dΓf ∘ Γf ∘ (1 − Γf)
dc̃⟨t⟩   = dc⟨t⟩ ∘ Γu
dz_c    = dc̃⟨t⟩ ∘ (1 − c̃⟨t⟩ ∘ c̃⟨t⟩)
dΓu     = dc⟨t⟩ ∘ c̃⟨t⟩
dz_u    = dΓu ∘ Γu ∘ (1 − Γu)
dΓo     = da⟨t⟩ ∘ c⟨t⟩
dz_o    = dΓo ∘ Γo ∘ (1 − Γo)
da⟨t−1⟩ = w_caᵀ dz_c
dc⟨t−1⟩ = dc⟨t⟩ ∘ Γf + w_fcᵀ dz_f + w_ucᵀ dz_u + w_ocᵀ dz_o
dx⟨t⟩   = w_fxᵀ dz_f + w_cxᵀ dz_c + w_uxᵀ dz_u + w_oxᵀ dz_o

dw_c = Σ_t dz_c [a⟨t−1⟩, x⟨t⟩]ᵀ
db_c = Σ_t dz_c
dw_u = Σ_t dz_u [c⟨t−1⟩, x⟨t⟩]ᵀ
db_u = Σ_t dz_u
dw_f = Σ_t dz_f [c⟨t−1⟩, x⟨t⟩]ᵀ
db_f = Σ_t dz_f
dw_o = Σ_t dz_o [c⟨t−1⟩, x⟨t⟩]ᵀ
db_o = Σ_t dz_o`.slice(1),
  );
});

test("LaTeX", () => {
  expect(printBackward(rnn.equations(), "latex")).toBe(
    String.raw`
% For t = T … 1. "From step t+1" is what that step gives for its ⟨t−1⟩; at t = T it is 0, unless the final state is read.
\begin{aligned}
da^{\langle t \rangle} &= \frac{\partial \mathcal{L}}{\partial a^{\langle t \rangle}} + \left( da^{\langle t \rangle} \text{ from step } t+1 \right) \\
dz_a &= da^{\langle t \rangle} \circ \left( 1 - a^{\langle t \rangle} \circ a^{\langle t \rangle} \right) \\
da^{\langle t-1 \rangle} &= {w_{aa}}^{\top} dz_a \\
dx^{\langle t \rangle} &= {w_{ax}}^{\top} dz_a \\
dw_a &= \sum_t dz_a {\left[ a^{\langle t-1 \rangle}, x^{\langle t \rangle} \right]}^{\top} \\
db_a &= \sum_t dz_a
\end{aligned}`.slice(1),
  );
});

test.each(named)("%s prints as stored", (_name, equations) => {
  expect(printBackward(equations)).toMatchSnapshot();
});

test.each(named)("%s: LaTeX and Unicode say the same", (_name, equations) => {
  const text = withoutLayout(fromLatex(printBackward(equations, "latex")));
  expect(text).toBe(withoutLayout(printBackward(equations)));
});

const column = (values: readonly number[]): Matrix => values.map((value) => [value]);
const candidate = (name: string): string => (name.endsWith("\u0303") ? `${name}⟨t⟩` : name);

/** For each printed gradient its value by the derived graph, and the names to read the text with. */
function valuesOf(equations: CellEquations): { expected: Map<string, Matrix>; names: Names } {
  const { states, output, parameters, gates, next } = equations;
  const derived = backward(next);
  const forward = bindingsFor(equations, 5);
  const names: Names = { values: new Map([["x⟨t⟩", column(forward.input["x"]!)]]), widths: forward.widths };
  const incoming: Record<string, readonly number[]> = {};
  states.forEach((state, i) => {
    names.values.set(`${state}⟨t−1⟩`, column(forward.state[state]!));
    const [outside, later] = [numbers(20 + i, 3), numbers(30 + i, 3)];
    names.values.set(`∂L/∂${state}⟨t⟩`, column(outside));
    names.values.set(`(d${state}⟨t⟩ from step t+1)`, column(later));
    // The layer above reads the output; what no step reads gets its gradient from outside alone.
    const carried = derived.previous[state] !== undefined;
    const parts = [...(state === output || !carried ? [outside] : []), ...(carried ? [later] : [])];
    incoming[state] = outside.map((_, k) => parts.reduce((sum, part) => sum + part[k]!, 0));
  });
  for (const { name, blocks } of parameters) {
    const matrices = blocks.map((block) => forward.blocks[block.name]!);
    for (const [i, block] of blocks.entries()) names.values.set(block.name, matrices[i]!);
    names.values.set(
      name,
      matrices[0]?.map((_, row) => matrices.flatMap((m) => m[row]!)) ?? column(forward.parameter[name]!),
    );
  }
  const fields = [derived.previous, derived.inputs, derived.parameters].flatMap((field) =>
    Object.values(field),
  );
  const roots = [...Object.values(next), ...Object.values(gates), ...fields, ...derived.adjoints.values()];
  const values = evaluate(roots, { ...forward, incoming });
  const valueOf = (e: Expr): Matrix => column(values.get(e)!);
  const expected = new Map<string, Matrix>();
  const results = [
    ...Object.entries(gates).map(([name, e]) => [candidate(name), e] as const),
    ...Object.entries(next).map(([name, e]) => [`${name}⟨t⟩`, e] as const),
  ];
  for (const [name, e] of results) names.values.set(name, valueOf(e));
  // A value with several names is called by the first, and a leaf by its own.
  for (const [name, e] of results.filter(([, e], i) => results.findIndex(([, other]) => other === e) === i)) {
    const de = derived.adjoints.get(e);
    if (de && e.args.length > 0) expected.set(`d${name}`, valueOf(de));
  }
  for (const [state, e] of Object.entries(derived.previous)) expected.set(`d${state}⟨t−1⟩`, valueOf(e));
  for (const [input, e] of Object.entries(derived.inputs)) expected.set(`d${input}⟨t⟩`, valueOf(e));
  for (const [name, e] of Object.entries(derived.parameters)) expected.set(`d${name}`, valueOf(e));
  for (const { product, dz } of derived.products) {
    const { parameter, bias } = product.weight!;
    const argument = product.args.flatMap(valueOf);
    expected.set(
      `d${parameter}`,
      valueOf(dz).map(([d]) => argument.map(([a]) => d! * a!)),
    );
    if (bias) expected.set(`d${bias}`, valueOf(dz));
  }
  return { expected, names };
}

test.each(named)("%s: the text means what the derived graph means", (_name, equations) => {
  const { expected, names } = valuesOf(equations);
  // Names that printCell gives are understood: v1, z_n.
  for (const { left, right } of printedLines(printCell(equations).split("\n\n")[0]!)) {
    if (!names.values.has(left)) names.values.set(left, readPrinted(right, names));
  }
  for (const { left, right } of printedLines(printBackward(equations))) {
    const read = readPrinted(right, names);
    names.values.set(left, read);
    const value = expected.get(left);
    // What is not among the gradients has a name only for the lines after it, and is compared through them.
    if (value === undefined) expect(left).toMatch(/^(d?z_|d?v\d)/);
    // Sums of products are taken in another order, of values near 1: a few units of 1e-16.
    value?.forEach((row, i) => {
      row.forEach((number, j) => {
        expect(read[i]![j], `${left} [${i}, ${j}]`).toBeCloseTo(number, 13);
      });
    });
    expected.delete(left);
  }
  expect([...expected.keys()], "gradients that are not printed").toEqual([]);
});

test("what the step before reads and the layer above does not comes from the next step alone", () => {
  const lines = printedLines(printBackward(reluLstm.equations()));
  expect(lines[0]).toEqual({ left: "da⟨t⟩", right: "∂L/∂a⟨t⟩ + (da⟨t⟩ from step t+1)" });
  expect(lines.find(({ left }) => left === "dc⟨t⟩")!.right).toMatch(/^\(dc⟨t⟩ from step t\+1\) \+ da⟨t⟩ ∘ /);
});

test("an output that no step reads gets its gradient from the layer above alone", () => {
  const outward = cell("outward", { states: ["h", "y"], output: "y" }, ({ h, y, x, affine }) => {
    const next = tanh(affine("h", h, x));
    return { h: next, y: mul(0.5, sub(next, mul(0, y))) };
  });
  const lines = printedLines(printBackward(outward.equations()));
  expect(lines[0]).toEqual({ left: "dy⟨t⟩", right: "∂L/∂y⟨t⟩ + (dy⟨t⟩ from step t+1)" });
  const unread = cell("unread", { states: ["h", "y"], output: "y" }, ({ h, x, affine }) => {
    const next = tanh(affine("h", h, x));
    return { h: next, y: mul(0.5, next) };
  });
  expect(printedLines(printBackward(unread.equations()))[0]).toEqual({ left: "dy⟨t⟩", right: "∂L/∂y⟨t⟩" });
});

/** The equations of a cell's gradients, by their left sides, in order. */
const gradientsOf = (of: { equations: () => CellEquations }): Map<string, string> =>
  new Map(printedLines(printBackward(of.equations())).map(({ left, right }) => [left, right]));

test("a gradient that an earlier line reads comes before it, under the first of its names, and once", () => {
  const sums = cell("sums", { states: ["h", "k", "l"], output: "h" }, ({ h, k, l, x, affine }) => ({
    h: mul(add(h, add(k, l)), h),
    k: tanh(affine("k", x)),
    l: tanh(affine("l", x)),
  }));
  const lines = printedLines(printBackward(sums.equations())).filter(({ left }) => left.includes("t−1"));
  expect(lines).toEqual([
    { left: "dk⟨t−1⟩", right: "dh⟨t⟩ ∘ h⟨t−1⟩" },
    { left: "dh⟨t−1⟩", right: "dh⟨t⟩ ∘ (h⟨t−1⟩ + (k⟨t−1⟩ + l⟨t−1⟩)) + dk⟨t−1⟩" },
    { left: "dl⟨t−1⟩", right: "dk⟨t−1⟩" },
  ]);
});

test("what stands under a forward name is not counted as read again", () => {
  const plain = cell("plain", { states: ["h", "k"], output: "h" }, ({ h, k }) => {
    const gate = mul(h, sub(mul(h, k), tanh(k)));
    return { gates: { gate }, h: mul(gate, k), k };
  });
  expect([...gradientsOf(plain).keys()].filter((left) => left.startsWith("v"))).toEqual([]);
});

test("what a weight multiplies is counted as read", () => {
  const grown = cell("grown", { states: ["h"], output: "h" }, ({ h, linear }) => ({
    h: linear("h", exp(sub(mul(h, h), h))),
  }));
  const lines = gradientsOf(grown);
  expect(lines.get("v1")).toBe("exp(h⟨t−1⟩ ∘ h⟨t−1⟩ − h⟨t−1⟩)");
  expect(lines.get("dw_h")).toBe("Σ_t dh⟨t⟩ v1ᵀ");
});

test("a weight of one block is called by its own name", () => {
  const one = cell("one", { states: ["h"], output: "h" }, ({ h, x, linear }) => ({
    h: mul(h, linear("m", x)),
  }));
  expect(gradientsOf(one).get("dx⟨t⟩")).toBe("w_mᵀ dz_m");
});

test("a parameter that no gradient reaches has no line", () => {
  const still = cell("still", { states: ["h"], output: "h" }, ({ h, vector }) => ({
    h: mul(h, greater(vector("v"), 0)),
  }));
  expect([...gradientsOf(still).keys()]).toEqual(["dh⟨t⟩", "dh⟨t−1⟩"]);
});

test("of a value that is two states all that reaches it is added, sum by sum", () => {
  const twice = cell("twice", { states: ["again", "h"], output: "h" }, ({ again, h, x, affine }) => {
    const next = tanh(affine("h", again, h, x));
    return { again: next, h: next };
  });
  expect([...gradientsOf(twice).values()][0]).toBe(
    "(dagain⟨t⟩ from step t+1) + (∂L/∂h⟨t⟩ + (dh⟨t⟩ from step t+1))",
  );
});
