/**
 * What music is like, in a few numbers that generated and real pieces can be compared by: how often something sounds, how
 * many notes at once, which pitch classes, how well a piece keeps to one key, and how much of a step goes on in the next.
 * Whoever draws notes with a good likelihood may still write music that is too full, too empty or in no key.
 */
import type { Roll } from "../../../data/index.js";

/** Numbers about piano-rolls. */
export interface MusicStatistics {
  readonly pieces: number;
  readonly steps: number;
  /** Share of steps in which a note sounds. */
  readonly sounding: number;
  /** Notes at once, on average over the steps in which any sounds. */
  readonly chordSize: number;
  /** Share of the notes that are C, C#, …, B: twelve numbers that sum to one (or all 0 where there are no notes). */
  readonly pitchClasses: readonly number[];
  /** Share of a piece's notes in the major scale that most of them are in, over all notes: 7/12 would be chance. */
  readonly inKey: number;
  /** Share of the notes of a step that sound in the step before as well; what is left moves. */
  readonly held: number;
  /** Share of steps that are the same as the step before. */
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
  /** Total variation: half the sum of the differences; 0 is the same histogram, 1 another one entirely. */
  readonly pitchClasses: number;
}

/** The major scale on C; with its seven notes, that of A minor too. */
const scale = [0, 2, 4, 5, 7, 9, 11];

/** Numbers about piano-rolls; all 0 where nothing sounds. */
export function musicStatistics(rolls: readonly Roll[]): MusicStatistics {
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

/** How far apart two sets of pieces are, each number by itself. */
export function musicDistance(a: MusicStatistics, b: MusicStatistics): MusicDistance {
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
