// What a word looks like, as numbers: capitals, digits, signs. It says much about names that no training text holds, and
// it is lost when words are made small for the vocabulary.

/** A feature of a word's look. */
const looks: readonly ((word: string) => boolean)[] = [
  (w) => /^\p{Lu}/u.test(w),
  (w) => /^\p{Lu}+$/u.test(w),
  (w) => /^\p{Lu}[\p{Ll}\p{M}]+$/u.test(w),
  (w) => /[\p{Ll}\p{N}]\p{Lu}/u.test(w),
  (w) => /^\p{Ll}+$/u.test(w),
  (w) => /\p{N}/u.test(w),
  (w) => /^\p{N}+$/u.test(w),
  (w) => /^[^\p{L}\p{N}]+$/u.test(w),
  (w) => /[-_.&/']/u.test(w) && /\p{L}/u.test(w),
  (w) => w.startsWith("#"),
  (w) => w.startsWith("@"),
  (w) => /^(?:https?:|www\.)/iu.test(w),
  (w) => w.length <= 2,
  (w) => w.length >= 9,
];

/** Numbers that {@link wordShape} gives. */
export const wordShapeWidth = looks.length;

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
  return looks.map((look) => Number(look(word)));
}
