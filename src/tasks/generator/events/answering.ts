/**
 * What a generator of performances writes, as JSON and as text: its tokens, separated by commas.
 */
import {
  encodePerformance,
  noteName,
  type Piece,
  parseSteps,
  performanceToken,
  rollPiece,
} from "../../../data/index.js";
import type { AnsweringRow } from "../../answer.js";
import { generator } from "../generator.js";
import type { EventGenerator, GeneratedEvents } from "./model.js";
import type { EventOptions } from "./stream.js";

/** How one performance is written. */
export interface EventRequest extends Omit<EventOptions, "prime"> {
  /** A piece, or the text of steps, a quarter note each: "C4 E4 G4 | C4 F4 A4". Default: nothing, a new beginning. */
  readonly prime?: Piece | string;
}

/** The row of generators of performances: an input says how to write one. */
export const eventAnswering: AnsweringRow<EventGenerator, EventRequest, GeneratedEvents> = {
  inputs: "objects that say how a performance is written: prime, length, temperature and others",
  takes: (input) => typeof input === "object" && input !== null && !Array.isArray(input),
  options: ["signal"],
  atOnce: 1,
  open: (file, options) => generator.open(file, { ...options, unit: "event" }),
  async answer(model, inputs, { signal }) {
    const answers = [];
    for (const { prime: asked, ...input } of inputs) {
      const prime = typeof asked === "string" ? rollPiece(parseSteps(asked)) : asked;
      const more = { ...(prime ? { prime } : {}), ...(signal ? { signal } : {}) };
      const [value] = await model.generate({ ...input, ...more });
      const { tokens, ended } = value!;
      const all = [...(prime ? encodePerformance(prime).tokens : []), ...tokens];
      const text = all.map((token) => performanceToken(token, noteName)).join(", ");
      answers.push({ value: value!, json: { tokens, length: tokens.length, ended }, text });
    }
    return answers;
  },
};
