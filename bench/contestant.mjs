// @ts-check
/**
 * What a contestant is: a program on a runtime with a number of threads, and the tasks that it takes part in. Who there
 * is to be measured stands in contestants.mjs.
 */

/** @typedef {import("./tasks.mjs").Task} Task */

/**
 * @typedef {object} Contestant
 * @property {string} name     "unrolled simd", "TensorFlow.js wasm 4.22.0"
 * @property {string} key      what --with is compared with: "unrolled", "limit", "tfjs", ...
 * @property {string} runtime  "Node 20.20.2", "Python 3.11.2"
 * @property {number} threads
 * @property {string} command
 * @property {readonly string[]} args
 * @property {Readonly<Record<string, string | undefined>>} [env]  added to the environment; undefined takes a variable away
 * @property {Scope} does
 * @property {string} [limit]  of ours: the tier, whose limit its steps are held against
 */

/**
 * What a program can do: cells by kind of task, "*" for all, and those that it also does on ragged batches; `groups` are
 * the tables it stands in, all if there is none. `most` leaves out tasks of which a single run would take minutes: more
 * units than that.
 * @typedef {{ kinds: Partial<Record<Task["kind"], readonly string[]>>, models: readonly Task["model"][], ragged: readonly string[],
 *   groups?: readonly string[], most?: number }} Scope
 */

/**
 * What a search for contestants brings: those that can be measured, and a sentence for each that cannot.
 * @typedef {{ found: readonly Contestant[], absent: readonly string[] }} Found
 */

/** Whether a contestant does a task. @param {Contestant} contestant @param {Task} task */
export function takesPart({ does }, task) {
  const knows = (/** @type {readonly string[]} */ cells) => cells.includes("*") || cells.includes(task.cell);
  const uneven = new Set(task.lengths).size > 1;
  return (
    knows(does.kinds[task.kind] ?? []) &&
    does.models.includes(task.model) &&
    (!uneven || knows(does.ragged)) &&
    (does.groups?.includes(task.group) ?? true) &&
    task.H <= (does.most ?? Number.POSITIVE_INFINITY)
  );
}
