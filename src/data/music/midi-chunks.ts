/**
 * The outer form of a Standard MIDI File: a header chunk and track chunks, each with its length. It is checked here, before
 * a parser reads the contents, so that a truncated file is reported as such. Chunks of other kinds are skipped, as
 * the standard requires. (MIDI Manufacturers Association, Standard MIDI Files 1.0)
 */
import { DataError } from "../errors.js";
import { trackProblem } from "./midi-track.js";

/** What the header says, and the bytes of header and tracks alone. */
export interface MidiChunks {
  readonly format: 0 | 1;
  readonly ticksPerBeat: number;
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
  if (format === 2)
    throw fail(
      "has format 2, in which tracks are separate pieces",
      "Save each of them as a file of format 0 or 1.",
    );
  if (format !== 0 && format !== 1) throw fail(`has format ${format}`, "Give a file of format 0 or 1.");
  if (division & 0x8000)
    throw fail("counts time in film frames (SMPTE), not in beats", "Save it with ticks per quarter note.");
  if (division === 0) throw fail("has 0 ticks per quarter note", "Save it again.");
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
  return { format, ticksPerBeat: division, bytes: all };
}

const cutOff = (file: string, where: string): DataError =>
  new DataError({
    file,
    problem: `ends ${where}: it is truncated`,
    remedy: "Fetch or save it again.",
  });
