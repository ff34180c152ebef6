/**
 * Piano-rolls against hand-worked ones, their file format, their pictures, and names of notes.
 */
import { array, assert, integer, property, uniqueArray } from "fast-check";
import { describe, expect, it } from "vitest";
import { textSource } from "../source.js";
import { noteName, noteNumber, parseSteps, stepsText } from "./note-names.js";
import type { MusicNote, Piece } from "./piece.js";
import { pieceRoll, type Roll, rollPiece } from "./roll.js";
import { readRolls } from "./roll-json.js";
import { pianoRollPicture } from "./roll-picture.js";

const note = (pitch: number, start: number, end: number, channel = 0): MusicNote => ({
  pitch,
  start,
  end,
  channel,
  velocity: 80,
  track: 0,
});
const pieceOf = (...notes: MusicNote[]): Piece => ({ name: "a", ticksPerBeat: 100, tempos: [], notes });

describe("from pieces", () => {
  it("starts and ends go to the nearest step; short notes sound in one", () => {
    const piece = pieceOf(note(60, 0, 100), note(64, 96, 210), note(67, 190, 195), note(72, 300, 301));
    expect(pieceRoll(piece).roll).toEqual([[60], [64], [67], [72]]);
    expect(pieceRoll(piece, { stepsPerBeat: 2 }).roll).toEqual([[60], [60], [64], [64], [67], [], [72]]);
  });

  it("silence before the first note is left out; drums and what a piano lacks are counted", () => {
    const piece = pieceOf(note(60, 400, 500), note(38, 0, 100, 9), note(110, 0, 100));
    expect(pieceRoll(piece)).toEqual({ roll: [[60]], drums: 1, outside: 1 });
    expect(pieceRoll(pieceOf())).toEqual({ roll: [], drums: 0, outside: 0 });
  });

  it("refuses what would be steps without end, before it makes any", () => {
    const far = pieceOf(note(60, 0, 10), note(62, 2 ** 28, 2 ** 28 + 10));
    expect(() => pieceRoll(far)).toThrow(
      "a: would be a piano-roll of 2,684,356 steps, and 262,144 is the most. Cut the piece, or count fewer steps in a beat (stepsPerBeat).",
    );
    const long = pieceOf(...Array.from({ length: 88 }, (_, i) => note(21 + i, 0, 100 * 100_000)));
    expect(() => pieceRoll(long)).toThrow("a piano-roll of 8,800,000 notes in its steps");
    const silence = pieceRoll(pieceOf(note(60, 0, 100), note(62, 100 * 9999, 100 * 10_000))).roll;
    expect([silence.length, silence[0], silence[5000], silence[9999]]).toEqual([10_000, [60], [], [62]]);
  });

  it("refuses steps that are none", () => {
    expect(() => pieceRoll(pieceOf(), { stepsPerBeat: 0.5 })).toThrow("stepsPerBeat is 0.5; give a whole");
  });
});

describe("to pieces", () => {
  const roll: Roll = [[60, 64], [60], [], [60]];

  it("notes are held, or struck in every step", () => {
    const spans = (notes: "held" | "repeated"): number[][] =>
      rollPiece(roll, { notes, ticksPerBeat: 10 }).notes.map(({ pitch, start, end }) => [pitch, start, end]);
    expect(spans("held")).toEqual([
      [60, 0, 20],
      [64, 0, 10],
      [60, 30, 40],
    ]);
    expect(spans("repeated")).toEqual([
      [60, 0, 10],
      [64, 0, 10],
      [60, 10, 20],
      [60, 30, 40],
    ]);
  });

  it("any roll of piano keys that begins and ends with a note comes back", () => {
    const step = uniqueArray(integer({ min: 21, max: 108 }), { maxLength: 6 });
    assert(
      property(array(step, { maxLength: 12 }), integer({ min: 1, max: 9 }), (steps, stepsPerBeat) => {
        const whole = [[50], ...steps.map((each) => each.sort((a, b) => a - b)), [50]];
        for (const notes of ["held", "repeated"] as const)
          expect(pieceRoll(rollPiece(whole, { stepsPerBeat, notes }), { stepsPerBeat }).roll).toEqual(whole);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it.each([
    [{ beatsPerMinute: 0 }, "beatsPerMinute is 0"],
    [{ velocity: 128 }, "velocity is 128"],
    [{ stepsPerBeat: 7, ticksPerBeat: 480 }, "ticksPerBeat is 480; give a multiple of the 7 steps"],
  ])("refuses %o", (options, message) => {
    expect(() => rollPiece(roll, options)).toThrow(message);
  });

  it("the tempo is that of the beats", () => {
    expect(rollPiece(roll, { beatsPerMinute: 60 }).tempos).toEqual([{ tick: 0, microsecondsPerBeat: 1e6 }]);
  });
});

describe("files", () => {
  it("have three parts, of which training must be there; notes are sorted, each once", async () => {
    const text = '{"train": [[[64, 60, 60], []]], "test": []}';
    expect(await readRolls(textSource("a.json", text))).toEqual({ train: [[[60, 64], []]], test: [] });
  });

  it.each([
    ["{", "is not JSON"],
    ["[]", 'has no "train"'],
    ['{"valid": []}', 'has no "train"'],
    ['{"train": {}}', "train is not a list"],
    ['{"train": [[60]]}', "train[0][0] is not a list"],
    ['{"train": [[], [[60], [61, 20]]]}', "train[1][1] holds 20"],
    ['{"train": [[["C4"]]]}', 'train[0][0] holds "C4"'],
  ])("%s is refused", async (text, message) => {
    await expect(readRolls(textSource("a.json", text))).rejects.toThrow(`a.json: ${message}`);
  });
});

describe("names", () => {
  it.each([
    ["C4", 60],
    ["A0", 21],
    ["C8", 108],
    ["F#3", 54],
    ["Gb3", 54],
    ["Cb4", 59],
    ["B#3", 60],
    ["c-1", 0],
    ["Ebb4", 62],
  ])("%s is %i", (name, number) => {
    expect(noteNumber(name)).toBe(number);
  });

  it("every number has a name that is read again", () => {
    for (let pitch = 0; pitch < 128; pitch++) expect(noteNumber(noteName(pitch))).toBe(pitch);
  });

  it.each(["H4", "C", "4", "C#b4", "G#9", ""])("%s is refused", (name) => {
    expect(() => noteNumber(name)).toThrow(`note "${name}": is not the name of a note`);
  });

  it("steps are parted by bars", () => {
    expect(parseSteps("C4 E4  G4 | - | G4,C4 |")).toEqual([[60, 64, 67], [], [60, 67], []]);
    expect(parseSteps(" ")).toEqual([]);
    expect(stepsText([[60, 64], []])).toBe("C4 E4 | -");
  });
});

describe("pictures", () => {
  it("as text: a line for each key, time to the right", () => {
    expect(pianoRollPicture([[60, 62], [60], []], { as: "text", bar: 2 })).toBe(
      "  D4 █·┊\n C#4 ┊·┊\n  C4 ██┊",
    );
    expect(pianoRollPicture([], { as: "text" })).toBe("");
  });

  it("as SVG: one bar for each run of a note, at its time and pitch", () => {
    const svg = pianoRollPicture([[60], [60, 62], []], { primer: 1 });
    const notes = [
      ...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="(\d+)" height="5" fill="(#\w+)"/g),
    ];
    expect(notes.map((found) => found.slice(1))).toEqual([
      ["44.5", "0.5", "9", "#1b6ca8"],
      ["34.5", "12.5", "19", "#d95f02"],
    ]);
    expect(svg).toMatch(/^<svg .*<\/svg>\n$/s);
  });
});
