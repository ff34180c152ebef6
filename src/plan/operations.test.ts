/** Products, lookups and sums: what they give, worked out by hand, and their gradients against central differences. */
import { describe, expect, it } from "vitest";
import { add, exp, max, mul, sub, tanh } from "../cell/index.js";
import { capacityOf } from "../exec/cases/harness.cases.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { packing } from "../tensor/packing.js";
import { leafAccess } from "./access.js";
import { agreesWithDifferences } from "./differences.cases.js";
import {
  argMax,
  assign,
  Builder,
  concatenate,
  type LeafStep,
  logSumExp,
  lookUp,
  map,
  optimise,
  PlanError,
  pick,
  product,
  sumFeatures,
  type Value,
  verify,
} from "./index.js";

const p = packing([2, 0, 1]);
const batch = { packings: { p } };

/** Runs the value over given inputs, and gives its rows. */
async function valuesOf(
  build: (b: Builder) => Value,
  inputs: Readonly<Record<string, readonly number[]>>,
): Promise<number[][]> {
  const b = new Builder("values");
  b.packing("p");
  const value = build(b);
  b.output("out", value);
  const executor = await createReferenceExecutor();
  const session = executor.session();
  const plan = optimise(b.finish(), verify);
  const program = session.prepare(plan, capacityOf(batch));
  for (const [name, numbers] of Object.entries(inputs)) {
    if (plan.buffers[name]!.role === "input") program.write(name, numbers);
    else session.write(name, numbers);
  }
  program.run(batch);
  const found = [...program.read("out")];
  executor.dispose();
  return Array.from({ length: found.length / value.width }, (_, i) =>
    found.slice(i * value.width, (i + 1) * value.width),
  );
}

const x2 = (b: Builder): Value => b.watch(b.input("x", `tokens:${b.packing("p")}`, 2));
const rows = [1, 2, 3, 4, 5, 6];

describe("what operations give", () => {
  it("a product is w x + b for every row, and w x without b", async () => {
    const weights = { w: [1, 10, 0, -1, 2, 0], b: [100, 0, 1] };
    const withBias = (b: Builder): Value =>
      product(b, "z", x2(b), b.parameter("w", 3, 2), b.parameter("b", 1, 3));
    expect(await valuesOf(withBias, { x: rows, ...weights })).toEqual([
      [121, -2, 3],
      [143, -4, 7],
      [165, -6, 11],
    ]);
    const without = (b: Builder): Value => product(b, "z", x2(b), b.parameter("w", 3, 2));
    expect(await valuesOf(without, { x: rows, w: weights.w })).toEqual([
      [21, -2, 2],
      [43, -4, 6],
      [65, -6, 10],
    ]);
  });
  it("a lookup gives rows of a table, and zeros for −1", async () => {
    const rowsOf = (b: Builder): Value =>
      lookUp(b, "e", b.parameter("w", 2, 2), b.input("at", `tokens:${b.packing("p")}`, 1, "index"));
    expect(await valuesOf(rowsOf, { w: [1, 2, 3, 4], at: [1, -1, 0] })).toEqual([
      [3, 4],
      [0, 0],
      [1, 2],
    ]);
  });
  it("a pick gives one value of each row, and 0 for −1", async () => {
    const of = (b: Builder): Value => pick(b, "s", x2(b), b.input("at", "tokens:p", 1, "index"));
    expect(await valuesOf(of, { x: rows, at: [1, 0, -1] })).toEqual([[2], [3], [0]]);
  });
  it("sums are over the features, and what has one feature is its own sum", async () => {
    expect(await valuesOf((b) => sumFeatures(b, "s", x2(b)), { x: rows })).toEqual([[3], [7], [11]]);
    const b = new Builder("one");
    const one = b.input("x", `tokens:${b.packing("p")}`, 1);
    expect(sumFeatures(b, "s", one)).toBe(one);
    const [[first]] = (await valuesOf((c) => logSumExp(c, "l", x2(c)), { x: rows })) as [[number]];
    expect(first).toBeCloseTo(Math.log(Math.E + Math.E ** 2), 14);
  });
  it("the largest is told by its index, the first of equals", async () => {
    const b = new Builder("largest");
    const found = argMax(b, "k", x2(b));
    const plan = b.finish();
    expect(plan.buffers[found.buffer]).toMatchObject({ dtype: "index", width: 1, role: "temporary" });
    const looked = (c: Builder): Value => lookUp(c, "e", c.parameter("w", 2, 1), argMax(c, "k", x2(c)));
    expect(await valuesOf(looked, { x: [1, 2, 5, 4, 3, 3], w: [10, 20] })).toEqual([[20], [10], [10]]);
  });
  it("values stand side by side in their order; one alone is itself", async () => {
    const beside = (b: Builder): Value => {
      const y = b.input("y", `tokens:${b.packing("p")}`, 1);
      return concatenate(b, "c", [y, x2(b), y]);
    };
    expect(await valuesOf(beside, { x: rows, y: [7, 8, 9] })).toEqual([
      [7, 1, 2, 7],
      [8, 3, 4, 8],
      [9, 5, 6, 9],
    ]);
    const b = new Builder("alone");
    const x = x2(b);
    expect(concatenate(b, "c", [x])).toBe(x);
  });
  it("a function reads one row and one number beside each row", async () => {
    const of = (b: Builder): Value =>
      map(b, "f", [b.parameter("row", 1, 2), x2(b), b.parameter("n", 1, 1)], (r, x, n) => add(mul(x, n), r));
    expect(await valuesOf(of, { x: rows, row: [100, 200], n: [10] })).toEqual([
      [110, 220],
      [130, 240],
      [150, 260],
    ]);
    const b = new Builder("itself");
    const x = x2(b);
    expect(map(b, "f", [x], (v) => v)).toBe(x);
    expect(map(b, "f", [b.parameter("r", 1, 2), b.parameter("s", 1, 2)], add).space).toBe("rows:1");
    expect(map(b, "f", [b.parameter("m", 3, 2)], (v) => mul(v, v), "rows:3").space).toBe("rows:3");
  });
  it("an assignment reads all that the buffers held before", async () => {
    const b = new Builder("swap");
    const [u, v] = [b.slot("u", "rows:1", 2), b.slot("v", "rows:1", 2)];
    assign(b, "swap", [u, v], [u, v], (a, c) => [add(c, 1), mul(a, 2)]);
    const executor = await createReferenceExecutor();
    const session = executor.session();
    const program = session.prepare(optimise(b.finish(), verify), {});
    session.write("u", [1, 2]);
    session.write("v", [10, 20]);
    program.run({ packings: {} });
    expect([...session.read("u")]).toEqual([11, 21]);
    expect([...session.read("v")]).toEqual([2, 4]);
    executor.dispose();
  });
});

describe("gradients of operations agree with central differences", () => {
  const at = [1, -1, 0];
  const tokens = (b: Builder, name: string, width: number): Value =>
    b.watch(b.input(name, `tokens:${b.packing("p")}`, width));
  it.each<[string, (b: Builder) => Value, readonly string[]]>([
    [
      "a product",
      (b) => product(b, "z", x2(b), b.parameter("w", 3, 2), b.parameter("b", 1, 3)),
      ["x", "w", "b"],
    ],
    ["a product without a bias", (b) => product(b, "z", x2(b), b.parameter("w", 3, 2)), ["x", "w"]],
    [
      "weights, a bias and an operand that serve twice",
      (b) => {
        const [w, bias] = [b.parameter("w", 2, 2), b.parameter("b", 1, 2)];
        const x = x2(b);
        const once = product(b, "first", x, w, bias);
        return map(b, "both", [once, product(b, "second", once, w, bias), x], (u, v, t) => mul(add(u, v), t));
      },
      ["x", "w", "b"],
    ],
    [
      "a table that is looked up twice and multiplied once",
      (b) => {
        const table = b.parameter("w", 2, 2);
        const index = b.input("at", `tokens:${b.packing("p")}`, 1, "index");
        const looked = lookUp(b, "e", table, index);
        return product(b, "z", map(b, "f", [looked, lookUp(b, "again", table, index)], mul), table);
      },
      ["w"],
    ],
    [
      "picks of a value that is read elsewhere too",
      (b) => {
        const x = x2(b);
        const index = b.input("at", "tokens:p", 1, "index");
        return map(b, "f", [pick(b, "s", x, index), x, pick(b, "t", x, index)], (s, v, t) =>
          mul(mul(s, v), t),
        );
      },
      ["x"],
    ],
    [
      "log Σ e^x beside x",
      (b) => {
        const x = x2(b);
        return map(b, "f", [x, logSumExp(b, "l", x)], (v, l) => exp(sub(v, l)));
      },
      ["x"],
    ],
    [
      "a sum over the features beside the features",
      (b) => {
        const x = x2(b);
        return map(b, "f", [x, sumFeatures(b, "s", x)], (v, s) => mul(v, s));
      },
      ["x"],
    ],
    [
      "values side by side, one of them twice and one without a gradient",
      (b) => {
        const x = x2(b);
        const fixed = b.input("fixed", "tokens:p", 1);
        const both = concatenate(b, "c", [x, fixed, tokens(b, "y", 1), x]);
        return map(b, "f", [both], (v) => mul(v, tanh(v)));
      },
      ["x", "y"],
    ],
    [
      "a row, a number and a value of width 1 beside rows",
      (b) =>
        map(
          b,
          "f",
          [x2(b), b.parameter("row", 1, 2), b.parameter("n", 1, 1), tokens(b, "y", 1)],
          (x, r, n, y) => mul(add(mul(x, r), n), max(y, mul(x, x))),
        ),
      ["x", "row", "n", "y"],
    ],
    [
      "a row that serves in two functions",
      (b) => {
        const row = b.parameter("row", 1, 2);
        const once = map(b, "f", [x2(b), row], mul);
        return map(b, "g", [once, row], (u, r) => mul(u, add(u, r)));
      },
      ["x", "row"],
    ],
    [
      "a value whose gradient is handed on as it is, and added to elsewhere",
      (b) => {
        const x = x2(b);
        const y = tokens(b, "y", 2);
        // Both terms of a sum get the same buffer, and each then has more added to it.
        const sum = map(b, "sum", [x, y], add);
        const squares = map(b, "squares", [x, y], (u, v) => mul(u, v));
        const w = b.parameter("w", 2, 2);
        return map(b, "all", [sum, squares, product(b, "z", x, w), product(b, "q", y, w)], (s, q, z, t) =>
          add(add(s, q), mul(z, t)),
        );
      },
      ["x", "y", "w"],
    ],
  ])("%s", async (_what, build, of) => {
    const make = (b: Builder): Value => {
      b.packing("p");
      return build(b);
    };
    await agreesWithDifferences(make, { of, batch, given: { at } });
  });
});

describe("operations refuse", () => {
  const b = new Builder("refused");
  const x = x2(b);
  it.each<[string, () => unknown, string]>([
    [
      "weights of another width",
      () => product(b, "z", x, b.parameter("w", 3, 4)),
      "z: a value of width 2 meets weights for width 4",
    ],
    ["nothing to put side by side", () => concatenate(b, "c", []), "c: nothing to concatenate"],
    [
      "a function that is a number",
      () => map(b, "f", [x], () => ({ op: "constant", args: [], width: "1", value: 3 })),
      "f is the constant 3",
    ],
  ])("%s", (_what, act, message) => {
    expect(act).toThrow(PlanError);
    expect(act).toThrow(message);
  });
});

describe("functions of values", () => {
  it("compute no gradient of what needs none", () => {
    const b = new Builder("half");
    const [w, x] = [b.parameter("w", 2, 1), b.input("x", "rows:2", 1)];
    const loss = map(b, "loss", [w, x], mul);
    const forward = b.finish().steps.length;
    b.backward(loss, b.input("one", "rows:1", 1));
    // The derivative by x alone would read w.
    const back = b.finish().steps.slice(forward);
    expect(back.some((step) => leafAccess(step as LeafStep).reads.includes("x"))).toBe(true);
    expect(back.some((step) => leafAccess(step as LeafStep).reads.includes("w"))).toBe(false);
  });
  it("lie in buffers that are called after what computes them, their numbers in the program", () => {
    const b = new Builder("names");
    const w = b.parameter("w", 2, 1);
    assign(b, "step", [w], [w], (x) => [tanh(add(x, 2))]);
    const plan = b.finish();
    expect(Object.keys(plan.buffers).sort()).toEqual(["step.add", "step.tanh", "w"]);
    const programs = plan.steps.map((step) => (step.kind === "elementwise" ? step.program : []));
    expect(programs).toEqual([
      [
        { op: "constant", args: [], value: 2 },
        { op: "add", args: [0, 1] },
      ],
      [{ op: "tanh", args: [0] }],
      [],
    ]);
  });
});
