/**
 * Performances as tokens (Oore, Simon, Dieleman, Eck and Simonyan 2018, "This Time with Feeling"): 388 of them, in order
 * of time, so that a model of tokens learns not only which notes come, but also when, and how hard they are struck.
 *
 *     0 … 127     note on (the MIDI number)          256 … 355   wait 10 ms, 20 ms, …, 1 s
 *     128 … 255   note off                           356 … 387   velocity of the notes from here on: 32 steps
 *
 * Any list of tokens is a piece: switching off a note that is not on has no effect, and notes still on at the end are
 * switched off.
 */

import { checkArguments } from "../../options/check.js";
import { pieceItems, requireOne } from "../items.js";
import { byStart, defaultTempo, drumChannel, type MusicNote, type Piece, tempoMap } from "./piece.js";

/** Where each kind of token begins. */
export const performanceTokens = { on: 0, off: 128, wait: 256, velocity: 356, count: 388 } as const;

/** Milliseconds of the shortest wait, number of waits, and number of velocities. */
const [unit, waits, loudnesses] = [10, 100, 32] as const;

/** Tokens, and what was left out of them. */
export interface Performance {
  readonly tokens: Int32Array;
  /** Notes on the drum channel. */
  readonly drums: number;
}

/**
 * The tokens of a piece, from its first note on. Notes last as long as they are heard, including the pedal; times are rounded
 * to 10 ms, and a note lasts at least that long.
 */
export function encodePerformance(piece: Piece): Performance {
  requireOne(piece, pieceItems, "encodePerformance");
  const { seconds } = tempoMap(piece);
  const at = (tick: number): number => Math.round((1000 * seconds(tick)) / unit);
  const pitched = piece.notes.filter(({ channel }) => channel !== drumChannel);
  const events = unbroken(
    pitched.map(({ pitch, start, end, heardUntil = end, velocity }) => ({
      pitch,
      start: at(start),
      end: Math.max(at(start) + 1, at(heardUntil)),
      loudness: Math.floor(velocity / (128 / loudnesses)),
    })),
  ).flatMap(({ pitch, start, end, loudness }) => [
    // At the same time, notes end before others begin; otherwise a repeated note would be ended as soon as it is struck.
    { time: end, rank: 0, pitch, loudness },
    { time: start, rank: 1, pitch, loudness },
  ]);
  events.sort((a, b) => a.time - b.time || a.rank - b.rank || a.pitch - b.pitch);
  const tokens: number[] = [];
  let now = events[0]?.time ?? 0;
  let loudness = -1;
  for (const event of events) {
    for (let left = event.time - now; left > 0; left -= waits)
      tokens.push(performanceTokens.wait + Math.min(left, waits) - 1);
    now = event.time;
    if (event.rank === 1 && event.loudness !== loudness) {
      loudness = event.loudness;
      tokens.push(performanceTokens.velocity + loudness);
    }
    tokens.push((event.rank === 1 ? performanceTokens.on : performanceTokens.off) + event.pitch);
  }
  return { tokens: Int32Array.from(tokens), drums: piece.notes.length - pitched.length };
}

interface Heard {
  readonly pitch: number;
  readonly start: number;
  readonly end: number;
  readonly loudness: number;
}

/** The same notes, each ending when its key is struck again in any voice; of two at once, the longer. */
function unbroken(notes: readonly Heard[]): Heard[] {
  const last = new Map<number, number>();
  const kept: Heard[] = [];
  for (const note of [...notes].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const place = last.get(note.pitch);
    const before = place === undefined ? undefined : kept[place]!;
    if (before?.start === note.start) continue;
    if (before && before.end > note.start) kept[place!] = { ...before, end: note.start };
    last.set(note.pitch, kept.push(note) - 1);
  }
  return kept;
}

/** Ticks per beat of pieces made from tokens: at 120 beats per minute one tick is a millisecond. */
const ticksPerBeat = defaultTempo / 1000;

/**
 * The piece of a list of tokens. Striking a key that is sounding ends its note; whatever sounds at the end is ended there,
 * after 10 ms at least.
 *
 * @param options.name for messages; default "performance"
 * @throws RangeError if a token is not one of the 388
 */
export function decodePerformance(
  tokens: ArrayLike<number>,
  options: { readonly name?: string } = {},
): Piece {
  checkArguments("decodePerformance", { tokens }, { tokens: { kind: "numbers" } });
  const notes: MusicNote[] = [];
  const sounding = new Map<number, { readonly start: number; readonly velocity: number }>();
  let [now, velocity] = [0, 64];
  const release = (pitch: number, least = 0): void => {
    const note = sounding.get(pitch);
    sounding.delete(pitch);
    if (note && now + least > note.start)
      notes.push({
        pitch,
        start: note.start,
        end: now + least,
        velocity: note.velocity,
        channel: 0,
        track: 0,
      });
  };
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (!(Number.isInteger(token) && token >= 0 && token < performanceTokens.count))
      throw new RangeError(`token ${i} is ${token}; tokens run from 0 to ${performanceTokens.count - 1}`);
    if (token >= performanceTokens.velocity)
      velocity = Math.max(1, (token - performanceTokens.velocity) * (128 / loudnesses) + 2);
    else if (token >= performanceTokens.wait) now += (token - performanceTokens.wait + 1) * unit;
    else if (token >= performanceTokens.off) release(token - performanceTokens.off);
    else {
      release(token);
      sounding.set(token, { start: now, velocity });
    }
  }
  for (const pitch of [...sounding.keys()]) release(pitch, unit);
  const tempos = [{ tick: 0, microsecondsPerBeat: defaultTempo }];
  return { name: options.name ?? "performance", ticksPerBeat, notes: notes.sort(byStart), tempos };
}

/** A token in words: "on C4", "wait 0.25 s". */
export function performanceToken(token: number, nameOf: (pitch: number) => string): string {
  const { off, wait, velocity } = performanceTokens;
  if (token >= velocity) return `velocity ${token - velocity}`;
  if (token >= wait) return `wait ${((token - wait + 1) * unit) / 1000} s`;
  return token >= off ? `off ${nameOf(token - off)}` : `on ${nameOf(token)}`;
}
