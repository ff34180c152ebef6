/**
 * The library that turns bytes of MIDI files into events and back, loaded when a file is read or written: a page that
 * trains or predicts does without it.
 */

/** Loads the library. */
export const midiLibrary = () => import("midi-file");

type Library = Awaited<ReturnType<typeof midiLibrary>>;

/** An event of a track, as the library has it: with the time since the one before, in ticks. */
export type MidiEvent = ReturnType<Library["parseMidi"]>["tracks"][number][number];
