/**
 * Same bits: what a sequence gives is the same alone, in any batch and in any order, with a program prepared
 * for more than it gets. Also: programs of one executor share weights, and notice when they change.
 */
import { describe, expect, it } from "vitest";
import { catalogue } from "../../cell/index.js";
import { Builder, optimise, type Plan, recurrence, type Value, verify } from "../../plan/index.js";
import { packing, packRows, unpackRows, unpackSequences } from "../../tensor/packing.js";
import type { Program, Session } from "../executor.js";
import { agree, buffer, capacityOf, planOf, raggedBatch, type Subject, valueAt } from "./harness.cases.js";

const X = 20;
const H = 33;

/** The forward pass of a cell with a softmax behind it: gates, per-token outputs, per-sequence states. */
function forwardPlan(name: string): Plan {
  const b = new Builder(`forward ${name}`);
  b.packing("p");
  const body = catalogue[name]!.equations();
  const parameters: Record<string, Value> = {};
  for (const p of body.parameters) {
    if (p.kind !== "weight") parameters[p.name] = b.parameter(p.name, 1, H);
    else
      for (const block of p.blocks)
        parameters[block.name] = b.parameter(block.name, H, block.columns === "X" ? X : H);
  }
  const x = b.input("x", "tokens:p", X);
  const initial = Object.fromEntries(body.states.map((s) => [s, b.input(`init.${s}`, "sequences:p", H)]));
  const made = recurrence(b, {
    name,
    body,
    packing: "p",
    inputs: { x },
    parameters,
    initial,
    widths: { X, H },
  });
  const out = made.states[body.output]!;
  const norm = b.buffer("norm", "tokens:p", 1);
  b.emit({
    kind: "reduce",
    along: "features",
    op: "logSumExp",
    space: "tokens:p",
    from: out.buffer,
    into: norm.buffer,
    start: "zero",
  });
  const softmax = b.buffer("softmax", "tokens:p", H);
  b.emit({
    kind: "elementwise",
    space: "tokens:p",
    width: H,
    inputs: [out.buffer, norm.buffer],
    program: [
      { op: "sub", args: [0, 1] },
      { op: "exp", args: [2] },
    ],
    outputs: [{ buffer: softmax.buffer, register: 3 }],
  });
  b.output("out", softmax);
  for (const s of body.states) b.output(`final.${s}`, made.final[s]!);
  return optimise(b.finish(), verify);
}

const lengths = [5, 1, 9, 0, 5, 12, 3, 3, 2];

/** Runs some of the sequences, by number, and gives their outputs and final states in that order. */
function run(program: Program, numbers: readonly number[]): number[][] {
  const p = packing(
    numbers.map((n) => lengths[n]!),
    numbers,
  );
  const series = numbers.map((n) => Array.from({ length: lengths[n]! * X }, (_, k) => valueAt(`x ${n}`, k)));
  program.write("x", packRows(p, series, X, new Float64Array(p.N * X)));
  const states = Object.keys(program.plan.buffers).filter((name) => name.startsWith("init."));
  for (const state of states) {
    const rows = [...p.order].map((i) =>
      Array.from({ length: H }, (_, k) => valueAt(`${state} ${numbers[i]}`, k)),
    );
    program.write(state, rows.flat());
  }
  program.run({ packings: { p } });
  const outputs = unpackRows(p, program.read("out"), H);
  const finals = states.map((state) => unpackSequences(p, program.read(state.replace("init", "final")), H));
  return numbers.map((_, i) => [...outputs[i]!.flat(), ...finals.flatMap((f) => f[i]!)]);
}

/** Registers the cases. */
export function bitsCases(subject: Subject): void {
  describe("same bits", () => {
    it.each(Object.keys(catalogue))("of %s alone, in batches, in any order", async (name) => {
      const plan = forwardPlan(name);
      const executor = await subject.create();
      const session = executor.session();
      const program = session.prepare(plan, { p: { B: 12, T: 20, N: 60 } });
      fillWeights(session, plan);
      const all = lengths.map((_, n) => n);
      const together = run(program, all);
      const reversed = run(program, [...all].reverse()).reverse();
      const thirds = [run(program, [4, 0, 8]), run(program, [2, 7, 1]), run(program, [6, 3, 5])].flat();
      const inThirds = [4, 0, 8, 2, 7, 1, 6, 3, 5].reduce<number[][]>((rows, n, i) => {
        rows[n] = thirds[i]!;
        return rows;
      }, []);
      const alone = all.map((n) => run(program, [n])[0]!);
      expect(together.flat().every(Number.isFinite)).toBe(true);
      expect(reversed).toEqual(together);
      expect(inThirds).toEqual(together);
      expect(alone).toEqual(together);
      executor.dispose();
    });
  });

  it("a second run gives the bits of the first", async () => {
    const executor = await subject.create();
    const session = executor.session();
    const plan = forwardPlan("lstm");
    const program = session.prepare(plan, { p: { B: 9, T: 12, N: 40 } });
    fillWeights(session, plan);
    const first = run(program, [0, 1, 2, 3, 4]);
    run(program, [5, 6]);
    expect(run(program, [0, 1, 2, 3, 4])).toEqual(first);
    executor.dispose();
  });

  it("programs share weights and notice every change", async () => {
    const product = (name: string) =>
      planOf(
        name,
        [
          buffer("x", "tokens:p", 5, "input"),
          buffer("w", "rows:5", 9, "parameter"),
          buffer("y", "tokens:p", 9, "output"),
        ],
        [
          {
            kind: "gemm",
            form: "apply",
            space: "tokens:p",
            a: "x",
            outputs: [{ b: "w", transpose: false, c: "y", start: "zero" }],
          },
        ],
      );
    const double = planOf(
      "double",
      [buffer("w", "rows:5", 9, "parameter")],
      [
        {
          kind: "elementwise",
          space: "rows:5",
          width: 9,
          inputs: ["w"],
          program: [{ op: "add", args: [0, 0] }],
          outputs: [{ buffer: "w", register: 1 }],
        },
      ],
    );
    const batch = raggedBatch([1]);
    const executor = await subject.create();
    const session = executor.session();
    const [a, b] = [product("a"), product("b")].map((plan) => session.prepare(plan, capacityOf(batch))) as [
      Program,
      Program,
    ];
    const update = session.prepare(double, {});
    for (const program of [a, b]) program.write("x", [1, 0, 0, 0, 0]);
    const read = (program: Program): number => {
      program.run(batch);
      return program.read("y")[0]!;
    };
    expect(read(a)).toBe(0);
    session.write(
      "w",
      Array.from({ length: 45 }, () => 0.5),
    );
    expect([read(a), read(b), read(a)]).toEqual([0.5, 0.5, 0.5]);
    update.run(batch);
    expect([read(b), read(a)]).toEqual([1, 1]);
    a.dispose();
    update.run(batch);
    expect(read(b)).toBe(2);
    executor.dispose();
  });

  it("a whole forward pass agrees", async () => {
    await agree(subject, forwardPlan("lstmNotes"), [{ packings: { p: packing([3, 2, 0, 6]) } }]);
  });
}

function fillWeights(session: Session, plan: Plan): void {
  for (const { name, space, width, role } of Object.values(plan.buffers)) {
    if (role !== "parameter") continue;
    const count = Number(space.slice(5)) * width;
    session.write(
      name,
      Array.from({ length: count }, (_, k) => 0.3 * valueAt(name, k)),
    );
  }
}
