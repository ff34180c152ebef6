/**
 * Performances as tokens: a hand-worked one, and that any tokens are a piece and any piece keeps its tokens.
 */
import { array, assert, asyncProperty, integer } from "fast-check";
import { describe, expect, it } from "vitest";
import { writeMidi } from "./midi-write.js";
import { noteName } from "./note-names.js";
import { decodePerformance, encodePerformance, performanceToken } from "./performance.js";
import type { Piece } from "./piece.js";

const words = (tokens: ArrayLike<number>): string[] =>
  Array.from(tokens, (token) => performanceToken(token, noteName));

// One tick is 10 ms: 50 ticks a beat at 120 beats a minute.
const piece: Piece = {
  name: "a",
  ticksPerBeat: 50,
  tempos: [],
  notes: [
    { pitch: 60, start: 20, end: 30, heardUntil: 150, velocity: 80, channel: 0, track: 0 },
    { pitch: 64, start: 20, end: 45, velocity: 80, channel: 0, track: 0 },
    { pitch: 38, start: 20, end: 45, velocity: 80, channel: 9, track: 0 },
    { pitch: 64, start: 45, end: 50, velocity: 20, channel: 1, track: 0 },
  ],
};

describe("tokens", () => {
  it("are in order of time, from the first note on, with the pedal and without drums", () => {
    const { tokens, drums } = encodePerformance(piece);
    expect(drums).toBe(1);
    expect(words(tokens)).toEqual([
      "velocity 20",
      "on C4",
      "on E4",
      "wait 0.25 s",
      "off E4",
      "velocity 5",
      "on E4",
      "wait 0.05 s",
      "off E4",
      "wait 1 s",
      "off C4",
    ]);
  });

  it("become the piece again, with velocities in steps of four", () => {
    const notes = decodePerformance(encodePerformance(piece).tokens).notes;
    expect(notes.map(({ pitch, start, end, velocity }) => [pitch, start, end, velocity])).toEqual([
      [60, 0, 1300, 82],
      [64, 0, 250, 82],
      [64, 250, 300, 22],
    ]);
  });

  it("of any kind are a piece that a MIDI file holds, and whose tokens are a fixed point", async () => {
    await assert(
      asyncProperty(array(integer({ min: 0, max: 387 }), { maxLength: 200 }), async (tokens) => {
        const first = decodePerformance(tokens);
        await writeMidi(first);
        const again = encodePerformance(first).tokens;
        expect(encodePerformance(decodePerformance(again)).tokens).toEqual(again);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("what is still on at the end is ended, and what is not on is not switched off", () => {
    const notes = decodePerformance([128 + 60, 60, 256 + 9]).notes;
    expect(notes.map(({ pitch, start, end }) => [pitch, start, end])).toEqual([[60, 0, 110]]);
  });

  it("one key in two voices at once is one note, the longer", () => {
    const both = [
      { pitch: 60, start: 0, end: 10, velocity: 80, channel: 0, track: 0 },
      { pitch: 60, start: 0, end: 30, velocity: 80, channel: 1, track: 1 },
    ];
    expect(words(encodePerformance({ ...piece, notes: both }).tokens)).toEqual([
      "velocity 20",
      "on C4",
      "wait 0.3 s",
      "off C4",
    ]);
  });

  it("refuses what is no token", () => {
    expect(() => decodePerformance([388])).toThrow("token 0 is 388; tokens run from 0 to 387");
  });
});
