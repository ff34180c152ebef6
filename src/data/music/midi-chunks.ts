/**
 * The outer form of a Standard MIDI File: a header chunk and track chunks, each with its length. It is checked here, before
 * a parser reads the contents, so that a truncated file is reported as such. Chunks of other kinds are skipped, as
 * the standard requires. (MIDI Manufacturers Association, Standard MIDI Files 1.0)
 */
import { DataError } from "../errors.js";
import { trackProblem } from "./midi-track.js";

/** What the header says, and the bytes of header and tracks alone. */
export interface MidiChunks {
  readonly format: 0 | 1 | 2;
  /** Of a file that counts time in frames: the ticks of a second, but for 29.97 frames, of which 30 make a beat. */
  readonly ticksPerBeat: number;
  /** Microseconds of such a beat; absent: tempo changes of the file say it. */
  readonly tempo?: number;
  readonly bytes: Uint8Array;
}

/** @throws DataError saying what is wrong with the file */
export function midiChunks(bytes: Uint8Array, file: string): MidiChunks {
  const fail = (problem: string, remedy: string): DataError => new DataError({ file, problem, remedy });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const idAt = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (idAt(0) === "RIFF") throw fail("is MIDI inside a RIFF file", "Save it as a Standard MIDI File (.mid).");
  if (idAt(0) !== "MThd")
    throw fail("is not a MIDI file: it does not begin with MThd", "Give a Standard MIDI File (.mid).");
  if (bytes.length < 14) throw cutOff(file, "in its header");
  const [format, tracks, division] = [view.getUint16(8), view.getUint16(10), view.getUint16(12)];
  if (format !== 0 && format !== 1 && format !== 2)
    throw fail(`has format ${format}`, "Give a file of format 0, 1 or 2.");
  const time = division & 0x8000 ? framesOf(division) : { ticksPerBeat: division };
  if (time === undefined)
    throw fail(
      `counts time in ${256 - (division >> 8)} frames a second, which is no SMPTE rate`,
      "Save it with ticks per quarter note.",
    );
  if (time.ticksPerBeat === 0) throw fail("has 0 ticks per quarter note", "Save it again.");
  const parts = [bytes.slice(0, 8 + view.getUint32(4))];
  let at = parts[0]!.length;
  while (parts.length <= tracks) {
    if (at + 8 > bytes.length) throw cutOff(file, `after ${parts.length - 1} of ${tracks} tracks`);
    const end = at + 8 + view.getUint32(at + 4);
    if (end > bytes.length) throw cutOff(file, `in track ${parts.length} of ${tracks}`);
    if (idAt(at) === "MTrk") {
      const problem = trackProblem(bytes.subarray(at + 8, end));
      if (problem !== undefined) throw fail(`is damaged: ${problem}`, "Fetch or save it again.");
      parts.push(bytes.slice(at, end));
    }
    at = end;
  }
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    all.set(part, filled);
    filled += part.length;
  }
  return { format, ...time, bytes: all };
}

/** Time in film frames: a negative number of frames a second in the first byte, ticks of a frame in the second. */
function framesOf(division: number): Pick<MidiChunks, "ticksPerBeat" | "tempo"> | undefined {
  const [frames, ticks] = [256 - (division >> 8), division & 0xff];
  if (![24, 25, 29, 30].includes(frames)) return undefined;
  // 29 stands for 29.97: 30 frames last 1.001 seconds.
  return frames === 29
    ? { ticksPerBeat: 30 * ticks, tempo: 1_001_000 }
    : { ticksPerBeat: frames * ticks, tempo: 1_000_000 };
}

const cutOff = (file: string, where: string): DataError =>
  new DataError({
    file,
    problem: `ends ${where}: it is truncated`,
    remedy: "Fetch or save it again.",
  });
