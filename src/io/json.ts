/**
 * JSON that somebody else wrote. `JSON.parse` takes any depth and any number of values; what walks over them afterwards does
 * not, and a list of empty lists takes twenty times the memory of its text. So the text is looked over first.
 */
import { sizeText, usualLimits } from "./limits.js";

/** The value, or what is wrong in words that follow the name of what was read. */
export type JsonResult = { readonly value: unknown } | { readonly problem: string };

/** Levels of lists and objects: far more than any file that is read here has. */
const DEEPEST = 100;

/** What a list or an object, and a value in one, take in memory at least. */
const [OF_A_LIST, OF_A_VALUE] = [64, 16];

/** Parses JSON of any origin. Never throws. */
export function parseJsonText(text: string): JsonResult {
  const problem = problemOf(text);
  if (problem !== undefined) return { problem };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: `is not JSON (${(error as Error).message})` };
  }
}

/** One pass over the text; the grammar is left to `JSON.parse`. */
function problemOf(text: string): string | undefined {
  let depth = 0;
  let taken = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = stringEnd(text, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        taken += OF_A_LIST;
        if (++depth > DEEPEST) return `is nested more than ${DEEPEST} levels deep`;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
      case 0x2c: // ,
        taken += OF_A_VALUE;
        break;
      default:
    }
  }
  return taken > usualLimits.mostBytes
    ? `holds values that take more than ${sizeText(usualLimits.mostBytes)}`
    : undefined;
}

/** The place of the closing quotation mark; the text's end if there is none. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at;
    if (code === 0x5c) at++;
  }
  return text.length;
}
