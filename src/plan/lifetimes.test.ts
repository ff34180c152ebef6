/** Lifetimes of temporaries, on a plan small enough to count by hand. */
import { expect, it } from "vitest";
import { lifetimes, storageOf } from "./lifetimes.js";
import type { ElementwiseStep, Plan, PlanBuffer, Role } from "./plan.js";

const buffer = (name: string, role: Role, storage?: string): PlanBuffer => ({
  name,
  dtype: "real",
  space: "tokens:p",
  width: 3,
  role,
  ...(storage === undefined ? {} : { storage }),
});

const copy = (from: string, into: string): ElementwiseStep => ({
  kind: "elementwise",
  space: "tokens:p",
  width: 3,
  inputs: [from],
  program: [],
  outputs: [{ buffer: into, register: 0 }],
});

const plan: Plan = {
  name: "chain",
  packings: ["p"],
  buffers: Object.fromEntries(
    [
      buffer("x", "input"),
      buffer("a", "temporary"),
      buffer("b", "temporary"),
      buffer("over a", "temporary", "a"),
      buffer("over over a", "temporary", "over a"),
      buffer("over x", "temporary", "x"),
      buffer("untouched", "temporary"),
      buffer("y", "output"),
    ].map((b) => [b.name, b]),
  ),
  steps: [
    copy("x", "a"),
    { kind: "loop", packing: "p", reverse: false, body: [copy("a", "b"), copy("b", "over a")] },
    copy("over a", "over over a"),
    copy("over over a", "over x"),
    copy("over x", "y"),
  ],
};

it("counts from the first to the last step that touches a temporary; a loop is one position", () => {
  expect(lifetimes(plan).get("b")).toEqual({ first: 1, last: 1 });
});

it("extends a lifetime over everything that lies in the same memory", () => {
  expect(storageOf(plan, "over over a")).toBe("a");
  expect(lifetimes(plan).get("a")).toEqual({ first: 0, last: 3 });
});

it("has no entry for what is not temporary, lies in such memory, or is touched by no step", () => {
  expect([...lifetimes(plan).keys()].sort()).toEqual(["a", "b"]);
});
