/** Reductions: all directions and ops, odd widths, segments of no rows, equal values, infinities and NaN. */
import { describe, expect, it } from "vitest";
import { type PlanBuffer, type ReduceStep, type Space, spaceParts } from "../../plan/plan.js";
import {
  agree,
  buffer,
  capacityOf,
  planOf,
  raggedBatch,
  raggedLengths,
  type Subject,
} from "./harness.cases.js";

const widths = [1, 3, 8, 16, 17, 100];
const spaces: readonly Space[] = ["tokens:p", "sequences:p", "aligned:p:q", "rows:5"];
const batches = raggedLengths.map(raggedBatch);
const kinds: readonly (readonly [ReduceStep["along"], readonly ReduceStep["op"][]])[] = [
  ["features", ["sum", "max", "argmax", "logSumExp"]],
  ["rows", ["sum"]],
  ["all", ["sum", "sumSquares"]],
  ["segments", ["sum", "max", "argmax", "logSumExp"]],
];

/** The space and width of a reduction's result. */
function resultShape(along: ReduceStep["along"], space: Space, width: number): readonly [Space, number] {
  const parts = spaceParts(space);
  if (along === "features") return [space, 1];
  if (along === "segments" && parts.over === "aligned") return [`sequences:${parts.packing}`, width];
  return ["rows:1", along === "rows" ? width : 1];
}

/** One reduction of `x width` and its result, written into a slot or output of its own. */
function reduction(
  along: ReduceStep["along"],
  op: ReduceStep["op"],
  [space, width, start]: readonly [Space, number, ReduceStep["start"]],
): { into: PlanBuffer; step: ReduceStep } {
  const [resultSpace, resultWidth] = resultShape(along, space, width);
  const name = `${along} ${op} ${width} ${start}`;
  const into = {
    ...buffer(name, resultSpace, resultWidth, resultSpace === "rows:1" ? "slot" : "output"),
    dtype: op === "argmax" ? ("index" as const) : ("real" as const),
  };
  return { into, step: { kind: "reduce", along, op, space, from: `x ${width}`, into: name, start } };
}

/** Registers the cases. */
export function reduceCases(subject: Subject): void {
  describe.each(kinds)("reduce along %s", (along, reduceOps) => {
    const fitting = spaces.filter((space) => along !== "segments" || space.startsWith("aligned"));
    it.each(fitting)("over %s", async (space) => {
      const buffers: PlanBuffer[] = widths.map((width) => buffer(`x ${width}`, space, width, "input"));
      const steps: ReduceStep[] = [];
      for (const op of reduceOps) {
        for (const width of widths) {
          const both = op === "sum" || op === "sumSquares";
          const made = reduction(along, op, [space, width, "zero"]);
          buffers.push(made.into);
          steps.push(made.step);
          if (!both) continue;
          const again = reduction(along, op, [space, width, "accumulate"]);
          buffers.push(again.into);
          // An output has nothing to add to yet: the first of two sums is its start.
          if (again.into.role === "output") steps.push({ ...again.step, start: "zero" });
          steps.push(again.step);
        }
      }
      const plan = planOf(`reduce along ${along} over ${space}`, buffers, steps);
      await agree(subject, plan, space === "rows:5" ? batches.slice(2, 3) : batches);
    });
  });

  it.each([false, true])("reduce inside a loop, reverse %s", async (reverse) => {
    const made = [
      reduction("features", "logSumExp", ["tokens:p", 17, "zero"]),
      reduction("features", "argmax", ["sequences:p", 3, "zero"]),
      reduction("rows", "sum", ["tokens:p", 17, "accumulate"]),
      reduction("all", "sumSquares", ["aligned:p:q", 1, "accumulate"]),
      reduction("segments", "logSumExp", ["aligned:p:q", 1, "zero"]),
      reduction("segments", "argmax", ["aligned:p:q", 16, "zero"]),
    ];
    const buffers = [
      ...made.map((m) => m.into),
      buffer("x 17", "tokens:p", 17, "input"),
      buffer("x 3", "sequences:p", 3, "input"),
      buffer("x 1", "aligned:p:q", 1, "input"),
      buffer("x 16", "aligned:p:q", 16, "input"),
    ];
    const plan = planOf("reduce in a loop", buffers, [
      // Outputs of places without a step would be undefined: all get a value first.
      ...made
        .slice(1)
        .filter((m) => m.into.role === "output")
        .map((m) => m.step),
      { kind: "loop", packing: "p", reverse, body: made.map((m) => m.step) },
    ]);
    await agree(subject, plan, batches);
  });

  it("reduce special values", async () => {
    const { NaN: nan, NEGATIVE_INFINITY: low } = Number;
    const rows = [
      [2, 5, 5, 1, 5],
      [low, low, low, low, low],
      [low, 1, low, 1, 0],
      [1, 2, nan, 4, 3],
      [nan, 2, 1, 0, 9],
      [-0, 0, -0, 0, -0],
      [300, 299, 0, -300, 1],
      [-200, -200, -201, -300, -1e30],
    ];
    const made = (["max", "argmax", "logSumExp"] as const).map((op) =>
      reduction("features", op, ["rows:8", 5, "zero"]),
    );
    const plan = planOf(
      "special values",
      [buffer("x 5", "rows:8", 5, "input"), ...made.map((m) => m.into)],
      made.map((m) => m.step),
    );
    await agree(subject, plan, [raggedBatch([1])], { "x 5": rows.flat() });
  });

  it("reduce segments of special values", async () => {
    const { NaN: nan, NEGATIVE_INFINITY: low } = Number;
    const batch = raggedBatch([2, 1, 1]);
    const rows = batch.packings["q"]!.N;
    const columns = [low, 300, -300, -0, nan];
    const made = (["max", "argmax", "logSumExp"] as const).flatMap((op) => [
      reduction("segments", op, ["aligned:p:q", 5, "zero"]),
      reduction("segments", op, ["aligned:p:q", 1, "zero"]),
    ]);
    const plan = planOf(
      "special segments",
      [
        buffer("x 5", "aligned:p:q", 5, "input"),
        buffer("x 1", "aligned:p:q", 1, "input"),
        ...made.map((m) => m.into),
      ],
      made.map((m) => m.step),
    );
    const given = {
      "x 5": Array.from({ length: rows }, () => columns).flat(),
      "x 1": Array.from({ length: rows }, (_, i) => (i < 4 ? low : -300)),
    };
    await agree(subject, plan, [batch], given);
  });

  it("a sum over everything keeps small numbers beside large ones", async () => {
    const made = reduction("all", "sum", ["rows:4000", 5, "zero"]);
    const plan = planOf("long sum", [buffer("x 5", "rows:4000", 5, "input"), made.into], [made.step]);
    const executor = await subject.create();
    const session = executor.session();
    const program = session.prepare(plan, capacityOf({ packings: {} }));
    const values = Array.from({ length: 20000 }, (_, i) => (i === 0 ? 2 ** 20 : 2 ** -10));
    program.write("x 5", values);
    program.run({ packings: {} });
    expect(session.read(made.into.name)[0]).toBeCloseTo(2 ** 20 + 19999 * 2 ** -10, 0);
    executor.dispose();
  });
}
