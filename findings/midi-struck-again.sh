#!/bin/sh
# MIDI: of a key that is struck again before it is released, two libraries make two different pairs of notes.
#
# Versions: pretty_midi 0.2.11.post0, mido 1.3.3, Python 3.11.7; @tonejs/midi 2.0.28, Node 20.20.2.
# Behaviour: the file says on, on, off, off for one key, a beat (half a second) apart, which the format allows. To pretty_midi
# the first off ends both notes, and the second off ends nothing. To @tonejs/midi the first off ends the first note and the
# second off the second one, so that the key sounds twice at once.
# Here: src/data/music/midi-read.ts ends the first note where the key is struck again and the second at the first off
# (docs/music.md), for one key is one sound on a piano. So counts and lengths of notes differ from those of other tools.
#
# Output seen:
#   pretty_midi  beats 0 to 2, 1 to 2
#   @tonejs/midi beats 0 to 2, 1 to 3
. "$(dirname "$0")/lib.sh"
python_packages pretty_midi==0.2.11.post0 mido==1.3.3
npm_packages @tonejs/midi@2.0.28
python - <<'PY'
import mido
import pretty_midi
from finding import expect

song = mido.MidiFile(ticks_per_beat=480)
song.tracks.append(mido.MidiTrack())
for kind, wait in [("note_on", 0), ("note_on", 480), ("note_off", 480), ("note_off", 480)]:
    song.tracks[0].append(mido.Message(kind, note=60, velocity=64, time=wait))
song.save("again.mid")

notes = pretty_midi.PrettyMIDI("again.mid").instruments[0].notes
beats = [(round(note.start / 0.5), round(note.end / 0.5)) for note in notes]
print("pretty_midi  beats", ", ".join(f"{start} to {end}" for start, end in beats))
expect(beats == [(0, 2), (1, 2)], "to pretty_midi the first release ends both notes")
PY
node --input-type=module - <<'JS'
import { readFileSync } from "node:fs";
import midi from "@tonejs/midi";
import { expect } from "./finding.mjs";

const { tracks } = new midi.Midi(readFileSync("again.mid"));
const beats = tracks[0].notes.map(({ ticks, durationTicks }) => `${ticks / 480} to ${(ticks + durationTicks) / 480}`);
console.log("@tonejs/midi beats", beats.join(", "));
expect(beats.join() === "0 to 2,1 to 3", "to @tonejs/midi the first release ends the first note");
JS
