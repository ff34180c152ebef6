/** For tests of passes: small plans written by hand, step by step, over the packing p. */
import type {
  GemmOutput,
  GemmStep,
  Instruction,
  LeafStep,
  Plan,
  PlanBuffer,
  Role,
  Space,
  Start,
  Step,
} from "../plan.js";
import { verify } from "../verify.js";

/** Where a step's rows are told nothing, they are tokens. */
const tokens: Space = "tokens:p";

const real =
  (role: Role, space: Space, width: number) =>
  (name: string): PlanBuffer => ({
    ...{ name, dtype: "real", space, width, role },
  });

/**
 * The buffers, by what they hold: x, x2 (given) and t, z, y, y2 per token; s (given), u, v per sequence; w, k (given), g, f
 * matrices; b (given), q one row; i, own rows by index.
 */
export const buffers: readonly PlanBuffer[] = [
  ...["x", "x2"].map(real("input", tokens, 2)),
  ...["t", "z", "y", "y2"].map(real("temporary", tokens, 2)),
  ...["one", "one2"].map(real("temporary", tokens, 1)),
  ...["s"].map(real("input", "sequences:p", 2)),
  ...["u", "v"].map(real("temporary", "sequences:p", 2)),
  ...["w", "k"].map(real("parameter", "rows:2", 2)),
  ...["g", "f"].map(real("temporary", "rows:2", 2)),
  ...["b"].map(real("parameter", "rows:1", 2)),
  ...["q"].map(real("temporary", "rows:1", 2)),
  ...["i", "own"].map((name) => ({ ...real("input", tokens, 1)(name), dtype: "index" as const })),
  ...["out", "out2"].map(real("output", tokens, 2)),
  ...["outG"].map(real("output", "rows:2", 2)),
];

/** A verified plan of these steps. */
export function planOf(...steps: Step[]): Plan {
  const plan: Plan = {
    name: "by hand",
    packings: ["p"],
    buffers: Object.fromEntries(buffers.map((buffer) => [buffer.name, buffer])),
    steps,
  };
  verify(plan);
  return plan;
}

/** A loop over p. */
export const loop = (...body: LeafStep[]): Step => ({ kind: "loop", packing: "p", reverse: false, body });

const widthOf = (name: string): number => buffers.find((buffer) => buffer.name === name)!.width;
const spaceOf = (name: string): Space => buffers.find((buffer) => buffer.name === name)!.space;

/** into = tanh of the sum of the operands, of which one is enough. */
export function sum(into: string, ...inputs: string[]): LeafStep {
  const program: Instruction[] = inputs.slice(1).map((_, i) => ({
    op: "add",
    args: [i === 0 ? 0 : inputs.length + i - 1, i + 1],
  }));
  program.push({ op: "tanh", args: [inputs.length === 1 ? 0 : inputs.length + program.length - 1] });
  const register = inputs.length + program.length - 1;
  return {
    ...{ kind: "elementwise", space: spaceOf(into), width: widthOf(into), inputs, program },
    outputs: [{ buffer: into, register }],
  };
}

/** into = from. */
export const copy = (into: string, from: string): LeafStep => ({
  ...{ kind: "elementwise", space: spaceOf(into), width: widthOf(into), inputs: [from], program: [] },
  outputs: [{ buffer: into, register: 0 }],
});

/** into = a number. */
export const fill = (into: string, value = 0): LeafStep => ({
  ...{ kind: "elementwise", space: spaceOf(into), width: widthOf(into), inputs: [] },
  program: [{ op: "constant", args: [], value }],
  outputs: [{ buffer: into, register: 0 }],
});

/** into = a · w, from a start. */
export const product = (into: string, a: string, b = "w", start: Start = "zero"): GemmStep => ({
  ...{ kind: "gemm", form: "apply", space: tokens, a },
  outputs: [{ b, transpose: false, c: into, start }],
});

/** into += aᵀ b, or = from zero. */
export const gradient = (
  into: string,
  a: string,
  b: string,
  start: GemmOutput["start"] = "accumulate",
): GemmStep => ({
  ...{ kind: "gemm", form: "gradient", space: tokens, a },
  outputs: [{ b, transpose: false, c: into, start }],
});

/** into = rows of a table. */
export const lookUp = (into: string, from: string, index = "i", start: Start = "zero"): LeafStep => ({
  ...{ kind: "gather", axis: "rows", space: tokens, from, index, into, start },
});

/** Rows of `from` added to rows of `into`. */
export const addRows = (into: string, from: string, index = "i"): LeafStep => ({
  ...{ kind: "scatter-add", axis: "rows", space: tokens, from, index, into },
});

/** q or another row += the sum over the rows. */
export const sumRows = (
  into: string,
  from: string,
  start: "zero" | "accumulate" = "accumulate",
): LeafStep => ({
  ...{ kind: "reduce", op: "sum", along: "rows", space: tokens, from, into, start },
});
