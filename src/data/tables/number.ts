/**
 * Numbers as tables write them, and the ways to write that one is missing: the same for series, vectors and tables over
 * time.
 */

/** The ways to write that a value is missing, in upper or lower case; an empty field is one too. */
const missing: readonly string[] = ["?", "NA", "N/A", "NaN", "null", "none"];

const missingWords = new Set(["", ...missing.map((word) => word.toLowerCase())]);

/** What to do about a value that is not a number, without a final full stop. */
export const numberRemedy = `Give a number, or nothing if it is missing (${missing.join(", ")} also mean that)`;

/** True if this is a way to write that a value is missing. */
export const isMissing = (text: string): boolean => missingWords.has(text.trim().toLowerCase());

/** A number, or NaN if the text says that it is missing. Undefined for anything else, including a number that is too large. */
export function valueOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) {
    const value = Number(trimmed);
    return Number.isFinite(value) ? value : undefined;
  }
  return isMissing(trimmed) ? Number.NaN : undefined;
}
