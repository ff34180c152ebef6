/**
 * What a word looks like, as numbers: capitals, digits, punctuation. It says a lot about names that do not occur in
 * training, and is lost when words are converted to lower case for the vocabulary.
 */

/** The features of a word's shape, each the source and flags of a regular expression that such a word matches. */
export const wordLooks: readonly (readonly [source: string, flags: string])[] = [
  [String.raw`^\p{Lu}`, "u"],
  [String.raw`^\p{Lu}+$`, "u"],
  [String.raw`^\p{Lu}[\p{Ll}\p{M}]+$`, "u"],
  [String.raw`[\p{Ll}\p{N}]\p{Lu}`, "u"],
  [String.raw`^\p{Ll}+$`, "u"],
  [String.raw`\p{N}`, "u"],
  [String.raw`^\p{N}+$`, "u"],
  [String.raw`^[^\p{L}\p{N}]+$`, "u"],
  [String.raw`^(?=[^]*[-_.&/'])(?=[^]*\p{L})`, "u"],
  ["^#", "u"],
  ["^@", "u"],
  ["^(?:https?:|www\\.)", "iu"],
  // Lengths are in units of UTF-16, as JavaScript counts.
  ["^[^]{0,2}$", ""],
  ["^[^]{9}", ""],
];

/** Created on first use: a module does no work when it is loaded. */
let looks: readonly RegExp[] | undefined;

/** How many numbers {@link wordShape} returns. */
export const wordShapeWidth = 14;

/**
 * Ones and zeros that describe a word: it begins with a capital, is all capitals, has one capital followed by lower
 * case, has a capital inside, is all lower case; has a digit, is all digits, is all punctuation, joins parts with punctuation;
 * begins like a hashtag, a mention, an address; is short (at most 2), is long (at least 9).
 *
 * ```ts
 * wordShape("McDonald"); // [1, 0, 0, 1, 0, 0, …]
 * ```
 */
export function wordShape(word: string): number[] {
  looks ??= wordLooks.map(([source, flags]) => new RegExp(source, flags));
  return looks.map((look) => Number(look.test(word)));
}
