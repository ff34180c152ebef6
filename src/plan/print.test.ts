/** Plans as text: a line for each kind of step, as a person reads it. */
import { describe, expect, it } from "vitest";
import type { LeafStep, Plan, PlanBuffer, Role, Space } from "./plan.js";
import { describeStep, printPlan, spaceSymbol } from "./print.js";

const real = (name: string, space: Space, width: number, role: Role = "temporary"): PlanBuffer => ({
  name,
  dtype: "real",
  space,
  width,
  role,
});
const buffers: readonly PlanBuffer[] = [
  real("x", "tokens:p", 2, "input"),
  { ...real("i", "tokens:p", 1, "input"), dtype: "index" },
  real("w", "rows:3", 2, "parameter"),
  real("b", "rows:1", 3, "parameter"),
  real("m", "rows:3", 2, "slot"),
  real("h", "sequences:p", 2, "state"),
  real("y", "tokens:p", 3, "output"),
  real("dw", "rows:3", 2),
  real("t", "aligned:p:q", 2),
];
const planOf = (...steps: Plan["steps"]): Plan => ({
  name: "all",
  packings: ["p", "q"],
  buffers: Object.fromEntries(buffers.map((buffer) => [buffer.name, buffer])),
  steps,
});
const space = "tokens:p";
const gemm = { kind: "gemm", form: "apply", space, a: "x" } as const;
const random = {
  kind: "random",
  space,
  width: 2,
  into: "x",
  purpose: 3,
  layer: 4,
  seed: "s",
  step: "n",
} as const;

const lines: readonly [LeafStep, string, string][] = [
  [
    { ...gemm, outputs: [{ b: "w", transpose: true, c: "y", start: { row: "b" } }] },
    "gemm y = x wᵀ + b  (N(p) × 2 × 3)",
    "y = x · w",
  ],
  [
    {
      ...gemm,
      outputs: [
        { b: "w", transpose: false, c: "y", start: "zero" },
        { b: "w", transpose: true, c: "y", start: "accumulate" },
      ],
    },
    "gemm y = x w  (N(p) × 2 × 3); y += x wᵀ  (N(p) × 2 × 3)",
    "y = x · w, y = x · w",
  ],
  [
    {
      ...gemm,
      form: "gradient",
      outputs: [
        { b: "x", transpose: false, c: "dw", start: "zero" },
        { a: "y", b: "x", transpose: false, c: "dw", start: "accumulate" },
      ],
    },
    "gemm dw = xᵀ x  (2 × 2, sum over N(p)); dw += yᵀ x  (3 × 2, sum over N(p))",
    "dw = x · x, dw = y · x",
  ],
  [
    {
      kind: "elementwise",
      space: "sequences:p",
      width: 2,
      inputs: ["h", "x"],
      program: [
        { op: "constant", args: [], value: 0.5 },
        { op: "mul", args: [1, 2] },
        { op: "tanh", args: [3] },
      ],
      outputs: [
        { buffer: "h", register: 4 },
        { buffer: "x", register: 0 },
      ],
    },
    "elementwise [B(p), 2] h = tanh(mul(x, 0.5)); x = h",
    "h, x = f(h, x)",
  ],
  [
    { kind: "reduce", op: "sumSquares", along: "all", space, from: "x", into: "n", start: "zero" },
    "reduce n = sumSquares of x along all  [N(p)]",
    "n = sumSquares of x",
  ],
  [
    { kind: "reduce", op: "sum", along: "rows", space, from: "x", into: "n", start: "accumulate" },
    "reduce n += sum of x along rows  [N(p)]",
    "n = sum of x",
  ],
  [
    { kind: "spread", space: "aligned:p:q", from: "h", into: "t" },
    "spread t = h  [N(q by p)]",
    "t = spread of h",
  ],
  [
    { kind: "gather", axis: "rows", space, from: "w", index: "i", into: "x", start: { row: "b" } },
    "gather x = w[i, :] + b  [N(p)]",
    "x = gather of w at i",
  ],
  [
    { kind: "gather", axis: "columns", space, from: "x", index: "i", into: "y", start: "accumulate" },
    "gather y += x[:, i]  [N(p)]",
    "y = gather of x at i",
  ],
  [
    { kind: "scatter-add", axis: "rows", space: "rows:7", from: "x", index: "i", into: "w" },
    "scatter-add w[i, :] += x  [7]",
    "w = scatter-add of x at i",
  ],
  [
    { kind: "scatter-add", axis: "columns", space, from: "x", index: "i", into: "w" },
    "scatter-add w[:, i] += x  [N(p)]",
    "w = scatter-add of x at i",
  ],
  [
    { kind: "columns", space, from: "y", fromColumn: 1, into: "x", intoColumn: 0, width: 2 },
    "columns x[:, 0..2] = y[:, 1..3]  [N(p)]",
    "x = columns of y",
  ],
  [{ ...random, sequence: "q", time: "t" }, "random x [N(p), 2] purpose 3 layer 4", "x = random"],
  [{ ...random, sequence: "q" }, "random x [N(p), 2] purpose 3 layer 4 once per sequence", "x = random"],
];

describe("a step", () => {
  it.each(lines)("%#: as a line of a plan, and in a message", (step, line, message) => {
    expect(printPlan(planOf(step)).split("\n").slice(-2)).toEqual([`  ${line}`, ""]);
    expect(describeStep(step)).toBe(message);
  });
});

it("a plan lists what outlives a run, then its steps; those of a loop stand further in", () => {
  const [spread, columns] = [lines[6]![0], lines[11]![0]];
  const loop = { kind: "loop", packing: "p", body: [spread, columns] } as const;
  expect(
    printPlan(planOf(columns, { ...loop, reverse: false }, { ...loop, reverse: true, body: [spread] })),
  ).toBe(
    `plan all
  input x [N(p), 2]
  input i [N(p), 1] index
  parameter w [3, 2]
  parameter b [1, 3]
  slot m [3, 2]
  state h [B(p), 2]
  output y [N(p), 3]
  columns x[:, 0..2] = y[:, 1..3]  [N(p)]
  loop t over p
    spread t = h  [N(q by p)]
    columns x[:, 0..2] = y[:, 1..3]  [N(p)]
  loop t over p, last to first
    spread t = h  [N(q by p)]
`,
  );
  expect(spaceSymbol("sequences:words")).toBe("B(words)");
});
