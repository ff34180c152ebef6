/**
 * From one row of sigmoids to the notes of a step: each is drawn by itself with its own probability. The probabilities are
 * the kernels'; what is done to them here has the same bits in every JavaScript engine, and a draw is a function of seed,
 * sequence, step and note alone. Tokens, of which one is drawn, are in sampling.ts.
 */
import { checkOptions } from "../../options/check.js";
import { type RowsOf, withDefaults } from "../../options/row.js";
import { portableExp, portableLog } from "../../tensor/portable.js";
import { fillWords, purposes } from "../../tensor/random.js";
import type { DrawPlace } from "./sampling.js";

/** How notes are chosen. */
export interface NoteSamplingOptions {
  /**
   * σ(z / T) instead of σ(z), with σ(z) the probability: below 1 safer, above 1 bolder; 0 takes all notes that are more
   * probable than not. Default 1.
   */
  readonly temperature?: number;
  /** Most notes of a step: of those drawn, the most probable ones stay. Default: all. */
  readonly most?: number;
}

/** The rows of the options, for others that include them among their own. */
export const noteSamplingRows = {
  temperature: { kind: "number", least: 0, default: 1 },
  most: { kind: "whole" },
} as const satisfies RowsOf<NoteSamplingOptions>;

/** Draws the notes of a step. @returns the numbers of those that sound, ascending */
export type NoteSampler = (probabilities: ArrayLike<number>, place: DrawPlace) => number[];

/**
 * A function that draws notes.
 *
 * ```ts
 * const draw = createNoteSampler({ temperature: 0.9, most: 4 });
 * draw(stream.step(silence), { seed: 1, sequence: 0, step: 0 }); // [39, 43, 46, 51]
 * ```
 *
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function createNoteSampler(options: NoteSamplingOptions = {}): NoteSampler {
  checkOptions(options, noteSamplingRows, "createNoteSampler");
  const { temperature, most = Number.MAX_SAFE_INTEGER } = withDefaults(options, noteSamplingRows);
  let words = new Uint32Array(0);
  return (probabilities, { seed, sequence, step }) => {
    const { length } = probabilities;
    if (words.length !== length) words = new Uint32Array(length);
    fillWords({ seed, purpose: purposes.sample, sequence, time: step }, words);
    const on: number[] = [];
    for (let i = 0; i < length; i++) {
      const p = tempered(probabilities[i]!, temperature);
      if (words[i]! * 2 ** -32 < p) on.push(i);
    }
    if (on.length <= most) return on;
    const byChance = on.sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
    return byChance.slice(0, most).sort((a, b) => a - b);
  };
}

/** σ(z / T) for p = σ(z): with odds p / (1 − p), the odds to the power of 1 / T. */
function tempered(p: number, temperature: number): number {
  if (temperature === 1 || p <= 0 || p >= 1) return p;
  if (temperature === 0) return p > 0.5 ? 1 : 0;
  return 1 / (1 + portableExp((portableLog(1 - p) - portableLog(p)) / temperature));
}
