/**
 * MIDI files in and out. The oracle of the reader is bytes written by hand after the standard; of the writer, the reader.
 */
import { array as arrayOf, asyncProperty, assert as check, constantFrom, integer, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesSource } from "../source.js";
import { readMidi, readMidiPieces } from "./midi-read.js";
import { writeMidi } from "./midi-write.js";
import { byStart, type MusicNote, type Piece, tempoMap } from "./piece.js";
import { rollPiece } from "./roll.js";

const read = (bytes: Uint8Array): Promise<Piece> => readMidi(bytesSource("a.mid", bytes));
const text = (name: string): number[] => [...name].map((c) => c.charCodeAt(0));
const chunk = (id: string, data: readonly number[]): number[] => [
  ...text(id),
  0,
  0,
  data.length >> 8,
  data.length & 255,
  ...data,
];
const header = ({ format = 1, tracks = 1, division = 96 } = {}): number[] =>
  chunk("MThd", [0, format, 0, tracks, division >> 8, division & 255]);
const endOfTrack = [0, 0xff, 0x2f, 0];
const file = (...parts: readonly number[][]): Uint8Array => Uint8Array.from(parts.flat());
const track = (...events: number[][]): number[] => chunk("MTrk", [...events.flat(), ...endOfTrack]);
const short = (notes: readonly MusicNote[]): number[][] =>
  notes.map(({ pitch, start, end }) => [pitch, start, end]);

describe("what events mean", () => {
  it("a piece that would last for days is refused", async () => {
    const far = [0xff, 0xff, 0xff, 0x7f];
    const bytes = file(header(), track([0, 0x90, 60, 100], [...far, 60, 0]));
    await expect(read(bytes)).rejects.toThrow(
      "a.mid: lasts 2,796,203 quarter notes. A piece lasts 150,000 at most",
    );
  });

  it("velocity 0 is an end, running status goes on, tempo and tracks share one time", async () => {
    const bytes = file(
      header({ tracks: 2 }),
      // 0x07a120 = 500,000 µs, then 0x0f4240 = 1,000,000 µs from tick 96 on.
      track([0, 0xff, 0x51, 3, 0x07, 0xa1, 0x20], [96, 0xff, 0x51, 3, 0x0f, 0x42, 0x40]),
      track([0, 0x90, 60, 100], [96, 60, 0], [0, 64, 90], [96, 64, 0]),
    );
    const piece = await read(bytes);
    expect(piece.notes).toEqual([
      { pitch: 60, start: 0, end: 96, velocity: 100, channel: 0, track: 1 },
      { pitch: 64, start: 96, end: 192, velocity: 90, channel: 0, track: 1 },
    ]);
    const { seconds, tick } = tempoMap(piece);
    expect([0, 48, 96, 192].map(seconds)).toEqual([0, 0.25, 0.5, 1.5]);
    expect([0.25, 1].map(tick)).toEqual([48, 144]);
  });

  it("without a tempo it is 120 quarter notes per minute", async () => {
    expect(tempoMap(await read(file(header(), track([0, 0x90, 60, 1], [96, 0x80, 60, 0])))).seconds(96)).toBe(
      0.5,
    );
  });

  it("a key struck while it is down begins another note, and one end is that of both; what nothing ends, ends with the track", async () => {
    const bytes = file(
      header({ format: 0 }),
      track(
        [0, 0x90, 60, 9],
        [10, 0x90, 60, 8],
        [5, 0x80, 60, 0],
        [0, 0x80, 60, 0],
        [0, 0x90, 67, 1],
        [7, 0xb0, 1, 1],
      ),
    );
    expect(short((await read(bytes)).notes)).toEqual([
      [60, 0, 15],
      [60, 10, 15],
      [67, 15, 22],
    ]);
  });

  it.each([
    [
      "the end first",
      [
        [0, 0x90, 60, 9],
        [10, 0x80, 60, 0],
        [0, 0x90, 60, 8],
        [10, 0x80, 60, 0],
      ],
    ],
    [
      "the next note first",
      [
        [0, 0x90, 60, 9],
        [10, 0x90, 60, 8],
        [0, 0x80, 60, 0],
        [10, 0x80, 60, 0],
      ],
    ],
  ])("at one tick an end is that of the older note: %s", async (_, events) => {
    expect(short((await read(file(header(), track(...events)))).notes)).toEqual([
      [60, 0, 10],
      [60, 10, 20],
    ]);
  });

  it("an end at the tick of its note alone leaves nothing, and nothing for a later end", async () => {
    const bytes = file(header(), track([0, 0x90, 60, 9], [0, 0x80, 60, 0], [10, 0x80, 60, 0]));
    expect((await read(bytes)).notes).toEqual([]);
  });

  it("frames of film are seconds, whatever tempo is written", async () => {
    const tempo = [0, 0xff, 0x51, 3, 0x0f, 0x42, 0x40];
    const seconds = async (frames: number, ticks: number): Promise<number> => {
      const division = ((256 - frames) << 8) | ticks;
      const bytes = file(header({ division }), track(tempo, [100, 0x90, 60, 9], [100, 0x80, 60, 0]));
      return tempoMap(await read(bytes)).seconds(100);
    };
    expect(await seconds(25, 40)).toBeCloseTo(0.1, 12);
    expect(await seconds(30, 80)).toBeCloseTo(100 / 2400, 12);
    // 29 stands for 30000/1001 frames a second.
    expect(await seconds(29, 100)).toBeCloseTo(1001 / 30000, 12);
  });

  it("tracks of format 2 are pieces of their own", async () => {
    const note = (pitch: number): number[] => track([0, 0x90, pitch, 9], [96, 0x80, pitch, 0]);
    const two = bytesSource("a.mid", file(header({ format: 2, tracks: 3 }), note(60), track(), note(62)));
    expect((await readMidiPieces(two)).map(({ notes }) => short(notes))).toEqual([
      [[60, 0, 96]],
      [[62, 0, 96]],
    ]);
    await expect(readMidi(two)).rejects.toThrow("a.mid: has format 2");
    expect(short((await read(file(header({ format: 2 }), note(64)))).notes)).toEqual([[64, 0, 96]]);
  });

  it("the pedal holds what is heard until it comes up or the key is struck again, and leaves the key", async () => {
    const bytes = file(
      header(),
      track(
        [0, 0xb0, 64, 127],
        [0, 0x90, 60, 9],
        [10, 0x80, 60, 0],
        [10, 0x90, 60, 9],
        [10, 0x80, 60, 0],
        [0, 0x90, 62, 9],
        [20, 0xb0, 64, 63],
        [10, 0x80, 62, 0],
      ),
    );
    expect((await read(bytes)).notes.map(({ end, heardUntil }) => [end, heardUntil])).toEqual([
      [10, 20],
      [30, 50],
      [60, undefined],
    ]);
  });

  it("chunks of other kinds are passed over, and notes of no length left out", async () => {
    const bytes = file(header(), chunk("XTRA", [1, 2]), track([0, 0x90, 60, 9], [0, 0x80, 60, 0]));
    expect((await read(bytes)).notes).toEqual([]);
  });
});

describe("files that cannot be read say why, and which file it is", () => {
  const good = file(header(), track([0, 0x90, 60, 9], [10, 0x80, 60, 0]));
  it.each([
    [
      "no MIDI",
      Uint8Array.from(text("hello, world, this is text")),
      "is not a MIDI file: it does not begin with MThd",
    ],
    ["nothing", new Uint8Array(0), "is not a MIDI file"],
    ["RIFF", Uint8Array.from(text("RIFF....RMIDdata")), "is MIDI inside a RIFF file"],
    ["a header cut off", good.slice(0, 10), "ends in its header: it is truncated"],
    ["a track cut off", good.slice(0, -6), "ends in track 1 of 1: it is truncated"],
    ["a track that is missing", file(header({ tracks: 2 }), track()), "ends after 1 of 2 tracks"],
    [
      "format 2 with several pieces",
      file(
        header({ format: 2, tracks: 2 }),
        ...[60, 62].map((pitch) => track([0, 0x90, pitch, 9], [9, 0x80, pitch, 0])),
      ),
      "has format 2, in which tracks are separate pieces",
    ],
    ["format 7", file(header({ format: 7 })), "has format 7"],
    [
      "frames of no rate",
      file(header({ division: 0xe628 })),
      "counts time in 26 frames a second, which is no",
    ],
    ["no ticks of a frame", file(header({ division: 0xe700 })), "has 0 ticks"],
    ["no ticks", file(header({ division: 0 })), "has 0 ticks per quarter note"],
    [
      "an event cut off",
      file(header(), chunk("MTrk", [0, 0x90, 60])),
      "is damaged: the event at byte 0 of a track is cut off",
    ],
    [
      "data without status",
      file(header(), chunk("MTrk", [0, 60, 60, 0])),
      "is damaged: the event at byte 0 of a track has no",
    ],
    [
      "a length too long",
      file(header(), track([0, 0xff, 1, 0xff, 0xff, 0xff, 0xff, 0x7f])),
      "is damaged: the event at byte 0",
    ],
    [
      "a status that is none",
      file(header(), track([0, 0xf4])),
      "is damaged: the event at byte 0 of a track has the status 244",
    ],
    [
      "a tempo of two bytes",
      file(header(), track([0, 0xff, 0x51, 2, 7, 1])),
      "is damaged: Expected length for setTempo",
    ],
    ["a note out of range", file(header(), track([0, 0x90, 200, 9])), "is damaged: a note is 200"],
  ])("%s", async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(`a.mid: ${message}`);
  });
});

describe("any bytes", () => {
  const roll = [[60, 64], [60, 65], [], [62]];
  const place = integer({ min: 0, max: 10_000 });
  const changes = arrayOf(record({ at: place, byte: integer({ min: 0, max: 255 }) }), { maxLength: 8 });

  it("are a piece or a DataError, and never anything else", async () => {
    const valid = await writeMidi(rollPiece(roll));
    await check(
      asyncProperty(changes, place, async (list, cut) => {
        const bytes = valid.slice(0, cut % 5 === 0 ? cut % valid.length : valid.length);
        for (const { at, byte } of list) bytes[at % valid.length] = byte;
        try {
          const piece = await read(bytes);
          for (const { start, end, pitch } of piece.notes) {
            expect(end).toBeGreaterThan(start);
            expect(pitch).toBeLessThan(128);
          }
        } catch (error) {
          expect((error as Error).name).toBe("DataError");
        }
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});

describe("writing", () => {
  it("pieces come back as they were", async () => {
    // Notes of one key in one channel follow each other: MIDI cannot say which of two that overlap ends first.
    const notes = arrayOf(
      record({
        pitch: integer({ min: 0, max: 127 }),
        gap: integer({ min: 0, max: 400 }),
        length: integer({ min: 1, max: 2000 }),
        velocity: integer({ min: 1, max: 127 }),
        channel: integer({ min: 0, max: 15 }),
        track: integer({ min: 0, max: 3 }),
      }),
    ).map((drawn) => {
      const free = new Map<string, number>();
      return drawn.map(({ gap, length, ...note }): MusicNote => {
        const key = `${note.pitch} ${note.channel} ${note.track}`;
        const start = (free.get(key) ?? 0) + gap;
        free.set(key, start + length);
        return { ...note, start, end: start + length };
      });
    });
    await check(
      asyncProperty(notes, constantFrom(1, 96, 480, 960), async (all, ticksPerBeat) => {
        const tempos = [
          { tick: 0, microsecondsPerBeat: 600_000 },
          { tick: 100, microsecondsPerBeat: 400_000 },
        ];
        const piece: Piece = { name: "a.mid", ticksPerBeat, tempos, notes: [...all].sort(byStart) };
        const back = await read(await writeMidi(piece));
        // Tracks without notes are not written, and the tempo has the first one.
        const used = [...new Set(all.map((note) => note.track))].sort();
        const expected = piece.notes.map((note) => ({ ...note, track: 1 + used.indexOf(note.track) }));
        expect(back).toEqual({ ...piece, notes: expected.sort(byStart) });
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it.each([
    [{ pitch: 128 }, "a note whose pitch is 128"],
    [{ velocity: 0 }, "a note whose velocity is 0"],
    [{ start: 2.5 }, "a note whose start is 2.5"],
    [{ end: 0 }, "a note whose end is 0"],
    [{ heardUntil: 3 }, "a note that is heard until 3"],
  ])("what no file can hold is refused: %o", async (change, message) => {
    const note = { pitch: 60, start: 0, end: 10, velocity: 64, channel: 0, track: 0, ...change };
    const piece = { name: "a.mid", ticksPerBeat: 96, tempos: [], notes: [note] };
    await expect(writeMidi(piece)).rejects.toThrow(`a.mid: has ${message}`);
  });
});
