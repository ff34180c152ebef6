/**
 * How BLEU cuts a text into words. The numbers of two tokenisers cannot be compared, so each has the name under which
 * sacrebleu's signatures give it: a row per tokeniser.
 */
import { requireText } from "../../options/items.js";
import { splitAtSpaces, withoutLastSpaces } from "./text.js";

/** Rewrites of 13a, in their order: each replaces all matches from left to right before the next one starts. */
const rules13a: readonly (readonly [RegExp, string])[] = [
  // ASCII symbols stand alone, except apostrophe, comma, hyphen and full stop.
  [/([ -&(-+/:-@[-`{-~])/gu, " $1 "],
  // Comma and full stop stay only between digits.
  [/([^0-9])([.,])/gu, "$1 $2 "],
  [/([.,])([^0-9])/gu, " $1 $2"],
  // A hyphen is cut off only behind a digit.
  [/([0-9])(-)/gu, "$1 $2 "],
];

/**
 * The tokenisers of BLEU.
 *
 * - "13a": that of NIST's mteval-v13a.pl as sacrebleu has it, for texts in European languages as people write them
 * - "char": every character that is not white space
 * - "none": what is separated by white space; for texts that are tokenised already
 */
export const tokenizers = {
  "13a": (text) => {
    let line = text.replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ");
    // The ampersand second, so that "&amp;lt;" becomes "<": so does the original.
    line = line
      .replaceAll("&quot;", '"')
      .replaceAll("&amp;", "&")
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">");
    line = ` ${line} `;
    for (const [pattern, replacement] of rules13a) line = line.replace(pattern, replacement);
    return splitAtSpaces(line);
  },
  char: (text) => [...text].flatMap(splitAtSpaces),
  none: splitAtSpaces,
} as const satisfies Record<string, (text: string) => string[]>;

/** "13a", "char" or "none". */
export type TokenizerName = keyof typeof tokenizers;

/**
 * The words of a text.
 *
 * ```ts
 * tokenize("It's 3.5 km, isn't it?", "13a"); // ["It's", "3.5", "km", ",", "isn't", "it", "?"]
 * ```
 *
 * @param tokenizer default "13a"
 */
export function tokenize(text: string, tokenizer: TokenizerName = "13a"): string[] {
  requireText("tokenize", text);
  return tokenizers[tokenizer](withoutLastSpaces(text));
}
