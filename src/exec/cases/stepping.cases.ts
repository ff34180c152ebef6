/**
 * What streams rest on: buffers that keep their values from run to run, views in place, runs with the tables of
 * the last one, and batches whose tables choose some of the rows.
 */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../plan/plan.js";
import { packing } from "../../tensor/packing.js";
import { type BufferView, ExecutorError } from "../executor.js";
import { buffer, planOf, type Subject } from "./harness.cases.js";

const B = 3;
const WIDTH = 5;

/** s += x; y = s, in the rows that a batch of one step chooses. */
const sums: Plan = planOf(
  "sums",
  [
    buffer("x", "tokens:p", WIDTH, "input"),
    buffer("s", "tokens:p", WIDTH, "state"),
    buffer("y", "tokens:p", WIDTH, "output"),
    buffer("t", "tokens:p", WIDTH),
    buffer("w", "rows:1", WIDTH, "parameter"),
  ],
  [
    {
      kind: "loop",
      packing: "p",
      reverse: false,
      body: [
        {
          kind: "elementwise",
          space: "tokens:p",
          width: WIDTH,
          inputs: ["x", "s", "w"],
          program: [
            { op: "add", args: [0, 1] },
            { op: "add", args: [3, 2] },
          ],
          outputs: [{ buffer: "t", register: 4 }],
        },
        {
          kind: "elementwise",
          space: "tokens:p",
          width: WIDTH,
          inputs: ["t"],
          program: [],
          outputs: [
            { buffer: "s", register: 0 },
            { buffer: "y", register: 0 },
          ],
        },
      ],
    },
  ],
);

const all = packing(new Array(B).fill(1));
const only = (row: number) => ({
  packings: { p: { ...all, active: Int32Array.of(1), offsets: Int32Array.of(row, row + 1) } },
});
const rowsOf = ({ values, stride }: BufferView): number[][] =>
  Array.from({ length: B }, (_, i) => [...values.subarray(i * stride, i * stride + WIDTH)]);
const row = (value: number): number[] => new Array(WIDTH).fill(value);

/** Registers the cases. */
export function steppingCases(subject: Subject): void {
  describe("stepping", () => {
    const prepare = async () => {
      const executor = await subject.create();
      const session = executor.session();
      const program = session.prepare(sums, { p: { B, T: 1, N: B } });
      return { session, program };
    };

    it("keeps states from run to run, from zeros on, for the rows that a batch chooses", async () => {
      const { program } = await prepare();
      program.write("x", [1, 2, 4].flatMap(row));
      program.run({ packings: { p: all } });
      program.rerun();
      expect(rowsOf(program.view("y"))).toEqual([2, 4, 8].map(row));
      program.run(only(1));
      program.rerun();
      expect(rowsOf(program.view("y"))[1]).toEqual(row(8));
      expect(rowsOf(program.view("s"))).toEqual([2, 8, 8].map(row));
    });
    it("gives views through which inputs and states are written, and which later runs show", async () => {
      const { program } = await prepare();
      const [x, s, y] = ["x", "s", "y"].map((name) => program.view(name)) as [
        BufferView,
        BufferView,
        BufferView,
      ];
      x.values.fill(0.5, x.stride, x.stride + WIDTH);
      s.values.fill(0.25, x.stride, s.stride + WIDTH);
      program.run({ packings: { p: all } });
      expect(rowsOf(y)).toEqual([0, 0.75, 0].map(row));
      expect(rowsOf(s)).toEqual(rowsOf(y));
      expect([...program.read("s")]).toEqual(rowsOf(y).flat());
    });
    it("notices new parameters when it runs again", async () => {
      const { session, program } = await prepare();
      program.run({ packings: { p: all } });
      session.write("w", row(1));
      program.rerun();
      expect(rowsOf(program.view("y"))).toEqual([1, 1, 1].map(row));
    });
    it("refuses views of other buffers, and to rerun a program that has not run", async () => {
      const { program } = await prepare();
      expect(() => program.rerun()).toThrow(/"sums" cannot be run again: it has not run yet/);
      expect(() => program.view("t")).toThrow(/"t" is a temporary of plan "sums"/);
      expect(() => program.view("w")).toThrow(/"w" is a parameter/);
      expect(() => program.view("w")).toThrow(ExecutorError);
    });
  });
}
