/**
 * The passes, in order: functions from plan to plan. Each keeps the plan's meaning (sums may be reordered)
 * and is verified after it runs in tests.
 */
import type { Plan } from "../plan.js";
import { moveOutOfLoops } from "./motion.js";
import { joinSteps } from "./schedule.js";
import { shareFactors } from "./share.js";
import { dropUnread, keepOneStep, overwrite, startFromZero } from "./storage.js";

/** A named pass. */
export interface Pass {
  readonly name: string;
  readonly run: (plan: Plan) => Plan;
}

/** All passes in the order in which `optimise` runs them. */
export const passes: readonly Pass[] = [
  { name: "drop what is never read", run: dropUnread },
  { name: "move products out of loops", run: moveOutOfLoops },
  { name: "start sums from zero", run: startFromZero },
  { name: "join alike steps", run: joinSteps },
  { name: "drop what is only read in registers", run: dropUnread },
  { name: "share factors", run: shareFactors },
  { name: "keep one time step where that is enough", run: keepOneStep },
  { name: "overwrite operands", run: overwrite },
];

/** The passes for a plan that is one step of a stream: its loop only chooses the rows, so nothing may leave it. */
export const stepPasses: readonly Pass[] = /* @__PURE__ */ passes.filter(
  (pass) => pass.run !== moveOutOfLoops,
);

/**
 * Makes a plan fast.
 *
 * @param check called after every pass, for example with `verify`
 * @param list the passes to run; default: all
 */
export function optimise(
  plan: Plan,
  check?: (plan: Plan, pass: string) => void,
  list: readonly Pass[] = passes,
): Plan {
  return list.reduce((current, pass) => {
    const next = pass.run(current);
    check?.(next, pass.name);
    return next;
  }, plan);
}
