#!/bin/sh
# midi-file: a file with a chunk of another kind between its tracks, which readers are to pass over, is refused.
#
# Versions: midi-file 1.2.4, Node 20.20.2.
# Behaviour: the standard of MIDI files has two types of chunks, MThd and MTrk, and asks readers to ignore those of other types, so
# that there can be more of them. midi-file calls such a file bad.
# Here: src/data/music/midi-chunks.ts takes header and tracks out of the file before midi-file reads them.
#
# Output seen:
#   two tracks: 2 tracks read
#   two tracks and a chunk between them: Bad MIDI file.  Expected 'MTrk', got: 'Info'
. "$(dirname "$0")/lib.sh"
npm_packages midi-file@1.2.4
node --input-type=module - <<'JS'
import { parseMidi } from "midi-file";
import { expect } from "./finding.mjs";

const chunk = (type, ...bytes) => [...Buffer.from(type), 0, 0, 0, bytes.length, ...bytes];
const header = chunk("MThd", 0, 1, 0, 2, 1, 0xe0);
const tempo = chunk("MTrk", 0, 0xff, 0x51, 3, 7, 0xa1, 0x20, 0, 0xff, 0x2f, 0);
const note = chunk("MTrk", 0, 0x90, 60, 64, 0x60, 0x80, 60, 64, 0, 0xff, 0x2f, 0);

function read(...chunks) {
  try {
    return `${parseMidi(Uint8Array.from(chunks.flat())).tracks.length} tracks read`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
const [plain, mixed] = [read(header, tempo, note), read(header, tempo, chunk("Info", 1, 2, 3), note)];
console.log(`two tracks: ${plain}`);
console.log(`two tracks and a chunk between them: ${mixed}`);
expect(plain === "2 tracks read", "the file without that chunk is read");
expect(mixed.startsWith("Bad MIDI file"), "a chunk of another kind is an error");
JS
