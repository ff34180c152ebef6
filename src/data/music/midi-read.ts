/**
 * From the bytes of a Standard MIDI File to a piece: notes with start and end, tempo changes. `midi-file` parses the
 * bytes; what the events mean together is decided here:
 *
 * - a note-on with velocity 0 is a note-off;
 * - a note-off ends all notes of its track, channel and pitch that began before its tick; one that begins at that very tick goes
 *   on, if there are others to end, whichever of the two events comes first in the file. So do pretty_midi and players;
 * - striking a key that is already down begins another note: they overlap until the note-off;
 * - the sustain pedal (controller 64, down from 64 on) prolongs the sound, not the key: `end` and `heardUntil` differ;
 * - a note that nothing ends is ended with its track; a note of length zero is left out.
 */
import { DataError } from "../errors.js";
import { readBytes, requireSource, type Source } from "../source.js";
import { type MidiChunks, midiChunks } from "./midi-chunks.js";
import { type MidiEvent, midiLibrary } from "./midi-library.js";
import { byStart, type MusicNote, type Piece, type TempoChange } from "./piece.js";

/** A note while it is read. */
interface OpenNote {
  readonly pitch: number;
  readonly start: number;
  end: number;
  readonly velocity: number;
  readonly channel: number;
  readonly track: number;
}

/** The pedal of one channel was down from one tick to another. */
interface Pedal {
  readonly channel: number;
  readonly from: number;
  to: number;
}

const sustain = 64;

/** Quarter notes of a piece, at most: what is made of it has room for every one of them. */
const MOST_BEATS = 150_000;

/**
 * Reads a MIDI file of one piece: of format 0 or 1, or of format 2 with notes in one track only. Where it counts time in film
 * frames (SMPTE), a beat is a second of frames.
 *
 * ```ts
 * import { bytesSource, readMidi, rollPiece, writeMidi } from "unrolled/data";
 * const bytes = await writeMidi(rollPiece([[60, 64, 67], [60, 65, 69]]));
 * (await readMidi(bytesSource("two chords.mid", bytes))).notes.length; // 5: the C is held
 * ```
 *
 * @throws DataError if it is not a MIDI file, is truncated or damaged, or lasts longer than a day
 */
export async function readMidi(source: Source): Promise<Piece> {
  requireSource(source);
  const { name } = source;
  const [piece, another] = await readPieces(source);
  if (piece !== undefined && another === undefined) return piece;
  throw new DataError({
    file: name,
    problem: "has format 2, in which tracks are separate pieces",
    remedy: "Read them with readMidiPieces(), which gives one for each track that has notes.",
  });
}

/**
 * Reads the pieces of a MIDI file: one, or of format 2 one for each track that has notes.
 *
 * @throws DataError as {@link readMidi}
 */
export async function readMidiPieces(source: Source): Promise<Piece[]> {
  requireSource(source);
  return readPieces(source);
}

async function readPieces(source: Source): Promise<Piece[]> {
  const { name } = source;
  const { format, bytes, ...time } = midiChunks(await readBytes(source), name);
  const tracks = await parsed(bytes, name);
  if (format !== 2) return [pieceOf(name, tracks, time)];
  const pieces = tracks
    .map((events) => pieceOf(name, [events], time))
    .filter(({ notes }) => notes.length > 0);
  return pieces.length > 0 ? pieces : [pieceOf(name, [], time)];
}

/** A piece out of tracks that sound together. */
function pieceOf(
  name: string,
  tracks: readonly (readonly MidiEvent[])[],
  { ticksPerBeat, tempo }: Pick<MidiChunks, "ticksPerBeat" | "tempo">,
): Piece {
  const tempos: TempoChange[] = [];
  const pedals: Pedal[] = [];
  const notes: OpenNote[] = [];
  let end = 0;
  for (const [number, events] of tracks.entries()) {
    const track = new Track(number, { notes, pedals, tempos });
    for (const event of events) track.take(event, name);
    end = Math.max(end, track.finish());
  }
  if (end > MOST_BEATS * ticksPerBeat)
    throw new DataError({
      file: name,
      problem: `lasts ${Math.round(end / ticksPerBeat).toLocaleString("en")} quarter notes`,
      remedy: `A piece lasts ${MOST_BEATS.toLocaleString("en")} at most, which is a day of music; cut it.`,
    });
  for (const pedal of pedals) if (pedal.to < 0) pedal.to = end;
  const whole = notes.filter((note) => note.end > note.start);
  const heard = heardUntil(whole, pedals);
  return {
    name,
    ticksPerBeat,
    // Where time is counted in frames, tempo says nothing about it.
    tempos:
      tempo === undefined
        ? tempos.sort((a, b) => a.tick - b.tick)
        : [{ tick: 0, microsecondsPerBeat: tempo }],
    notes: whole
      .map((note, i): MusicNote => (heard[i]! > note.end ? { ...note, heardUntil: heard[i]! } : { ...note }))
      .sort(byStart),
  };
}

async function parsed(bytes: Uint8Array, file: string): Promise<readonly (readonly MidiEvent[])[]> {
  const { parseMidi } = await midiLibrary();
  try {
    return parseMidi(bytes).tracks;
  } catch (error) {
    // The parser throws strings.
    const reason = error instanceof Error ? error.message : String(error);
    throw damaged(file, reason.replace(/\.$/, ""));
  }
}

const damaged = (file: string, reason: string): DataError =>
  new DataError({ file, problem: `is damaged: ${reason}`, remedy: "Fetch or save it again." });

/** A track being read: what sounds, and the time. */
class Track {
  private tick = 0;
  private readonly number: number;
  private readonly found: {
    readonly notes: OpenNote[];
    readonly pedals: Pedal[];
    readonly tempos: TempoChange[];
  };
  /** Notes that sound, by channel and pitch. */
  private readonly open = new Map<number, OpenNote[]>();
  private readonly down = new Map<number, Pedal>();

  constructor(number: number, found: Track["found"]) {
    this.number = number;
    this.found = found;
  }

  take(event: MidiEvent, file: string): void {
    this.tick += checked(event.deltaTime, Number.MAX_SAFE_INTEGER, "a time", file);
    switch (event.type) {
      case "noteOn":
      case "noteOff": {
        const pitch = checked(event.noteNumber, 127, "a note", file);
        const velocity = checked(event.velocity, 127, "a velocity", file);
        // The parser makes a note-off of a note-on with velocity 0.
        if (event.type === "noteOn") this.strike(event.channel, pitch, velocity);
        else this.release(event.channel, pitch);
        return;
      }
      case "controller":
        if (event.controllerType === sustain)
          this.pedal(event.channel, checked(event.value, 127, "a pedal", file) >= 64);
        return;
      case "setTempo": {
        const microsecondsPerBeat = checked(event.microsecondsPerBeat, 0xffffff, "a tempo", file);
        // A quarter note of zero length would stop the clock; players ignore it too.
        if (microsecondsPerBeat > 0) this.found.tempos.push({ tick: this.tick, microsecondsPerBeat });
        return;
      }
      default:
    }
  }

  /** @returns where the track ends */
  finish(): number {
    for (const notes of this.open.values()) for (const note of notes) note.end = this.tick;
    return this.tick;
  }

  private strike(channel: number, pitch: number, velocity: number): void {
    const note = { pitch, start: this.tick, end: -1, velocity, channel, track: this.number };
    this.found.notes.push(note);
    const key = channel * 128 + pitch;
    const sounding = this.open.get(key);
    if (sounding) sounding.push(note);
    else this.open.set(key, [note]);
  }

  private release(channel: number, pitch: number): void {
    const key = channel * 128 + pitch;
    const sounding = this.open.get(key) ?? [];
    const [older, now] = [
      sounding.filter(({ start }) => start < this.tick),
      sounding.filter(({ start }) => start === this.tick),
    ];
    for (const note of older) note.end = this.tick;
    if (older.length > 0 && now.length > 0) {
      this.open.set(key, now);
      return;
    }
    // Notes without length are left out.
    for (const note of now) note.end = this.tick;
    this.open.delete(key);
  }

  private pedal(channel: number, isDown: boolean): void {
    const held = this.down.get(channel);
    if (isDown && held === undefined) {
      const pedal = { channel, from: this.tick, to: -1 };
      this.found.pedals.push(pedal);
      this.down.set(channel, pedal);
    } else if (!isDown && held !== undefined) {
      held.to = this.tick;
      this.down.delete(channel);
    }
  }
}

/** The value of an event's field. @throws DataError if the file ended before it, or it is out of range */
function checked(value: number, most: number, what: string, file: string): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw damaged(file, `${what} is ${value}, not a whole number from 0 to ${most}`);
}

/** Where each note stops sounding: when the pedal that is down at its end is released, or its key is struck again. */
function heardUntil(notes: readonly OpenNote[], pedals: readonly Pedal[]): number[] {
  const strikes = grouped(notes, ({ channel, pitch }) => channel * 128 + pitch);
  const starts = new Map(
    [...strikes].map(([key, struck]) => [key, struck.map((note) => note.start).sort(byNumber)]),
  );
  const releases = new Map(
    [...grouped(pedals, ({ channel }) => channel)].map(([key, held]) => [key, releasesOf(held)]),
  );
  return notes.map(({ channel, pitch, start, end }) => {
    const released = releases.get(channel)?.(end) ?? end;
    if (released <= end) return end;
    const struck = starts.get(channel * 128 + pitch)!;
    const again = struck[firstAbove(struck, start)] ?? released;
    return Math.max(end, Math.min(released, again));
  });
}

const byNumber = (a: number, b: number): number => a - b;

/** Items by a key, in their order. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => number): ReadonlyMap<number, readonly T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** The place of the first number of a rising list that is above a value; its length if there is none. */
function firstAbove(rising: readonly number[], value: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * When the pedal that is down at a tick is released; −1 if none is down. Several tracks may have pedals in one channel: of
 * those that are down at once the first one counts, so a stretch of time belongs to the first pedal that covers it.
 */
function releasesOf(pedals: readonly Pedal[]): (tick: number) => number {
  const ticks = [...new Set(pedals.flatMap(({ from, to }) => [from, to]))].sort(byNumber);
  const places = new Map(ticks.map((tick, i) => [tick, i]));
  const releases = new Float64Array(ticks.length).fill(-1);
  /** For each stretch, from a tick to the next, itself, or one after it that is taken by none or leads on. */
  const free = Int32Array.from(ticks.keys());
  const freeFrom = (stretch: number): number => {
    let at = stretch;
    for (; free[at] !== at; at = free[at]!) free[at] = free[free[at]!]!;
    return at;
  };
  for (const { from, to } of pedals) {
    for (let at = freeFrom(places.get(from)!); ticks[at]! < to; at = freeFrom(at)) {
      releases[at] = to;
      free[at] = at + 1;
    }
  }
  return (tick) => releases[firstAbove(ticks, tick) - 1] ?? -1;
}
