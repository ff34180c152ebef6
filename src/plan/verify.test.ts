/** What `verify` refuses: a valid plan with one thing wrong, and the message that says what. */
import { describe, expect, it } from "vitest";
import {
  type LeafStep,
  type Plan,
  type PlanBuffer,
  PlanError,
  type Role,
  type Space,
  type Step,
} from "./plan.js";
import { verify } from "./verify.js";

const real = (name: string, space: Space, width: number, role: Role = "input"): PlanBuffer => ({
  name,
  dtype: "real",
  space,
  width,
  role,
});
const index = (name: string, space: Space, role: Role = "input"): PlanBuffer => ({
  name,
  dtype: "index",
  space,
  width: 1,
  role,
});

const buffers: readonly PlanBuffer[] = [
  real("x", "tokens:p", 2),
  real("wide", "tokens:p", 3),
  real("narrow", "tokens:p", 1),
  real("each", "sequences:p", 2),
  real("aligned", "aligned:p:q", 2),
  real("w", "rows:3", 2, "parameter"),
  real("square", "rows:2", 2, "slot"),
  real("other", "rows:2", 2, "slot"),
  real("bias", "rows:1", 3, "parameter"),
  real("number", "rows:1", 1, "state"),
  index("at", "tokens:p"),
  index("atEach", "sequences:p"),
  index("seed", "rows:1"),
  real("y", "tokens:p", 3, "output"),
  real("t", "tokens:p", 2, "temporary"),
  real("u", "sequences:p", 2, "temporary"),
  real("one", "tokens:p", 1, "temporary"),
  index("found", "tokens:p", "temporary"),
  real("sum", "rows:1", 2, "temporary"),
  real("total", "rows:1", 1, "temporary"),
  real("dw", "rows:2", 3, "temporary"),
  real("perSource", "aligned:p:q", 2, "temporary"),
];

const planOf = (...steps: Step[]): Plan => ({
  name: "one step",
  packings: ["p", "q"],
  buffers: Object.fromEntries(buffers.map((b) => [b.name, b])),
  steps,
});
const loop = (...body: LeafStep[]): Step => ({ kind: "loop", packing: "p", reverse: false, body });

const space = "tokens:p";
const apply = {
  kind: "gemm",
  form: "apply",
  space,
  a: "x",
  outputs: [{ b: "w", transpose: true, c: "y", start: { row: "bias" } }],
} as const;
const gradient = {
  kind: "gemm",
  form: "gradient",
  space,
  a: "x",
  outputs: [{ b: "wide", transpose: false, c: "dw", start: "zero" }],
} as const;
const elementwise = {
  kind: "elementwise",
  space,
  width: 2,
  inputs: ["x", "narrow", "number", "sum"],
  program: [
    { op: "add", args: [0, 1] },
    { op: "mul", args: [4, 3] },
  ],
  outputs: [{ buffer: "t", register: 5 }],
} as const;
const fillSum = {
  kind: "reduce",
  op: "sum",
  along: "rows",
  space,
  from: "x",
  into: "sum",
  start: "zero",
} as const;
const features = {
  kind: "reduce",
  op: "logSumExp",
  along: "features",
  space,
  from: "x",
  into: "one",
  start: "zero",
} as const;
const segments = {
  kind: "reduce",
  op: "max",
  along: "segments",
  space: "aligned:p:q",
  from: "aligned",
  into: "u",
  start: "zero",
} as const;
const spread = { kind: "spread", space: "aligned:p:q", from: "each", into: "perSource" } as const;
const gather = {
  kind: "gather",
  axis: "rows",
  space,
  from: "w",
  index: "at",
  into: "t",
  start: "zero",
} as const;
const pick = { ...gather, axis: "columns", from: "x", into: "one" } as const;
const scatter = { kind: "scatter-add", axis: "rows", space, from: "x", index: "at", into: "square" } as const;
const fillT = { ...gather, start: "zero" } as const;
const put = { kind: "scatter-add", axis: "columns", space, from: "narrow", index: "at", into: "t" } as const;
const columns = {
  kind: "columns",
  space,
  from: "wide",
  fromColumn: 1,
  into: "t",
  intoColumn: 0,
  width: 2,
} as const;
const random = {
  kind: "random",
  space,
  width: 2,
  into: "t",
  purpose: 1,
  layer: 0,
  seed: "seed",
  step: "seed",
  sequence: "at",
  time: "at",
} as const;

describe("verify accepts", () => {
  it.each<[string, Plan]>([
    ["a product", planOf(apply)],
    ["a gradient product", planOf(gradient)],
    [
      "products that are summed",
      planOf(apply, { ...apply, outputs: [{ ...apply.outputs[0], start: "accumulate" }] }),
    ],
    ["operands of the step's rows, of width 1, of one row, and one number", planOf(fillSum, elementwise)],
    [
      "rows per token and per sequence inside a loop",
      planOf(fillSum, loop({ ...elementwise, inputs: ["each", "narrow", "number", "sum"] })),
    ],
    [
      "an operand that is overwritten",
      planOf(fillT, {
        ...elementwise,
        inputs: ["t", "narrow", "number", "x"],
        outputs: [{ buffer: "t", register: 5 }],
      }),
    ],
    [
      "sums over features, rows and everything",
      planOf(features, fillSum, { ...fillSum, along: "all", into: "total" }),
    ],
    ["the largest of each row", planOf({ ...features, op: "argmax", into: "found" })],
    ["segments and their adjoint", planOf(segments, spread)],
    ["lookups", planOf(gather, pick, scatter, put)],
    ["columns of what nothing wrote before", planOf(columns)],
    [
      "random numbers",
      planOf(random, {
        ...random,
        space: "sequences:p",
        into: "u",
        sequence: "atEach",
        time: undefined as never,
      }),
    ],
  ])("%s", (_what, plan) => {
    expect(() => verify(plan)).not.toThrow();
  });
});

const withBuffer = (changed: Partial<PlanBuffer> & { name: string }, plan = planOf(apply)): Plan => ({
  ...plan,
  buffers: { ...plan.buffers, [changed.name]: { ...plan.buffers[changed.name]!, ...changed } },
});

describe("verify refuses", () => {
  it.each<[string, Plan, string]>([
    ["a buffer under another name", { ...planOf(), buffers: { a: buffers[0]! } }, 'buffer "a" is called "x"'],
    [
      "a space of nothing",
      withBuffer({ name: "x", space: "steps:p" as Space }),
      'there is no space "steps:p"',
    ],
    [
      "a packing that is not declared",
      { ...planOf(), packings: ["q"] },
      'needs the packing "p", which the plan does not declare',
    ],
    [
      "a loop over one",
      planOf({ ...loop(apply), packing: "r" } as Step),
      'step 0 loops over "r", which the plan does not declare',
    ],
    ["an operand that is not there", planOf({ ...apply, a: "v" }), 'there is no buffer "v"'],
    ["a result that is not there", planOf({ ...columns, into: "v" }), 'there is no buffer "v"'],
    ["what is read before it is written", planOf(elementwise), '"sum" is read before it is written'],
    [
      "an output that is read before it is written",
      planOf({ ...elementwise, inputs: ["x", "narrow", "number", "y"] }),
      '"y" is read before it is written',
    ],
    [
      "the same inside a loop",
      planOf(loop(elementwise)),
      'step 0.0 (t = f(x, narrow, number, sum)): "sum" is read before',
    ],
    [
      "a sum that starts from nothing",
      planOf({ ...fillSum, start: "accumulate" }),
      '"sum" is read before it is written',
    ],
    ["an input that is written", planOf({ ...columns, into: "x" }), '"x" is an input and may not be written'],

    [
      "a product of other rows",
      planOf({ ...apply, a: "each" }),
      '"each" has the rows sequences:p, the step tokens:p',
    ],
    ["a product without results", planOf({ ...apply, outputs: [] }), "it has no outputs"],
    [
      "a product into other rows",
      planOf({ ...apply, outputs: [{ ...apply.outputs[0], c: "u", b: "square", start: "zero" }] }),
      '"u" has the rows sequences:p',
    ],
    [
      "operands of the results of a product",
      planOf({ ...apply, outputs: [{ ...apply.outputs[0], a: "x" }] }),
      "operands of outputs are for gradients",
    ],
    [
      "a product into its operand",
      planOf(fillT, { ...apply, a: "t", outputs: [{ b: "square", transpose: true, c: "t", start: "zero" }] }),
      '"t" is its own operand',
    ],
    [
      "a product into its factor",
      planOf({
        ...apply,
        space: "rows:2",
        a: "other",
        outputs: [{ b: "square", transpose: true, c: "square", start: "zero" }],
      }),
      '"square" is its own operand',
    ],
    [
      "a gradient into its factor",
      planOf({
        ...gradient,
        space: "rows:2",
        a: "square",
        outputs: [{ b: "square", transpose: false, c: "square", start: "zero" }],
      }),
      '"square" is its own operand',
    ],
    [
      "too few weights",
      planOf({ ...apply, outputs: [{ ...apply.outputs[0], b: "square" }] }),
      '"square" has rows:2, not rows:3',
    ],
    ["weights of another width", planOf({ ...apply, a: "wide" }), '"w" has width 2, not 3'],
    [
      "weights the wrong way round",
      planOf({ ...apply, outputs: [{ ...apply.outputs[0], transpose: false }] }),
      '"w" has rows:3, not rows:2',
    ],
    [
      "weights the wrong way round for their width",
      planOf({ ...apply, a: "wide", outputs: [{ ...apply.outputs[0], transpose: false }] }),
      '"w" has width 2, not 3',
    ],
    [
      "a start of several rows",
      planOf({ ...apply, outputs: [{ ...apply.outputs[0], start: { row: "w" } }] }),
      '"w" has rows:3, not rows:1',
    ],
    [
      "a start of another width",
      planOf({ ...apply, outputs: [{ ...apply.outputs[0], start: { row: "number" } }] }),
      '"number" has width 1, not 3',
    ],
    [
      "a gradient of other rows",
      planOf({ ...gradient, outputs: [{ ...gradient.outputs[0], b: "each" }] }),
      '"each" has the rows sequences:p',
    ],
    [
      "a gradient's own operand of other rows",
      planOf({ ...gradient, outputs: [{ ...gradient.outputs[0], a: "each" }] }),
      '"each" has the rows sequences:p',
    ],
    ["a gradient of another height", planOf({ ...gradient, a: "wide" }), '"dw" has rows:2, not rows:3'],
    [
      "a gradient of another width",
      planOf({ ...gradient, outputs: [{ ...gradient.outputs[0], b: "x" }] }),
      '"dw" has width 3, not 2',
    ],
    [
      "a gradient that is transposed",
      planOf({ ...gradient, outputs: [{ ...gradient.outputs[0], transpose: true }] }),
      "a gradient product is not transposed",
    ],

    [
      "indices in a program",
      planOf({ ...elementwise, inputs: ["at", "narrow", "number", "x"] }),
      '"at" may not hold indices',
    ],
    [
      "operands of other rows",
      planOf({ ...elementwise, inputs: ["x", "narrow", "number", "each"] }),
      '"each" has the rows sequences:p, the step tokens:p',
    ],
    [
      "several rows beside those of the step",
      planOf({ ...elementwise, inputs: ["x", "narrow", "number", "w"] }),
      '"w" has the rows rows:3',
    ],
    [
      "other rows inside a loop",
      planOf(loop({ ...elementwise, inputs: ["x", "narrow", "number", "aligned"] })),
      '"aligned" has the rows aligned:p:q',
    ],
    [
      "operands of another width",
      planOf({ ...elementwise, inputs: ["x", "narrow", "number", "wide"] }),
      '"wide" has width 3, the step 2',
    ],
    [
      "results of other rows",
      planOf(fillSum, { ...elementwise, outputs: [{ buffer: "u", register: 5 }] }),
      '"u" has the rows sequences:p',
    ],
    [
      "results of another width",
      planOf(fillSum, { ...elementwise, outputs: [{ buffer: "y", register: 5 }] }),
      '"y" has width 3, not 2',
    ],
    [
      "a register that does not exist",
      planOf(fillSum, { ...elementwise, outputs: [{ buffer: "t", register: 6 }] }),
      "register 6 does not exist",
    ],
    [
      "an instruction that reads itself",
      planOf(fillSum, { ...elementwise, program: [{ op: "add", args: [0, 4] }, elementwise.program[1]] }),
      "instruction 0 reads a later register",
    ],

    ["a reduction of other rows", planOf({ ...features, from: "each" }), '"each" has the rows sequences:p'],
    ["a reduction into its operand", planOf({ ...features, from: "one", into: "one" }, features), '"one" is'],
    ["a largest value that is no index", planOf({ ...features, op: "argmax" }), '"one" must hold indices'],
    ["a sum that is an index", planOf({ ...features, into: "found" }), '"found" may not hold indices'],
    ["features into other rows", planOf({ ...features, into: "total" }), '"total" has the rows rows:1'],
    ["features into several", planOf({ ...features, into: "t" }), '"t" has width 2, not 1'],
    ["rows into several", planOf({ ...fillSum, into: "t" }), '"t" has tokens:p, not rows:1'],
    ["rows into another width", planOf({ ...fillSum, into: "total" }), '"total" has width 1, not 2'],
    [
      "everything into several rows",
      planOf({ ...fillSum, along: "all", into: "one" }),
      '"one" has tokens:p, not rows:1',
    ],
    ["everything into several numbers", planOf({ ...fillSum, along: "all" }), '"sum" has width 2, not 1'],
    [
      "segments of rows that have none",
      planOf({ ...segments, space, from: "x" }),
      "segments need an aligned space, not tokens:p",
    ],
    ["segments into each row", planOf({ ...segments, into: "t" }), '"t" is not per sequence of p'],
    ["segments into another width", planOf({ ...segments, into: "one" }), '"one" has width 1, not 2'],

    ["a spread into other rows", planOf({ ...spread, into: "t" }), '"t" has the rows tokens:p'],
    ["a spread of another width", planOf({ ...spread, from: "number" }), '"perSource" has width 2, not 1'],
    [
      "a spread of what is not per sequence",
      planOf({ ...spread, from: "x" }),
      '"x" is not per sequence of p',
    ],
    [
      "a spread over rows that have no source",
      planOf({ ...spread, space, into: "t" }),
      "segments need an aligned space",
    ],
    [
      "a spread of indices",
      withBuffer({ name: "each", dtype: "index" }, planOf(spread)),
      '"each" may not hold indices',
    ],
    [
      "a spread into indices",
      withBuffer({ name: "perSource", dtype: "index" }, planOf(spread)),
      '"perSource" may not hold indices',
    ],

    ["a lookup by numbers", planOf({ ...gather, index: "narrow" }), '"narrow" must hold indices'],
    [
      "a lookup by several indices a row",
      withBuffer({ name: "at", width: 2 }, planOf(gather)),
      '"at" has width 2, not 1',
    ],
    [
      "a lookup by indices of other rows",
      planOf({ ...gather, index: "atEach" }),
      '"atEach" has the rows sequences:p',
    ],
    ["a lookup into other rows", planOf({ ...gather, into: "u" }), '"u" has the rows sequences:p'],
    ["a lookup of another width", planOf({ ...gather, into: "y" }), '"y" has width 3, not 2'],
    [
      "a lookup that starts from another width",
      planOf({ ...gather, start: { row: "bias" } }),
      '"bias" has width 3, not 2',
    ],
    ["a lookup in its result", planOf(fillT, { ...gather, from: "t" }), '"t" is its own operand'],
    ["a column of its result", planOf(pick, { ...pick, from: "one" }), '"one" is its own operand'],
    [
      "a column of itself by itself",
      planOf({ ...features, op: "argmax", into: "found" }, { ...pick, index: "found", into: "found" }),
      '"found" is its own operand',
    ],
    ["a column of other rows", planOf({ ...pick, from: "each" }), '"each" has the rows sequences:p'],
    ["columns into several", planOf({ ...pick, into: "t" }), '"t" has width 2, not 1'],
    ["additions of another width", planOf({ ...scatter, from: "wide" }), '"wide" has width 3, not 2'],
    [
      "additions to the operand",
      planOf(fillT, { ...scatter, from: "t", into: "t" }),
      '"t" is its own operand',
    ],
    [
      "additions to columns of other rows",
      planOf({ ...put, into: "square" }),
      '"square" has the rows rows:2',
    ],
    ["additions of several to a column", planOf(fillT, { ...put, from: "x" }), '"x" has width 2, not 1'],

    ["columns of other rows", planOf({ ...columns, from: "each" }), '"each" has the rows sequences:p'],
    ["columns into other rows", planOf({ ...columns, into: "u" }), '"u" has the rows sequences:p'],
    [
      "columns that are not there",
      planOf({ ...columns, fromColumn: 2 }),
      '"wide" does not have that many columns',
    ],
    ["columns that do not fit", planOf({ ...columns, intoColumn: 1 }), '"t" does not have that many columns'],

    ["random numbers for other rows", planOf({ ...random, into: "u" }), '"u" has the rows sequences:p'],
    ["random numbers of another width", planOf({ ...random, into: "y" }), '"y" has width 3, not 2'],
    ["a seed for every row", planOf({ ...random, seed: "at" }), '"at" has tokens:p, not rows:1'],
    ["a step for every row", planOf({ ...random, step: "at" }), '"at" has tokens:p, not rows:1'],
    [
      "sequences of other rows",
      planOf({ ...random, sequence: "atEach" }),
      '"atEach" has the rows sequences:p',
    ],
    ["times of other rows", planOf({ ...random, time: "atEach" }), '"atEach" has the rows sequences:p'],
    ["a seed that is no index", planOf({ ...random, seed: "number" }), '"number" must hold indices'],
    [
      "sequences that are no indices",
      planOf({ ...random, sequence: "narrow" }),
      '"narrow" must hold indices',
    ],
  ])("%s", (_what, plan, message) => {
    expect(() => verify(plan)).toThrow(PlanError);
    expect(() => verify(plan)).toThrow(message);
  });
});
