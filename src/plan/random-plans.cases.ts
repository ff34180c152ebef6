/**
 * For tests: random plans in which steps depend on each other in every way that passes must respect. Few buffers, so that
 * they are read, overwritten and added to again and again; loops of both directions between other steps; operands that are
 * shared, results that nobody reads. Everything that is read was written, in all rows that are read. (The random plans of
 * exec/cases are of many widths instead, for kernels.)
 */
import type {
  GemmOutput,
  Instruction,
  LeafStep,
  Plan,
  PlanBuffer,
  Role,
  Space,
  Start,
  Step,
} from "./plan.js";

/** Where choices come from: a whole number from 0 to n − 1. */
export type Below = (n: number) => number;

/**
 * The buffers by what they hold. `small` ones hold numbers within ±1 and are what products are made of, `sums` what comes
 * of those, so that no number grows from step to step and float64 keeps its twelve digits.
 */
const tokens = { small: ["x1", "x2", "t1", "t2", "t3", "t4"], sums: ["z1", "z2", "z3"] } as const;
const sequences = { small: ["s1", "u1", "u2"], sums: ["v1", "v2"] } as const;
const matrices = { small: ["m1", "m2", "k1"], sums: ["g1", "g2", "g3", "k2"] } as const;
const rows = { small: ["b1", "r1"], sums: ["q1", "q2"] } as const;
const columns = { small: ["y1", "y2"], sums: ["n1"] } as const;

const roles: Readonly<Record<string, Role>> = {
  x1: "input",
  x2: "input",
  s1: "input",
  y1: "input",
  own: "input",
  other: "input",
  any: "input",
  column: "input",
  m1: "parameter",
  m2: "parameter",
  b1: "parameter",
  k1: "slot",
  k2: "slot",
};

const made = (
  name: string,
  space: Space,
  width: number,
  dtype: PlanBuffer["dtype"] = "real",
): PlanBuffer => ({
  name,
  space,
  width,
  dtype,
  role: roles[name] ?? "temporary",
});

const all = (of: { readonly small: readonly string[]; readonly sums: readonly string[] }): string[] => [
  ...of.small,
  ...of.sums,
];

const BUFFERS: readonly PlanBuffer[] = [
  ...all(tokens).map((name) => made(name, "tokens:p", 2)),
  ...all(sequences).map((name) => made(name, "sequences:p", 2)),
  ...all(matrices).map((name) => made(name, "rows:2", 2)),
  ...all(rows).map((name) => made(name, "rows:1", 2)),
  ...all(columns).map((name) => made(name, "tokens:p", 1)),
  made("scalar", "rows:1", 1),
  // Indices: each token's own row, any token's row or none, any row of a matrix or none, any of two columns or none; and
  // what argmax finds.
  ...["own", "other", "any", "column", "found"].map((name) => made(name, "tokens:p", 1, "index")),
];

const bufferNamed = (name: string): PlanBuffer => BUFFERS.find((b) => b.name === name) as PlanBuffer;

/** Makes one plan. */
class Maker {
  readonly steps: Step[] = [];
  private readonly below: Below;
  /** Buffers all of whose rows hold what was written. */
  private readonly whole = new Set(BUFFERS.filter((b) => b.role !== "temporary").map(({ name }) => name));
  /** Inside a loop: those whose rows of this time step do. */
  private now = this.whole;
  private block: LeafStep[] = [];
  private inLoop = false;

  constructor(below: Below) {
    this.below = below;
    // What is added to or carried from step to step exists before; what is not stays undefined until it is written.
    for (const name of ["z1", "v1", "u1", "g1", "g2", "q1", "t1"]) if (this.chance(3, 4)) this.fill(name);
    for (let i = 2 + below(5); i > 0; i--) {
      if (this.chance(1, 2)) this.loop();
      else for (let k = 1 + below(4); k > 0; k--) this.leaf();
      this.steps.push(...this.block.splice(0));
    }
  }

  /** The plan, with what it leaves behind as outputs: most of it, so that the rest is never read. */
  plan(): Plan {
    const left = BUFFERS.filter(
      ({ name, role, dtype }) => role === "temporary" && dtype === "real" && this.whole.has(name),
    );
    const outputs = left.filter(() => this.chance(2, 3));
    const copies = outputs.map((b): PlanBuffer => ({ ...b, name: `out ${b.name}`, role: "output" }));
    const steps = outputs.map((b) => this.program(b.space, b.width, [b.name], [], [[`out ${b.name}`, 0]]));
    const buffers = Object.fromEntries([...BUFFERS, ...copies].map((b) => [b.name, b]));
    return { name: "random", packings: ["p"], buffers, steps: [...this.steps, ...steps] };
  }

  private chance(of: number, among: number): boolean {
    return this.below(among) < of;
  }

  private pick<A>(list: readonly A[]): A {
    return list[this.below(list.length)] as A;
  }

  /** One of those that hold something here; undefined if none does. */
  private there(names: readonly string[]): string | undefined {
    const fitting = names.filter((name) => this.now.has(name));
    return fitting.length > 0 ? this.pick(fitting) : undefined;
  }

  /** One that may be written. */
  private target(names: readonly string[]): string {
    return this.pick(names.filter((name) => !["input", "parameter"].includes(bufferNamed(name).role)));
  }

  private put(step: LeafStep, ...written: string[]): void {
    this.block.push(step);
    for (const name of written) this.now.add(name);
  }

  private loop(): void {
    this.steps.push(...this.block.splice(0));
    this.inLoop = true;
    this.now = new Set(this.whole);
    for (let k = 1 + this.below(7); k > 0; k--) this.leaf();
    // A loop goes over every token, but not over sequences without any, and perhaps over no step at all.
    for (const name of this.now) if (bufferNamed(name).space === "tokens:p") this.whole.add(name);
    this.now = this.whole;
    this.inLoop = false;
    const body = this.block.splice(0);
    if (body.length > 0) this.steps.push({ kind: "loop", packing: "p", reverse: this.chance(1, 2), body });
  }

  /** Names that meet in a step: inside a loop those per token and per sequence do. */
  private meeting(kind: "small" | "sums"): { space: Space; names: readonly string[] } {
    const perToken = this.chance(2, 3);
    const space = perToken ? "tokens:p" : "sequences:p";
    if (this.inLoop) return { space, names: [...tokens[kind], ...sequences[kind]] };
    return { space, names: perToken ? tokens[kind] : sequences[kind] };
  }

  private leaf(): void {
    const kinds = [
      this.elementwise,
      this.elementwise,
      this.elementwise,
      this.product,
      this.product,
      this.product,
      this.weightGradient,
      this.weightGradient,
      this.sumOfRows,
      this.gatherRows,
      this.gatherColumn,
      this.scatterRows,
      this.scatterColumn,
      this.moveColumns,
      this.sumOfFeatures,
      this.zero,
      this.ofRows,
    ];
    this.pick(kinds).call(this);
  }

  private program(
    space: Space,
    width: number,
    inputs: readonly string[],
    program: readonly Instruction[],
    outputs: readonly (readonly [string, number])[],
  ): LeafStep {
    return {
      kind: "elementwise",
      space,
      width,
      inputs,
      program,
      outputs: outputs.map(([buffer, register]) => ({ buffer, register })),
    };
  }

  private fill(name: string, value = 0): void {
    const { space, width } = bufferNamed(name);
    this.put(this.program(space, width, [], [{ op: "constant", args: [], value }], [[name, 0]]), name);
  }

  /** What is added to starts as zero or as something else. */
  private zero(): void {
    if (this.inLoop) return;
    const name = this.target([...matrices.sums, ...rows.sums, ...tokens.sums, ...sequences.sums]);
    this.fill(name, this.chance(3, 4) ? 0 : 0.5);
  }

  /** tanh of a sum or a product of two values, at times of what another step computed as well; into one or two buffers. */
  private elementwise(): void {
    const { space, names } = this.meeting("small");
    const more = this.meeting("sums").names;
    const reads = [...names, ...(bufferNamed(more[0] as string).space === space || this.inLoop ? more : [])];
    const inputs = [
      this.there(reads),
      this.there(reads),
      this.there([...all(rows), "scalar", ...this.widened(space)]),
    ];
    this.write(
      space,
      names,
      inputs.filter((name) => name !== undefined),
    );
  }

  /** Values of width 1 are repeated over the features. */
  private widened(space: Space): readonly string[] {
    return space === "tokens:p" || this.inLoop ? all(columns) : [];
  }

  /** The same over matrices or single rows, which passes leave where they are. */
  private ofRows(): void {
    const of = this.pick([matrices, rows]);
    const space = of === rows ? "rows:1" : "rows:2";
    const inputs = [this.there(all(of)), this.there(all(of))];
    this.write(
      space,
      of[this.pick(["small", "small", "sums"] as const)],
      inputs.filter((name) => name !== undefined),
    );
  }

  private write(space: Space, targets: readonly string[], inputs: readonly string[]): void {
    const distinct = [...new Set(inputs)];
    if (distinct.length === 0) return;
    const n = distinct.length;
    const program: Instruction[] = [
      { op: this.pick(["add", "mul"]), args: [0, n - 1] },
      { op: "constant", args: [], value: this.below(3) / 4 },
      { op: "add", args: [n > 2 ? 1 : 0, n + 1] },
      { op: this.pick(["add", "sub", "max"]), args: [n, n + 2] },
      { op: "tanh", args: [n + 3] },
    ];
    const outputs: [string, number][] = [[this.target(targets), n + 4]];
    const second = this.target(targets);
    if (this.chance(1, 3) && second !== outputs[0]?.[0]) {
      program.push({ op: "sigmoid", args: [n] });
      outputs.push([second, n + 5]);
    }
    this.put(this.program(space, 2, distinct, program, outputs), ...outputs.map(([name]) => name));
  }

  private start(into: string): Start {
    if (this.now.has(into) && this.chance(1, 2)) return "accumulate";
    const row = this.there(all(rows));
    return row !== undefined && this.chance(1, 3) ? { row } : "zero";
  }

  /** One or two products of an operand; their results are not operands of the step. */
  private product(): void {
    const { space, names } = this.meeting("small");
    const a = this.there(names);
    if (a === undefined) return;
    const targets = this.inLoop
      ? [...tokens.sums, ...sequences.sums]
      : space === "tokens:p"
        ? tokens.sums
        : sequences.sums;
    const into = [...new Set([this.target(targets), this.target(targets)])].slice(0, 1 + this.below(2));
    const outputs = into.map(
      (c): GemmOutput => ({
        b: this.there(matrices.small) as string,
        transpose: this.chance(1, 2),
        c,
        start: this.start(c),
      }),
    );
    this.put({ kind: "gemm", form: "apply", space, a, outputs }, ...into);
  }

  private weightGradient(): void {
    const { space, names } = this.meeting("small");
    const [a, b] = [this.there(names), this.there(names)];
    if (a === undefined || b === undefined) return;
    const c = this.target(matrices.sums);
    const start = this.now.has(c) && this.chance(4, 5) ? "accumulate" : "zero";
    this.put({ kind: "gemm", form: "gradient", space, a, outputs: [{ b, transpose: false, c, start }] }, c);
  }

  private sumOfRows(): void {
    const { space, names } = this.meeting("small");
    const from = this.there(names);
    if (from === undefined) return;
    const along = this.chance(3, 4) ? "rows" : "all";
    const into = along === "rows" ? this.target(rows.sums) : "scalar";
    const op = along === "rows" ? "sum" : this.pick(["sum", "sumSquares"] as const);
    const start = this.now.has(into) && this.chance(2, 3) ? "accumulate" : "zero";
    this.put({ kind: "reduce", op, along, space, from, into, start }, into);
  }

  private sumOfFeatures(): void {
    const from = this.there(tokens.small);
    if (from === undefined) return;
    const op = this.pick(["sum", "max", "logSumExp", "argmax"] as const);
    const into = op === "argmax" ? "found" : this.target(columns.sums);
    const start = op === "sum" && this.now.has(into) && this.chance(1, 2) ? "accumulate" : "zero";
    this.put({ kind: "reduce", op, along: "features", space: "tokens:p", from, into, start }, into);
  }

  /** Rows of a matrix, or a token's own row of another buffer, or any token's: what is addressed is the whole in any case. */
  private gatherRows(): void {
    const index = this.pick(["own", "other", "any"]);
    const into = this.target(tokens.sums);
    const tables = index === "any" ? all(matrices) : all(tokens).filter((name) => name !== into);
    // Rows of other time steps exist only if they did before the loop.
    const from = this.there(tables.filter((name) => index !== "other" || this.whole.has(name)));
    if (from === undefined) return;
    const start = this.start(into);
    this.put({ kind: "gather", axis: "rows", space: "tokens:p", from, index, into, start }, into);
  }

  private gatherColumn(): void {
    const index = this.there(["column", "found"]) as string;
    const from = this.there(all(tokens));
    const into = this.target(columns.sums);
    if (from === undefined) return;
    const start = this.now.has(into) && this.chance(1, 2) ? "accumulate" : "zero";
    this.put({ kind: "gather", axis: "columns", space: "tokens:p", from, index, into, start }, into);
  }

  private scatterRows(): void {
    const index = this.pick(["own", "other", "any"]);
    const from = this.there(tokens.small);
    const into = this.target(index === "any" ? matrices.sums : tokens.sums);
    if (from === undefined || !(index === "other" ? this.whole : this.now).has(into)) return;
    this.put({ kind: "scatter-add", axis: "rows", space: "tokens:p", from, index, into });
  }

  private scatterColumn(): void {
    const from = this.there(all(columns));
    const into = this.target(tokens.sums);
    if (from === undefined || !this.now.has(into)) return;
    this.put({ kind: "scatter-add", axis: "columns", space: "tokens:p", from, index: "column", into });
  }

  private moveColumns(): void {
    const { space, names } = this.meeting("small");
    const from = this.there(names);
    const into = this.target(names);
    if (from === undefined || !this.now.has(into)) return;
    const [fromColumn, intoColumn] = [this.below(2), this.below(2)];
    this.put({ kind: "columns", space, from, fromColumn, into, intoColumn, width: 1 });
  }
}

/** A random plan over the packing `p`, made by choices. */
export const randomPlan = (below: Below): Plan => new Maker(below).plan();
