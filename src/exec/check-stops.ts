/** Whether a run can stop where it is to stop: the same for all executors. */
import type { Plan } from "../plan/plan.js";
import { ExecutorError, type Stops } from "./executor.js";

/** @throws ExecutorError if the stops are no rising numbers of steps of the plan */
export function checkStops({ name, steps }: Plan, { after }: Stops): void {
  after.forEach((step, i) => {
    if (Number.isInteger(step) && step >= 0 && step < steps.length && step > (after[i - 1] ?? -1)) return;
    throw new ExecutorError(
      `plan "${name}" cannot stop after steps ${after.join(", ")}: give rising numbers from 0 to ${steps.length - 1}`,
    );
  });
}
