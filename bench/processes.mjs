// @ts-check
/**
 * Which process a contestant does a task in: a new one for each task where speed is measured, so that neither memory nor
 * compiled code is left over from the task before; otherwise one for task after task, since starting is most of the work.
 */
import { start } from "./child.mjs";

/** @typedef {import("./contestant.mjs").Contestant} Contestant */
/** @typedef {ReturnType<typeof start>} Child */

/**
 * Gives out processes and takes them back once a task is finished; who fails is stopped and not given back. `end` comes
 * after the last task.
 * @typedef {{ open: (contestant: Contestant) => Child, close: (contestant: Contestant, child: Child) => void, end: () => void }} Processes
 */

/** A process for each task. @type {Processes} */
export const fresh = { open: start, close: (_, child) => child.end(), end: () => {} };

/** Processes that do one task after the other. @returns {Processes} */
export function reused() {
  const idle = /** @type {Map<Contestant, Child[]>} */ (new Map());
  return {
    open: (contestant) => idle.get(contestant)?.pop() ?? start(contestant),
    close: (contestant, child) => void idle.set(contestant, [...(idle.get(contestant) ?? []), child]),
    end: () => [...idle.values()].flat().forEach((child) => child.end()),
  };
}
