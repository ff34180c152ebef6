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
 * take longer than `seconds`. Runs shorter than `shortestMs` are repeated within a round, and their mean is one sample;
 * before it, unless a run is ten times as long, they run as long uncounted, since whoever comes back after the others finds caches as these left them, and
 * threads on whatever core is free: nobody trains for thirty milliseconds.
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

/**
 * Starts, prepares and warms a contestant up. What goes wrong, then or later, becomes its result: a contestant that
 * fails does not stop the others.
 * @param {Task} task @param {Contestant} contestant @param {Budget} budget
 */
async function begin(task, contestant, budget) {
  const { name, key, runtime, threads, limit } = contestant;
  const result = /** @type {Result} */ ({
    task: task.id,
    group: task.group,
    name,
    key,
    runtime,
    threads,
    limit,
  });
  const child = start(contestant);
  const samples = /** @type {number[]} */ ([]);
  let [repeat, wanted, settle] = [1, budget.rounds, 0];
  /** @param {() => Promise<void>} work */
  const guarded = async (work) => {
    if (result.refused !== undefined) return;
    try {
      await work();
    } catch (error) {
      result.refused = error instanceof Error ? error.message : String(error);
      child.stop();
    }
  };
  const once = async () => {
    const { ms, refused } = await child.ask({ run: repeat, settle });
    if (refused !== undefined) throw new Error(refused);
    return /** @type {number} */ (ms);
  };
  await guarded(async () => {
    const { ready, refused } = await child.ask({ prepare: task });
    if (refused !== undefined) throw new Error(refused);
    result.facts = ready;
    let [ms, spent] = [0, 0];
    do {
      ms = await once();
      spent += ms * repeat;
      // Short runs are repeated more and more, so that warming up is running and not talking.
      if (ms * repeat < budget.shortestMs) repeat *= 2;
    } while (spent < 1000 * budget.warmSeconds);
    repeat = Math.max(1, Math.ceil(budget.shortestMs / Math.max(ms, 1e-4)));
    settle = ms < 10 * budget.shortestMs ? repeat : 0;
    wanted = Math.min(budget.rounds, Math.max(3, Math.floor((1000 * budget.seconds) / (ms * repeat))));
  });
  return {
    /** Spreads `wanted` runs evenly over all rounds. @param {number} round */
    dueIn: (round) =>
      Math.floor(((round + 1) * wanted) / budget.rounds) > Math.floor((round * wanted) / budget.rounds),
    run: () => guarded(async () => void samples.push(await once())),
    finish: async () => {
      await guarded(async () => {
        const { facts, peakBytes } = await child.ask({ finish: true });
        Object.assign(result, { facts: { ...result.facts, ...facts }, peakBytes, ms: summary(samples) });
      });
      return result;
    },
  };
}
