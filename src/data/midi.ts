// `unrolled/data/midi`: MIDI files in and out. A subpath of its own, because it alone needs a library for their bytes; what is
// done with the notes is in `unrolled/data`.
export { readMidi } from "./music/midi-read.js";
export { writeMidi } from "./music/midi-write.js";
