/** What every executor refuses, with an ExecutorError that names the thing. */
import { describe, expect, it } from "vitest";
import type { ElementwiseStep } from "../../plan/plan.js";
import { packing } from "../../tensor/packing.js";
import { ExecutorError, type Program, type Session } from "../executor.js";
import { buffer, planOf, type Subject } from "./harness.cases.js";

const copy: ElementwiseStep = {
  kind: "elementwise",
  space: "tokens:p",
  width: 2,
  inputs: ["x"],
  program: [],
  outputs: [{ buffer: "y", register: 0 }],
};
const plan = planOf(
  "copy",
  [
    buffer("x", "tokens:p", 2, "input"),
    buffer("y", "tokens:p", 2, "output"),
    buffer("w", "rows:2", 3, "parameter"),
  ],
  [copy],
);
const capacity = { p: { B: 2, T: 3, N: 5 } };

const wrong: Readonly<Record<string, readonly [(session: Session, program: Program) => void, RegExp]>> = {
  "a batch with too many sequences": [(_, p) => p.run({ packings: { p: packing([1, 1, 1]) } }), /"p"/],
  "a batch with too many steps": [(_, p) => p.run({ packings: { p: packing([4]) } }), /"p"/],
  "a batch with too many rows": [(_, p) => p.run({ packings: { p: packing([3, 3]) } }), /"p"/],
  "a run without its packing": [(_, p) => p.run({ packings: {} }), /"p"/],
  "writing what is not an input": [(_, p) => p.write("y", [1, 2]), /"y"/],
  "writing more than the capacity": [(_, p) => p.write("x", new Array(12).fill(0)), /"x"/],
  "writing a persistent buffer that does not exist": [(e) => e.write("v", [1]), /"v"/],
  "reading a persistent buffer that does not exist": [(e) => e.read("v"), /"v"/],
  "writing a persistent buffer of another size": [(e) => e.write("w", [1, 2, 3]), /"w"/],
  "preparing without a capacity": [(e) => e.prepare(plan, {}), /"p"/],
  "a persistent buffer of another shape": [
    (e) => e.prepare(planOf("other", [buffer("w", "rows:3", 3, "parameter")], []), {}),
    /"w"/,
  ],
};

/** Registers the cases. */
export function refusalCases(subject: Subject): void {
  describe("refuses", () => {
    it.each(Object.keys(wrong))("%s", async (name) => {
      const executor = await subject.create();
      const session = executor.session();
      const program = session.prepare(plan, capacity);
      const [act, message] = wrong[name]!;
      expect(() => act(session, program)).toThrow(ExecutorError);
      expect(() => act(session, program)).toThrow(message);
      // And goes on working.
      program.write("x", [1, 2, 3, 4]);
      program.run({ packings: { p: packing([1, 1]) } });
      expect([...program.read("y")]).toEqual([1, 2, 3, 4]);
      executor.dispose();
    });
  });
}
