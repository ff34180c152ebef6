/**
 * What a word looks like, as numbers: capitals, digits, signs. It says much about names that no training text holds, and
 * it is lost when words are made small for the vocabulary.
 */

/** The features of a word's look, each a regular expression that such a word matches: its source and flags. */
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

/** Numbers that {@link wordShape} gives. */
export const wordShapeWidth = 14;

/**
 * Ones and zeros that say how a word looks: begins with a capital, is all capitals, has one capital and then small
 * letters, has a capital inside, is all small letters; has a digit, is all digits, is all signs, joins parts with signs;
 * begins as a hashtag, as a mention, as an address; is short (2 at most), is long (9 at least).
 *
 * ```ts
 * wordShape("McDonald"); // [1, 0, 0, 1, 0, 0, …]
 * ```
 */
export function wordShape(word: string): number[] {
  looks ??= wordLooks.map(([source, flags]) => new RegExp(source, flags));
  return looks.map((look) => Number(look.test(word)));
}
