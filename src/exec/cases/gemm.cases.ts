/** Products: forms, starts, transposition, spaces, odd widths, more rows and columns than one block, loops. */
import { describe, it } from "vitest";
import type { ElementwiseStep, GemmOutput, GemmStep, PlanBuffer, Space, Start } from "../../plan/plan.js";
import { agree, buffer, planOf, raggedBatch, raggedLengths, type Subject } from "./harness.cases.js";

const widths = [1, 3, 8, 16, 17, 100];
const spaces: readonly Space[] = ["tokens:p", "sequences:p", "aligned:p:q", "rows:5"];
const batches = raggedLengths.map(raggedBatch);

/** Every start and both transpositions of one shape, over one space: 6 products of one operand. */
function applyAll(space: Space, k: number, n: number): { buffers: PlanBuffer[]; step: GemmStep } {
  const starts: readonly Start[] = ["zero", "accumulate", { row: `bias ${k} ${n}` }];
  const buffers = [
    buffer(`a ${space} ${k}`, space, k, "input"),
    buffer(`bias ${k} ${n}`, "rows:1", n, "parameter"),
    buffer(`b ${k} ${n}`, `rows:${k}`, n, "parameter"),
    buffer(`bT ${k} ${n}`, `rows:${n}`, k, "parameter"),
  ];
  const outputs = starts.flatMap((start, i) =>
    [false, true].map((transpose): GemmOutput => {
      const c = `c ${space} ${k} ${n} ${i} ${transpose}`;
      buffers.push(buffer(c, space, n, "output"));
      return { b: `${transpose ? "bT" : "b"} ${k} ${n}`, transpose, c, start };
    }),
  );
  return { buffers, step: { kind: "gemm", form: "apply", space, a: `a ${space} ${k}`, outputs } };
}

/** Sets a buffer to x / 2 so that `accumulate` has something to start from. */
const prepared = (c: PlanBuffer, value: number): ElementwiseStep => ({
  kind: "elementwise",
  space: c.space,
  width: c.width,
  inputs: [],
  program: [{ op: "constant", args: [], value }],
  outputs: [{ buffer: c.name, register: 0 }],
});

/** Registers the cases. */
export function gemmCases(subject: Subject): void {
  describe("gemm apply", () => {
    it.each(spaces.flatMap((space) => widths.map((k) => [space, k] as const)))(
      "over %s, k = %i",
      async (space, k) => {
        const all = widths.map((n) => applyAll(space, k, n));
        const buffers = all.flatMap((one) => one.buffers);
        const steps = all.flatMap(({ buffers: own, step }) => [
          ...own.filter((b) => b.role === "output").map((c) => prepared(c, 0.25)),
          step,
        ]);
        const plan = planOf(
          `apply over ${space} with k = ${k}`,
          [...new Map(buffers.map((b) => [b.name, b])).values()],
          steps,
        );
        await agree(subject, plan, space === "rows:5" ? batches.slice(2, 3) : batches);
      },
    );

    it("sums over more than one block of k", async () => {
      const { buffers, step } = applyAll("tokens:p", 1100, 19);
      const { buffers: dense, step: denseStep } = applyAll("rows:70", 600, 19);
      const before = [...buffers, ...dense].filter((b) => b.role === "output").map((c) => prepared(c, -0.5));
      await agree(
        subject,
        planOf("k = 1100", [...buffers, ...dense], [...before, step, denseStep]),
        batches.slice(2, 4),
      );
    });

    it("takes a matrix that the plan itself writes", async () => {
      const product = (b: string, c: string): GemmStep => ({
        kind: "gemm",
        form: "apply",
        space: "tokens:p",
        a: "a",
        outputs: [{ b, transpose: true, c, start: "zero" }],
      });
      const halve = (from: string, into: string): ElementwiseStep => ({
        kind: "elementwise",
        space: "rows:20",
        width: 7,
        inputs: [from],
        program: [
          { op: "constant", args: [], value: 0.5 },
          { op: "mul", args: [0, 1] },
        ],
        outputs: [{ buffer: into, register: 2 }],
      });
      const plan = planOf(
        "weights that change within a run",
        [
          buffer("a", "tokens:p", 7, "input"),
          buffer("w", "rows:20", 7, "parameter"),
          buffer("t", "rows:20", 7),
          buffer("v", "rows:20", 7, "slot"),
          ...["before", "after", "by temporary", "in loop", "first written in loop"].map((c) =>
            buffer(c, "tokens:p", 20, "output"),
          ),
        ],
        [
          product("w", "before"),
          halve("w", "w"),
          product("w", "after"),
          halve("w", "t"),
          product("t", "by temporary"),
          { kind: "loop", packing: "p", reverse: false, body: [product("w", "in loop"), halve("w", "w")] },
          {
            kind: "loop",
            packing: "p",
            reverse: true,
            body: [product("v", "first written in loop"), halve("v", "v")],
          },
        ],
      );
      await agree(subject, plan, batches);
    });
  });

  describe("gemm gradient", () => {
    it.each(spaces)("over %s", async (space) => {
      const buffers: PlanBuffer[] = [];
      const steps = widths.flatMap((m) => {
        buffers.push(buffer(`a ${m}`, space, m, "input"), buffer(`b ${m}`, space, m, "input"));
        return [];
      });
      const products = widths.flatMap((m) =>
        (["zero", "accumulate", "row"] as const).map((start): GemmStep => {
          const outputs = widths.map((n): GemmOutput => {
            const c = `c ${m} ${n} ${start}`;
            // A slot's value stands for what was accumulated before.
            buffers.push(buffer(c, `rows:${m}`, n, "slot"));
            if (m === 1 && start === "row") buffers.push(buffer(`bias ${n}`, "rows:1", n, "parameter"));
            return {
              b: `b ${n}`,
              transpose: false,
              c,
              start: start === "row" ? { row: `bias ${n}` } : start,
            };
          });
          return { kind: "gemm", form: "gradient", space, a: `a ${m}`, outputs };
        }),
      );
      // Operands that share their factors: all of these, whose panels threads share, and the first alone, where they share
      // the rows of the operands.
      const joined = [widths, widths.slice(0, 1)].map((factors, i): GemmStep => {
        const outputs = widths.flatMap((m) =>
          factors.map((n): GemmOutput => {
            const c = `joined ${i} ${m} ${n}`;
            buffers.push(buffer(c, `rows:${m}`, n, "slot"));
            const start = m === n ? "accumulate" : { row: `bias ${n}` };
            return { a: `a ${m}`, b: `b ${n}`, transpose: false, c, start };
          }),
        );
        return { kind: "gemm", form: "gradient", space, a: `a ${widths[0]}`, outputs };
      });
      const plan = planOf(`gradient over ${space}`, buffers, [...steps, ...products, ...joined]);
      await agree(subject, plan, space === "rows:5" ? batches.slice(2, 3) : batches);
    });
  });

  it.each([false, true])("gemm inside a loop, reverse %s", async (reverse) => {
    const body: GemmStep[] = [
      { ...applyAll("tokens:p", 17, 17).step, a: "tokens" },
      { ...applyAll("sequences:p", 17, 8).step, a: "tokens" },
      { ...applyAll("tokens:p", 17, 3).step, a: "sequences" },
      { ...applyAll("aligned:p:q", 3, 1).step },
      {
        kind: "gemm",
        form: "gradient",
        space: "tokens:p",
        a: "tokens",
        outputs: [
          { b: "sequences", transpose: false, c: "sum", start: "accumulate" },
          { b: "tokens", transpose: false, c: "last", start: "zero" },
        ],
      },
    ];
    const shapes = [
      applyAll("tokens:p", 17, 17),
      applyAll("sequences:p", 17, 8),
      applyAll("tokens:p", 17, 3),
      applyAll("aligned:p:q", 3, 1),
    ];
    const own = shapes.flatMap((s) =>
      s.buffers.filter((b) => !b.name.startsWith("a tokens") && !b.name.startsWith("a seq")),
    );
    const buffers = [
      ...own,
      buffer("tokens", "tokens:p", 17, "input"),
      buffer("sequences", "sequences:p", 17, "input"),
      buffer("sum", "rows:17", 17, "slot"),
      buffer("last", "rows:17", 17, "slot"),
    ];
    const before = own.filter((b) => b.role === "output").map((c) => prepared(c, 0.125));
    const plan = planOf("gemm in a loop", buffers, [
      ...before,
      { kind: "loop", packing: "p", reverse, body },
    ]);
    await agree(subject, plan, batches.slice(0, 5));
  });
}
