/**
 * From texts to token ids, as texts of JavaScript: the words of data/tokenise.ts and, for taggers, what
 * tasks/tagger/input.ts makes of a token. The rules themselves are put in from there; only what is done with them
 * stands here a second time, and tests hold the two together.
 */
import { cutPattern, type TokenCut } from "../../data/text/token-cut.js";
import { contractionEnd, wordPattern } from "../../data/text/tokenise.js";
import { wordLooks } from "../../data/text/word-shape.js";
import { literal } from "../identifiers.js";
import type { Piece } from "./piece.js";

const regExp = (source: string, flags: string): string =>
  `new RegExp(${JSON.stringify(source).replaceAll("<", "\\u003c")}, ${JSON.stringify(flags)})`;

/** The function that cuts texts, in place of the piece "words", where training data was cut by rules of its own. */
export const cutWords = (cut: TokenCut): string => `
const pattern = ${regExp(cutPattern(cut), "gu")};
const ending = ${regExp(contractionEnd, "iu")};
const whole = new Set(${literal(cut.tokens)});

/** The tokens of a text, cut as those of the training data were. */
function words(text) {
  const parted = (token) => {
    const found = ${cut.contractions} && !whole.has(token) ? ending.exec(token) : null;
    return found === null ? [token] : [...parted(token.slice(0, -found[0].length)), found[0]];
  };
  return (text.normalize("NFC").match(pattern) ?? []).flatMap(parted);
}`;

/** The pieces. */
export const textPieces = (): Readonly<Record<string, Piece>> => ({
  words: {
    code: `
const pattern = ${regExp(wordPattern(), "gu")};
const ending = ${regExp(contractionEnd, "iu")};

/** The words and signs of a text; English contractions are split off as in the Penn Treebank. */
function words(text, lowercase) {
  const normal = (lowercase ? text.toLowerCase() : text)
    .normalize("NFC")
    .replace(/[\\u2019\\u02bc]/g, "'")
    .replaceAll("\\u00ad", "");
  return (normal.match(pattern) ?? []).flatMap((token) => {
    const ends = [];
    let stem = token;
    while (stem.length > 1 && stem.includes("'")) {
      const found = ending.exec(stem);
      if (found === null) break;
      ends.unshift(found[0]);
      stem = stem.slice(0, -found[0].length);
    }
    return [stem, ...ends];
  });
}`,
  },
  numbersOf: {
    code: `
/** A list of tokens as a function to their numbers; what is not in it is number 0. */
function numbersOf(tokens) {
  const numbers = new Map(tokens.map((token, number) => [token, number]));
  return (token) => numbers.get(token) ?? 0;
}`,
  },
  taggerInput: {
    needs: ["numbersOf"],
    code: `
const looks = [
${wordLooks.map(([source, flags]) => `  ${regExp(source, flags)},`).join("\n")}
];

/** Of a longer token the first and the last characters are read. */
function charactersOf(token) {
  const all = [...token.normalize("NFC")];
  return all.length <= 24 ? all : [...all.slice(0, 12), ...all.slice(-12)];
}

/** What the network reads of tokens: the word with small letters and digits as 0, its look, its characters. */
function taggerInput(tokens, { word, character }) {
  const normal = (token) => token.normalize("NFC").toLowerCase().replace(/\\p{Nd}/gu, "0");
  return {
    word: tokens.map((token) => word(normal(token))),
    shape: tokens.map((token) => looks.map((look) => Number(look.test(token)))),
    characters: tokens.map((token) => charactersOf(token).map(character)),
  };
}`,
  },
});
