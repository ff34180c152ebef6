/**
 * From a piece to the bytes of a Standard MIDI File of format 1: a track with the tempo, then one for each track of the
 * notes. At the same tick, notes end before others begin, so that a repeated key is struck again. The pedal is written
 * as its effect: notes last until `heardUntil`.
 */

import { DataError } from "../errors.js";
import { pieceItems, requireOne } from "../items.js";
import { joined } from "../joined.js";
import { type MidiEvent, midiLibrary } from "./midi-library.js";
import { defaultTempo, type MusicNote, type Piece } from "./piece.js";

/** An event at its tick; at equal ticks, the lower rank comes first. */
interface Timed {
  readonly tick: number;
  readonly rank: number;
  readonly event: Exclude<MidiEvent, { type: "endOfTrack" }>;
}

/**
 * The bytes of a MIDI file.
 *
 * @throws DataError naming a note that does not fit into a MIDI file: a time or a number out of range
 */
export async function writeMidi(piece: Piece): Promise<Uint8Array> {
  requireOne(piece, pieceItems, "writeMidi");
  const { notes, ticksPerBeat, name } = piece;
  if (!(Number.isInteger(ticksPerBeat) && ticksPerBeat >= 1 && ticksPerBeat <= 0x7fff))
    throw unfit(name, `has ${ticksPerBeat} ticks per quarter note`, "Give a whole number from 1 to 32767.");
  for (const note of notes) checkNote(note, name);
  const { writeMidi: bytesOf } = await midiLibrary();
  const byTrack = new Map<number, MusicNote[]>();
  for (const note of notes) {
    const own = byTrack.get(note.track);
    if (own) own.push(note);
    else byTrack.set(note.track, [note]);
  }
  const tracks = [...byTrack].sort(([a], [b]) => a - b);
  const chunks = [
    inOrder(tempoEvents(piece)),
    ...tracks.map(([, own]) => inOrder(own.flatMap(noteEvents))),
  ].map(
    // One by one: the library copies what it has written for every track.
    (events) => bytesOf({ header: { format: 1, numTracks: 1, ticksPerBeat }, tracks: [events] }),
  );
  const head = Uint8Array.from(chunks[0]!.slice(0, HEADER_BYTES));
  new DataView(head.buffer).setUint16(HEADER_BYTES - 4, chunks.length);
  return joined([head, ...chunks.map((chunk) => Uint8Array.from(chunk.slice(HEADER_BYTES)))]);
}

/** Bytes of the header chunk; the number of tracks stands before its last two. */
const HEADER_BYTES = 14;

function tempoEvents({ tempos }: Piece): Timed[] {
  const changes = tempos.length > 0 ? tempos : [{ tick: 0, microsecondsPerBeat: defaultTempo }];
  return changes.map(({ tick, microsecondsPerBeat }) => ({
    tick,
    rank: 0,
    event: { deltaTime: 0, meta: true, type: "setTempo", microsecondsPerBeat },
  }));
}

function noteEvents({ pitch, start, end, heardUntil = end, velocity, channel }: MusicNote): Timed[] {
  const of = { deltaTime: 0, channel, noteNumber: pitch };
  return [
    { tick: heardUntil, rank: 0, event: { ...of, type: "noteOff", velocity: 0 } },
    { tick: start, rank: 1, event: { ...of, type: "noteOn", velocity } },
  ];
}

/** Events with the time since the previous one, and the end of the track. */
function inOrder(events: readonly Timed[]): MidiEvent[] {
  let before = 0;
  const sorted = [...events].sort((a, b) => a.tick - b.tick || a.rank - b.rank);
  const track = sorted.map(({ tick, event }): MidiEvent => {
    const deltaTime = tick - before;
    before = tick;
    return { ...event, deltaTime };
  });
  return [...track, { deltaTime: 0, meta: true, type: "endOfTrack" }];
}

function checkNote(note: MusicNote, file: string): void {
  const { start, end, heardUntil = end } = note;
  // Four bytes of seven bits: the longest pause that a file can hold.
  const longest = 0x0fffffff;
  const fields: readonly [name: string, value: number, least: number, most: number][] = [
    ["pitch", note.pitch, 0, 127],
    ["velocity", note.velocity, 1, 127],
    ["channel", note.channel, 0, 15],
    ["track", note.track, 0, 65_534],
    ["start", start, 0, longest],
    ["end", end, start + 1, longest],
  ];
  for (const [field, value, least, most] of fields) {
    if (Number.isInteger(value) && value >= least && value <= most) continue;
    const problem = `has a note whose ${field} is ${value}`;
    throw unfit(file, problem, `Give a whole number from ${least} to ${most}.`);
  }
  if (!(Number.isInteger(heardUntil) && heardUntil >= end))
    throw unfit(
      file,
      `has a note that is heard until ${heardUntil} but ends at ${end}`,
      "Give a later tick.",
    );
}

const unfit = (file: string, problem: string, remedy: string): DataError =>
  new DataError({ file, problem, remedy });
