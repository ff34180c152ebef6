/**
 * The library that turns bytes of MIDI files into events and back, loaded when a file is read or written: a page that
 * trains or predicts does not need it.
 */

/** Loads the library. */
export const midiLibrary = () => import("midi-file");

type Library = Awaited<ReturnType<typeof midiLibrary>>;

/** An event of a track in the library's form: with the time since the previous one, in ticks. */
export type MidiEvent = ReturnType<Library["parseMidi"]>["tracks"][number][number];
