/**
 * Tokens and their numbers. A vocabulary is a frozen record; number 0 stands for every token it does not know.
 * Its JSON form in model files is the plain list `vocabulary.tokens`.
 */

import { FileFormatError } from "../../io/errors.js";
import { compareCodePoints } from "../../io/order.js";
import { checkArguments } from "../../options/check.js";
import { OptionError } from "../../options/error.js";
import { isList, isObject } from "../../options/items.js";

/** The name of token 0. A token spelt like this in a text counts as unknown too. */
export const unknownToken = "<unk>";

/** From numbers to tokens, and back. */
export interface Vocabulary {
  /** Number -> token; `tokens[0]` is `"<unk>"`. */
  readonly tokens: readonly string[];
  /** Token -> number. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** Options of {@link buildVocabulary}. */
export interface BuildVocabularyOptions {
  /**
   * How often a token has to occur. Default 2: tokens that occur once become unknown, which teaches the model how
   * to handle unknown ones.
   */
  readonly minimumCount?: number;
  /** The largest number of tokens, including the unknown one; the rarest are dropped. Default: no limit. */
  readonly maximumSize?: number;
}

/**
 * Counts tokens and numbers them: the most frequent first, and equally frequent ones in the order of code points,
 * so that the order of the texts does not matter.
 *
 * @throws RangeError if an option is not a whole number from 1
 */
export function buildVocabulary(
  tokenLists: Iterable<readonly string[]>,
  { minimumCount = 2, maximumSize = Number.POSITIVE_INFINITY }: BuildVocabularyOptions = {},
): Vocabulary {
  if (typeof tokenLists?.[Symbol.iterator] !== "function" || typeof tokenLists === "string")
    throw new OptionError("buildVocabulary takes lists of tokens, one for each text");
  for (const [name, value] of Object.entries({ minimumCount, maximumSize })) {
    if (Number.isInteger(value) ? value >= 1 : value === Number.POSITIVE_INFINITY) continue;
    throw new RangeError(`${name} is ${value}; give a whole number from 1`);
  }
  const counts = new Map<string, number>();
  for (const tokens of tokenLists) {
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  counts.delete(unknownToken);
  const known = [...counts]
    .filter(([, count]) => count >= minimumCount)
    .sort(([a, countA], [b, countB]) => countB - countA || compareCodePoints(a, b))
    .slice(0, maximumSize - 1);
  return vocabularyOf([unknownToken, ...known.map(([token]) => token)]);
}

/**
 * A vocabulary from its JSON form.
 *
 * @param file the name to report
 * @throws FileFormatError if it is not a list of different texts that starts with "<unk>"
 */
export function vocabularyFromJson(json: unknown, file = "vocabulary"): Vocabulary {
  const fail = (problem: string) =>
    new FileFormatError({
      file,
      where: "vocabulary",
      problem,
      remedy: `A vocabulary is a list of different texts, the first of them "${unknownToken}".`,
    });
  if (!Array.isArray(json)) throw fail("is not a list");
  const other = json.findIndex((token) => typeof token !== "string");
  if (other >= 0) throw fail(`entry ${other} is not a text`);
  const tokens: readonly string[] = json;
  if (tokens[0] !== unknownToken) throw fail(`starts with ${JSON.stringify(tokens[0]) ?? "nothing"}`);
  const vocabulary = vocabularyOf(tokens);
  if (vocabulary.numbers.size < tokens.length) {
    const again = tokens.find((token, i) => vocabulary.numbers.get(token) !== i);
    throw fail(`${JSON.stringify(again)} occurs twice`);
  }
  return vocabulary;
}

/**
 * A vocabulary extended by more tokens; the existing ones keep their numbers. New ones are numbered as by `buildVocabulary`:
 * the most frequent first.
 *
 * @throws RangeError if an option is not a whole number from 1
 */
export function extendedVocabulary(
  vocabulary: Vocabulary,
  tokenLists: Iterable<readonly string[]>,
  options: BuildVocabularyOptions = {},
): Vocabulary {
  const { tokens } = buildVocabulary(tokenLists, options);
  const fresh = tokens.filter((token) => !vocabulary.numbers.has(token));
  return vocabularyOf([...vocabulary.tokens, ...fresh]);
}

/** The tokens' numbers; 0 for a token that is not in the vocabulary. */
export function encode(vocabulary: Vocabulary, tokens: readonly string[]): Int32Array {
  // Called for every text: only what is wrong is looked at closely.
  if (!isObject(vocabulary) || !isList(tokens))
    checkArguments(
      "encode",
      { vocabulary, tokens },
      {
        vocabulary: { kind: "object", what: "a vocabulary" },
        tokens: { kind: "list", of: { kind: "text" }, least: 0 },
      },
    );
  return Int32Array.from(tokens, (token) => vocabulary.numbers.get(token) ?? 0);
}

/** The numbers' tokens. @throws RangeError if a number is not in the vocabulary */
export function decode(vocabulary: Vocabulary, numbers: ArrayLike<number>): string[] {
  // Called for every text: only what is wrong is looked at closely.
  if (!isObject(vocabulary) || !isList(numbers))
    checkArguments(
      "decode",
      { vocabulary, numbers },
      { vocabulary: { kind: "object", what: "a vocabulary" }, numbers: { kind: "numbers" } },
    );
  return Array.from(numbers, (number) => {
    const token = vocabulary.tokens[number];
    if (token === undefined) {
      throw new RangeError(`there is no token ${number} in a vocabulary of ${vocabulary.tokens.length}`);
    }
    return token;
  });
}

function vocabularyOf(tokens: readonly string[]): Vocabulary {
  return Object.freeze({
    tokens: Object.freeze([...tokens]),
    numbers: new Map(tokens.map((token, number) => [token, number])),
  });
}
