/**
 * The derived gradients: of one step against central differences, for the catalogue and for cells that only
 * tests have; and through time against golden values, for the catalogue.
 */
import { describe, expect, test } from "vitest";
import { catalogue, gru } from "../cell/catalogue/index.js";
import { cell } from "../cell/cell.js";
import { cells } from "../cell/cells.cases.js";
import type { CellEquations } from "../cell/equations.js";
import {
  type Bindings,
  bindingsFor,
  centralDifferences,
  evaluate,
  type Matrix,
  multiply,
  plus,
  transpose,
  type Vector,
} from "../cell/evaluate.cases.js";
import { CellError, type Expr, topological } from "../cell/expr.js";
import { add, mul, neg, relu, sumFeatures, tanh } from "../cell/functions.js";
import { golden, goldenValue } from "../cell/golden.cases.js";
import { transposed, widen } from "../cell/nodes.js";
import { backward, valuesToKeep } from "./backward.js";

/** Gradients under the names of centralDifferences; what nothing flows to has none. */
type Gradients = Record<string, Vector | Matrix>;

const outer = (a: Vector, b: Vector): Matrix => a.map((x) => b.map((y) => x * y));

/** The gradients of one step by the derived equations, zero where none flows. */
function derivedGradients({ next }: CellEquations, bindings: Bindings): Gradients {
  const derived = backward(next);
  const fields = { state: derived.previous, input: derived.inputs, parameter: derived.parameters };
  const roots = [
    ...Object.values(fields).flatMap((field) => Object.values(field)),
    ...derived.products.map(({ dz }) => dz),
  ];
  const values = evaluate([...Object.values(next), ...roots], bindings);
  const gradients: Gradients = {};
  for (const kind of ["state", "input", "parameter"] as const) {
    for (const [name, value] of Object.entries(bindings[kind])) {
      const e = fields[kind][name];
      gradients[`${kind}.${name}`] = e ? values.get(e)! : value.map(() => 0);
    }
  }
  for (const { product, dz } of derived.products) {
    const { bias, blocks } = product.weight!;
    // dw = dz argᵀ, block by block, and db = dz.
    blocks.forEach((block, i) => {
      gradients[`blocks.${block}`] = outer(values.get(dz)!, values.get(product.args[i]!)!);
    });
    if (bias) gradients[`parameter.${bias}`] = values.get(dz)!;
  }
  return gradients;
}

/** Σ incoming · new state: its gradient by the new states is what comes in. */
const lossOf =
  ({ next }: CellEquations) =>
  (bindings: Bindings): number => {
    const values = evaluate(Object.values(next), bindings);
    return Object.entries(next)
      .flatMap(([state, e]) => values.get(e)!.map((value, i) => value * bindings.incoming[state]![i]!))
      .reduce((a, b) => a + b, 0);
  };

describe("one step against central differences", () => {
  test.each(cells.map((c) => [c.name, c.equations()] as const))("%s", (_name, equations) => {
    for (const seed of [1, 2, 3]) {
      const bindings = bindingsFor(equations, seed);
      const derived = derivedGradients(equations, bindings);
      const numeric = centralDifferences(bindings, lossOf(equations));
      expect(Object.keys(derived).sort()).toEqual(Object.keys(numeric).sort());
      for (const [name, gradient] of Object.entries(derived)) {
        [gradient].flat(2).forEach((value, i) => {
          // 1e-10 times a third derivative of order 10, and rounding of 1e-11.
          expect(value, `${name} at ${i}, seed ${seed}`).toBeCloseTo([numeric[name]!].flat(2)[i]!, 7);
        });
      }
    }
  });
});

const formula = (name: string, count: number, from = 0): Vector =>
  Array.from({ length: count }, (_, k) => goldenValue(name, from + k));

/** The cell's weights by blocks, its vectors and its first state, as make.py has them. */
function goldenBindings({ name: cellName, parameters, states }: CellEquations, sequence: number): Bindings {
  const { X, H } = golden[cellName]!;
  const blocks: Record<string, Matrix> = {};
  const parameter: Record<string, Vector> = {};
  for (const { name, kind, blocks: columns } of parameters) {
    const widths = columns.map((block) => (block.columns === "X" ? X : H));
    const width = widths.reduce((a, b) => a + b, 0);
    if (kind !== "weight") parameter[name] = formula(`${cellName}.${name}`, H);
    columns.forEach((block, i) => {
      const start = widths.slice(0, i).reduce((a, b) => a + b, 0);
      blocks[block.name] = Array.from({ length: H }, (_, row) =>
        formula(`${cellName}.${name}`, widths[i]!, row * width + start),
      );
    });
  }
  const state = Object.fromEntries(states.map((s) => [s, formula(`${cellName}.init.${s}`, H, sequence * H)]));
  return { widths: { X, H }, input: {}, incoming: {}, state, parameter, blocks };
}

/** Adds b onto a, which may not be there yet. */
function accumulate(into: Gradients, name: string, more: Vector | Matrix): void {
  const sum = (a: unknown, b: unknown): unknown =>
    Array.isArray(a) ? a.map((value, i) => sum(value, (b as unknown[])[i])) : (a as number) + (b as number);
  into[name] = name in into ? (sum(into[name], more) as Vector | Matrix) : more;
}

describe("through time, ragged lengths, against golden values", () => {
  test.each(Object.keys(golden))("%s", (name) => {
    const expected = golden[name]!;
    const { lengths, X, H } = expected;
    const equations = catalogue[name]!.equations();
    const { states, output, next, parameters } = equations;
    const gradients: Gradients = {};
    // Products of matrices are summed in another order, over at most 12 steps, of values near 1.
    const close = (value: Vector | Matrix, other: unknown, what: string): void => {
      const flat = [other].flat(3) as number[];
      [value].flat(2).forEach((number, i) => {
        expect(number, `${what} at ${i}`).toBeCloseTo(flat[i]!, 11);
      });
    };
    lengths.forEach((length, b) => {
      const steps: Bindings[] = [];
      let bindings = goldenBindings(equations, b);
      for (let t = 0; t < length; t++) {
        bindings = { ...bindings, input: { x: formula("x", X, (t * lengths.length + b) * X) } };
        steps.push(bindings);
        const values = evaluate(Object.values(next), bindings);
        const state = Object.fromEntries(states.map((s) => [s, values.get(next[s]!)!]));
        close(state[output]!, expected.output[t]![b], `output ${t} ${b}`);
        bindings = { ...bindings, state };
      }
      for (const s of states) close(bindings.state[s]!, expected.final[s]![b], `final ${s} ${b}`);
      // What flows back from later steps, and at each step the loss by the output: (j + 1) / (1 + t + b).
      let flowing: Record<string, Vector> = Object.fromEntries(
        states.map((s) => [s, Array<number>(H).fill(0)]),
      );
      for (let t = length - 1; t >= 0; t--) {
        const outside = Array.from({ length: H }, (_, j) => (j + 1) / (1 + t + b));
        const incoming = { ...flowing, [output]: plus(flowing[output]!, outside) };
        const step = derivedGradients(equations, { ...steps[t]!, incoming });
        flowing = Object.fromEntries(states.map((s) => [s, step[`state.${s}`] as Vector]));
        for (const [key, value] of Object.entries(step)) {
          if (key.startsWith("parameter.") || key.startsWith("blocks.")) accumulate(gradients, key, value);
        }
        close(step["input.x"]!, (expected.grad["x"] as readonly Matrix[])[t]![b], `dx ${t} ${b}`);
      }
      for (const s of states)
        close(flowing[s]!, (expected.grad[`init.${s}`] as Matrix)[b], `d init.${s} ${b}`);
    });
    for (const { name: parameter, kind, blocks } of parameters) {
      const sideBySide = (row: number): Vector =>
        blocks.flatMap((block) => (gradients[`blocks.${block.name}`] as Matrix)[row]!);
      const gradient =
        kind === "weight"
          ? Array.from({ length: H }, (_, row) => sideBySide(row))
          : gradients[`parameter.${parameter}`]!;
      close(gradient, expected.grad[parameter], `d${parameter}`);
    }
  });
});

describe("the walk", () => {
  const leaf = (op: Expr["op"], name: string, width: string): Expr =>
    Object.freeze({ op, args: [], width, name });

  test("refuses an op without a derivative, naming it", () => {
    const product = gru.equations().gates["Γr"]!.args[0]!;
    const second = transposed(product, 0, leaf("state", "c", "H"), "H");
    expect(() => backward({ c: tanh(second) })).toThrow(
      new CellError("transposed has no derivative, so nothing can be trained through it"),
    );
  });

  test("leaves out what no gradient reaches", () => {
    const derived = backward({ h: tanh(leaf("state", "h", "H")) });
    expect(Object.keys(derived.previous)).toEqual(["h"]);
    expect([derived.inputs, derived.parameters, derived.products]).toEqual([{}, {}, []]);
    expect(backward({ h: mul(2, leaf("state", "h", "H")) }).adjoints.size).toBe(2); // not the number's
  });

  test("gives a value under two names the gradients of both", () => {
    const h = leaf("state", "h", "H");
    const value = tanh(h);
    const { incoming, adjoints } = backward({ a: value, c: value, d: h });
    expect(adjoints.get(value)).toEqual(add(incoming["a"]!, incoming["c"]!));
    expect(adjoints.get(h)!.args[0]).toBe(incoming["d"]);
  });

  test("adds up a leaf that stands twice in the graph, as in equations from a file", () => {
    const [first, second] = [leaf("state", "h", "H"), leaf("state", "h", "H")];
    const { previous, incoming } = backward({ h: add(mul(2, first), neg(second)) });
    const values = evaluate([previous["h"]!], {
      ...bindingsFor(gru.equations()),
      incoming: { h: [1, 2, 3] },
    });
    expect(values.get(previous["h"]!)).toEqual([1, 2, 3]);
    expect(incoming["h"]!.name).toBe("h");
  });

  test("brings gradients to the width of what they belong to", () => {
    const [v, s] = [leaf("state", "v", "H"), leaf("parameter", "s", "1")];
    const narrow = backward({ v: mul(s, v) });
    expect(narrow.parameters["s"]).toEqual(sumFeatures(mul(narrow.incoming["v"]!, v)));
    const wide = backward({ s: sumFeatures(v) });
    expect(wide.previous["v"]).toEqual(widen(wide.incoming["s"]!, "H"));
  });

  test("multiplies by a block's own columns, transposed", () => {
    const equations = cell("one", { states: ["h"], output: "h" }, ({ h, x, linear }) => ({
      h: linear("u", h, x),
    })).equations();
    const bindings = bindingsFor(equations, 4);
    const gradients = derivedGradients(equations, bindings);
    expect(gradients["input.x"]).toEqual(
      multiply(transpose(bindings.blocks["w_ux"]!), bindings.incoming["h"]!),
    );
    expect(gradients["blocks.w_ux"]).toEqual(outer(bindings.incoming["h"]!, bindings.input["x"]!));
  });
});

describe("what forward keeps", () => {
  const kept = (equations: CellEquations): string[] => {
    const { next, gates } = equations;
    const { previous, inputs, products, parameters } = backward(next);
    const forward = new Set(topological(Object.values(next)));
    const fields = [previous, inputs, parameters].flatMap((field) => Object.values(field));
    const roots = [...fields, ...products.flatMap(({ product, dz }) => [dz, ...product.args])];
    const names = new Map([...Object.entries(gates), ...Object.entries(next)].map(([name, e]) => [e, name]));
    return [...valuesToKeep(roots, forward)].map((e) => names.get(e) ?? e.name ?? e.op).sort();
  };

  test("activated gates and states; not 1 − Γu, Γr ∘ c⟨t−1⟩ or sums before activations", () => {
    expect(kept(gru.equations())).toEqual(["c", "c̃", "x", "Γr", "Γu"].sort());
    expect(kept(catalogue["rnn"]!.equations())).toEqual(["a", "a", "x"]); // a⟨t⟩ and a⟨t−1⟩
  });

  test("a product where the gradient reads it", () => {
    expect(kept(catalogue["gruResetAfter"]!.equations())).toEqual(["affine", "h", "n", "r", "x", "z"]);
  });

  test("relu itself, not its argument", () => {
    const one = cell("one", { states: ["h"], output: "h" }, ({ h, affine }) => ({ h: relu(affine("u", h)) }));
    expect(kept(one.equations())).toEqual(["h", "h"]);
  });
});

test("what is repeated over a width has the sum over it as gradient", () => {
  const one: Expr = { op: "parameter", args: [], width: "1", name: "s" };
  const { incoming, parameters } = backward({ y: widen(one, "H") });
  expect(parameters["s"]).toEqual(sumFeatures(incoming["y"]!));
});
