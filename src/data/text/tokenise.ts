/**
 * Words from text, by Unicode properties alone, since Intl.Segmenter's dictionaries differ between engine versions.
 * The rules, tried in this order at each place:
 *   1. an emoji with its modifiers, or a flag, is one token;
 *   2. a Han, kana, Thai, Lao, Khmer or Myanmar character is one token, with its marks: these scripts put no
 *      spaces between words;
 *   3. a number keeps its inner points, commas and colons: 3.14, 10,000, 12:30;
 *   4. an English contraction on its own ('s, 'll), as in text that was already tokenised, is one token;
 *   5. a word is a run of letters, marks and digits, with inner apostrophes; English contractions at its end are
 *      split off as in the Penn Treebank: don't -> do n't, can't -> ca n't, it's -> it 's; o'clock stays whole;
 *   6. anything else that is not white space or invisible is a token of its own: punctuation (so that hyphens
 *      split words) and symbols.
 */
import { requireText } from "../../options/items.js";

import { DataError } from "../errors.js";

/** How {@link wordTokens} treats its text. */
export interface WordTokensOptions {
  /** Whether to convert to lower case. Default true: fewer different words, at the cost of names. */
  readonly lowercase?: boolean;
}

const flag = String.raw`\p{Regional_Indicator}{2}`;
const keycap = String.raw`[0-9#*]\ufe0f\u20e3`;
const picture = String.raw`\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]*`;
const unspaced =
  "[\\p{scx=Hani}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}]";
const number = String.raw`\p{N}+(?:[.,:]\p{N}+)*(?![\p{L}\p{M}\p{N}'])`;
const contraction = String.raw`'(?:[sS]|[rRvV][eE]|[lL][lL]|[dD]|[mM])(?![\p{L}\p{M}\p{N}'])`;
const letters = String.raw`(?:(?!${unspaced})[\p{L}\p{M}\p{N}])+`;
// U+200C and U+200D join the letters of words in Persian and Indic scripts.
const word = String.raw`${letters}(?:['\u200c\u200d]${letters})*`;
const other = String.raw`[^\s\p{Cf}]\p{M}*`;
const emoji = String.raw`${flag}|${keycap}|${picture}(?:\u200d${picture})*`;

/** A character of a script without blanks between words, as the source of a regular expression. */
export const unspacedPattern = unspaced;

/** The rules 1 to 6 as the source of a regular expression for the flags "gu". */
export const wordPattern = (): string =>
  [emoji, `${unspaced}\\p{M}*`, number, contraction, word, other].join("|");

/** The contraction that a word ends in, as the source of a regular expression for the flags "iu". */
export const contractionEnd = String.raw`(?<=[\p{L}\p{M}\p{N}])(?:n't|'(?:s|re|ve|ll|d|m))$`;

/** Created on first use: a module does no work when it is loaded. */
let pattern: RegExp | undefined;
let ending: RegExp | undefined;

/**
 * The words of a text.
 *
 * ```ts
 * wordTokens("It isn't 3.50€, is it? 👍🏽"); // ["it", "is", "n't", "3.50", "€", ",", "is", "it", "?", "👍🏽"]
 * ```
 *
 * Text that was tokenised by these rules and joined with blanks gives the same tokens. Composed and decomposed
 * letters are made equal (NFC), and so are straight and curly apostrophes.
 */
export function wordTokens(text: string, { lowercase = true }: WordTokensOptions = {}): string[] {
  requireText("wordTokens", text);
  pattern ??= new RegExp(wordPattern(), "gu");
  const normal = (lowercase ? text.toLowerCase() : text)
    .normalize("NFC")
    .replace(/[’ʼ]/g, "'")
    .replaceAll("\u00ad", "");
  const tokens: string[] = [];
  for (const token of matches(normal, pattern)) {
    if (token.length > 1 && token.includes("'")) tokens.push(...splitContractions(token));
    else tokens.push(token);
  }
  return tokens;
}

/** @throws DataError if there is a word so long, of millions of letters, that the engine's regular expressions give up */
function matches(text: string, words: RegExp): readonly string[] {
  try {
    return text.match(words) ?? [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const problem = `a text of ${text.length} characters has a word that is too long to be read`;
    throw new DataError({ file: "data", problem, remedy: "Put blanks between its words, if it is text." });
  }
}

/** "shouldn't've" -> "should", "n't", "'ve". */
function splitContractions(token: string): string[] {
  const ends: string[] = [];
  let stem = token;
  while (true) {
    ending ??= new RegExp(contractionEnd, "iu");
    const end = ending.exec(stem)?.[0];
    if (end === undefined) return [stem, ...ends];
    ends.unshift(end);
    stem = stem.slice(0, -end.length);
  }
}
