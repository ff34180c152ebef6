/** Which gradient products share their factors in one step, and which may not. */
import { expect, it } from "vitest";
import type { GemmStep, LeafStep, Step } from "../plan.js";
import { fill, gradient, loop, planOf, product, sum } from "./hand.cases.js";
import { shareFactors } from "./share.js";

/** "g:x f:t": results with their operands, step by step; other steps by their kind. */
const shared = (...steps: Step[]): string[] =>
  shareFactors(planOf(...steps)).steps.map((step) =>
    step.kind === "gemm" ? step.outputs.map(({ a = step.a, c }) => `${c}:${a}`).join(" ") : step.kind,
  );

it("operands that meet the same factor stand in one step, at the place of the first", () => {
  expect(shared(gradient("g", "x", "x2", "zero"), gradient("f", "x2", "x2", "zero"))).toEqual(["g:x f:x2"]);
  expect(shared(gradient("g", "x", "x2", "zero"), sum("t", "x"), gradient("f", "x2", "x2", "zero"))).toEqual([
    "g:x f:x2",
    "elementwise",
  ]);
  const [both] = shareFactors(
    planOf(gradient("g", "x", "x2", "zero"), gradient("f", "x2", "x2", "zero")),
  ).steps;
  expect((both as GemmStep).outputs.map(({ start, b, transpose }) => [start, b, transpose])).toEqual([
    ["zero", "x2", false],
    ["zero", "x2", false],
  ]);
});

it("factors are compared one by one, whatever their names are", () => {
  const gradients = (of: string, a: string, factors: readonly string[]): GemmStep => ({
    ...{ kind: "gemm", form: "gradient", space: "tokens:p", a },
    outputs: factors.map((b, i) => ({ b, transpose: false, c: `${of}${i}`, start: "zero" })),
  });
  const steps = [gradients("g", "x", ["t", "tt"]), gradients("f", "x2", ["tt", "t"])];
  expect(shareFactors({ ...planOf(), steps }).steps).toEqual(steps);
});

it("one alone stays as it is", () => {
  const plan = planOf(gradient("g", "x", "x2", "zero"), product("z", "x"));
  expect(shareFactors(plan).steps).toEqual(plan.steps);
});

it.each<[string, Step[]]>([
  ["other factors", [gradient("g", "x", "x2", "zero"), gradient("f", "x2", "x", "zero")]],
  [
    "other rows",
    [
      gradient("g", "x", "x2", "zero"),
      { ...gradient("f", "s", "s", "zero"), space: "sequences:p" } as LeafStep,
    ],
  ],
  ["products that are no gradients", [product("z", "x"), product("y", "x2")]],
  [
    "an operand that is computed between",
    [gradient("g", "x", "x2", "zero"), sum("t", "x"), gradient("f", "t", "x2", "zero")],
  ],
  [
    "a factor that is overwritten between",
    [sum("t", "x"), gradient("g", "x", "t", "zero"), sum("t", "x2"), gradient("f", "x2", "t", "zero")],
  ],
  [
    "a result that is read between",
    [fill("f"), gradient("g", "x", "x2", "zero"), product("z", "x", "f"), gradient("f", "x2", "x2", "zero")],
  ],
  [
    "a result that is written between",
    [gradient("g", "x", "x2", "zero"), fill("f"), gradient("f", "x2", "x2")],
  ],
  [
    "two sums into one result, which stay in their order",
    [gradient("g", "x", "x2", "zero"), gradient("g", "x2", "x2")],
  ],
  [
    "a loop between them",
    [gradient("g", "x", "x2", "zero"), loop(sum("t", "x")), gradient("f", "x2", "x2", "zero")],
  ],
])("and so do %s", (_what, steps) => {
  const plan = planOf(...steps);
  expect(shareFactors(plan).steps).toEqual(plan.steps);
});

it("a third joins where a second could not", () => {
  expect(
    shared(gradient("g", "x", "x2", "zero"), gradient("g", "x2", "x2"), gradient("f", "x2", "x2", "zero")),
  ).toEqual(["g:x f:x2", "g:x2"]);
  // Two into one result, both after the head: the second of them must not overtake the first.
  expect(
    shared(
      ...[gradient("f", "x", "x2", "zero"), gradient("g", "x", "x2", "zero")],
      ...[gradient("outG", "x2", "x2", "zero"), gradient("outG", "x", "x2")],
    ),
  ).toEqual(["f:x g:x outG:x2", "outG:x"]);
});
