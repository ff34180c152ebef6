/** Gather, scatter-add and columns: axes, starts, −1, repeated indices, whole buffers inside loops. */
import { describe, it } from "vitest";
import type {
  GatherStep,
  LeafStep,
  Plan,
  PlanBuffer,
  ScatterAddStep,
  Space,
  Start,
  Step,
} from "../../plan/plan.js";
import type { Batch } from "../executor.js";
import {
  agree,
  buffer,
  type Given,
  indexAt,
  indices,
  planOf,
  raggedBatch,
  raggedLengths,
  rowsIn,
  type Subject,
} from "./harness.cases.js";

const widths = [1, 3, 8, 16, 17, 100];
const spaces: readonly Space[] = ["tokens:p", "sequences:p", "aligned:p:q", "rows:5"];
const batches = raggedLengths.map(raggedBatch);

/** Indices by the formula for every index input, below the bound of its name: "index of 17". */
function indicesFor(plan: Plan, batch: Batch, bounds: Readonly<Record<string, number>>): Given {
  const given: Record<string, number[]> = {};
  for (const { name, space, dtype, role } of Object.values(plan.buffers)) {
    if (dtype !== "index" || role !== "input") continue;
    given[name] = Array.from({ length: rowsIn(space, batch) }, (_, k) => indexAt(name, k, bounds[name]!));
  }
  return given;
}

const setTo = (into: PlanBuffer, value: number): LeafStep => ({
  kind: "elementwise",
  space: into.space,
  width: into.width,
  inputs: [],
  program: [{ op: "constant", args: [], value }],
  outputs: [{ buffer: into.name, register: 0 }],
});

/** Registers the cases. */
export function indexedCases(subject: Subject): void {
  const run = async (plan: Plan, batch: Batch, bounds: Readonly<Record<string, number>>): Promise<void> =>
    agree(subject, plan, [batch], indicesFor(plan, batch, bounds));

  describe.each(spaces)("by index over %s", (space) => {
    it("gather of rows and columns", async () => {
      const buffers: PlanBuffer[] = [indices("rows index", space), indices("columns index", space)];
      const steps: Step[] = [];
      for (const width of widths) {
        buffers.push(
          buffer(`table ${width}`, "rows:7", width, "parameter"),
          buffer(`row ${width}`, "rows:1", width, "parameter"),
        );
        buffers.push(buffer(`x ${width}`, space, width, "input"));
        const starts: readonly (readonly [string, Start])[] = [
          ["zero", "zero"],
          ["accumulate", "accumulate"],
          ["row", { row: `row ${width}` }],
        ];
        for (const [word, start] of starts) {
          const rows = buffer(`rows ${width} ${word}`, space, width, "output");
          const columns = buffer(`columns ${width} ${word}`, space, 1, "output");
          buffers.push(rows, columns);
          const common = { kind: "gather", space } as const;
          const columnStart = word === "row" ? { row: "row 1" } : start;
          steps.push(setTo(rows, 0.5), setTo(columns, 0.5));
          steps.push({
            ...common,
            axis: "rows",
            from: `table ${width}`,
            index: "rows index",
            into: rows.name,
            start,
          });
          if (width < 3) continue;
          steps.push({
            ...common,
            axis: "columns",
            from: `x ${width}`,
            index: "columns index",
            into: columns.name,
            start: columnStart,
          });
        }
      }
      const plan = planOf(`gather over ${space}`, buffers, steps);
      for (const batch of space === "rows:5" ? batches.slice(2, 3) : batches) {
        await run(plan, batch, { "rows index": 7, "columns index": 3 });
      }
    });

    it("scatter-add of rows and columns, and columns", async () => {
      const buffers: PlanBuffer[] = [indices("rows index", space), indices("columns index", space)];
      const steps: Step[] = [];
      buffers.push(buffer("one column", space, 1, "input"));
      const common = { kind: "scatter-add", space } as const;
      for (const width of widths) {
        buffers.push(
          buffer(`x ${width}`, space, width, "input"),
          buffer(`table ${width}`, "rows:7", width, "slot"),
        );
        steps.push({
          ...common,
          axis: "rows",
          from: `x ${width}`,
          index: "rows index",
          into: `table ${width}`,
        });
        if (width < 3) continue;
        const into = buffer(`into ${width}`, space, width, "output");
        const copy = buffer(`copy ${width}`, space, width, "output");
        buffers.push(into, copy);
        steps.push(setTo(into, 0.25), setTo(copy, -1));
        steps.push({
          ...common,
          axis: "columns",
          from: "one column",
          index: "columns index",
          into: into.name,
        });
        const taken = width - 2;
        steps.push({
          kind: "columns",
          space,
          from: `x ${width}`,
          fromColumn: 0,
          into: copy.name,
          intoColumn: 2,
          width: taken,
        });
        steps.push({
          kind: "columns",
          space,
          from: "one column",
          fromColumn: 0,
          into: copy.name,
          intoColumn: 1,
          width: 1,
        });
      }
      const plan = planOf(`scatter over ${space}`, buffers, steps);
      for (const batch of space === "rows:5" ? batches.slice(2, 3) : batches) {
        await run(plan, batch, { "rows index": 7, "columns index": 3 });
      }
    });
  });

  it.each([false, true])("by index inside a loop, reverse %s", async (reverse) => {
    const gather = (from: string, into: string): GatherStep => ({
      kind: "gather",
      axis: "rows",
      space: "tokens:p",
      from,
      index: "index",
      into,
      start: "zero",
    });
    const scatter = (from: string, into: string): ScatterAddStep => ({
      kind: "scatter-add",
      axis: "rows",
      space: "tokens:p",
      from,
      index: "index",
      into,
    });
    const sum = buffer("token sum", "tokens:p", 19, "output");
    const plan = planOf(
      "by index in a loop",
      [
        buffer("all", "tokens:p", 19, "input"),
        buffer("per", "sequences:p", 19, "input"),
        indices("index", "tokens:p"),
        buffer("y", "tokens:p", 19, "output"),
        buffer("z", "sequences:p", 19, "output"),
        sum,
        buffer("aligned", "aligned:p:q", 19, "input"),
        buffer("w", "tokens:p", 19, "output"),
        indices("column", "sequences:p"),
        buffer("c", "tokens:p", 1, "output"),
      ],
      [
        setTo(sum, 0),
        setTo(buffer("z", "sequences:p", 19), 0),
        {
          kind: "loop",
          packing: "p",
          reverse,
          body: [
            gather("all", "y"),
            gather("per", "z"),
            gather("aligned", "w"),
            scatter("z", "token sum"),
            {
              kind: "gather",
              axis: "columns",
              space: "tokens:p",
              from: "all",
              index: "column",
              into: "c",
              start: "zero",
            },
            {
              kind: "scatter-add",
              axis: "columns",
              space: "sequences:p",
              from: "c",
              index: "column",
              into: "z",
            },
            {
              kind: "columns",
              space: "sequences:p",
              from: "y",
              fromColumn: 3,
              into: "z",
              intoColumn: 0,
              width: 5,
            },
          ],
        },
      ],
    );
    for (const batch of batches) {
      const least = Math.min(
        ...(["p", "q"] as const).flatMap((p) => [batch.packings[p]?.N ?? 0, batch.packings[p]?.B ?? 0]),
      );
      await run(plan, batch, { index: least, column: 19 });
    }
  });

  it("gather of indices", async () => {
    const plan = planOf(
      "gather of indices",
      [
        indices("ids", "sequences:p"),
        indices("place", "tokens:p"),
        { ...indices("out", "tokens:p"), role: "output" },
      ],
      [
        {
          kind: "gather",
          axis: "rows",
          space: "tokens:p",
          from: "ids",
          index: "place",
          into: "out",
          start: "zero",
        },
      ],
    );
    for (const batch of batches.slice(2))
      await run(plan, batch, { ids: 100000, place: batch.packings["p"]?.B ?? 0 });
  });
}
