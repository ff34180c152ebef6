// @ts-check
/**
 * One task, everybody in turn: each contestant has a process of its own, all stay open, and every round runs each of
 * them once, so that a neighbour on the machine or a falling clock rate hits all alike. Slow ones sit out rounds.
 */
import { summary } from "./statistics.mjs";

/** @typedef {import("./tasks.mjs").Task} Task */
/** @typedef {import("./contestant.mjs").Contestant} Contestant */
/** @typedef {import("./budget.mjs").Budget} Budget */
/** @typedef {import("./processes.mjs").Processes} Processes */

/**
 * What one contestant did at one task: `ms` per run, or why there is none.
 * @typedef {object} Result
 * @property {string} task @property {string} group
 * @property {string} name @property {string} key @property {string} runtime @property {number} threads
 * @property {string} [limit]
 * @property {import("./statistics.mjs").Summary} [ms]
 * @property {Record<string, any>} [facts]  FLOPs, bytes, first and last loss, the BLAS, what it leaves out
 * @property {number} [peakBytes]
 * @property {string} [refused]
 */

/** @param {Task} task @param {readonly Contestant[]} contestants @param {Budget} budget @param {Processes} processes @returns {Promise<Result[]>} */
export async function measure(task, contestants, budget, processes) {
  const runners = contestants.map((contestant) => begin(task, contestant, budget, processes));
  // Together, for nothing is timed yet; warming up is, since it says how often a short run is repeated.
  await Promise.all(runners.map(({ prepare }) => prepare()));
  for (const { warmUp } of runners) await warmUp();
  for (let round = 0; round < budget.rounds; round++) {
    // Each round starts with another, so that nobody always runs behind the same neighbour.
    for (let i = 0; i < runners.length; i++) {
      const runner = runners[(i + round) % runners.length];
      if (runner?.dueIn(round)) await runner.run();
    }
  }
  const results = [];
  for (const { finish } of runners) results.push(await finish());
  return results;
}

/**
 * Starts a contestant. What goes wrong, then or later, becomes its result: a contestant that fails does not stop the
 * others.
 * @param {Task} task @param {Contestant} contestant @param {Budget} budget @param {Processes} processes
 */
function begin(task, contestant, budget, processes) {
  const { name, key, runtime, threads, limit } = contestant;
  const { id, group } = task;
  const result = /** @type {Result} */ ({ task: id, group, name, key, runtime, threads, limit });
  const child = processes.open(contestant);
  const samples = /** @type {number[]} */ ([]);
  let [repeat, wanted, settle] = [1, 0, 0];
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
  /** @param {object} request @returns {Promise<any>} */
  const ask = async (request) => {
    const answer = await child.ask(request);
    if (answer.refused !== undefined) throw new Error(answer.refused);
    return answer;
  };
  const once = async () => /** @type {number} */ ((await ask({ run: repeat, settle })).ms);
  return {
    prepare: () =>
      guarded(async () => {
        result.facts = (await ask({ prepare: task })).ready;
      }),
    warmUp: () =>
      guarded(async () => {
        // The first run compiles, where compiling is part of running, and says nothing of the next.
        let [ms, spent] = [await once(), 0];
        do {
          ms = await once();
          spent += ms * repeat;
          // Short runs are repeated more and more, so that warming up is running and not talking.
          if (ms * repeat < budget.shortestMs) repeat *= 2;
        } while (spent < 1000 * budget.warmSeconds);
        if (ms > budget.longestMs) {
          samples.push(ms);
          return;
        }
        repeat = Math.max(1, Math.ceil(budget.shortestMs / Math.max(ms, 1e-4)));
        // Whoever comes back after the others finds caches as these left them, and threads on whatever core is free, and
        // nobody trains for thirty milliseconds: a run that is not ten times as long is first done uncounted.
        settle = ms < 10 * budget.shortestMs ? repeat : 0;
        wanted = Math.min(
          budget.rounds,
          Math.max(3, Math.floor((1000 * budget.seconds) / (ms * (repeat + settle)))),
        );
      }),
    /** Spreads `wanted` runs evenly over all rounds. @param {number} round */
    dueIn: (round) =>
      Math.floor(((round + 1) * wanted) / budget.rounds) > Math.floor((round * wanted) / budget.rounds),
    run: () => guarded(async () => void samples.push(await once())),
    finish: async () => {
      await guarded(async () => {
        const { facts, peakBytes } = await ask({ finish: true });
        Object.assign(result, { facts: { ...result.facts, ...facts }, peakBytes, ms: summary(samples) });
        processes.close(contestant, child);
      });
      return result;
    },
  };
}
