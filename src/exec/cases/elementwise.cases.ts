/** Elementwise: every op over special and swept values, every shape of operand, results in place. */
import { describe, expect, it } from "vitest";
import type { ElementwiseOp } from "../../cell/meanings.js";
import { opRow, ops } from "../../cell/ops.js";
import type { ElementwiseStep, Instruction, PlanBuffer, Space } from "../../plan/plan.js";
import {
  agree,
  buffer,
  capacityOf,
  planOf,
  raggedBatch,
  raggedLengths,
  type Subject,
} from "./harness.cases.js";

const names = (Object.keys(ops) as (keyof typeof ops)[]).filter(
  (op) => opRow(op).kind === "elementwise",
) as ElementwiseOp[];

const special = [
  0,
  1e-45,
  1e-40,
  1.17549435e-38,
  1e-30,
  1e-10,
  1e-4,
  0.01,
  0.3,
  0.5,
  0.999,
  1,
  1.001,
  2,
  3.7,
  7.9,
  8,
  9.1,
  16.6,
  20,
  40,
  87.3,
  88.7,
  88.8,
  89.5,
  100,
  103.9,
  104.1,
  1e4,
  8388608,
  1e10,
  1e20,
  3.4e38,
  Number.POSITIVE_INFINITY,
].flatMap((v) => [Math.fround(v), Math.fround(-v)]);

/** Numbers of all exponents, dense where functions bend. */
const swept = Array.from({ length: 1500 }, (_, i) => {
  const u = Math.sin(12.9898 * i) * 43758.5453;
  const fraction = u - Math.floor(u);
  return Math.fround(
    i % 3 === 0
      ? (fraction - 0.5) * 200
      : i % 3 === 1
        ? (fraction - 0.5) * 10
        : (i % 2 ? -1 : 1) * 2 ** (fraction * 250 - 140),
  );
});

/** Argument lists: single values, all pairs of special ones, and for three a stride through them. */
function argumentsOf(arity: number): number[][] {
  const values = [...special, Number.NaN];
  if (arity === 1) return [...values, ...swept].map((a) => [a]);
  const pairs = values.flatMap((a) => values.map((b) => [a, b]));
  if (arity === 2) return [...pairs, ...swept.map((a, i) => [a, swept[(i * 7 + 3) % swept.length]!])];
  return pairs.map(([a, b], i) => [a!, b!, values[i % values.length]!]);
}

/** Error bounds are relative to the value; sigmoid, tanh and erf are made of a rational function and are absolute. */
const absolute = new Set<ElementwiseOp>(["sigmoid", "tanh", "erf"]);

/** True if `found` is `wanted` in float32: the same NaN or infinity, or near; the last bits of subnormals are free. */
function isNear(found: number, wanted: number, relative: number, least: number): boolean {
  if (Number.isNaN(wanted)) return Number.isNaN(found);
  const single = Math.fround(wanted);
  if (!Number.isFinite(single)) return found === single || Math.abs(found) > 3.402e38;
  return Math.abs(found - wanted) <= relative * Math.max(Math.abs(wanted), least) + 3e-45;
}

/** Registers the cases. */
export function elementwiseCases(subject: Subject): void {
  it.each(names)("elementwise %s", async (op) => {
    const { arity, evaluate } = opRow(op);
    const lists = argumentsOf(arity);
    const args = Array.from({ length: arity }, (_, i) => i);
    const space: Space = `rows:${lists.length}`;
    const step: ElementwiseStep = {
      kind: "elementwise",
      space,
      width: 1,
      inputs: args.map((i) => `x${i}`),
      program: [{ op, args }],
      outputs: [{ buffer: "y", register: arity }],
    };
    const plan = planOf(
      op,
      [...args.map((i) => buffer(`x${i}`, space, 1, "input")), buffer("y", space, 1, "output")],
      [step],
    );
    const executor = await subject.create();
    const session = executor.session();
    const program = session.prepare(plan, {});
    for (const i of args)
      program.write(
        `x${i}`,
        lists.map((list) => list[i]!),
      );
    program.run({ packings: {} });
    program.read("y").forEach((y, i) => {
      const list = lists[i]!;
      const wanted = (evaluate as (...a: number[]) => number)(...list);
      const near = isNear(y, wanted, subject.tolerance.functions, absolute.has(op) ? 1 : 0);
      if (!near) throw new Error(`${op}(${list.join(", ")}) is ${y}, in float64 ${wanted}`);
      if (op === "sigmoid" || op === "tanh") expect(Math.abs(y) > 1).toBe(false);
    });
    executor.dispose();
  });

  const batches = raggedLengths.map(raggedBatch);
  const shapes: readonly Space[] = ["tokens:p", "sequences:p", "aligned:p:q", "rows:6", "rows:1"];
  it.each(shapes)("elementwise operands of every shape over %s", async (space) => {
    const buffers: PlanBuffer[] = [buffer("one", "rows:1", 1, "input"), buffer("column", space, 1, "input")];
    const steps: ElementwiseStep[] = [];
    for (const width of [1, 3, 8, 16, 17, 100, 700, 1500]) {
      if (width > 1)
        buffers.push(
          buffer(`full ${width}`, space, width, "input"),
          buffer(`row ${width}`, "rows:1", width, "parameter"),
        );
      const inputs =
        width > 1 ? [`full ${width}`, `row ${width}`, "column", "one"] : ["column", "one", "column", "one"];
      // Different mixtures of operands take different ways through an executor.
      for (const used of [[0], [0, 3], [0, 1], [0, 2], [1, 2], [0, 1, 2, 3], [1], [2], [3], []]) {
        const mixed = used.map((_, i) => i);
        const program: Instruction[] = [{ op: "constant", args: [], value: 0.5 }];
        for (const r of mixed)
          program.push({ op: r % 2 ? "mul" : "add", args: [mixed.length + program.length - 1, r] });
        const name = `out ${width} ${used.join("")}`;
        buffers.push(buffer(name, space, width, "output"));
        steps.push({
          kind: "elementwise",
          space,
          width,
          program,
          inputs: used.map((i) => inputs[i]!),
          outputs: [{ buffer: name, register: mixed.length + program.length - 1 }],
        });
      }
    }
    const plan = planOf(`operands over ${space}`, buffers, steps);
    await agree(subject, plan, space.startsWith("rows") ? batches.slice(2, 3) : batches.slice(0, 5));
  });

  describe("elementwise in place", () => {
    const step = (
      inputs: string[],
      program: Instruction[],
      outputs: [string, number][],
    ): ElementwiseStep => ({
      kind: "elementwise",
      space: "tokens:p",
      width: 19,
      inputs,
      program,
      outputs: outputs.map(([name, register]) => ({ buffer: name, register })),
    });
    const add: Instruction = { op: "add", args: [0, 1] };
    const cases: Readonly<Record<string, ElementwiseStep>> = {
      "a result over an operand": step(["a", "b"], [add], [["a", 2]]),
      "a result over an operand that is read later": step(
        ["a", "b"],
        [add, { op: "mul", args: [0, 2] }, { op: "sub", args: [3, 0] }],
        [
          ["a", 2],
          ["b", 4],
        ],
      ),
      "two operands that change places": step(
        ["a", "b"],
        [],
        [
          ["a", 1],
          ["b", 0],
        ],
      ),
      "one result in two places": step(
        ["a", "b"],
        [add],
        [
          ["a", 2],
          ["b", 2],
          ["c", 2],
        ],
      ),
      "a constant and an operand as results": step(
        ["a", "b"],
        [{ op: "constant", args: [], value: 0.75 }],
        [
          ["a", 2],
          ["b", 0],
        ],
      ),
    };
    const copies = (from: string, into: string) => step([from], [], [[into, 0]]);
    it.each(Object.keys(cases))("%s", async (name) => {
      const letters = ["a", "b", "c"];
      const plan = planOf(
        name,
        [
          ...letters.map((x) => buffer(`in ${x}`, "tokens:p", 19, "input")),
          ...letters.map((x) => buffer(x, "tokens:p", 19)),
          ...letters.map((x) => buffer(`out ${x}`, "tokens:p", 19, "output")),
        ],
        [
          ...letters.map((x) => copies(`in ${x}`, x)),
          cases[name]!,
          ...letters.map((x) => copies(x, `out ${x}`)),
        ],
      );
      await agree(subject, plan, batches);
    });

    it("a result that lies in an operand's memory by its storage", async () => {
      const over = { ...buffer("over", "tokens:p", 19), storage: "t" };
      const plan = planOf(
        "storage",
        [
          buffer("a", "tokens:p", 19, "input"),
          buffer("t", "tokens:p", 19),
          over,
          buffer("y", "tokens:p", 19, "output"),
        ],
        [
          step(["a"], [{ op: "neg", args: [0] }], [["t", 1]]),
          step(
            ["t", "a"],
            [add, { op: "mul", args: [2, 0] }],
            [
              ["over", 2],
              ["y", 3],
            ],
          ),
          step(["over", "y"], [add], [["y", 2]]),
        ],
      );
      await agree(subject, plan, batches);
    });
  });

  it("elementwise updates of parameters keep their values between runs", async () => {
    const plan = planOf(
      "count",
      [buffer("w", "rows:3", 5, "parameter"), buffer("steps", "rows:1", 1, "slot")],
      [
        { ...countUp("steps"), space: "rows:1", width: 1 },
        { ...countUp("w"), space: "rows:3", width: 5 },
      ],
    );
    const executor = await subject.create();
    const session = executor.session();
    const program = session.prepare(plan, capacityOf({ packings: {} }));
    session.write("steps", [3]);
    for (let i = 0; i < 4; i++) program.run({ packings: {} });
    expect([...session.read("steps")]).toEqual([7]);
    expect([...session.read("w")]).toEqual(new Array(15).fill(4));
    executor.dispose();
  });
}

const countUp = (name: string): Pick<ElementwiseStep, "kind" | "inputs" | "program" | "outputs"> => ({
  kind: "elementwise",
  inputs: [name],
  program: [
    { op: "constant", args: [], value: 1 },
    { op: "add", args: [0, 1] },
  ],
  outputs: [{ buffer: name, register: 2 }],
});
