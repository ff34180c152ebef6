/**
 * Values over the rows of a source: derivatives against central differences, and what mixes with what.
 */
import { describe, expect, test } from "vitest";
import { backward } from "../grad/backward.js";
import { softmaxSource } from "./attention.js";
import { type Bindings, centralDifferences, evaluate, type Vector } from "./evaluate.cases.js";
import { CellError, type Expr } from "./expr.js";
import * as f from "./functions.js";
import { cell, fromGraph, gru, toGraph } from "./index.js";
import { logSumExpSource, product, spread, sumSource, widen } from "./nodes.js";

const keys: Expr = Object.freeze({ op: "input", args: [], width: "H", name: "keys", over: "source" });
const narrow: Expr = Object.freeze({ op: "input", args: [], width: "1", name: "narrow", over: "source" });
const s: Expr = Object.freeze({ op: "state", args: [], width: "H", name: "s" });
const v: Expr = Object.freeze({ op: "parameter", args: [], width: "H", name: "v" });

function bind(y: Expr, source: number): Bindings {
  const values = (length: number, seed: number): Vector =>
    Array.from({ length }, (_, k) => Math.sin(1.7 * seed + 0.9 * k));
  return {
    widths: { H: 3 },
    source,
    input: { keys: values(3 * source, 1), narrow: values(source, 2) },
    state: { s: values(3, 3) },
    parameter: { v: values(3, 4) },
    incoming: { y: y.width === "1" ? [0.8] : [0.8, -1.1, 0.3] },
    blocks: {},
  };
}

const energy = f.sumFeatures(f.mul(spread(v), f.tanh(f.add(spread(s), keys))));
const weights = softmaxSource(energy);

describe.each([4, 1, 0])("with %i source rows, the derivative against central differences", (source) => {
  test.each<[string, Expr]>([
    ["a sum", sumSource(keys)],
    ["a sum of a spread value", sumSource(f.mul(spread(s), keys))],
    ["a narrow value beside a wide one", sumSource(f.mul(narrow, keys))],
    ["a narrow step beside a wide source", sumSource(f.mul(spread(f.sumFeatures(s)), keys))],
    ["logSumExp", logSumExpSource(keys)],
    ["logSumExp, narrow and used twice", f.mul(logSumExpSource(narrow), logSumExpSource(narrow))],
    ["general attention", sumSource(f.mul(softmaxSource(f.sumFeatures(f.mul(spread(s), keys))), keys))],
    ["additive attention", sumSource(f.mul(weights, keys))],
    ["features' sum over a source", sumSource(f.mul(f.sumFeatures(keys), f.sumFeatures(keys)))],
  ])("%s", (_title, e) => {
    const y = f.add(e, f.mul(0.5, e));
    const bindings = bind(y, source);
    const numeric = centralDifferences(bindings, (at) =>
      evaluate([y], at)
        .get(y)!
        .reduce((sum, value, i) => sum + value * bindings.incoming["y"]![i]!, 0),
    );
    const { inputs, previous, parameters } = backward({ y });
    const found = { "input.keys": inputs["keys"], "input.narrow": inputs["narrow"] };
    const derived = { ...found, "state.s": previous["s"], "parameter.v": parameters["v"] };
    const values = evaluate(
      Object.values(derived).flatMap((d) => d ?? []),
      bindings,
    );
    for (const [name, d] of Object.entries(derived)) {
      (numeric[name] as Vector).forEach((wanted, i) => {
        // Central differences cut off a sixth of 1e-10 times the third derivative, which is below 100.
        expect(d ? values.get(d)![i] : 0, `${name}[${i}]`).toBeCloseTo(wanted, 7);
      });
    }
  });
});

test("weights of a softmax sum to one, also of large energies, and to zero where there is no source", () => {
  for (const source of [4, 0]) {
    const total = sumSource(softmaxSource(f.mul(100, narrow)));
    expect(evaluate([total], bind(total, source)).get(total)![0]).toBeCloseTo(source > 0 ? 1 : 0, 12);
  }
});

test("values of a step and of a source do not mix without spread; numbers stand beside both", () => {
  expect(f.add(keys, 1).over).toBe("source");
  expect(spread(s).over).toBe("source");
  expect(widen(narrow, "H").over).toBe("source");
  expect(sumSource(keys).over).toBeUndefined();
  expect(spread(2)).toEqual(spread(2));
  expect(spread(2).op).toBe("constant");
  expect(() => f.add(keys, s)).toThrow(/add was given values of a step and of a source's rows/);
  expect(() => spread(keys)).toThrow(/spread takes values of a step/);
  expect(() => sumSource(s)).toThrow(/sumSource takes values over a source's rows/);
  expect(() => product({ gate: "e", parameter: "w_e", blocks: ["w_e"] }, [keys], "H")).toThrow(
    /affine takes values of a step/,
  );
  expect(() => backward({ y: keys })).toThrow(CellError);
});

test("a cell reads no source, neither as written nor from a file", () => {
  const attends = cell("attends", { states: ["c"], output: "c" }, ({ c, x, affine }) => ({
    c: f.add(affine("c", c, x), sumSource(spread(c))),
  }));
  expect(() => attends.equations()).toThrow(/cell "attends" uses spread; a cell reads no source/);
  const graph = toGraph(gru.equations());
  const nodes = graph.nodes.map((n) => (n.op === "tanh" ? { ...n, op: "spread" } : n));
  expect(() => fromGraph({ ...graph, nodes })).toThrow(/has the op spread, which reads a source/);
});
