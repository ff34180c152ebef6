/**
 * Random plans: mixed steps over all spaces, inside and outside loops, each made from a seed. Values are kept
 * within ±1, so that errors of rounding do not grow from step to step.
 */
import { it } from "vitest";
import type {
  GemmOutput,
  Instruction,
  LeafStep,
  PlanBuffer,
  Role,
  Space,
  Start,
  Step,
} from "../../plan/plan.js";
import { randomWord, wordBelow } from "../../tensor/random.js";
import { agree, buffer, planOf, raggedBatch, raggedLengths, type Subject } from "./harness.cases.js";

const widths = [1, 3, 8, 16, 17, 100];
const seeds = Array.from({ length: 60 }, (_, i) => i);

/** Makes one plan. What has been written is kept by space, so that a step finds its operands. */
class Maker {
  readonly buffers: PlanBuffer[] = [];
  readonly steps: Step[] = [];
  private readonly seed: number;
  private drawn = 0;
  private readonly known: PlanBuffer[] = [];
  /** Results of the step that is being made: known when it is complete. */
  private readonly pending: PlanBuffer[] = [];

  constructor(seed: number) {
    this.seed = seed;
    for (const space of ["tokens:p", "sequences:p", "aligned:p:q", "rows:5"] as const) {
      for (const width of [1, 17, this.pick(widths)]) this.declare(space, width, "input");
    }
    this.declare("rows:1", 1, "parameter");
    this.complete();
    const count = 4 + this.below(12);
    for (let i = 0; i < count; i++) {
      if (this.below(4) === 0) this.loop();
      else this.steps.push(...this.leaf(this.pick(["tokens:p", "sequences:p", "aligned:p:q", "rows:5"])));
      this.complete();
    }
  }

  private below(n: number): number {
    return wordBelow(randomWord({ seed: this.seed, purpose: 6 }, this.drawn++), n);
  }

  private pick<A>(list: readonly A[]): A {
    return list[this.below(list.length)] as A;
  }

  private declare(space: Space, width: number, role: Role): PlanBuffer {
    const made = buffer(`${role} ${this.buffers.length}`, space, width, role);
    this.buffers.push(made);
    if (role !== "slot") this.pending.push(made);
    return made;
  }

  private complete(): void {
    this.known.push(...this.pending.splice(0));
  }

  /** A new result: mostly an output, at times a temporary, which is then copied to an output. */
  private result(space: Space, width: number): PlanBuffer {
    return this.declare(space, width, this.below(3) === 0 ? "temporary" : "output");
  }

  private operand(space: Space, width?: number): PlanBuffer {
    const fitting = this.known.filter((b) => b.space === space && (width === undefined || b.width === width));
    return fitting.length > 0 ? this.pick(fitting) : this.declare(space, width ?? 3, "input");
  }

  private loop(): void {
    // Results exist before the loop, since places without a step keep what they held.
    const results = [1, 2, 3].flatMap(() => {
      const space = this.pick(["tokens:p", "sequences:p"] as const);
      const width = this.pick(widths);
      const made = this.declare(space, width, "output");
      this.steps.push(constant(made, 0.25));
      return [made];
    });
    this.complete();
    const body: LeafStep[] = results.flatMap((into) => {
      const space: Space = this.pick(["tokens:p", "sequences:p"] as const);
      return this.below(2) === 0
        ? [this.elementwise(space, into)]
        : [this.product(space, into, "accumulate"), squash(space, into)];
    });
    this.steps.push({ kind: "loop", packing: "p", reverse: this.below(2) === 0, body });
  }

  private leaf(space: Space): LeafStep[] {
    switch (this.below(6)) {
      case 0:
      case 1:
        return [this.elementwise(space, this.result(space, this.pick(widths)))];
      case 2: {
        const into = this.result(space, this.pick(widths));
        return [this.product(space, into, this.pick(["zero", "row"] as const)), squash(space, into)];
      }
      case 3:
        return this.gradient(space);
      case 4: {
        const from = this.operand(space);
        const into = this.result(space, 1);
        const op = this.pick(["max", "logSumExp"] as const);
        return [
          { kind: "reduce", along: "features", op, space, from: from.name, into: into.name, start: "zero" },
          squash(space, into),
        ];
      }
      default: {
        const from = this.operand(space);
        const into = this.result("rows:1", from.width);
        return [
          {
            kind: "reduce",
            along: "rows",
            op: "sum",
            space,
            from: from.name,
            into: into.name,
            start: "zero",
          },
          squash("rows:1", into),
        ];
      }
    }
  }

  /** A program of up to eight instructions that ends within ±1; now and then it overwrites an operand. */
  private elementwise(space: Space, into: PlanBuffer): LeafStep {
    const { width } = into;
    const inputs = [
      this.operand(space, width),
      this.operand(space, width),
      this.operand(space, 1),
      this.operand("rows:1", 1),
    ];
    const program: Instruction[] = [{ op: "constant", args: [], value: this.below(9) / 4 - 1 }];
    const registers = () => inputs.length + program.length;
    for (let i = this.below(8); i > 0; i--) {
      const op = this.pick([
        "add",
        "sub",
        "mul",
        "max",
        "min",
        "sigmoid",
        "tanh",
        "relu",
        "abs",
        "neg",
        "softplus",
      ] as const);
      const arity = ["add", "sub", "mul", "max", "min"].includes(op) ? 2 : 1;
      program.push({ op, args: Array.from({ length: arity }, () => this.below(registers())) });
    }
    program.push({ op: "tanh", args: [registers() - 1] });
    const outputs = [{ buffer: into.name, register: registers() - 1 }];
    const first = inputs[0]!;
    if (
      first.name !== into.name &&
      first.role !== "input" &&
      first.role !== "parameter" &&
      this.below(2) === 0
    ) {
      outputs.push({ buffer: first.name, register: registers() - 1 });
    }
    return { kind: "elementwise", space, width, inputs: inputs.map((b) => b.name), program, outputs };
  }

  private product(space: Space, into: PlanBuffer, start: "zero" | "row" | "accumulate"): LeafStep {
    const a = this.buffers.find((b) => b.space === space && b.role === "input" && b.name !== into.name)!;
    const transpose = this.below(2) === 0;
    const b = transpose
      ? this.declare(`rows:${into.width}`, a.width, "slot")
      : this.declare(`rows:${a.width}`, into.width, "slot");
    const from: Start = start === "row" ? { row: this.declare("rows:1", into.width, "slot").name } : start;
    const outputs: GemmOutput[] = [{ b: b.name, transpose, c: into.name, start: from }];
    return { kind: "gemm", form: "apply", space, a: a.name, outputs };
  }

  private gradient(space: Space): LeafStep[] {
    const [a, b] = [this.operand(space), this.operand(space)];
    const c = this.declare(`rows:${a.width}`, b.width, "slot");
    const outputs: GemmOutput[] = [
      { b: b.name, transpose: false, c: c.name, start: this.pick(["zero", "accumulate"]) },
    ];
    return [{ kind: "gemm", form: "gradient", space, a: a.name, outputs }];
  }
}

const constant = (into: PlanBuffer, value: number): LeafStep => ({
  kind: "elementwise",
  space: into.space,
  width: into.width,
  inputs: [],
  program: [{ op: "constant", args: [], value }],
  outputs: [{ buffer: into.name, register: 0 }],
});

/** Brings a sum back within ±1. */
const squash = (space: Space, into: PlanBuffer): LeafStep => ({
  kind: "elementwise",
  space,
  width: into.width,
  inputs: [into.name],
  program: [
    { op: "constant", args: [], value: 0.1 },
    { op: "mul", args: [0, 1] },
    { op: "tanh", args: [2] },
  ],
  outputs: [{ buffer: into.name, register: 3 }],
});

/** Registers the cases. */
export function mixedCases(subject: Subject): void {
  it.each(seeds)("random plan %i", async (seed) => {
    const { buffers, steps } = new Maker(seed);
    const temporaries = buffers.filter((b) => b.role === "temporary");
    const copies = temporaries.map((t): PlanBuffer => ({ ...t, name: `copy of ${t.name}`, role: "output" }));
    const copying = copies.map((into): LeafStep => {
      const inputs = [into.name.slice("copy of ".length)];
      return {
        kind: "elementwise",
        space: into.space,
        width: into.width,
        inputs,
        program: [],
        outputs: [{ buffer: into.name, register: 0 }],
      };
    });
    const plan = planOf(`random plan ${seed}`, [...buffers, ...copies], [...steps, ...copying]);
    const batches = [raggedLengths[seed % 6], raggedLengths[4]] as number[][];
    await agree(subject, plan, batches.map(raggedBatch));
  });
}
