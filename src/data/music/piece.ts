/**
 * A piece of music as notes: what the MIDI reader returns, and what piano-rolls and performances are converted from and
 * to. Times are in ticks, so that the beats of the score are exact; the tempo map turns them into seconds.
 */

/** One note. */
export interface MusicNote {
  /** MIDI number, 0 to 127; 60 is C4, middle C. */
  readonly pitch: number;
  /** In ticks, from the start of the piece. */
  readonly start: number;
  /** Where the key is released, in ticks; later than `start`. */
  readonly end: number;
  /** Where it stops sounding, in ticks: `end`, or later if the sustain pedal holds it. Default: `end`. */
  readonly heardUntil?: number;
  /** How hard it is struck, 1 to 127. */
  readonly velocity: number;
  /** From 0; channel 9, the tenth, is for drums. */
  readonly channel: number;
  /** Which of the file's tracks it is in, from 0. */
  readonly track: number;
}

/** The length of a quarter note from a tick on. */
export interface TempoChange {
  readonly tick: number;
  readonly microsecondsPerBeat: number;
}

/** A piece. */
export interface Piece {
  /** Where it comes from, for messages. */
  readonly name: string;
  /** Ticks per quarter note. */
  readonly ticksPerBeat: number;
  /** By start, then pitch. */
  readonly notes: readonly MusicNote[];
  /** By tick; 120 quarter notes per minute before the first one, or if there is none. */
  readonly tempos: readonly TempoChange[];
}

/** The channel whose notes are drums. */
export const drumChannel = 9;

/** The tempo of a piece that states none: 120 quarter notes per minute. */
export const defaultTempo = 500_000;

/** From ticks to seconds and back. */
export interface TempoMap {
  /** Seconds from the start of the piece. */
  readonly seconds: (tick: number) => number;
  /** The tick at a time, not rounded. */
  readonly tick: (seconds: number) => number;
}

/**
 * The tempo map of a piece: seconds(tick) = Σ over stretches of one tempo of their ticks · their seconds per tick.
 */
export function tempoMap(given: Pick<Piece, "tempos" | "ticksPerBeat">): TempoMap {
  const { tempos, ticksPerBeat } = Object(given) as Pick<Piece, "tempos" | "ticksPerBeat">;
  const changes = [...tempos].sort((a, b) => a.tick - b.tick);
  if (changes[0]?.tick !== 0) changes.unshift({ tick: 0, microsecondsPerBeat: defaultTempo });
  let passed = 0;
  const stretches = changes.map(({ tick, microsecondsPerBeat }, i) => {
    const rate = microsecondsPerBeat / 1e6 / ticksPerBeat;
    const from = passed;
    passed += ((changes[i + 1]?.tick ?? tick) - tick) * rate;
    return { tick, from, rate };
  });
  type Stretch = (typeof stretches)[number];
  const last = (isBefore: (stretch: Stretch) => boolean): Stretch => {
    let [low, high] = [0, stretches.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (isBefore(stretches[middle]!)) low = middle;
      else high = middle - 1;
    }
    return stretches[low]!;
  };
  return {
    seconds(tick) {
      const found = last((stretch) => stretch.tick <= tick);
      return found.from + (tick - found.tick) * found.rate;
    },
    tick(seconds) {
      const found = last((stretch) => stretch.from <= seconds);
      return found.rate === 0 ? found.tick : found.tick + (seconds - found.from) / found.rate;
    },
  };
}

/** Order of notes: by start, then pitch, then track. */
export const byStart = (a: MusicNote, b: MusicNote): number =>
  a.start - b.start || a.pitch - b.pitch || a.track - b.track || a.end - b.end;

/** Where the last note ends, in ticks; 0 if there are no notes. */
export const pieceEnd = ({ notes }: Pick<Piece, "notes">): number =>
  notes.reduce((end, note) => Math.max(end, note.heardUntil ?? note.end), 0);
