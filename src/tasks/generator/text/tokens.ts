/**
 * From texts to a generator's tokens and back: by character (grapheme), by word or by subword. A vocabulary is built once,
 * from the training text; using it needs nothing else, so every JavaScript engine cuts texts in the same way.
 */
import {
  buildSubwords,
  buildVocabulary,
  encode,
  type Subwords,
  subwordEncoder,
  subwordsFromJson,
  type Vocabulary,
  vocabularyFromJson,
} from "../../../data/index.js";
import { FileFormatError } from "../../../io/index.js";

/** What a text is cut into. */
export type TextUnit = "character" | "word" | "subword";

/** A vocabulary as functions. */
export interface TextTokens {
  readonly unit: TextUnit;
  /** Number of tokens; 0 stands for anything unknown. */
  readonly size: number;
  /** The token of a line feed; undefined if the vocabulary has none. */
  readonly newline: number | undefined;
  readonly encode: (text: string) => Int32Array;
  /** A token as text. */
  readonly token: (number: number) => string;
  /** What a token adds to a text. @param atStart whether a line starts with it */
  readonly piece: (number: number, atStart: boolean) => string;
  /** As model files have it. */
  readonly json: unknown;
}

/** How a vocabulary is built. */
export interface VocabularyOptions {
  /** Most tokens; absent: all. */
  readonly size?: number | undefined;
  /** How often a token has to occur to be known. */
  readonly minimumCount: number;
}

interface UnitRow {
  readonly build: (texts: readonly string[], options: VocabularyOptions) => TextTokens;
  readonly read: (json: unknown, file: string) => TextTokens;
}

const units: Readonly<Record<TextUnit, UnitRow>> = {
  character: {
    build: (texts, options) => characterTokens(vocabularyOf(texts, graphemes, options)),
    read: (json, file) => characterTokens(vocabularyFromJson(json, file)),
  },
  word: {
    build: (texts, { size, minimumCount }) => wordTokens(vocabularyOf(texts, words, { size, minimumCount })),
    read: (json, file) => wordTokens(vocabularyFromJson(json, file)),
  },
  subword: {
    build: (texts, { size, minimumCount }) =>
      subwordTokens(buildSubwords(linesOf(texts), { minimumCount, ...(size === undefined ? {} : { size }) })),
    read: (json, file) => subwordTokens(subwordsFromJson(json, file)),
  },
};

/** The names of the units. */
export const textUnits = Object.keys(units) as readonly TextUnit[];

/** A vocabulary built from texts. */
export const buildTokens = (
  texts: readonly string[],
  unit: TextUnit,
  options: VocabularyOptions,
): TextTokens => units[unit].build(texts, options);

/** A vocabulary from a model file. @throws FileFormatError if it is not valid */
export function tokensFromJson(unit: unknown, json: unknown, file: string): TextTokens {
  const row = typeof unit === "string" && Object.hasOwn(units, unit) ? units[unit as TextUnit] : undefined;
  if (row) return row.read(json, file);
  throw new FileFormatError({
    file,
    where: "metadata",
    problem: `has a vocabulary of ${typeof unit === "string" ? `${unit}s` : JSON.stringify(unit)}`,
    remedy: `This version knows ${textUnits.join(", ")}.`,
  });
}

/** The lines of all texts: the parts between line feeds. */
function* linesOf(texts: readonly string[]): Generator<string> {
  for (const text of texts) yield* text.split("\n");
}

function vocabularyOf(
  texts: readonly string[],
  cut: (line: string) => string[],
  { size, minimumCount }: VocabularyOptions,
): Vocabulary {
  function* lists(): Generator<string[]> {
    for (const text of texts) {
      const lines = text.split("\n");
      for (const [i, line] of lines.entries()) yield i + 1 < lines.length ? [...cut(line), "\n"] : cut(line);
    }
  }
  return buildVocabulary(lists(), { minimumCount, ...(size === undefined ? {} : { maximumSize: size }) });
}

/** Only blanks separate words; punctuation is part of a word, unless the text was tokenised beforehand. */
const words = (line: string): string[] => line.split(/[ \t\r]+/u).filter((word) => word !== "");

/** What people see as characters, by the engine's tables; used only to build a vocabulary. */
function graphemes(line: string): string[] {
  // No two of these combine into one character.
  if (/^[\t\u0020-\u007e\u00a0-\u02ff]*$/u.test(line)) return [...line];
  const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
  return Array.from(segmenter.segment(line), ({ segment }) => segment);
}

/** The longest known character at each place, so that no known one is ever split. */
function characterTokens({ tokens, numbers }: Vocabulary): TextTokens {
  const longest = new Map<string, number>();
  for (const token of tokens.slice(1)) {
    const first = String.fromCodePoint(token.codePointAt(0)!);
    longest.set(first, Math.max(longest.get(first) ?? 0, token.length));
  }
  return {
    unit: "character",
    size: tokens.length,
    newline: numbers.get("\n"),
    json: tokens,
    encode(text) {
      const out = new Int32Array(text.length);
      let count = 0;
      for (let at = 0; at < text.length; ) {
        const first = String.fromCodePoint(text.codePointAt(at)!);
        let length = Math.max(longest.get(first) ?? 0, first.length);
        let token = first;
        while (length > first.length) {
          token = text.slice(at, at + length);
          if (token.length === length && numbers.has(token)) break;
          length--;
          token = first;
        }
        out[count++] = numbers.get(token) ?? 0;
        at += token.length;
      }
      return out.slice(0, count);
    },
    token: (number) => tokens[number]!,
    piece: (number) => tokens[number]!,
  };
}

function wordTokens(vocabulary: Vocabulary): TextTokens {
  const { tokens, numbers } = vocabulary;
  return {
    unit: "word",
    size: tokens.length,
    newline: numbers.get("\n"),
    json: tokens,
    encode(text) {
      const lines = text.split("\n");
      const last = lines.length - 1;
      return encode(
        vocabulary,
        lines.flatMap((line, i) => (i < last ? [...words(line), "\n"] : words(line))),
      );
    },
    token: (number) => tokens[number]!,
    piece: (number, atStart) => `${atStart || tokens[number] === "\n" ? "" : " "}${tokens[number]}`,
  };
}

/** Subwords of each line, plus one token for the line feed, for which subwords have none. */
function subwordTokens(subwords: Subwords): TextTokens {
  const { tokens } = subwords;
  const encodeLine = subwordEncoder(subwords);
  const newline = tokens.length;
  const written = (number: number): string => (number === newline ? "\n" : tokens[number]!);
  return {
    unit: "subword",
    size: tokens.length + 1,
    newline,
    json: subwords,
    token: written,
    encode(text) {
      const lines = text.split("\n").map((line) => (line === "" ? [] : [...encodeLine(line)]));
      return Int32Array.from(lines.flatMap((line, i) => (i + 1 < lines.length ? [...line, newline] : line)));
    },
    piece(number, atStart) {
      const text = written(number).replaceAll("▁", " ");
      return atStart && text.startsWith(" ") ? text.slice(1) : text;
    },
  };
}
