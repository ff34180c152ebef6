/** How a module looks at what it is given, as texts of JavaScript: what does not fit is refused, saying what would. */
import type { Piece } from "./piece.js";

/** The pieces. */
export const inputPieces: Readonly<Record<string, Piece>> = {
  tokenId: {
    code: `
/** A step that is a token id. */
function tokenId(id, vocabulary) {
  if (Number.isInteger(id) && id >= 0 && id < vocabulary) return id;
  throw new RangeError("a step holds the token id " + id + "; ids run from 0 to " + (vocabulary - 1));
}`,
  },
  vectorOf: {
    code: `
/** A step that is a vector of numbers, which are rounded to 32 bits. */
function vectorOf(step, width) {
  const numbers = typeof step === "number" ? [step] : step;
  if (numbers !== null && typeof numbers === "object" && numbers.length === width)
    return Float64Array.from(numbers, (value) => {
      if (typeof value === "number") return Math.fround(value);
      throw new RangeError("a step holds " + String(value) + ", which is no number");
    });
  throw new RangeError("a step must hold " + width + " numbers");
}`,
  },
  stepsOf: {
    code: `
/** The steps of a sequence, each looked at. */
function stepsOf(sequence, look, name) {
  if (sequence !== null && typeof sequence === "object" && typeof sequence.length === "number")
    return Array.from(sequence, look);
  throw new RangeError(name + " must be a list with an entry for every step");
}`,
  },
};
