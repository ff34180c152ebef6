/**
 * Performances as tokens (Oore, Simon, Dieleman, Eck and Simonyan 2018, "This Time with Feeling"): 388 of them, in time
 * order, so that a model of tokens learns when notes come and how hard they are struck, not only which.
 *
 *     0 … 127     note on (the MIDI number)          256 … 355   wait 10 ms, 20 ms, …, 1 s
 *     128 … 255   note off                           356 … 387   from here on, notes are struck so hard: 32 steps
 *
 * Any list of tokens is a piece: what is not on is not switched off, and what is still on at the end is.
 */
import { byStart, defaultTempo, drumChannel, type MusicNote, type Piece, tempoMap } from "./piece.js";

/** Where each kind of token begins. */
export const performanceTokens = { on: 0, off: 128, wait: 256, velocity: 356, count: 388 } as const;

/** Milliseconds of the shortest wait, waits, and steps of velocity. */
const [unit, waits, loudnesses] = [10, 100, 32] as const;

/** Tokens, and what did not go into them. */
export interface Performance {
  readonly tokens: Int32Array;
  /** Notes on the drum channel. */
  readonly drums: number;
}

/**
 * The tokens of a piece, from its first note on. Notes last as long as they are heard, the pedal included; times are rounded
 * to 10 ms, and a note lasts at least so long.
 */
export function encodePerformance(piece: Piece): Performance {
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
    // At one time notes end before others begin, or a repeated note would be ended by its first strike.
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

/** The same notes, none of them sounding on when its key is struck again, by whatever voice; of two at once the longer. */
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

/** Ticks of a beat of what is made of tokens: at 120 beats a minute one tick is a millisecond. */
const ticksPerBeat = defaultTempo / 1000;

/**
 * The piece of a list of tokens. A key that is struck while it sounds ends there; what sounds at the end is ended there, and
 * lasts 10 ms at least.
 *
 * @param options.name for messages; default "performance"
 * @throws RangeError if a token is none of the 388
 */
export function decodePerformance(
  tokens: ArrayLike<number>,
  options: { readonly name?: string } = {},
): Piece {
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
