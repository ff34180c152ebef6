/**
 * Runs that stop on their way: the bits of a run that does not, whichever steps they stop after; what is there at a stop is
 * there to be read, and what later steps do not touch may be written.
 */
import { describe, expect, it } from "vitest";
import type { Step } from "../../plan/plan.js";
import { ExecutorError, type Program, type Session } from "../executor.js";
import {
  buffer,
  capacityOf,
  fill,
  planOf,
  raggedBatch,
  raggedLengths,
  results,
  type Subject,
} from "./harness.cases.js";

const WIDTH = 17;

interface Run {
  readonly session: Session;
  readonly program: Program;
}

/** y = x · w, h = Σ over time of y, g = xᵀ y, s = s + g: steps of several rows, a loop, and slots. */
const plan = planOf(
  "stops",
  [
    buffer("x", "tokens:p", WIDTH, "input"),
    buffer("w", "rows:17", WIDTH, "parameter"),
    buffer("y", "tokens:p", WIDTH),
    buffer("h", "sequences:p", WIDTH),
    buffer("g", "rows:17", WIDTH, "slot"),
    buffer("s", "rows:17", WIDTH, "slot"),
    buffer("out.h", "sequences:p", WIDTH, "output"),
    buffer("out.s", "rows:17", WIDTH, "output"),
  ],
  [
    {
      kind: "gemm",
      form: "apply",
      space: "tokens:p",
      a: "x",
      outputs: [{ b: "w", transpose: false, c: "y", start: "zero" }],
    },
    assign("h", "sequences:p", [], [{ op: "constant", args: [], value: 0 }]),
    {
      kind: "loop",
      packing: "p",
      reverse: false,
      body: [
        assign("h", "tokens:p", ["h", "y"], [{ op: "add", args: [0, 1] }]),
        assign("y", "tokens:p", ["h"], [{ op: "tanh", args: [0] }]),
      ],
    },
    {
      kind: "gemm",
      form: "gradient",
      space: "tokens:p",
      a: "x",
      outputs: [{ b: "y", transpose: false, c: "g", start: "zero" }],
    },
    assign("out.h", "sequences:p", ["h"], []),
    assign("s", "rows:17", ["s", "g"], [{ op: "add", args: [0, 1] }]),
    assign("out.s", "rows:17", ["s"], []),
  ],
);

function assign(
  into: string,
  space: "tokens:p" | "sequences:p" | "rows:17",
  inputs: readonly string[],
  program: readonly { op: "add" | "tanh" | "constant"; args: readonly number[]; value?: number }[],
): Extract<Step, { kind: "elementwise" }> {
  const register = inputs.length + program.length - 1;
  return { kind: "elementwise", space, width: WIDTH, inputs, program, outputs: [{ buffer: into, register }] };
}

/** Registers the cases. */
export function stopsCases({ create }: Subject): void {
  describe("runs that stop", () => {
    const last = plan.steps.length - 1;
    it.each([[[]], [[0]], [[2]], [[0, 1, 2, 3, 4, 5, 6]], [[1, 3]], [[last]]])(
      "after steps %j give the bits of one that does not, with batches of any size",
      async (after) => {
        const executor = await create();
        for (const lengths of raggedLengths) {
          const batch = raggedBatch(lengths);
          const [whole, stopping] = [0, 1].map(() => {
            const session = executor.session();
            const program = session.prepare(plan, capacityOf(batch));
            fill(session, program, batch);
            return { session, program };
          }) as [Run, Run];
          // The second run finds the weights of the first one packed, and other ones after them.
          for (const round of [0, 1, 2]) {
            whole.program.run(batch);
            const reached: number[] = [];
            stopping.program.run(batch, { after, reached: (step) => reached.push(step) });
            expect(reached).toEqual(after);
            expect(results(stopping.session, stopping.program)).toEqual(
              results(whole.session, whole.program),
            );
            if (round === 1)
              for (const { session } of [whole, stopping])
                session.write(
                  "w",
                  session.read("w").map((value) => -value),
                );
          }
          // And it runs again as a whole.
          for (const { program } of [whole, stopping]) program.rerun();
          expect(results(stopping.session, stopping.program)).toEqual(results(whole.session, whole.program));
        }
        executor.dispose();
      },
    );

    it("show what the steps so far have written, and take what is changed in place", async () => {
      const executor = await create();
      const session = executor.session();
      const batch = raggedBatch([2, 0, 3]);
      const program = session.prepare(plan, capacityOf(batch));
      fill(session, program, batch);
      session.write("s", new Float64Array(WIDTH * WIDTH));
      let gradient: Float64Array = new Float64Array();
      program.run(batch, {
        after: [3],
        reached() {
          gradient = session.read("g");
          const { values, stride } = program.view("g");
          expect(stride).toBe(WIDTH);
          values.fill(0.5, 0, WIDTH * WIDTH);
        },
      });
      expect(gradient.some((value) => value !== 0 && value !== 0.5)).toBe(true);
      // The sum took what was written over the gradient.
      expect(session.read("s").every((value) => value === 0.5)).toBe(true);
      executor.dispose();
    });

    it("end where the caller throws, and run as a whole afterwards", async () => {
      const executor = await create();
      const session = executor.session();
      const batch = raggedBatch([2, 1]);
      const program = session.prepare(plan, capacityOf(batch));
      fill(session, program, batch);
      const stop = (): never => {
        throw new Error("enough");
      };
      expect(() => program.run(batch, { after: [2], reached: stop })).toThrow("enough");
      fill(session, program, batch);
      program.run(batch);
      const again = executor.session();
      const other = again.prepare(plan, capacityOf(batch));
      fill(again, other, batch);
      other.run(batch);
      expect(results(session, program)).toEqual(results(again, other));
      executor.dispose();
    });

    it.each([[[-1]], [[7]], [[1, 1]], [[2, 1]], [[0.5]]])("are refused after %j", async (after) => {
      const executor = await create();
      const batch = raggedBatch([1]);
      const program = executor.session().prepare(plan, capacityOf(batch));
      const run = (): void => program.run(batch, { after, reached: () => {} });
      expect(run).toThrow(`plan "stops" cannot stop after steps ${after.join(", ")}`);
      expect(run).toThrow(ExecutorError);
      executor.dispose();
    });
  });
}
