/**
 * From tokens to what a tagger's network reads: the word, its shape, and its characters. The vocabularies are stored in
 * the model file; everything else is a function of the token alone.
 */
import {
  buildVocabulary,
  encode,
  type Vocabulary,
  vocabularyFromJson,
  wordShape,
  wordShapeWidth,
} from "../../data/index.js";
import type { NamedInput, NamedValues } from "../../nn/index.js";

/** The vocabularies of a tagger. */
export interface TaggerVocabularies {
  readonly words: Vocabulary;
  readonly characters: Vocabulary;
}

/** A word as it stands in the vocabulary: in lower case, with every digit a 0. */
const normal = (token: string): string =>
  token
    .normalize("NFC")
    .toLowerCase()
    .replace(/\p{Nd}/gu, "0");

/** How many characters of a token are read: the first and the last of longer ones. */
const MOST_CHARACTERS = 24;

function charactersOf(token: string): string[] {
  const all = [...token.normalize("NFC")];
  if (all.length <= MOST_CHARACTERS) return all;
  return [...all.slice(0, MOST_CHARACTERS / 2), ...all.slice(-MOST_CHARACTERS / 2)];
}

/** @param minimumCount how often a word must occur to count as known */
export function taggerVocabularies(
  sentences: readonly (readonly string[])[],
  minimumCount: number,
): TaggerVocabularies {
  return {
    words: buildVocabulary(
      sentences.map((tokens) => tokens.map(normal)),
      { minimumCount },
    ),
    characters: buildVocabulary(sentences.map((tokens) => tokens.flatMap(charactersOf))),
  };
}

/** The inputs of a tagger's network. */
export function taggerInputs({ words, characters }: TaggerVocabularies): Record<string, NamedInput> {
  return {
    word: { vocabulary: words.tokens.length },
    shape: { width: wordShapeWidth },
    characters: { vocabulary: characters.tokens.length, inside: true },
  };
}

/** A sentence as its network's inputs. */
export function taggerInput(
  tokens: readonly string[],
  { words, characters }: TaggerVocabularies,
): NamedValues {
  return {
    word: encode(words, tokens.map(normal)),
    shape: tokens.flatMap(wordShape),
    characters: tokens.map((token) => encode(characters, charactersOf(token))),
  };
}

/** The word of the vocabulary that a token is read as. */
export const wordOf = normal;

/** Vocabularies as JSON. */
export const vocabulariesToJson = ({ words, characters }: TaggerVocabularies): Record<string, unknown> => ({
  words: words.tokens,
  characters: characters.tokens,
});

/** Vocabularies from a model file. @throws DataError naming the file if they are not valid */
export function vocabulariesFromJson(
  data: Readonly<Record<string, unknown>>,
  file: string,
): TaggerVocabularies {
  return {
    words: vocabularyFromJson(data["words"], file),
    characters: vocabularyFromJson(data["characters"], file),
  };
}
