/**
 * From texts to a translator's tokens and back. Each side has a vocabulary of its own, of subwords or of words; for the
 * target the network knows two more tokens, its end and its beginning.
 */
import {
  buildSubwords,
  buildVocabulary,
  decode,
  decodeSubwords,
  encode,
  type Subwords,
  subwordEncoder,
  subwordsFromJson,
  type Vocabulary,
  vocabularyFromJson,
} from "../../data/index.js";
import { FileFormatError } from "../../io/index.js";

/** What a text is cut into. */
export type TranslationUnit = "subword" | "word";

/** One side's vocabulary. */
export type SideVocabulary =
  | { readonly unit: "subword"; readonly subwords: Subwords }
  | { readonly unit: "word"; readonly words: Vocabulary };

/** A side as functions. */
export interface Side {
  readonly vocabulary: SideVocabulary;
  /** Number of tokens; 0 stands for anything unknown. */
  readonly size: number;
  readonly encode: (text: string) => Int32Array;
  readonly decode: (tokens: readonly number[]) => string;
  /** A token as text. */
  readonly token: (number: number) => string;
}

const words = (text: string): string[] => text.split(/\s+/u).filter((word) => word !== "");

interface UnitRow {
  readonly build: (texts: readonly string[], size: number) => SideVocabulary;
  readonly read: (json: unknown, file: string) => SideVocabulary;
}

const units: Readonly<Record<TranslationUnit, UnitRow>> = {
  subword: {
    build: (texts, size) => ({ unit: "subword", subwords: buildSubwords(texts, { size }) }),
    read: (json, file) => ({ unit: "subword", subwords: subwordsFromJson(json, file) }),
  },
  word: {
    build: (texts, size) => ({
      unit: "word",
      words: buildVocabulary(texts.map(words), { minimumCount: 2, maximumSize: size }),
    }),
    read: (json, file) => ({ unit: "word", words: vocabularyFromJson(json, file) }),
  },
};

/** A side's vocabulary, built from its texts. @param size most tokens */
export const buildSide = (texts: readonly string[], unit: TranslationUnit, size: number): Side =>
  sideOf(units[unit].build(texts, size));

/** The functions of a vocabulary. */
export function sideOf(vocabulary: SideVocabulary): Side {
  if (vocabulary.unit === "word") {
    const { words: known } = vocabulary;
    return {
      vocabulary,
      size: known.tokens.length,
      encode: (text) => encode(known, words(text)),
      decode: (tokens) => decode(known, tokens).join(" "),
      token: (number) => known.tokens[number]!,
    };
  }
  const { subwords } = vocabulary;
  const encodeAll = subwordEncoder(subwords);
  return {
    vocabulary,
    size: subwords.tokens.length,
    encode: (text) => (text.trim() === "" ? new Int32Array(0) : encodeAll(text)),
    decode: (tokens) => decodeSubwords(subwords, tokens),
    token: (number) => subwords.tokens[number]!,
  };
}

/** A vocabulary as JSON. */
export const sideToJson = ({ vocabulary }: Side): Record<string, unknown> =>
  vocabulary.unit === "word"
    ? { unit: "word", tokens: vocabulary.words.tokens }
    : { unit: "subword", tokens: vocabulary.subwords };

/** A vocabulary from a model file. @throws FileFormatError if it is not valid */
export function sideFromJson(json: unknown, file: string): Side {
  const { unit, tokens } = (json ?? {}) as { readonly unit?: unknown; readonly tokens?: unknown };
  const row =
    typeof unit === "string" && Object.hasOwn(units, unit) ? units[unit as TranslationUnit] : undefined;
  if (row) return sideOf(row.read(tokens, file));
  throw new FileFormatError({
    file,
    where: "metadata",
    problem: `has a vocabulary of ${typeof unit === "string" ? `${unit}s` : JSON.stringify(unit)}`,
    remedy: `This version knows ${Object.keys(units).join(" and ")}.`,
  });
}
