/** What a plan costs, counted by hand. */
import { expect, it } from "vitest";
import { align, packing } from "../tensor/packing.js";
import { cost } from "./cost.js";
import type { LeafStep, Plan, PlanBuffer, Space, Step } from "./plan.js";

const real = (name: string, space: Space, width: number): PlanBuffer => ({
  name,
  dtype: "real",
  space,
  width,
  role: "temporary",
});
const buffers = [
  ...[real("x", "tokens:p", 3), real("y", "tokens:p", 5), real("s", "sequences:p", 3)],
  ...[
    real("w", "rows:5", 3),
    real("dw", "rows:3", 5),
    real("a", "aligned:p:q", 3),
    real("z", "aligned:p:q", 5),
  ],
];
const planOf = (...steps: Step[]): Plan => ({
  name: "counted",
  packings: ["p", "q"],
  buffers: Object.fromEntries(buffers.map((b) => [b.name, b])),
  steps,
});
const apply = (space: Space, a: string, c: string): LeafStep => ({
  kind: "gemm",
  form: "apply",
  space,
  a,
  outputs: [{ b: "w", transpose: true, c, start: "zero" }],
});
const elementwise = (space: Space, width: number, instructions: number): LeafStep => ({
  kind: "elementwise",
  space,
  width,
  inputs: ["x"],
  program: Array.from({ length: instructions }, () => ({ op: "neg", args: [0] })),
  outputs: [],
});
const loop = (...body: LeafStep[]): Step => ({ kind: "loop", packing: "p", reverse: false, body });
// N = 7 and 9 rows, B = 3 sequences, T = 4 and 5 steps.
const [p, q] = [packing([4, 2, 1]), packing([5, 3, 1])];
const packings = { p, q };

it.each<[string, Step, Partial<ReturnType<typeof cost>>]>([
  [
    "a product of 7 rows, 3 by 5",
    apply("tokens:p", "x", "y"),
    { productFlops: 2 * 7 * 3 * 5, stepsExecuted: 1 },
  ],
  ["one of 3 sequences", apply("sequences:p", "s", "y"), { productFlops: 2 * 3 * 3 * 5 }],
  ["one of 6 rows", apply("rows:6", "x", "y"), { productFlops: 2 * 6 * 3 * 5 }],
  ["one of the source's 9 rows", apply("aligned:p:q", "a", "z"), { productFlops: 2 * 9 * 3 * 5 }],
  [
    "a gradient, 3 by 5, with an operand of its own",
    {
      kind: "gemm",
      form: "gradient",
      space: "tokens:p",
      a: "y",
      outputs: [{ a: "x", b: "y", transpose: false, c: "dw", start: "zero" }],
    },
    { productFlops: 2 * 7 * 3 * 5, elementwiseOperations: 0 },
  ],
  [
    "a program of 4 instructions on 7 rows of 3",
    elementwise("tokens:p", 3, 4),
    { elementwiseOperations: 7 * 3 * 4 },
  ],
  ["a copy, which is one", elementwise("tokens:p", 3, 0), { elementwiseOperations: 7 * 3, productFlops: 0 }],
  [
    "a loop over 4 steps, which goes over each row once",
    loop(apply("tokens:p", "x", "y"), elementwise("tokens:p", 3, 2)),
    { productFlops: 2 * 7 * 3 * 5, elementwiseOperations: 7 * 3 * 2, stepsExecuted: 8 },
  ],
  [
    "a source's rows in a loop, at every step of their reader: 7/3 on the average",
    loop(elementwise("aligned:p:q", 3, 1)),
    { elementwiseOperations: ((9 * 7) / 3) * 3, stepsExecuted: 4 },
  ],
])("%s", (_what, step, wanted) => {
  const found = cost(planOf(step), packings);
  for (const [name, value] of Object.entries(wanted))
    expect(found[name as keyof typeof found], name).toBeCloseTo(value, 9);
});

it("adds up steps, and takes packings that are not there as empty", () => {
  const plan = planOf(
    apply("tokens:p", "x", "y"),
    loop(elementwise("sequences:p", 3, 1)),
    elementwise("rows:2", 3, 1),
  );
  expect(cost(plan, packings)).toEqual({ productFlops: 210, elementwiseOperations: 9 + 6, stepsExecuted: 6 });
  expect(cost(plan, {})).toEqual({ productFlops: 0, elementwiseOperations: 6, stepsExecuted: 2 });
  expect(align(p, q).offsets.at(-1)).toBe(9);
});
