/** Spread: a row per place to all its aligned rows, outside loops and inside, where it meets the step's rows. */
import { describe, it } from "vitest";
import type { LeafStep, PlanBuffer } from "../../plan/plan.js";
import { agree, buffer, planOf, raggedBatch, raggedLengths, type Subject } from "./harness.cases.js";

const widths = [1, 3, 8, 16, 17, 100];
const batches = raggedLengths.map(raggedBatch);

/** into += what `spread` made, so that every time step of a loop counts. */
const add = (from: string, into: string, width: number): LeafStep => ({
  kind: "elementwise",
  space: "aligned:p:q",
  width,
  inputs: [into, from],
  program: [{ op: "add", args: [0, 1] }],
  outputs: [{ buffer: into, register: 2 }],
});

const zero = (into: string, width: number): LeafStep => ({
  kind: "elementwise",
  space: "aligned:p:q",
  width,
  inputs: [],
  program: [{ op: "constant", args: [], value: 0 }],
  outputs: [{ buffer: into, register: 0 }],
});

/** Registers the cases. */
export function spreadCases(subject: Subject): void {
  describe("spread", () => {
    it("over the rows of each place", async () => {
      const buffers = widths.flatMap((width): PlanBuffer[] => [
        buffer(`x ${width}`, "sequences:p", width, "input"),
        buffer(`y ${width}`, "aligned:p:q", width, "output"),
      ]);
      const steps = widths.map(
        (width): LeafStep => ({
          kind: "spread",
          space: "aligned:p:q",
          from: `x ${width}`,
          into: `y ${width}`,
        }),
      );
      await agree(subject, planOf("spread", buffers, steps), batches);
    });

    it.each([false, true])("inside a loop, reverse %s, and summed back by segments", async (reverse) => {
      const parts = widths.map((width) => {
        const [x, z, per, y, sum, back] = [
          buffer(`x ${width}`, "tokens:p", width, "input"),
          buffer(`z ${width}`, "aligned:p:q", width, "input"),
          buffer(`per ${width}`, "sequences:p", width, "input"),
          buffer(`y ${width}`, "aligned:p:q", width),
          buffer(`sum ${width}`, "aligned:p:q", width, "output"),
          buffer(`back ${width}`, "tokens:p", width, "output"),
        ] as const;
        const spread = (from: PlanBuffer): LeafStep => ({
          kind: "spread",
          space: "aligned:p:q",
          from: from.name,
          into: y.name,
        });
        const body: LeafStep[] = [
          spread(x),
          add(y.name, sum.name, width),
          spread(per),
          add(z.name, y.name, width),
          {
            kind: "reduce",
            op: "sum",
            along: "segments",
            space: "aligned:p:q",
            from: y.name,
            into: back.name,
            start: "zero",
          },
        ];
        return { buffers: [x, z, per, y, sum, back], start: zero(sum.name, width), body };
      });
      const plan = planOf(
        "spread in a loop",
        parts.flatMap((p) => p.buffers),
        [
          ...parts.map((p) => p.start),
          { kind: "loop", packing: "p", reverse, body: parts.flatMap((p) => p.body) },
        ],
      );
      await agree(subject, plan, batches);
    });
  });
}
