/**
 * Piano-rolls: the notes that sound in each step of a piece, a step being a beat or a part of one. A roll counts in beats,
 * not in seconds, so that a performance with a changing tempo keeps the rhythm of its score. A roll does not say
 * whether a note that sounds in two steps is held or struck again.
 */
import { keyed } from "../../options/error.js";
import { DataError } from "../errors.js";
import { pieceItems, requireOne, rollItems } from "../items.js";
import { byStart, drumChannel, type MusicNote, type Piece } from "./piece.js";

/** The MIDI numbers that sound in each step, ascending, each once; an empty step is silent. */
export type Roll = readonly (readonly number[])[];

/** The keys of a piano: A0 to C8. */
export const pianoKeys = { lowest: 21, highest: 108, count: 88 } as const;

/** A roll, and what was left out of it. */
export interface RollOfPiece {
  readonly roll: Roll;
  /** Notes on the drum channel. */
  readonly drums: number;
  /** Notes outside the range of a piano. */
  readonly outside: number;
}

/**
 * The roll of a piece. A note sounds from the step nearest to its start up to the one nearest to its end (of the key,
 * without the pedal), but in at least one step.
 *
 * @param options.stepsPerBeat steps of a quarter note; default 1
 * @throws RangeError if it is not a whole number from 1 to 96; DataError if the piece would need more than 262,144 steps,
 *   or has notes that last for more than four million of them
 */
export function pieceRoll(piece: Piece, options: { readonly stepsPerBeat?: number } = {}): RollOfPiece {
  requireOne(piece, pieceItems, "pieceRoll");
  const { stepsPerBeat = 1 } = options;
  requireSteps(stepsPerBeat);
  const perStep = piece.ticksPerBeat / stepsPerBeat;
  const pitched = piece.notes.filter(({ channel }) => channel !== drumChannel);
  const playable = pitched.filter(({ pitch }) => pitch >= pianoKeys.lowest && pitch <= pianoKeys.highest);
  const extents = [...playable].sort(byStart).map(({ pitch, start, end }) => {
    const first = Math.round(start / perStep);
    return { pitch, first, last: Math.max(first + 1, Math.round(end / perStep)) };
  });
  // Voices may hold one key many times over: what a key has filled already is not filled again.
  const filled = new Map<number, number>();
  const fresh = extents.map(({ pitch, first, last }) => {
    const before = filled.get(pitch) ?? 0;
    filled.set(pitch, Math.max(before, last));
    return { pitch, from: Math.max(first, before), last };
  });
  // A count-in, or silence at the beginning of a file, is not part of the music.
  const begin = extents.reduce((least, { first }) => Math.min(least, first), Number.POSITIVE_INFINITY);
  const length = extents.reduce((most, { last }) => Math.max(most, last - begin), 0);
  requireRoom(
    piece,
    length,
    fresh.reduce((sum, { from, last }) => sum + Math.max(last - from, 0), 0),
  );
  const steps = new Map<number, Set<number>>();
  for (const { pitch, from, last } of fresh)
    for (let t = from - begin; t < last - begin; t++) {
      const step = steps.get(t) ?? new Set();
      steps.set(t, step.add(pitch));
    }
  const silence: Roll[number] = [];
  return {
    roll: Array.from({ length }, (_, t) => {
      const step = steps.get(t);
      return step ? [...step].sort((a, b) => a - b) : silence;
    }),
    drums: piece.notes.length - pitched.length,
    outside: pitched.length - playable.length,
  };
}

/** How a roll is turned into a piece. */
export interface RollPieceOptions {
  /** Steps of a quarter note; default 1. */
  readonly stepsPerBeat?: number;
  /** Quarter notes per minute; default 100. */
  readonly beatsPerMinute?: number;
  /** "held": a note that sounds in consecutive steps is one long note; "repeated": it is struck in each. Default "held". */
  readonly notes?: "held" | "repeated";
  /** How hard all notes are struck, 1 to 127; default 80. */
  readonly velocity?: number;
  /** Ticks per quarter note, a multiple of the steps; default 480, or 96 for each step if their number does not divide 480. */
  readonly ticksPerBeat?: number;
  /** For messages; default "roll". */
  readonly name?: string;
}

/**
 * The piece of a roll.
 *
 * ```ts
 * import { rollPiece } from "unrolled/data";
 * rollPiece([[60, 64], [60, 65]]).notes.length; // 3: the C is held
 * ```
 *
 * @throws RangeError naming the option, or the note, that makes no sense
 */
export function rollPiece(roll: Roll, options: RollPieceOptions = {}): Piece {
  requireOne(roll, rollItems, "rollPiece");
  const { stepsPerBeat = 1, beatsPerMinute = 100, velocity = 80, name = "roll" } = options;
  requireSteps(stepsPerBeat);
  const { notes: kind = "held", ticksPerBeat = 480 % stepsPerBeat ? 96 * stepsPerBeat : 480 } = options;
  const perStep = ticksPerBeat / stepsPerBeat;
  if (!(Number.isInteger(perStep) && perStep >= 1))
    throw new RangeError(
      `ticksPerBeat is ${ticksPerBeat}; give a multiple of the ${stepsPerBeat} steps of a beat`,
    );
  if (!(beatsPerMinute >= 4 && beatsPerMinute <= 1000))
    throw new RangeError(`beatsPerMinute is ${beatsPerMinute}; give a number from 4 to 1000`);
  requireWhole("velocity", velocity, [1, 127]);
  const notes: MusicNote[] = [];
  const sounding = new Map<number, number>();
  const close = (pitch: number, start: number, t: number): void => {
    notes.push({ pitch, start: start * perStep, end: t * perStep, velocity, channel: 0, track: 0 });
  };
  for (let t = 0; t <= roll.length; t++) {
    const step = new Set(roll[t] ?? []);
    for (const [pitch, start] of sounding) {
      if (step.has(pitch) && kind === "held") continue;
      close(pitch, start, t);
      sounding.delete(pitch);
    }
    for (const pitch of step) {
      requireWhole(`a note of step ${t}`, pitch, [0, 127]);
      if (!sounding.has(pitch)) sounding.set(pitch, t);
    }
  }
  return {
    name,
    ticksPerBeat,
    notes: notes.sort(byStart),
    tempos: [{ tick: 0, microsecondsPerBeat: Math.round(60e6 / beatsPerMinute) }],
  };
}

/** Steps of a roll, and notes in them: hours of music. A network that learns it has numbers for 88 keys in every step. */
const [MOST_STEPS, MOST_SOUNDING] = [2 ** 18, 2 ** 22];

/** Two notes a long time apart are a small file and a very long roll. @throws DataError */
function requireRoom({ name }: Piece, steps: number, sounding: number): void {
  if (steps <= MOST_STEPS && sounding <= MOST_SOUNDING) return;
  const [what, is, most] =
    steps > MOST_STEPS ? ["steps", steps, MOST_STEPS] : ["notes in its steps", sounding, MOST_SOUNDING];
  throw new DataError({
    file: name,
    problem: `would be a piano-roll of ${is.toLocaleString("en")} ${what}, and ${most.toLocaleString("en")} is the most`,
    remedy: keyed("Cut the piece, or count fewer steps in a beat ({stepsPerBeat})."),
  });
}

function requireSteps(stepsPerBeat: number): void {
  requireWhole("stepsPerBeat", stepsPerBeat, [1, 96]);
}

function requireWhole(
  name: string,
  value: number,
  [least, most]: readonly [least: number, most: number],
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name} is ${value}; give a whole number from ${least} to ${most}`);
}
