/**
 * What music is like, in a few numbers by which generated and real pieces can be compared: how often something sounds, how
 * many notes at once, which pitch classes, how well a piece keeps to one key, and how much of a step carries over
 * into the next. A model with a good likelihood may still write music that is too full, too empty or in no key.
 */

import type { Roll } from "../../../data/index.js";
import { requireItems, rollItems } from "../../../data/items.js";
import { OptionError } from "../../../options/index.js";

/** Numbers about piano-rolls. */
export interface MusicStatistics {
  readonly pieces: number;
  readonly steps: number;
  /** Share of steps in which a note sounds. */
  readonly sounding: number;
  /** Notes at once, averaged over the steps in which any sounds. */
  readonly chordSize: number;
  /** Share of the notes that are C, C#, …, B: twelve numbers that sum to one (all 0 if there are no notes). */
  readonly pitchClasses: readonly number[];
  /** Share of all notes that lie in the major scale that fits most notes of their piece: 7/12 would be chance. */
  readonly inKey: number;
  /** Share of a step's notes that also sound in the previous step; the rest moves. */
  readonly held: number;
  /** Share of steps that are the same as the previous one. */
  readonly repeated: number;
}

/** How far apart two sets of pieces are. */
export interface MusicDistance {
  /** Differences, in the unit of each number. */
  readonly sounding: number;
  readonly chordSize: number;
  readonly inKey: number;
  readonly held: number;
  readonly repeated: number;
  /** Total variation: half the sum of the differences; 0 for equal histograms, 1 for entirely different ones. */
  readonly pitchClasses: number;
}

/** The scale of C major, whose seven notes are also those of A minor. */
const scale = [0, 2, 4, 5, 7, 9, 11];

/** Numbers about piano-rolls; all 0 if nothing sounds. */
export function musicStatistics(rolls: readonly Roll[]): MusicStatistics {
  requireItems(rolls, rollItems, "rolls");
  const classes = new Array<number>(12).fill(0);
  let [steps, sounding, notes, inKey, going, held, pairs, repeated] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (const roll of rolls) {
    const own = new Array<number>(12).fill(0);
    for (const [t, step] of roll.entries()) {
      steps++;
      if (step.length > 0) sounding++;
      notes += step.length;
      for (const pitch of step) own[pitch % 12]!++;
      const before = roll[t - 1];
      if (before === undefined) continue;
      pairs++;
      going += step.length;
      const both = step.filter((pitch) => before.includes(pitch)).length;
      held += both;
      if (both === step.length && both === before.length) repeated++;
    }
    for (const [k, n] of own.entries()) classes[k]! += n;
    inKey += Math.max(...own.map((_, tonic) => scale.reduce((sum, k) => sum + own[(tonic + k) % 12]!, 0)));
  }
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    pieces: rolls.length,
    steps,
    sounding: share(sounding, steps),
    chordSize: share(notes, sounding),
    pitchClasses: classes.map((n) => share(n, notes)),
    inKey: share(inKey, notes),
    held: share(held, going),
    repeated: share(repeated, pairs),
  };
}

/** How far apart two sets of pieces are, separately for each number. */
export function musicDistance(a: MusicStatistics, b: MusicStatistics): MusicDistance {
  for (const each of [a, b])
    if (!Array.isArray(Object(each).pitchClasses))
      throw new OptionError("musicDistance compares two of what musicStatistics() gives");
  const between = (key: "sounding" | "chordSize" | "inKey" | "held" | "repeated"): number =>
    Math.abs(a[key] - b[key]);
  return {
    sounding: between("sounding"),
    chordSize: between("chordSize"),
    inKey: between("inKey"),
    held: between("held"),
    repeated: between("repeated"),
    pitchClasses: a.pitchClasses.reduce((sum, p, k) => sum + Math.abs(p - b.pitchClasses[k]!), 0) / 2,
  };
}
