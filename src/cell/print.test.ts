/**
 * What cells print: text checked by hand for the two cells of the notes, stored text for the others (read
 * through when it was stored), and for all of them that the text means what the graph means.
 */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogue, gru, gruResetAfter, lstmNotes, rnn } from "./catalogue/index.js";
import { cell } from "./cell.js";
import { cells, normalised } from "./cells.cases.js";
import type { CellEquations } from "./equations.js";
import { type Bindings, bindingsFor, evaluate, type Matrix } from "./evaluate.cases.js";
import { constant, type Expr, topological } from "./expr.js";
import * as f from "./functions.js";
import { notations } from "./notation.js";
import { printCell } from "./print.js";
import { fromLatex, type Names, printedLines, readPrinted, withoutLayout } from "./printed.cases.js";

/** The printed equations, without the parameters. */
const equationsOf = (equations: CellEquations): { left: string; right: string }[] =>
  printedLines(printCell(equations).split("\n\n")[0]!);

const named = cells.map((c) => [c.name, c.equations()] as const);

test("the notes' GRU", () => {
  expect(printCell(gru.equations())).toBe(
    `
Γr   = σ(w_r [c⟨t−1⟩, x⟨t⟩] + b_r)
Γu   = σ(w_u [c⟨t−1⟩, x⟨t⟩] + b_u)
c̃⟨t⟩ = tanh(w_c [Γr ∘ c⟨t−1⟩, x⟨t⟩] + b_c)
c⟨t⟩ = Γu ∘ c̃⟨t⟩ + (1 − Γu) ∘ c⟨t−1⟩

w_r (H, H + X) = [w_rc : w_rx]
b_r (H)
w_u (H, H + X) = [w_uc : w_ux]
b_u (H)
w_c (H, H + X) = [w_cc : w_cx]
b_c (H)`.slice(1),
  );
});

test("the notes' LSTM", () => {
  expect(printCell(lstmNotes.equations())).toBe(
    `
c̃⟨t⟩ = tanh(w_c [a⟨t−1⟩, x⟨t⟩] + b_c)
Γu   = σ(w_u [c⟨t−1⟩, x⟨t⟩] + b_u)
Γf   = σ(w_f [c⟨t−1⟩, x⟨t⟩] + b_f)
Γo   = σ(w_o [c⟨t−1⟩, x⟨t⟩] + b_o)
c⟨t⟩ = Γu ∘ c̃⟨t⟩ + Γf ∘ c⟨t−1⟩
a⟨t⟩ = Γo ∘ c⟨t⟩

w_c (H, H + X) = [w_ca : w_cx]
b_c (H)
w_u (H, H + X) = [w_uc : w_ux]
b_u (H)
w_f (H, H + X) = [w_fc : w_fx]
b_f (H)
w_o (H, H + X) = [w_oc : w_ox]
b_o (H)`.slice(1),
  );
});

test("LaTeX as in the notes", () => {
  expect(printCell(rnn.equations(), "latex")).toBe(
    String.raw`
\begin{aligned}
a^{\langle t \rangle} &= \tanh\left( w_a \left[ a^{\langle t-1 \rangle}, x^{\langle t \rangle} \right] + b_a \right) \\
w_a \; (H, H + X) &= \left[ w_{aa} : w_{ax} \right] \\
b_a \; (H) &
\end{aligned}`.slice(1),
  );
  expect(printCell(gruResetAfter.equations(), "latex")).toMatchSnapshot();
});

test.each(named)("%s prints as stored", (_name, equations) => {
  expect(printCell(equations)).toMatchSnapshot();
});

test.each(Object.keys(catalogue))("%s: its file says what it prints", (name) => {
  const folder = new URL("./catalogue/", import.meta.url);
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const path = paths.find((p) => p.endsWith(`/${name === "rnnRelu" ? "rnn" : name}.ts`))!;
  const comments = readFileSync(new URL(path, folder), "utf8").replaceAll(/\s+/g, " ");
  for (const { left, right } of equationsOf(catalogue[name]!.equations())) {
    expect(comments).toContain(`${left} = ${right}`);
  }
});

/** What the leaves, weights and biases of a cell are called in print. */
function namesFor(cell: CellEquations, bindings: Bindings): Names {
  const column = (values: readonly number[]): Matrix => values.map((value) => [value]);
  const values = new Map<string, Matrix>([["x⟨t⟩", column(bindings.input["x"]!)]]);
  for (const state of cell.states) values.set(`${state}⟨t−1⟩`, column(bindings.state[state]!));
  for (const { name, blocks } of cell.parameters) {
    const matrices = blocks.map((block) => bindings.blocks[block.name]!);
    const sideBySide = matrices[0]?.map((_, row) => matrices.flatMap((matrix) => matrix[row]!));
    values.set(name, sideBySide ?? column(bindings.parameter[name]!));
  }
  return { values, widths: bindings.widths };
}

/** Reads all printed equations and compares gates and new states with the graph's. */
function compareWithGraph(cell: CellEquations, digits: (read: number, value: number) => void): void {
  const bindings = bindingsFor(cell, 3);
  const names = namesFor(cell, bindings);
  for (const { left, right } of equationsOf(cell)) {
    names.values.set(left, readPrinted(right, names));
  }
  const values = evaluate([...Object.values(cell.next), ...Object.values(cell.gates)], bindings);
  const candidate = (name: string): string => (name.endsWith("\u0303") ? `${name}⟨t⟩` : name);
  for (const [left, e] of [
    ...Object.entries(cell.gates).map(([name, e]) => [candidate(name), e] as const),
    ...Object.entries(cell.next).map(([name, e]) => [`${name}⟨t⟩`, e] as const),
  ]) {
    const read = names.values.get(left);
    expect(read, `${left} is printed`).toBeDefined();
    values.get(e)!.forEach((value, i) => {
      digits(read![i]![0]!, value);
    });
  }
}

describe("the text means what the graph means", () => {
  test.each(named)("%s", (_name, equations) => {
    // Sums of products are taken in another order, of values near 1: a few units of 1e-16.
    compareWithGraph(equations, (read, value) => {
      expect(read).toBeCloseTo(value, 13);
    });
  });

  test("for any elementwise expression, bit by bit", () => {
    fc.assert(
      fc.property(expressions, expressions, (a, b) => {
        // Constants are folded, and an endless one is refused when a cell is traced.
        fc.pre(topological([a, b]).every((e) => e.value === undefined || Number.isFinite(e.value)));
        const e = f.add(f.mul(0, state("h")), a);
        const next = { h: e, k: f.add(f.mul(b, state("k")), e) };
        const parameters = [{ name: "s", kind: "scalar" as const, blocks: [], initial: 0 }];
        const equations = { name: "any", states: ["h", "k"], output: "h", parameters, gates: { g: b }, next };
        compareWithGraph(equations, (read, value) => {
          expect(read).toBe(value);
        });
        expect(withoutLayout(fromLatex(printCell(equations, "latex")))).toBe(
          withoutLayout(printCell(equations)),
        );
      }),
      { numRuns: 300 },
    );
  });
});

const leaf = (op: Expr["op"], name: string, width: string): Expr =>
  Object.freeze({ op, args: [], width, name });
const leaves = new Map([
  ["h", leaf("state", "h", "H")],
  ["k", leaf("state", "k", "H")],
  ["s", leaf("parameter", "s", "1")],
]);
const state = (name: string): Expr => leaves.get(name)!;

/** Expressions of all ops that a person writes, with nodes used more than once. */
const { expression: expressions } = fc.letrec<{ expression: Expr }>((tie) => {
  const operand = tie("expression");
  const one = [
    f.neg,
    f.sigmoid,
    f.tanh,
    f.relu,
    f.exp,
    f.abs,
    f.softplus,
    f.sumFeatures,
    (a: Expr) => f.mul(a, a),
  ];
  const two = [
    f.add,
    f.sub,
    f.mul,
    f.div,
    f.max,
    f.min,
    f.greater,
    (a: Expr, b: Expr) => f.sub(f.div(a, b), f.neg(a)),
  ];
  return {
    expression: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      fc.constantFrom(...leaves.values()),
      fc.constantFrom(0.5, -2, 3e-7, -1e21).map(constant),
      fc.tuple(fc.constantFrom(...one), operand).map(([op, a]) => op(a)),
      fc.tuple(fc.constantFrom(...two), operand, operand).map(([op, a, b]) => op(a, b)),
      fc.tuple(operand, operand, operand).map(([a, b, c]) => f.select(a, b, c)),
    ),
  };
});

test.each(named)("%s: LaTeX and Unicode say the same", (_name, equations) => {
  expect(withoutLayout(fromLatex(printCell(equations, "latex")))).toBe(withoutLayout(printCell(equations)));
});

test("a long value that is used twice gets a name, a product its weight's", () => {
  const lines = equationsOf(normalised.equations()).map(({ left }) => left);
  expect(lines).toEqual(["z_n", "v1", "h⟨t⟩"]);
});

test("the text grows with the graph, not with its paths", () => {
  const doubling = cell("doubling", { states: ["h"], output: "h" }, ({ h }) => {
    let e: Expr = h;
    for (let i = 0; i < 40; i++) e = f.add(f.mul(e, e), h);
    return { h: e };
  });
  expect(printCell(doubling.equations()).length).toBeLessThan(2000);
});

test("two ops that are used twice are written twice, three get a name", () => {
  const squared = (value: (h: Expr, k: Expr) => Expr): string[] => {
    const one = cell("one", { states: ["h", "k"], output: "h" }, ({ h, k }) => {
      const e = value(h, k);
      return { h: f.mul(e, e), k };
    });
    return equationsOf(one.equations()).map(({ left }) => left);
  };
  expect(squared((h, k) => f.sub(1, f.mul(h, k)))).not.toContain("v1");
  expect(squared((h, k) => f.sub(1, f.mul(h, f.tanh(k))))).toContain("v1");
});

test("lines stand in the order in which they are computed, whatever the order in which they were given", () => {
  const mixed = cell("mixed", { states: ["h", "old"], output: "h" }, ({ h, old, x, affine }) => {
    const next = f.tanh(affine("h", h, old, x));
    return { gates: { last: f.mul(next, next) }, h: next, old: h };
  });
  expect(equationsOf(mixed.equations()).map(({ left }) => left)).toEqual(["old⟨t⟩", "h⟨t⟩", "last"]);
});

test("a cell without parameters is its equations, and a parameter of one number says so", () => {
  const none = cell("none", { states: ["h"], output: "h" }, ({ h }) => ({ h: f.neg(h) }));
  expect(printCell(none.equations())).toBe("h⟨t⟩ = −h⟨t−1⟩");
  const one = cell("one", { states: ["h"], output: "h" }, ({ h, scalar }) => ({ h: f.mul(scalar("s"), h) }));
  expect(printCell(one.equations()).split("\n").at(-1)).toBe("s (1)");
});

test.each([
  ["z_u′", "z_u'"],
  ["k2′′", "k_2''"],
  ["1.c", "\\text{1.c}"],
])("a name that is made, %s, is %s in LaTeX", (name, latex) => {
  expect(notations.latex.name(name)).toBe(latex);
});

test("names that are taken are not given", () => {
  const taken = cell("taken", { states: ["v1"], output: "v1" }, ({ v1, x, affine }) => {
    const z = affine("u", v1, x);
    const e = f.sub(f.mul(z, v1), f.exp(z));
    return { gates: { z_u: f.mul(e, f.tanh(v1)) }, v1: f.mul(e, e) };
  });
  expect(equationsOf(taken.equations()).map(({ left }) => left)).toEqual(["z_u′", "v2", "z_u", "v1⟨t⟩"]);
});

test.each([
  ["Γu", "\\Gamma_u"],
  ["Γforget", "\\Gamma_{forget}"],
  ["ω", "\\omega"],
  ["c̃", "\\tilde{c}^{\\langle t \\rangle}"],
  ["ã", "\\tilde{a}^{\\langle t \\rangle}"], // one code point
  ["ĉ", "\\hat{c}"],
  ["é", "\\text{é}"],
  ["k2", "k_2"],
  ["k_max", "k_{max}"],
  ["z̄", "\\bar{z}"],
  ["ẋ", "\\dot{x}"],
  ["ĉ", "\\hat{c}"],
  ["keep", "\\mathit{keep}"],
  ["keep_α", "\\mathit{keep}_{\\alpha}"],
  ["größe_a_b", "\\text{größe}_{\\text{a\\_b}}"],
  ["k~", "\\text{k\\textasciitilde{}}"],
  ["и", "\\text{и}"],
])("a gate called %s is %s in LaTeX", (gate, latex) => {
  const one = cell("one", { states: ["h"], output: "h" }, ({ h }) => ({
    gates: { [gate]: f.tanh(h) },
    h: f.neg(h),
  }));
  expect(printCell(one.equations(), "latex")).toContain(`\n${latex} &= \\tanh`);
});

test("parentheses where strength asks for them, and nowhere else", () => {
  const written = (step: (h: Expr, k: Expr, wx: Expr) => Expr): string => {
    const one = cell("one", { states: ["h", "k"], output: "h" }, ({ h, k, x, linear }) => {
      return { h: step(h, k, linear("u", x)), k };
    });
    const text = equationsOf(one.equations()).find(({ left }) => left === "h⟨t⟩")!.right;
    return text.replaceAll("⟨t−1⟩", "").replaceAll("⟨t⟩", "");
  };
  const { add, sub, mul, div, neg, greater, tanh } = f;
  expect(written((h, k) => add(h, add(k, h)))).toBe("h + (k + h)");
  expect(written((h, k) => sub(sub(h, k), sub(h, k)))).toBe("h − k − (h − k)");
  expect(written((h, k) => mul(div(h, k), add(h, k)))).toBe("(h / k) ∘ (h + k)");
  expect(written((h, k) => div(div(mul(h, k), k), h))).toBe("h ∘ k / k / h");
  expect(written((h, k) => div(h, mul(k, h)))).toBe("h / (k ∘ h)");
  expect(written((h, k) => neg(mul(h, k)))).toBe("−h ∘ k");
  expect(written((h, k) => mul(neg(h), k))).toBe("(−h) ∘ k");
  expect(written((h, k) => sub(h, add(neg(h), k)))).toBe("h − (k − h)");
  expect(written((h, k) => mul(h, greater(add(h, k), -0.5)))).toBe("h ∘ (h + k > −0.5)");
  expect(written((h, _k, wx) => mul(h, wx))).toBe("h ∘ (w_u x)");
  expect(written((h, _k, wx) => sub(wx, mul(-2, h)))).toBe("w_u x − (−2) ∘ h");
  expect(written((_h, k, wx) => tanh(add(k, neg(wx))))).toBe("tanh(k − w_u x)");
});
