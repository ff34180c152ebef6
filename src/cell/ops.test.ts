/**
 * Every row of the op table: its derivative against central differences in float64, with operands shared,
 * repeated and narrow; its choice at kinks; and the identities that building an expression applies.
 */
import { describe, expect, test } from "vitest";
import { backward } from "../grad/backward.js";
import { type Bindings, centralDifferences, evaluate, type Vector } from "./evaluate.cases.js";
import { CellError, constant, type Expr } from "./expr.js";
import * as f from "./functions.js";
import type { OpName } from "./meanings.js";
import * as nodes from "./nodes.js";
import { ops } from "./ops.js";

const leaf = (op: OpName, name: string, width: string): Expr => Object.freeze({ op, args: [], width, name });
const [a, b, c] = ["a", "b", "c"].map((name) => leaf("state", name, "H")) as [Expr, Expr, Expr];
/** One number beside vectors. */
const s = leaf("parameter", "s", "1");

/** Leaves bound to numbers; `incoming` is the gradient that reaches y, and weighs y in the loss. */
function bind(values: { a: Vector; b: Vector; c: Vector; s: number }, width: string): Bindings {
  const { a, b, c, s } = values;
  const incoming = { y: width === "1" ? [0.8] : [0.8, -1.1, 0.3] };
  return { widths: { H: 3 }, input: {}, state: { a, b, c }, parameter: { s: [s] }, incoming, blocks: {} };
}

/** The derived gradient of every leaf, zero where none flows, under the names of centralDifferences. */
function derivedGradients(y: Expr, bindings: Bindings): Record<string, Vector> {
  const { previous, parameters } = backward({ y });
  const values = evaluate([y, ...Object.values(previous), ...Object.values(parameters)], bindings);
  const gradient = (e: Expr | undefined, like: Vector): Vector => (e ? values.get(e)! : like.map(() => 0));
  return {
    ...Object.fromEntries(
      ["a", "b", "c"].map((k) => [`state.${k}`, gradient(previous[k], bindings.state[k]!)]),
    ),
    "parameter.s": gradient(parameters["s"], [0]),
  };
}

const anywhere = { a: [0.7, -1.3, 0.4], b: [-0.6, 0.9, 1.7], c: [1.1, 0.2, -0.8], s: 0.25 };
const positive = { a: [0.7, 1.3, 0.4], b: [0.6, 0.9, 1.7], c: [1.1, 0.2, 0.8], s: 0.25 };

/** Where rows are defined; the others are defined anywhere. */
const domains: Partial<Record<OpName, typeof anywhere>> = { log: positive, sqrt: positive, div: positive };
/** Operands by arity: different, repeated, narrow beside wide, all narrow. */
const operands: Readonly<Record<number, readonly (readonly Expr[])[]>> = {
  1: [[a], [s]],
  2: [
    [a, b],
    [a, a],
    [a, s],
    [s, a],
    [s, s],
  ],
  3: [
    [a, b, c],
    [b, a, a],
    [a, a, a],
    [s, a, b],
    [a, s, b],
    [a, b, s],
    [s, s, s],
  ],
};

const functions = (Object.keys(ops) as OpName[]).filter(
  (op) => ops[op].kind === "elementwise" || ops[op].kind === "reduce",
);
const build = (op: OpName, args: readonly Expr[]): Expr =>
  op === "widen" ? nodes.widen(args[0]!, "H") : nodes.node(op, args);
const cases = functions.flatMap((op) =>
  operands[ops[op].arity]!.map((args) => [`${op}(${args.map((e) => e.name).join(", ")})`, op, args] as const),
);

describe("the derivative against central differences", () => {
  test.each(cases)("%s", (_title, op, args) => {
    // Beside the op each operand is used once more, so that contributions have to add up.
    const y = args.reduce((sum, arg) => f.add(sum, f.mul(0.5, arg)), build(op, args));
    const bindings = bind(domains[op] ?? anywhere, y.width);
    const loss = (at: Bindings): number => {
      const values = evaluate([y], at).get(y)!;
      return values.reduce((sum, value, i) => sum + value * bindings.incoming["y"]![i]!, 0);
    };
    const numeric = centralDifferences(bindings, loss);
    const derived = derivedGradients(y, bindings);
    expect(Object.keys(derived).sort()).toEqual(Object.keys(numeric).sort());
    for (const [name, gradient] of Object.entries(derived)) {
      gradient.forEach((value, i) => {
        // Central differences cut off a sixth of 1e-10 times the third derivative, which is below 2,500 (a / s).
        expect(value, `${name}[${i}]`).toBeCloseTo((numeric[name] as Vector)[i]!, 7);
      });
    }
  });
});

describe("means over features, whose number is known late, against central differences", () => {
  test.each<[string, Expr]>([
    ["mean(a)", f.meanFeatures(a)],
    ["mean(s)", f.meanFeatures(s)],
    ["mean(a) ∘ a", f.mul(f.meanFeatures(a), a)],
    ["mean of a product of shared operands", f.mul(f.meanFeatures(f.mul(f.mul(a, b), a)), b)],
    ["a standardised", f.standardised(a)],
    ["a standardised, twice", f.add(f.standardised(a), f.mul(f.standardised(a), f.standardised(a)))],
    [
      "a standardised and standardised again",
      f.standardised(f.mul(b, f.standardised(f.add(a, b), 0.1)), 0.2),
    ],
  ])("%s", (_title, e) => {
    const y = f.add(e, f.mul(0.5, e));
    const bindings = bind(anywhere, y.width);
    const numeric = centralDifferences(bindings, (at) =>
      evaluate([y], at)
        .get(y)!
        .reduce((sum, value, i) => sum + value * bindings.incoming["y"]![i]!, 0),
    );
    for (const [name, gradient] of Object.entries(derivedGradients(y, bindings))) {
      gradient.forEach((value, i) => {
        // Central differences cut off a sixth of 1e-10 times the third derivative, which is below 1,000.
        expect(value, `${name}[${i}]`).toBeCloseTo((numeric[name] as Vector)[i]!, 7);
      });
    }
  });

  test("a standardised value has mean 0 and variance 1; the number of features is a number", () => {
    const at = bind({ ...anywhere, a: [1, 2, 6] }, "H");
    const [y, mean] = [f.standardised(a, 0), f.meanFeatures(a)];
    const values = evaluate([y, mean], at);
    expect(values.get(mean)).toEqual([3]);
    // The variance is (4 + 1 + 9) / 3.
    values.get(y)!.forEach((v, i) => expect(v).toBeCloseTo([-2, -1, 3][i]! / Math.sqrt(14 / 3), 14));
    expect(nodes.featureCount("1")).toEqual(constant(1));
    expect(f.meanFeatures(s)).toEqual(f.sumFeatures(s));
    expect(nodes.featureCount("H").width).toBe("1");
  });
});

/** Why a row has no derivative. */
const withoutDerivative: Partial<Record<OpName, string>> = {
  input: "a leaf: the walk stops there",
  state: "a leaf: the walk stops there",
  parameter: "a leaf: the walk stops there",
  incoming: "a leaf of gradients",
  constant: "a leaf that nothing trains",
  featureCount: "a leaf that nothing trains",
  transposed: "stands only in gradients, which are not differentiated again",
};

test.each(Object.entries(ops))(
  "%s has a derivative or a reason to have none, and a way to be written",
  (op, row) => {
    expect(row.derivative === undefined).toBe(op in withoutDerivative);
    if (row.kind === "elementwise" || row.kind === "reduce") {
      expect(row.sign === undefined).toBe(row.call !== undefined);
      expect(row.evaluate === undefined).toBe(row.kind === "reduce");
    }
  },
);

test.each<[string, Expr, Partial<typeof anywhere>, Record<string, Vector>]>([
  ["relu at 0 is flat", f.relu(a), { a: [0, 1, -1] }, { "state.a": [0, -1.1, 0] }],
  ["abs at 0 is flat", f.abs(a), { a: [0, 1, -1] }, { "state.a": [0, -1.1, -0.3] }],
  [
    "max of equals goes to the first",
    f.max(a, b),
    { a: [2, 2, 2], b: [2, 1, 3] },
    { "state.a": [0.8, -1.1, 0], "state.b": [0, 0, 0.3] },
  ],
  [
    "min of equals goes to the first",
    f.min(a, b),
    { a: [2, 2, 2], b: [2, 1, 3] },
    { "state.a": [0.8, 0, 0.3], "state.b": [0, -1.1, 0] },
  ],
  [
    "greater is flat, at the step too",
    f.greater(a, b),
    { a: [2, 2, 2], b: [2, 1, 3] },
    { "state.a": [0, 0, 0], "state.b": [0, 0, 0] },
  ],
  [
    "select takes the last at 0, and its condition gets nothing",
    f.select(a, b, c),
    { a: [0, 1, -1] },
    { "state.a": [0, 0, 0], "state.b": [0, -1.1, 0], "state.c": [0.8, 0, 0.3] },
  ],
])("%s", (_title, y, values, expected) => {
  const gradients = derivedGradients(y, bind({ ...anywhere, ...values }, "H"));
  for (const [name, gradient] of Object.entries(expected)) {
    // + 0 makes −0 an ordinary zero.
    expect(
      gradients[name]!.map((value) => value + 0),
      name,
    ).toEqual(gradient);
  }
});

test("no function overflows on the way to a finite value", () => {
  const at = (e: Expr, x: number): number =>
    evaluate([e], bind({ ...anywhere, a: [x, x, x] }, "H")).get(e)![0]!;
  expect(at(f.sigmoid(a), -1000)).toBe(0);
  expect(at(f.sigmoid(a), 1000)).toBe(1);
  expect(at(f.softplus(a), 1000)).toBe(1000);
  expect(at(f.softplus(a), -1000)).toBe(0);
  expect(at(f.tanh(a), 1000)).toBe(1);
  expect(at(f.isFinite(f.exp(a)), 1000)).toBe(0);
  expect(at(f.isFinite(a), 1000)).toBe(1);
});

test("a softplus that is nearly 0 or nearly its argument is exact to the last digits", () => {
  expect(ops.softplus.evaluate!(-40)).toBeCloseTo(Math.exp(-40), 30);
  expect(ops.softplus.evaluate!(3)).toBeCloseTo(Math.log(1 + Math.exp(3)), 14);
});

test("identities that make derived equations read well", () => {
  expect(f.add(0, a)).toBe(a);
  expect(f.add(a, 0)).toBe(a);
  expect(f.add(a, f.neg(b))).toEqual(f.sub(a, b));
  expect(f.add(f.neg(a), b)).toEqual(f.sub(b, a));
  expect(f.add(f.neg(a), f.neg(b))).toEqual(f.sub(f.neg(a), b));
  expect(f.sub(a, 0)).toBe(a);
  expect(f.sub(0, a)).toEqual(f.neg(a));
  expect(f.sub(a, f.neg(b))).toEqual(f.add(a, b));
  expect(f.mul(1, a)).toBe(a);
  expect(f.mul(a, 1)).toBe(a);
  expect(f.div(a, 1)).toBe(a);
  expect(f.neg(f.neg(a))).toBe(a);
  expect(nodes.widen(a, "H")).toBe(a);
  expect(f.add(f.mul(2, 3), f.tanh(0))).toEqual(constant(6));
});

test("a value of width 1 goes beside any; other widths do not mix", () => {
  const x = leaf("input", "x", "X");
  expect(f.add(s, a).width).toBe("H");
  expect(f.mul(x, s).width).toBe("X");
  expect(f.add(s, 2).width).toBe("1");
  expect(f.sumFeatures(x).width).toBe("1");
  expect(nodes.widen(s, "X").width).toBe("X");
  expect(() => f.add(a, x)).toThrow(
    new CellError(
      "add was given widths H and X; its operands must have one width (bring them to it with affine or linear)",
    ),
  );
});

test("what is no operand is refused, and so is a wrong number of them", () => {
  expect(() => f.add(a, undefined as unknown as Expr)).toThrow(
    /^expected an expression or a number, found undefined/,
  );
  expect(() => f.tanh("a" as unknown as Expr)).toThrow(CellError);
  expect(() => f.tanh(null as unknown as Expr)).toThrow(CellError);
  expect(() => nodes.node("add", [a])).toThrow(new CellError("add takes 2 operands and was given 1"));
});

test("a function is printed by the name of its op, in LaTeX upright, unless another is usual", () => {
  const usual: Partial<Record<OpName, { unicode?: string; latex?: string }>> = {
    sumFeatures: { unicode: "sum", latex: "\\textstyle\\sum" },
    sumSource: { unicode: "sumⱼ", latex: "\\textstyle\\sum_j" },
    logSumExpSource: { unicode: "logSumExpⱼ", latex: "\\operatorname{logSumExp}_j" },
    relu: { unicode: "ReLU", latex: "\\operatorname{ReLU}" },
    sigmoid: { unicode: "σ", latex: "\\sigma" },
    ...Object.fromEntries(["tanh", "exp", "log", "max", "min"].map((name) => [name, { latex: `\\${name}` }])),
  };
  for (const [name, { call }] of Object.entries(ops)) {
    if (!call) continue;
    const { unicode = name, latex = `\\operatorname{${name}}` } = usual[name as OpName] ?? {};
    expect([name, call]).toEqual([name, { unicode, latex }]);
  }
});

test("every op is of a kind that executors know", () => {
  const kinds = new Set(["leaf", "elementwise", "product", "reduce", "source"]);
  expect(Object.entries(ops).filter(([, { kind }]) => !kinds.has(kind))).toEqual([]);
});
