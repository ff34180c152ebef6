/**
 * What the metrics of generated text share: their input, splitting at white space as Python does, counting n-grams,
 * and exact match, the simplest of them.
 */
import { isTexts } from "../../options/items.js";
import { type Metric, mean } from "./metric.js";

/** Texts that a model wrote and what they should be. */
export interface TextResult {
  /** One text per example, without line ends. */
  readonly predicted: readonly string[];
  /** For each example its references, at least one: `references[i]` belongs to `predicted[i]`. */
  readonly references: readonly (readonly string[])[];
}

/** The metric of whole texts, by the name under which reports give it. */
export const exactMatchMetrics = {
  exactMatch: {
    describes: "fraction of the texts that equal one of their references, character for character",
    better: "higher",
    scale: "fraction",
    source: "Rajpurkar, Zhang, Lopyrev & Liang 2016 (SQuAD), here without its normalisation of the texts",
    of: (result) => mean(exactMatches(result)),
  },
} as const satisfies Record<string, Metric<TextResult>>;

/**
 * 1 for each text that equals one of its references, 0 for the others: the scores whose mean is exactMatch. Nothing is
 * normalised: case, spaces and punctuation count.
 *
 * @throws RangeError when there are no texts, or a text has no reference
 */
export function exactMatches(result: TextResult): Float64Array {
  requireTexts(result);
  const { predicted, references } = result;
  return Float64Array.from({ length: predicted.length }, (_, i) =>
    Number(references[i]!.includes(predicted[i]!)),
  );
}

/** Refuses texts that cannot be scored. @throws RangeError naming the example */
export function requireTexts(given: TextResult): void {
  const { predicted, references } = Object(given) as TextResult;
  if (!isTexts(predicted)) throw new RangeError("the predicted texts must be a list of texts");
  requireReferences(references);
  if (predicted.length !== references.length) {
    throw new RangeError(
      `${predicted.length} texts and references for ${references.length}; give a list of references for each text`,
    );
  }
  if (predicted.length === 0) throw new RangeError("there are no texts; a metric needs at least one");
  const bare = references.findIndex((list) => list.length === 0);
  if (bare >= 0) throw new RangeError(`text ${bare} has no reference; give at least one, which may be empty`);
}

function requireReferences(references: unknown): void {
  if (Array.isArray(references) && references.every(isTexts)) return;
  throw new RangeError("references must be a list with a list of texts for each text");
}

/** The number of references as signatures give it: "var" where the texts have different numbers of them. */
export function referenceCount(given: Pick<TextResult, "references">): string {
  const { references } = Object(given) as Pick<TextResult, "references">;
  requireReferences(references);
  const counts = new Set(references.map((list) => list.length));
  return counts.size === 1 ? `${references[0]!.length}` : "var";
}

// JavaScript's \s would take the byte order mark for a space and U+001C to U+001F and U+0085 for letters.
const SPACE = "\\t-\\r\\u001c- \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
// "Pure" tells bundlers that nothing is lost with them in an application that scores no texts.
const SPACES = /* @__PURE__ */ new RegExp(`[${SPACE}]+`, "u");
const LAST_SPACES = /* @__PURE__ */ new RegExp(`[${SPACE}]+$`, "u");

/** The pieces of a text between white space, as Python's `str.split()` takes it; none for a blank text. */
export function splitAtSpaces(text: string): string[] {
  return text.split(SPACES).filter((piece) => piece !== "");
}

/** A text without the white space at its end. */
export function withoutLastSpaces(text: string): string {
  return text.replace(LAST_SPACES, "");
}

/**
 * How often each n-gram of some units occurs.
 *
 * @param units words, or characters
 * @param n 1 or more
 * @param joint what stands between units in the keys; must not occur within a unit, unless all have one length
 */
export function ngramCounts(units: readonly string[], n: number, joint: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= units.length; i++) {
    const key = units.slice(i, i + n).join(joint);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** How many n-grams there are: the sum of their counts. */
export function ngramTotal(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

/** How many n-grams two texts share: the sum of the smaller counts ("clipped" counts). */
export function sharedNgrams(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const [key, count] of a) total += Math.min(count, b.get(key) ?? 0);
  return total;
}

/** Adds up rows of equal length, column by column. */
export function sumRows(rows: readonly (readonly number[])[]): number[] {
  const sums = new Array<number>(rows[0]?.length ?? 0).fill(0);
  for (const row of rows) for (let k = 0; k < sums.length; k++) sums[k]! += row[k]!;
  return sums;
}
