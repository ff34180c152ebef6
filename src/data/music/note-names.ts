/**
 * Notes by name, as people write them: C4 is middle C, MIDI number 60; F#3 and Gb3 are the same key. And chords in sequence:
 * "C4 E4 G4 | F4 A4" are two steps; "-" or nothing between two bars is silence.
 */
import { requireText } from "../../options/items.js";
import { DataError } from "../errors.js";
import type { Roll } from "./roll.js";

const semitones: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const written = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"] as const;

/** The MIDI number of a name: "C4" is 60, "A0" 21, "Bb3" and "A#3" 58. @throws DataError if it is not the name of a note */
export function noteNumber(name: string): number {
  const [, letter = "", accidental = "", octave = ""] =
    /^([A-Ga-g])(#{1,2}|b{1,2})?(-?\d+)$/.exec(name) ?? [];
  const shift = accidental.length * (accidental.startsWith("b") ? -1 : 1);
  const pitch = (semitones[letter.toUpperCase()] ?? Number.NaN) + shift + 12 * (Number(octave) + 1);
  if (octave !== "" && pitch >= 0 && pitch <= 127) return pitch;
  throw new DataError({
    file: `note "${name}"`,
    problem: "is not the name of a note",
    remedy: "Give a letter and an octave, with # or b between them: C4 (middle C), F#3, Bb5.",
  });
}

/** The name of a MIDI number: 60 is "C4". */
export const noteName = (pitch: number): string => `${written[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

/**
 * Steps written as names, with blanks between notes and bars between steps. An empty text has no steps.
 *
 * @throws DataError naming what is not a note
 */
export function parseSteps(text: string): Roll {
  requireText("parseSteps", text);
  if (text.trim() === "") return [];
  return text.split("|").map((step) => {
    const names = step.split(/[\s,]+/).filter((name) => name !== "" && name !== "-");
    return [...new Set(names.map(noteNumber))].sort((a, b) => a - b);
  });
}

/** Steps as {@link parseSteps} reads them: "C4 E4 G4 | -". */
export const stepsText = (roll: Roll): string =>
  roll.map((step) => (step.length === 0 ? "-" : step.map(noteName).join(" "))).join(" | ");
