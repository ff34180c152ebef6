/** Which steps are joined, and which may not be. That numbers stay the same is shown on random plans. */
import { describe, expect, it } from "vitest";
import type { ElementwiseStep, LeafStep, Step } from "../plan.js";
import { addRows, copy, fill, gradient, lookUp, loop, planOf, product, sum, sumRows } from "./hand.cases.js";
import { joinElementwise, joinSteps } from "./schedule.js";

/** The results of each step, as it is after joining; those of a loop in a list of their own. */
function results(...steps: Step[]): unknown[] {
  const of = (step: LeafStep): string =>
    step.kind === "gemm"
      ? `gemm ${step.outputs.map(({ c }) => c).join(" ")}`
      : step.kind === "elementwise"
        ? step.outputs.map(({ buffer }) => buffer).join(" ")
        : `${step.kind} ${step.into}`;
  return joinSteps(planOf(...steps)).steps.map((step) =>
    step.kind === "loop" ? step.body.map(of) : of(step),
  );
}

describe("products", () => {
  it("of one operand become one step, also with others between them", () => {
    expect(results(product("z", "x"), product("y", "x", "k"))).toEqual(["gemm z y"]);
    expect(results(product("z", "x"), sum("t", "z"), product("y", "x", "k"), sum("out", "t", "y"))).toEqual([
      "gemm z y",
      "t out",
    ]);
    expect(results(gradient("g", "x", "x2", "zero"), gradient("f", "x", "x", "zero"))).toEqual(["gemm g f"]);
  });
  it("of other operands, forms or rows stay apart", () => {
    expect(results(product("z", "x"), product("y", "x2"))).toHaveLength(2);
    expect(results(product("z", "x"), gradient("g", "x", "x", "zero"))).toHaveLength(2);
    const perSequence = { ...product("u", "s"), space: "sequences:p" } as LeafStep;
    const other = { ...product("v", "s"), space: "sequences:p" } as LeafStep;
    expect(results(perSequence, other)).toEqual(["gemm u v"]);
    expect(
      results(
        fill("u"),
        loop(product("z", "u"), { ...product("v", "u"), space: "sequences:p" } as LeafStep),
      )[1],
    ).toHaveLength(2);
  });
  it("of which one is made of the other, adds to the other's result or replaces it, stay in their order", () => {
    expect(results(product("z", "x"), product("z", "x", "k", "accumulate"))).toEqual(["gemm z", "gemm z"]);
    expect(results(product("z", "x"), product("z", "x", "k"))).toEqual(["gemm z", "gemm z"]);
    expect(results(gradient("g", "x", "x", "zero"), product("z", "x", "g"), product("y", "x"))).toEqual([
      "gemm g",
      "gemm z y",
    ]);
    expect(results(product("z", "x"), gradient("g", "z", "x", "zero"), product("y", "x", "g"))).toEqual([
      "gemm z",
      "gemm g",
      "gemm y",
    ]);
  });
  it("wait for those of their operand that are not ready", () => {
    // The second product of x needs what the first program makes; a third operand's products come between.
    const steps = [product("z", "x"), sum("q", "b"), product("y", "x", "k", { row: "q" })];
    expect(results(...steps)).toEqual(["q", "gemm z y"]);
  });
});

describe("functions", () => {
  it("of one shape become one program, of which later ones read the registers of earlier ones", () => {
    expect(results(sum("t", "x"), sum("z", "t", "x2"), sum("out", "z", "t"))).toEqual(["t z out"]);
  });
  it("of other widths or rows stay apart", () => {
    expect(results(sum("t", "x"), sum("q", "b"))).toHaveLength(2);
    expect(results(sum("t", "x"), fill("one"))).toHaveLength(2);
  });
  it("stay on their side of what reads and writes between them", () => {
    expect(results(sum("t", "x"), product("z", "t"), sum("out", "z"))).toEqual(["t", "gemm z", "out"]);
    expect(results(sum("t", "x"), lookUp("z", "t", "own"), sum("t", "x2"), sum("out", "z", "t"))).toEqual([
      "t",
      "gather z",
      "t out",
    ]);
    expect(
      results(fill("z"), addRows("z", "x"), sum("t", "z"), addRows("z", "x2"), sum("out", "z", "t")),
    ).toEqual(["z", "scatter-add z", "t", "scatter-add z", "out"]);
    expect(
      results(fill("q"), sumRows("q", "x"), sum("t", "x", "q"), sumRows("q", "x2"), sum("out", "t", "q")),
    ).toEqual(["q", "reduce q", "t", "reduce q", "out"]);
  });
  it("are computed late, near those that read them", () => {
    expect(results(sum("t", "x"), product("y", "x2"), sum("out", "t", "y"))).toEqual(["gemm y", "t out"]);
  });
});

it("blocks end where a loop stands; bodies are blocks of their own", () => {
  const body = [product("z", "x"), sum("t", "z"), product("y", "x", "k"), sum("y2", "t", "y")];
  expect(results(product("out", "x"), loop(...body), product("out2", "x"))).toEqual([
    "gemm out",
    ["gemm z y", "t y2"],
    "gemm out2",
  ]);
  expect(joinSteps(planOf()).steps).toEqual([]);
});

describe("one program for several", () => {
  const base = { kind: "elementwise", space: "tokens:p", width: 2 } as const;
  it("reads each operand once, makes equal instructions once, and keeps what each result is", () => {
    const first: ElementwiseStep = {
      ...base,
      inputs: ["x", "y"],
      program: [
        { op: "constant", args: [], value: 2 },
        { op: "mul", args: [0, 2] },
        { op: "add", args: [3, 1] },
      ],
      outputs: [{ buffer: "t", register: 4 }],
    };
    const second: ElementwiseStep = {
      ...base,
      inputs: ["t", "x", "w"],
      program: [
        { op: "constant", args: [], value: 2 },
        { op: "mul", args: [1, 3] },
        { op: "sub", args: [4, 0] },
        { op: "add", args: [5, 2] },
      ],
      outputs: [
        { buffer: "z", register: 6 },
        { buffer: "double", register: 4 },
      ],
    };
    expect(joinElementwise([first, second])).toEqual({
      ...base,
      inputs: ["x", "y", "w"],
      program: [
        { op: "constant", args: [], value: 2 },
        { op: "mul", args: [0, 3] },
        { op: "add", args: [4, 1] },
        { op: "sub", args: [4, 5] },
        { op: "add", args: [6, 2] },
      ],
      outputs: [
        { buffer: "t", register: 5 },
        { buffer: "z", register: 7 },
        { buffer: "double", register: 4 },
      ],
    });
  });
  it("tells numbers apart that are equal, and ends with what a buffer holds last", () => {
    const number = (into: string, value: number): ElementwiseStep => ({
      ...base,
      inputs: [],
      program: [{ op: "constant", args: [], value }],
      outputs: [{ buffer: into, register: 0 }],
    });
    expect(joinElementwise([number("t", 0), number("z", -0), number("t", 1)])).toEqual({
      ...base,
      inputs: [],
      program: [0, -0, 1].map((value) => ({ op: "constant", args: [], value })),
      outputs: [
        { buffer: "t", register: 2 },
        { buffer: "z", register: 1 },
      ],
    });
    const swap = joinElementwise([copy("t", "x"), copy("x", "y"), copy("y", "t")] as ElementwiseStep[]);
    expect(swap.inputs).toEqual(["x", "y"]);
    expect(swap.outputs).toEqual([
      { buffer: "t", register: 0 },
      { buffer: "x", register: 1 },
      { buffer: "y", register: 0 },
    ]);
  });
});
