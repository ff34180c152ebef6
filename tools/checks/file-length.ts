/**
 * One concept per file: about 150 lines is the aim, and above 500 a file is refused.
 */
import type { Source } from "./sources.js";

/** The longest a file may be, in lines. */
export const MAX_LINES = 500;

/** One message per file that is too long. */
export function checkFileLength(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, text }) => {
    const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
    return lines > MAX_LINES ? [`${path} has ${lines} lines; split it by concept, at most ${MAX_LINES}`] : [];
  });
}
