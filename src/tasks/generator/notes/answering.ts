/**
 * What a generator of piano-rolls writes, as JSON and as text: the names of each step's notes, with bars between steps.
 */
import { parseSteps, type Roll, type RollPieceOptions, rollPiece, stepsText } from "../../../data/index.js";
import type { AnsweringRow } from "../../answer.js";
import { generator } from "../generator.js";
import type { GeneratedNotes, NoteGenerator } from "./model.js";
import type { NoteOptions } from "./stream.js";

/** How one piano-roll is written, and how a piece is made of it. */
export interface NoteRequest extends Omit<NoteOptions, "prime"> {
  /** Steps, or their text: "C4 E4 G4 | C4 F4 A4". Default: nothing, a new beginning. */
  readonly prime?: Roll | string;
  /** Quarter notes per minute; default: as in training. */
  readonly beatsPerMinute?: number;
  /** Whether notes are held across steps or struck in each; default "held". */
  readonly notes?: RollPieceOptions["notes"];
}

/** The row of generators of piano-rolls: an input says how to write one. */
export const noteAnswering: AnsweringRow<NoteGenerator, NoteRequest, GeneratedNotes> = {
  inputs: "objects that say how a piano-roll is written: prime, length, temperature and others",
  takes: (input) => typeof input === "object" && input !== null && !Array.isArray(input),
  options: ["signal"],
  atOnce: 1,
  open: (file, options) => generator.open(file, { ...options, unit: "note" }),
  async answer(model, inputs, { signal }) {
    const answers = [];
    for (const { prime: asked = [], beatsPerMinute = model.beatsPerMinute, notes, ...input } of inputs) {
      const prime = typeof asked === "string" ? parseSteps(asked) : asked;
      const [written] = await model.generate({ ...input, prime, ...(signal ? { signal } : {}) });
      const { roll } = written!;
      const whole = [...prime, ...roll];
      const { stepsPerBeat } = model;
      const piece = rollPiece(whole, { stepsPerBeat, beatsPerMinute, ...(notes ? { notes } : {}) });
      const json = { prime, steps: roll, length: roll.length };
      answers.push({ value: { roll, piece }, json, text: stepsText(whole) });
    }
    return answers;
  },
};
