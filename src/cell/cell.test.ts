/**
 * Tracing a step into equations: what the catalogue's cells define, against the shapes that the
 * programs in test/golden use; and every way a cell can be wrong.
 */
import { describe, expect, test, vi } from "vitest";
import { catalogue, gru, lstmNotes, lstmPeephole } from "./catalogue/index.js";
import { type Cell, cell, cellFromEquations, type StepResult, type StepScope } from "./cell.js";
import type { CellEquations } from "./equations.js";
import { bindingsFor, evaluate } from "./evaluate.cases.js";
import { CellError, topological } from "./expr.js";
import { add, log, mul, sigmoid, sub, tanh } from "./functions.js";
import { type Golden, golden } from "./golden.cases.js";

/** Parameter names and shapes in numbers. */
function shapes({ parameters }: CellEquations, { X, H }: Golden): Record<string, number[]> {
  const sizes: Record<string, number> = { X, H };
  return Object.fromEntries(
    parameters.map(({ name, kind, blocks }) => {
      const columns = blocks.reduce((sum, block) => sum + sizes[block.columns]!, 0);
      return [name, kind === "weight" ? [H, columns] : [kind === "vector" ? H : 1]];
    }),
  );
}

test("the catalogue is the cells that golden values exist for", () => {
  expect(Object.keys(catalogue).sort()).toEqual(Object.keys(golden).sort());
  for (const [name, { name: own }] of Object.entries(catalogue)) expect(own).toBe(name);
});

test.each(Object.keys(golden))("%s has the parameters of its golden values", (name) => {
  const equations = catalogue[name]!.equations();
  expect(Object.entries(shapes(equations, golden[name]!)).sort()).toEqual(
    Object.entries(golden[name]!.shapes).sort(),
  );
});

describe("tracing", () => {
  test("a step gives blocks of columns in the order of its arguments, and names for what is gated", () => {
    const weights = gru.equations().parameters.filter((p) => p.kind === "weight");
    expect(weights.map(({ name, blocks }) => [name, blocks])).toEqual([
      [
        "w_r",
        [
          { name: "w_rc", columns: "H", input: false },
          { name: "w_rx", columns: "X", input: true },
        ],
      ],
      [
        "w_u",
        [
          { name: "w_uc", columns: "H", input: false },
          { name: "w_ux", columns: "X", input: true },
        ],
      ],
      [
        "w_c",
        [
          { name: "w_cc", columns: "H", input: false },
          { name: "w_cx", columns: "X", input: true },
        ],
      ],
    ]);
  });

  test("blocks without a name of their own are numbered", () => {
    const { parameters } = small(({ h, x, affine }) => ({
      h: affine("g", h, add(tanh(affine("k", x)), h), h),
    }));
    const blocks = parameters.find((p) => p.name === "w_g")!.blocks;
    expect(blocks.map(({ name }) => name)).toEqual(["w_gh0", "w_g1", "w_gh2"]);
  });

  test("gates stand in the order of computation, else in the author's", () => {
    expect(Object.keys(lstmNotes.equations().gates)).toEqual(["c̃", "Γu", "Γf", "Γo"]);
    const { gates } = small(({ h, x, affine }) => {
      const first = sigmoid(affine("f", h, x));
      const second = tanh(mul(first, h));
      return { gates: { second, other: tanh(h), first }, h: second };
    });
    expect(Object.keys(gates)).toEqual(["first", "second", "other"]);
  });

  test("a gate may read a new state: nothing is computed twice", () => {
    const { next, gates } = lstmPeephole.equations();
    expect(topological([gates["Γo"]!])).toContain(next["c"]);
  });

  test("defining does not trace, using traces once", () => {
    const step = vi.fn(({ h }: StepScope<"h">) => ({ h: tanh(h) }));
    const lazy = cell("lazy", { states: ["h"], output: "h" }, step);
    expect(step).not.toHaveBeenCalled();
    const equations = lazy.equations();
    expect(lazy.equations()).toBe(equations);
    expect(step).toHaveBeenCalledTimes(1);
  });

  test("biases and vectors start where the cell says", () => {
    const { parameters } = cell("starts", { states: ["h"], output: "h", bias: { f: 1 } }, (tools) => {
      const { h, x, affine, linear, vector, scalar } = tools;
      const sum = add(affine("f", h, x), linear("g", x));
      return { h: add(add(mul(vector("p", { from: 0, to: 1 }), sum), scalar("s", 2)), vector("q")) };
    }).equations();
    expect(parameters.map(({ name, kind, initial }) => [name, kind, initial])).toEqual([
      ["w_f", "weight", 0],
      ["b_f", "vector", 1],
      ["w_g", "weight", 0],
      ["p", "vector", { from: 0, to: 1 }],
      ["s", "scalar", 2],
      ["q", "vector", 0],
    ]);
  });

  test("layer normalisation brings a gain of 1 and a bias of 0, or what it is told", () => {
    const { parameters } = cell("norm", { states: ["h"], output: "h" }, ({ h, layerNorm }) => ({
      h: add(layerNorm("n", h), layerNorm("m", h, { gain: 0.5, bias: { from: -1, to: 1 } })),
    })).equations();
    expect(parameters.map(({ name, kind, initial }) => [name, kind, initial])).toEqual([
      ["g_n", "vector", 1],
      ["k_n", "vector", 0],
      ["g_m", "vector", 0.5],
      ["k_m", "vector", { from: -1, to: 1 }],
    ]);
  });

  test("equations that are known make a cell", () => {
    const again = cellFromEquations(gru.equations());
    expect(again).toMatchObject({ name: "gru", states: ["c"], output: "c" });
    expect(again.equations()).toBe(gru.equations());
  });

  test("one step of the notes' LSTM, by hand", () => {
    // H = X = 1, all weights 0 and b_c = 0: c̃ = 0 and Γ = ½, so c = ½ · 0.8 and a = ½ · c.
    const equations = lstmNotes.equations();
    const bindings = bindingsFor(equations, 1, { X: 1, H: 1 });
    const none = {
      ...bindings,
      state: { a: [0.3], c: [0.8] },
      parameter: { b_c: [0], b_u: [0], b_f: [0], b_o: [0] },
    };
    const blocks = Object.fromEntries(Object.keys(bindings.blocks).map((name) => [name, [[0]]]));
    const values = evaluate(Object.values(equations.next), { ...none, blocks });
    expect(values.get(equations.next["c"]!)).toEqual([0.4]);
    expect(values.get(equations.next["a"]!)).toEqual([0.2]);
  });
});

/** Traces a step of one state h. */
function small(step: (scope: StepScope<"h">) => StepResult<"h">): CellEquations {
  return cell("small", { states: ["h"], output: "h" }, step).equations();
}
/** A step in plain JavaScript, which can return anything. */
const untyped = (step: (scope: StepScope<"h">) => unknown): CellEquations =>
  small(step as (scope: StepScope<"h">) => StepResult<"h">);
const one = (states: string[], output: string): Cell => cell("one", { states, output }, () => ({}));

describe("what is refused when a cell is defined", () => {
  test.each<[string, () => unknown, string]>([
    ["no state", () => one([], "h"), 'cell "one" has no states; a recurrent cell has at least one'],
    [
      "a state called like a tool",
      () => one(["affine"], "affine"),
      'cell "one": "affine" cannot name a state',
    ],
    ["a state called like the input", () => one(["x"], "x"), 'cell "one": "x" cannot name a state'],
    ["a state that is no name", () => one(["h t"], "h t"), 'cell "one": "h t" cannot name a state'],
    [
      "a state called like what every object has",
      () => one(["constructor"], "constructor"),
      'cell "one": "constructor" cannot name a state',
    ],
    ["a state twice", () => one(["h", "h"], "h"), 'cell "one" names a state twice'],
    [
      "an output that is no state",
      () => one(["h"], "c"),
      'cell "one": its output "c" is none of its states (h)',
    ],
  ])("%s", (_title, define, message) => {
    expect(define).toThrow(CellError);
    expect(define).toThrow(message);
  });
});

describe("what is refused when a cell is traced", () => {
  test.each<[string, () => unknown, string]>([
    [
      "a parameter twice",
      () => small(({ h, x, affine }) => ({ h: add(affine("g", h), affine("g", x)) })),
      "defines the parameter w_g twice",
    ],
    [
      "a vector twice",
      () => small(({ h, vector }) => ({ h: add(mul(vector("p"), h), vector("p")) })),
      "defines the parameter p twice",
    ],
    [
      "a product of nothing",
      () => small(({ affine }) => ({ h: affine("g") })),
      'affine("g") has nothing to multiply; give it c, x',
    ],
    [
      "a product of a number",
      () => small(({ affine }) => ({ h: affine("g", 2) })),
      "w_g cannot multiply a single number; use scalar or vector",
    ],
    [
      "a step that returns nothing",
      () => untyped(() => undefined),
      "the step returned undefined; it returns its new states, { h }",
    ],
    ["a state that is not returned", () => untyped(() => ({})), 'the step does not return its state "h"'],
    [
      "a state of another width",
      () => small(({ x }) => ({ h: x })),
      'the new "h" has width X; a state has width H',
    ],
    [
      "a state that is a number",
      () => small(() => ({ h: 0 })),
      'the new "h" has width 1; a state has width H',
    ],
    [
      "a gate beside the gates",
      () => untyped(({ h }) => ({ h, u: h })),
      'the step returns "u", which is none of its states (h); put gates under "gates"',
    ],
    [
      "a state that is no value",
      () => untyped(() => ({ h: "h" })),
      "expected an expression or a number, found h",
    ],
    [
      "a gate that is no value",
      () => untyped(({ h }) => ({ h, gates: { u: undefined } })),
      "expected an expression or a number, found undefined",
    ],
    [
      "a bias of no product",
      () =>
        cell("c", { states: ["h"], output: "h", bias: { f: 1 } }, ({ h }) => ({ h: tanh(h) })).equations(),
      "the options name a bias b_f that no affine defines",
    ],
    [
      "a name that is no name",
      () => small(({ h, affine }) => ({ h: affine("a-b", h) })),
      '"w_a-b" cannot name a parameter',
    ],
    [
      "a gate that is no name",
      () => small(({ h }) => ({ h, gates: { "the gate": h } })),
      '"the gate" cannot name a gate',
    ],
    [
      "a gate called like what every object has",
      () => small(({ h }) => ({ h, gates: { ["__proto__"]: h } })),
      '"__proto__" cannot name a gate',
    ],
    [
      "a gate called like a state",
      () => small(({ h }) => ({ h: tanh(h), gates: { h } })),
      '"h" names a state already and cannot name a gate too',
    ],
    [
      "a gate called like a parameter",
      () => small(({ h, vector }) => ({ h: mul(vector("u"), h), gates: { u: tanh(h) } })),
      '"u" names a parameter already and cannot name a gate too',
    ],
    [
      "a vector called like the input",
      () => small(({ h, vector }) => ({ h: mul(vector("x"), h) })),
      '"x" names the input already and cannot name a parameter too',
    ],
    [
      "a parameter called like a block of columns of another",
      () => small(({ h, x, affine }) => ({ h: add(affine("n", h, x), affine("nx", x)) })),
      '"w_nx" names a parameter already and cannot name a block of columns too',
    ],
    [
      "a number without end",
      () => small(({ h }) => ({ h: sub(h, log(0)) })),
      "the number -Infinity stands in its equations; numbers must be finite",
    ],
    [
      "layer normalisation of another width",
      () => small(({ x, linear, layerNorm }) => ({ h: linear("h", layerNorm("x", x)) })),
      'layerNorm("x") normalises a value of width H, not X; bring it there with linear',
    ],
    [
      "two layer normalisations of one name",
      () => small(({ h, layerNorm }) => ({ h: add(layerNorm("n", h), layerNorm("n", h)) })),
      "defines the parameter g_n twice",
    ],
    [
      "two widths",
      () => small(({ h, x }) => ({ h: mul(h, x) })),
      "mul was given widths H and X; its operands must have one width",
    ],
  ])("%s", (_title, trace, message) => {
    expect(trace).toThrow(CellError);
    expect(trace).toThrow(message);
  });
});

test("no name of the scope can name a state", () => {
  for (const name of ["x", "affine", "linear", "vector", "scalar", "layerNorm", "gates"])
    expect(() => cell("odd", { states: [name], output: name }, () => ({}) as never)).toThrow(
      `"${name}" cannot name a state`,
    );
});

test("a block of weights has the name of the only state or input that it multiplies, or else a number", () => {
  const { next } = cell("named", { states: ["h", "s"], output: "h" }, ({ h, s, x, affine }) => ({
    h: affine("u", tanh(mul(h, 2)), mul(tanh(x), x), add(h, s)),
    s,
  })).equations();
  expect(next["h"]!.weight!.blocks).toEqual(["w_uh", "w_ux", "w_u2"]);
});
