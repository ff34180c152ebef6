// @ts-check
// One task, everybody in turn: each contestant has a process of its own, all stay open, and every round runs each of
// them once, so that a neighbour on the machine or a falling clock rate hits all alike. Slow ones sit out rounds.
import { start } from "./child.mjs";
import { summary } from "./statistics.mjs";

/** @typedef {import("./tasks.mjs").Task} Task */
/** @typedef {import("./contestants.mjs").Contestant} Contestant */
/** @typedef {import("./statistics.mjs").Summary} Summary */

/**
 * How long to measure. `rounds` is the most runs of a contestant; it does fewer, though at least three, if they would
 * take longer than `seconds`. Runs shorter than `shortestMs` are repeated within a round, and their mean is one sample.
 * @typedef {{ rounds: number, seconds: number, shortestMs: number, warmSeconds: number }} Budget
 */

/**
 * What one contestant did at one task: `ms` per run, or why there is none.
 * @typedef {object} Result
 * @property {string} task @property {string} group
 * @property {string} name @property {string} key @property {string} runtime @property {number} threads
 * @property {string} [limit]
 * @property {Summary} [ms]
 * @property {Record<string, any>} [facts]  FLOPs, bytes, first and last loss, versions
 * @property {number} [peakBytes]
 * @property {string} [refused]
 */

/** @param {Task} task @param {readonly Contestant[]} contestants @param {Budget} budget @returns {Promise<Result[]>} */
export async function measure(task, contestants, budget) {
  const runners = [];
  for (const contestant of contestants) runners.push(await begin(task, contestant, budget));
  for (let round = 0; round < budget.rounds; round++) {
    // Each round starts with another, so that nobody always runs behind the same neighbour.
    for (let i = 0; i < runners.length; i++) {
      const runner = runners[(i + round) % runners.length];
      if (runner?.dueIn(round)) await runner.run();
    }
  }
  const results = [];
  for (const runner of runners) results.push(await runner.finish());
  return results;
}

/** Starts, prepares and warms a contestant up. @param {Task} task @param {Contestant} contestant @param {Budget} budget */
async function begin(task, { does: _, command: __, args: ___, env: ____, ...who }, budget) {
  const contestant = arguments[1];
  return { task, who, contestant, budget };
}
