// @ts-check
/**
 * How long is measured. Minutes are given for the whole; every contestant of every task has an even share of what is left
 * of them, so that a slow one early leaves less for those behind it and the whole still ends in time.
 */

/**
 * How long a contestant is measured at a task.
 * @typedef {object} Budget
 * @property {number} rounds       the most runs of a contestant; it does fewer, though at least three, if they would take
 *   longer than `seconds`
 * @property {number} seconds
 * @property {number} shortestMs   runs shorter than this are repeated within a round, and their mean is one sample
 * @property {number} longestMs    whose second run takes longer than this is not run again: that run is the result
 * @property {number} warmSeconds  how long it runs before anything counts
 */

/** Shows that everything runs, and no speed. @type {Budget} */
export const quick = {
  rounds: 2,
  seconds: 0.1,
  shortestMs: 1,
  longestMs: Number.POSITIVE_INFINITY,
  warmSeconds: 0,
};

/** Of a contestant's share, what counted runs may take: the rest is starting, warming up and runs that do not count. */
const counted = 0.5;

/**
 * Budgets for tasks that follow one another: called with the number of contestants of the next task.
 * @param {{ minutes: number, rounds: number, contestants: number, now?: () => number }} options `contestants` of all tasks together
 * @returns {(taking: number) => Budget}
 */
export function shared({ minutes, rounds, contestants, now = () => performance.now() }) {
  const end = now() + 60_000 * minutes;
  let left = contestants;
  return (taking) => {
    const seconds = (counted * Math.max(end - now(), 0)) / 1000 / Math.max(left, 1);
    left -= taking;
    return { rounds, seconds, shortestMs: 30, longestMs: 10_000, warmSeconds: 0.3 };
  };
}
