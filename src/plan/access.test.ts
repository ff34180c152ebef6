/** What each kind of step reads and writes, and which steps must keep their order. */
import { describe, expect, it } from "vitest";
import { access, conflict, leafAccess } from "./access.js";
import type { LeafStep } from "./plan.js";

const space = "tokens:p";
const steps: readonly [string, LeafStep, string[], string[]][] = [
  [
    "a product",
    {
      kind: "gemm",
      form: "apply",
      space,
      a: "x",
      outputs: [
        { b: "w", transpose: true, c: "y", start: "zero" },
        { b: "v", transpose: true, c: "z", start: "accumulate" },
        { b: "u", transpose: true, c: "t", start: { row: "bias" } },
      ],
    },
    ["x", "w", "v", "z", "u", "bias"],
    ["y", "z", "t"],
  ],
  [
    "a gradient with an operand of its own",
    {
      kind: "gemm",
      form: "gradient",
      space,
      a: "x",
      outputs: [{ a: "q", b: "w", transpose: false, c: "y", start: "zero" }],
    },
    ["x", "q", "w"],
    ["y"],
  ],
  [
    "a program",
    {
      kind: "elementwise",
      space,
      width: 2,
      inputs: ["x", "y"],
      program: [],
      outputs: [
        { buffer: "y", register: 0 },
        { buffer: "z", register: 1 },
      ],
    },
    ["x", "y"],
    ["y", "z"],
  ],
  [
    "a sum",
    { kind: "reduce", op: "sum", along: "rows", space, from: "x", into: "y", start: "zero" },
    ["x"],
    ["y"],
  ],
  [
    "a sum that is added",
    { kind: "reduce", op: "sum", along: "rows", space, from: "x", into: "y", start: "accumulate" },
    ["x", "y"],
    ["y"],
  ],
  ["a spread", { kind: "spread", space: "aligned:p:q", from: "x", into: "y" }, ["x"], ["y"]],
  [
    "a lookup",
    { kind: "gather", axis: "rows", space, from: "w", index: "i", into: "y", start: "zero" },
    ["w", "i"],
    ["y"],
  ],
  [
    "a lookup that is added",
    { kind: "gather", axis: "columns", space, from: "w", index: "i", into: "y", start: "accumulate" },
    ["w", "i", "y"],
    ["y"],
  ],
  [
    "a lookup from a row",
    { kind: "gather", axis: "rows", space, from: "w", index: "i", into: "y", start: { row: "b" } },
    ["w", "i", "b"],
    ["y"],
  ],
  [
    "additions by index",
    { kind: "scatter-add", axis: "rows", space, from: "x", index: "i", into: "w" },
    ["x", "i", "w"],
    ["w"],
  ],
  [
    "columns, beside which others stay",
    { kind: "columns", space, from: "x", fromColumn: 0, into: "y", intoColumn: 1, width: 1 },
    ["x", "y"],
    ["y"],
  ],
  [
    "random numbers of a token",
    {
      kind: "random",
      space,
      width: 2,
      into: "y",
      purpose: 1,
      layer: 0,
      seed: "s",
      step: "n",
      sequence: "q",
      time: "t",
    },
    ["s", "n", "q", "t"],
    ["y"],
  ],
  [
    "random numbers of a sequence",
    { kind: "random", space, width: 2, into: "y", purpose: 1, layer: 0, seed: "s", step: "n", sequence: "q" },
    ["s", "n", "q"],
    ["y"],
  ],
];

describe("what steps touch", () => {
  it.each(steps)("%s", (_what, step, reads, writes) => {
    expect(leafAccess(step)).toEqual({ reads, writes });
    expect(access(step)).toEqual({ reads, writes });
  });
  it("of a loop is what its steps touch", () => {
    const [sum, spread] = [steps[3]![1], steps[5]![1]];
    const loop = { kind: "loop", packing: "p", reverse: false, body: [sum, spread] } as const;
    expect(access(loop)).toEqual({ reads: ["x", "x"], writes: ["y", "y"] });
  });
});

describe("order", () => {
  const of = (reads: string[], writes: string[]) => ({ reads, writes });
  it.each<[string, ReturnType<typeof of>, ReturnType<typeof of>, boolean]>([
    ["what is written is read later", of([], ["a"]), of(["a"], ["b"]), true],
    ["what is read is written later", of(["a"], ["b"]), of([], ["a"]), true],
    ["what is written is written again", of(["x"], ["a"]), of(["y"], ["a"]), true],
    ["both read the same", of(["a"], ["b"]), of(["a"], ["c"]), false],
    ["they have nothing in common", of(["a"], ["b"]), of(["c"], ["d"]), false],
    ["one of several is shared", of(["a", "b"], ["c", "d"]), of(["e"], ["f", "b"]), true],
  ])("matters where %s: conflict(%j, %j) is %s", (_what, first, second, wanted) => {
    expect(conflict(first, second)).toBe(wanted);
  });
});
