/** What leaves a loop and what must stay in it, case by case. That numbers stay the same is shown on random plans. */
import { describe, expect, it } from "vitest";
import type { GemmStep, LeafStep, Step } from "../plan.js";
import { addRows, copy, fill, gradient, lookUp, loop, planOf, product, sum, sumRows } from "./hand.cases.js";
import { moveOutOfLoops } from "./motion.js";

/** Where each step of a body ends up. The steps before it exist for it to be allowed. */
function places(body: readonly LeafStep[], before: readonly Step[] = []): string[] {
  const { steps } = moveOutOfLoops(planOf(...before, loop(...body)));
  const moved = steps.slice(before.length);
  const at = moved.findIndex(({ kind }) => kind === "loop");
  const inside = moved[at] as Step & { kind: "loop" };
  const place = (step: LeafStep): string => {
    if (inside.body.includes(step)) return "inside";
    return moved.indexOf(step) < at ? "before" : "after";
  };
  // Nothing is lost, and nothing is there twice.
  expect(moved.length - 1 + inside.body.length).toBe(body.length);
  return body.map(place);
}

const carry = [sum("t", "u", "x"), copy("u", "t")];
const withState = (...body: LeafStep[]): string[] =>
  places([...body, ...carry], [fill("u")]).slice(0, body.length);

/** The same product, made along with another one. */
const both = (step: GemmStep, other: GemmStep): GemmStep => ({
  ...step,
  outputs: [...step.outputs, ...other.outputs],
});

describe("before the loop", () => {
  it("go products and lookups of what no step computes, with the functions that they need", () => {
    expect(withState(product("z", "x"))).toEqual(["before"]);
    expect(withState(product("z", "x"), product("z", "x2", "w", "accumulate"))).toEqual(["before", "before"]);
    expect(withState(lookUp("z", "w"))).toEqual(["before"]);
    expect(withState(sum("z", "x"), product("y", "z"), sum("y2", "y", "u"))).toEqual([
      "before",
      "before",
      "inside",
    ]);
  });
  it("goes a function of two results of which a moved product needs one", () => {
    const outputs = ["z", "y"].map((buffer) => ({ buffer, register: 0 }));
    const two: LeafStep = {
      ...{ kind: "elementwise", space: "tokens:p", width: 2, inputs: ["x"], program: [] },
      outputs,
    };
    expect(withState(two, product("y2", "y"), sum("t", "z", "u"))).toEqual(["before", "before", "inside"]);
  });
  it("go a lookup in one row per sequence, which it sees as a whole, and additions to a column of the own row", () => {
    expect(withState(lookUp("z", "s"))).toEqual(["before"]);
    const columns: LeafStep = {
      ...{ kind: "scatter-add", axis: "columns", space: "tokens:p", from: "one", index: "i", into: "z" },
    };
    expect(places([columns, ...carry], [fill("one"), fill("z"), fill("u")])[0]).toBe("before");
  });
  it("goes a function whose result a moved product replaces", () => {
    expect(withState(sum("z", "x"), product("z", "x2"))).toEqual(["before", "before"]);
  });
  it("goes no function that no moved product needs", () => {
    expect(withState(sum("z", "x"), product("y", "x"))).toEqual(["inside", "before"]);
    // The function reads what the product overwrites: they stay in their order.
    expect(places([sum("z", "y"), product("y", "x"), ...carry], [fill("u"), fill("y")]).slice(0, 2)).toEqual([
      "inside",
      "inside",
    ]);
  });
});

describe("what a step computes keeps its readers and writers in the loop", () => {
  const z = fill("z", 0.5);
  it.each<[string, LeafStep[], Step[], string[]]>([
    [
      "a product of the state",
      [copy("t", "u"), product("z", "t"), sum("u", "z", "x")],
      [fill("u")],
      ["inside", "inside", "inside"],
    ],
    [
      "a product of what is written later",
      [product("z", "t"), sum("t", "z", "x")],
      [fill("t")],
      ["inside", "inside"],
    ],
    [
      "a product into what was read before",
      [sum("t", "z", "u"), product("z", "x"), sum("u", "z", "t")],
      [z, fill("u")],
      ["inside", "inside", "inside"],
    ],
    [
      "a product into what was written before",
      [sum("z", "u"), product("z", "x"), sum("u", "z")],
      [z, fill("u")],
      ["inside", "inside", "inside"],
    ],
    [
      "a product with two results, of which one was read before",
      [sum("t", "z", "u"), both(product("y", "x"), product("z", "x")), sum("u", "z", "y", "t")],
      [z, fill("u")],
      ["inside", "inside", "inside"],
    ],
    [
      "a column of one row per sequence, chosen by each token: inside, that row is the token's",
      [
        {
          kind: "gather",
          axis: "columns",
          space: "tokens:p",
          from: "s",
          index: "i",
          into: "one",
          start: "zero",
        },
        sum("u", "one", "u"),
      ],
      [fill("u")],
      ["inside", "inside"],
    ],
    ["a product per sequence", [product("v", "x"), sum("u", "v", "x")], [fill("u")], ["inside", "inside"]],
    [
      "a product that reads one value per sequence",
      [product("z", "s"), sum("u", "z", "x")],
      [fill("u")],
      ["inside", "inside"],
    ],
  ])("%s", (_what, body, before, wanted) => {
    expect(places(body, before)).toEqual(wanted);
  });
});

describe("after the loop", () => {
  const g = fill("g");
  it("go weight gradients, sums over rows and additions to tables, of what the loop computes", () => {
    expect(places([...carry, gradient("g", "t", "x")], [fill("u"), g])).toEqual([
      "inside",
      "inside",
      "after",
    ]);
    expect(places([...carry, sumRows("q", "t")], [fill("u"), fill("q")])).toEqual([
      "inside",
      "inside",
      "after",
    ]);
    expect(places([...carry, addRows("g", "t")], [fill("u"), g])).toEqual(["inside", "inside", "after"]);
    expect(places([...carry, product("z", "t")], [fill("u")])).toEqual(["inside", "inside", "after"]);
  });
  it("go several additions to one sum", () => {
    const body = [...carry, gradient("g", "t", "x"), gradient("g", "x2", "t")];
    expect(places(body, [fill("u"), g]).slice(2)).toEqual(["after", "after"]);
    const other = [...carry, gradient("g", "t", "x"), addRows("g", "t")];
    expect(places(other, [fill("u"), g]).slice(2)).toEqual(["after", "after"]);
    const rows = [...carry, addRows("g", "t"), addRows("g", "x2")];
    expect(places(rows, [fill("u"), g]).slice(2)).toEqual(["after", "after"]);
    const sums = [...carry, sumRows("q", "t"), sumRows("q", "x2")];
    expect(places(sums, [fill("u"), fill("q")]).slice(2)).toEqual(["after", "after"]);
  });
  it("goes a function of what a moved product makes, whatever else it reads", () => {
    const body = [...carry, product("z", "t"), sum("y", "z", "t")];
    expect(places(body, [fill("u")])).toEqual(["inside", "inside", "after", "after"]);
  });
  it.each<[string, LeafStep[], Step[], number]>([
    [
      "a gradient that starts anew at every step",
      [...carry, gradient("g", "t", "x", "zero")],
      [fill("u")],
      2,
    ],
    [
      "two gradients of which one starts anew at every step",
      [...carry, both(gradient("g", "t", "x"), gradient("f", "t", "x2", "zero"))],
      [fill("u"), g],
      2,
    ],
    [
      "two gradients of which a later step reads one",
      [
        ...[...carry, both(gradient("f", "t", "x"), gradient("g", "t", "x2"))],
        ...[product("z", "t", "g"), sum("u", "z")],
      ],
      [fill("u"), g, fill("f")],
      2,
    ],
    [
      "a sum whose rows an earlier step adds up, which sees them grow",
      [
        {
          ...{ kind: "reduce", op: "sum", along: "rows", space: "rows:2" },
          from: "g",
          into: "q",
          start: "accumulate",
        },
        ...[...carry, gradient("g", "t", "x")],
      ],
      [fill("u"), fill("q"), g],
      3,
    ],
    [
      "a sum that a later step reads",
      [...carry, gradient("g", "t", "x"), product("z", "t", "g"), sum("u", "z")],
      [fill("u"), g],
      2,
    ],
    [
      "a sum that an earlier step reads, which sees it grow",
      [copy("t", "u"), product("z", "t", "g"), sum("u", "z", "x"), gradient("g", "z", "x")],
      [fill("u"), g],
      3,
    ],
    [
      "a sum that an earlier step sets anew",
      [fill("g"), ...carry, gradient("g", "t", "x")],
      [fill("u"), g],
      3,
    ],
    [
      "a sum that an earlier step changes",
      [sum("g", "g"), ...carry, gradient("g", "t", "x")],
      [fill("u"), g],
      3,
    ],
    [
      "a sum that an earlier step reads beside adding to it",
      [gradient("f", "x", "x", "zero"), sum("g", "g", "f"), ...carry, gradient("g", "t", "x")],
      [fill("u"), g],
      4,
    ],
    ["a product of what is overwritten later", [...carry, product("z", "t"), sum("t", "x2")], [fill("u")], 2],
    [
      "a product into what a later step writes",
      [sum("u", "u", "x"), product("z", "u"), sum("y", "z")],
      [fill("u")],
      1,
    ],
    [
      "a product with a matrix that every step makes anew",
      [gradient("g", "x", "x", "zero"), ...carry, product("z", "t", "g")],
      [fill("u")],
      3,
    ],
    [
      "a product that starts from a row that every step makes anew",
      [sumRows("q", "x", "zero"), ...carry, product("z", "t", "w", { row: "q" })],
      [fill("u")],
      3,
    ],
    [
      "a lookup in rows that every step makes anew",
      [gradient("g", "x", "x", "zero"), ...carry, lookUp("z", "g")],
      [fill("u")],
      3,
    ],
    [
      "a lookup among all tokens, of which the later ones are not there yet",
      [...carry, lookUp("z", "t", "own")],
      [fill("u"), fill("t")],
      2,
    ],
    [
      "a sum that an earlier step multiplies by beside adding to it",
      [
        {
          kind: "gemm",
          form: "apply",
          space: "rows:2",
          a: "w",
          outputs: [
            { b: "k", transpose: false, c: "g", start: "accumulate" },
            { b: "g", transpose: false, c: "f", start: "zero" },
          ],
        },
        ...carry,
        gradient("g", "t", "x"),
      ],
      [fill("u"), g],
      3,
    ],
    ["additions to any token's row", [...carry, addRows("z", "t")], [fill("u"), fill("z")], 2],
    [
      "a product into rows that an earlier step adds to, whichever they are",
      [addRows("z", "x"), ...carry, product("z", "t", "w", "accumulate")],
      [fill("u"), fill("z")],
      3,
    ],
  ])("goes not %s", (_what, body, before, index) => {
    expect(places(body, before)[index]).toBe("inside");
  });
});

it("additions of any token's rows are not made before the loop either, where a step reads them", () => {
  expect(places([addRows("z", "x"), sum("u", "u", "z")], [fill("u"), fill("z")])).toEqual([
    "inside",
    "inside",
  ]);
  // A product into rows that a later step looks up among all: at each step it found those that were there.
  const body = [product("z", "x"), lookUp("y", "z", "own"), sum("u", "u", "y")];
  expect(places(body, [fill("u"), fill("z")])).toEqual(["inside", "inside", "inside"]);
});

it("steps of other rows than the loop's stay, and so do other loops and what lies between", () => {
  const matrices = sum("g", "w", "k");
  expect(places([matrices, ...carry], [fill("u")])[0]).toBe("inside");
  const plan = planOf(
    ...[fill("u"), product("y", "x"), loop(product("z", "x"), sum("t", "z"))],
    ...[sum("y2", "y"), loop(sum("u", "u", "t"), copy("y2", "u"), product("out", "y2"))],
  );
  const shape = moveOutOfLoops(plan).steps.map((step) =>
    step.kind === "loop" ? step.body.length : step.kind,
  );
  expect(shape).toEqual(["elementwise", "gemm", "gemm", 1, "elementwise", 2, "gemm"]);
});
