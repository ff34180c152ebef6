/** What a plan takes of a machine's memory, before any of it is taken: from its buffers, as they will lie there. */
import { bufferOf, type Plan } from "../../plan/plan.js";
import type { Capacity, PlanMemory } from "../executor.js";
import { bufferBytes, rowCapacity, temporaryArena } from "./layout.js";

/** Tables and scratch are left out: they are small beside the rest. @param panelColumns of the machine */
export function planMemory(
  plan: Plan,
  capacity: Readonly<Record<string, Capacity>>,
  panelColumns: number,
): PlanMemory {
  const sums = { input: 0, output: 0, state: 0, parameter: 0, slot: 0, temporary: 0 };
  for (const buffer of Object.values(plan.buffers)) {
    if (buffer.storage === undefined && buffer.role !== "temporary")
      sums[buffer.role] += bufferBytes(buffer, rowCapacity(buffer.space, capacity));
  }
  return {
    weights: sums.parameter + panelBytes(plan, panelColumns),
    slots: sums.slot,
    working: sums.input + sums.output + sums.state + temporaryArena(plan, capacity).bytes,
  };
}

/** Copies of the matrices of products, one for each way in which one is read. */
function panelBytes(plan: Plan, panelColumns: number): number {
  const sizes = new Map<string, number>();
  const steps = plan.steps.flatMap((step) => (step.kind === "loop" ? step.body : [step]));
  for (const step of steps) {
    if (step.kind !== "gemm" || step.form !== "apply") continue;
    for (const { b, transpose, c } of step.outputs) {
      const panels = Math.ceil(bufferOf(plan, c).width / panelColumns);
      sizes.set(`${b} ${transpose}`, 4 * panelColumns * panels * bufferOf(plan, step.a).width);
    }
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
