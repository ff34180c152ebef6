// @ts-check
/**
 * Seeded random numbers for what is mutated: number n of a seed is always the same file, whatever was made before it.
 */

/**
 * @typedef {{ below: (n: number) => number, pick: <T>(list: readonly T[]) => T, chance: (share: number) => boolean }} Random
 */

/**
 * A generator (mulberry32) of a seed, a name and a number.
 * @param {number} seed @param {string} name @param {number} n @returns {Random}
 */
export function randomOf(seed, name, n) {
  let state = (seed ^ Math.imul(n + 1, 0x9e3779b1)) >>> 0;
  for (const char of name) state = Math.imul(state ^ char.charCodeAt(0), 0x01000193) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (most) => Math.floor(next() * most),
    pick: (list) => /** @type {any} */ (list[Math.floor(next() * list.length)]),
    chance: (share) => next() < share,
  };
}
