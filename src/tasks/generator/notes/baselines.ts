/**
 * What a generator of piano-rolls has to beat, counted on the training data and judged in the same way: nats per step, over
 * all steps of each piece but its first. Both baselines treat notes one by one; neither knows chords.
 */

import { pianoKeys, type Roll } from "../../../data/index.js";
import { requireItems, rollItems } from "../../../data/items.js";
import { bootstrapStatistic, type Interval } from "../../../train/metrics/index.js";

/** A likelihood, in nats per step, with its 95 % bootstrap interval over pieces. */
export interface StepLoss {
  readonly nllPerStep: number;
  readonly interval: Interval;
}

/** Baselines by name. */
export interface MusicBaselines {
  /** Each note sounds as often as in training, regardless of what comes before. */
  readonly frequencies: StepLoss;
  /** The previous step repeated, smoothed: each note sounds as often as it does after a step with it, or without it. */
  readonly lastStep: StepLoss;
}

/** For each piece a row: its nats and its number of predicted steps. */
export type PieceLosses = readonly (readonly [nats: number, steps: number])[];

/** Their quotient, with an interval. @throws RangeError if no step is predicted */
export function stepLoss(losses: PieceLosses): StepLoss {
  const perStep = (sums: ArrayLike<number>): number => sums[0]! / sums[1]!;
  const sums = losses.reduce(([a, b], [nats, steps]) => [a + nats, b + steps] as [number, number], [0, 0]);
  if (sums[1] === 0) throw new RangeError("no piece has a step after its first; a mean needs one");
  return { nllPerStep: perStep(sums), interval: bootstrapStatistic(losses, perStep, { seed: 1 }) };
}

/**
 * Baselines on `test`, counted on `train`, with one added on either side of each count (Laplace), so that nothing is
 * impossible.
 *
 * @throws RangeError if either has no step after the first of a piece
 */
export function musicBaselines(train: readonly Roll[], test: readonly Roll[]): MusicBaselines {
  for (const rolls of [train, test]) requireItems(rolls, rollItems, "rolls");
  const { count, lowest } = pianoKeys;
  /** Number of steps, and of those in which each note sounds: after a step without it, and after one with it. */
  const steps = [new Float64Array(count), new Float64Array(count)] as const;
  const sounding = [new Float64Array(count), new Float64Array(count)] as const;
  each(train, (key, before, now) => {
    steps[before]![key]!++;
    sounding[before]![key]! += now;
  });
  const smoothed = (on: number, all: number): number => (on + 1) / (all + 2);
  const own = Array.from({ length: count }, (_, key) =>
    smoothed(sounding[0][key]! + sounding[1][key]!, steps[0][key]! + steps[1][key]!),
  );
  const after = ([0, 1] as const).map((before) =>
    own.map((_, key) => smoothed(sounding[before][key]!, steps[before][key]!)),
  );
  const judge = (chance: (key: number, before: number) => number): StepLoss =>
    stepLoss(
      test.map((roll) => {
        let nats = 0;
        each([roll], (key, before, now) => {
          const p = chance(key, before);
          nats -= Math.log(now === 1 ? p : 1 - p);
        });
        return [nats, Math.max(roll.length - 1, 0)] as const;
      }),
    );
  return {
    frequencies: judge((key) => own[key]!),
    lastStep: judge((key, before) => after[before]![key]!),
  };

  /** Every key of every step but the first: whether it sounds, and whether it did in the step before. */
  function each(rolls: readonly Roll[], see: (key: number, before: 0 | 1, now: 0 | 1) => void): void {
    for (const roll of rolls) {
      for (let t = 1; t < roll.length; t++) {
        const [before, now] = [new Set(roll[t - 1]), new Set(roll[t])];
        for (let key = 0; key < count; key++) {
          const pitch = key + lowest;
          see(key, before.has(pitch) ? 1 : 0, now.has(pitch) ? 1 : 0);
        }
      }
    }
  }
}
