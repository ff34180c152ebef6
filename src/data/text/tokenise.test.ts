/**
 * The word tokeniser, rule by rule, and the property that its own output passes through unchanged.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wordTokens } from "./tokenise.js";

/** Tokens joined with bars, for short expectations. */
const bars = (text: string): string => wordTokens(text).join("|");

test.each<[string, string, string]>([
  ["nothing", "", ""],
  ["white space only", " \t\n\u3000\u00a0\ufeff", ""],
  ["words and punctuation", "Good, isn't it?", "good|,|is|n't|it|?"],
  [
    "contractions",
    "don't can't it's they're we've I'll he'd I'm",
    "do|n't|ca|n't|it|'s|they|'re|we|'ve|i|'ll|he|'d|i|'m",
  ],
  ["several contractions on one word", "shouldn't've", "should|n't|'ve"],
  ["curly apostrophes", "don’t l’homme", "do|n't|l'homme"],
  ["apostrophes that contract nothing", "o'clock rock'n'roll 'tis dogs'", "o'clock|rock'n'roll|'|tis|dogs|'"],
  ["hyphens", "coming-of-age -- yes", "coming|-|of|-|age|-|-|yes"],
  ["each mark by itself", 'wow!!! ... "quoted" (x)', 'wow|!|!|!|.|.|.|"|quoted|"|(|x|)'],
  ["numbers", "3.14 10,000 12:30 2nd 1980s 5. x2", "3.14|10,000|12:30|2nd|1980s|5|.|x2"],
  ["numbers with something attached", "5's 1.5x 12:30pm", "5|'s|1|.|5x|12|:|30pm"],
  ["symbols", "$5 + 3€ = 50% @you #tag a_b", "$|5|+|3|€|=|50|%|@|you|#|tag|a|_|b"],
  ["emoji", "ok👍🏽👨‍👩‍👧🇩🇪🇫🇷❤️1️⃣", "ok|👍🏽|👨‍👩‍👧|🇩🇪|🇫🇷|❤️|1️⃣"],
  ["Chinese and Japanese by character", "我喜欢RNN。コーヒー", "我|喜|欢|rnn|。|コ|ー|ヒ|ー"],
  ["Thai by character with its marks", "น้ำ", "น้|ำ"],
  ["Persian joined by a non-joiner", "می\u200cخواهم", "می\u200cخواهم"],
  ["decomposed letters", "cafe\u0301", "café"],
  ["soft hyphens and direction marks", "fan\u00adtastic\u200e!", "fantastic|!"],
  [
    "text that was tokenised before",
    "he obviously does n't like mr . x 's 2 . 5",
    "he|obviously|does|n't|like|mr|.|x|'s|2|.|5",
  ],
])("%s", (_, text, tokens) => {
  expect(bars(text)).toBe(tokens);
});

test("capitals are kept on request", () => {
  expect(wordTokens("Don'T Go", { lowercase: false })).toEqual(["Do", "n'T", "Go"]);
});

describe("for any text", () => {
  const piece = fc.constantFrom(
    ..."aBnt’'sdmlvre -.,:;09é\u0301我น้👍🏽🇩\u200d\ufe0f#_İΣß".split(/(?:)/u),
    "n't",
    "'s",
    "don't",
    "1.5",
  );
  const text = fc.oneof(
    fc.string({ unit: piece, maxLength: 12 }),
    fc.string({ unit: "binary", maxLength: 12 }),
  );

  test("the tokens hold no white space, and joined with blanks give themselves", () => {
    fc.assert(
      fc.property(text, fc.boolean(), (content, lowercase) => {
        const tokens = wordTokens(content, { lowercase });
        for (const token of tokens) expect(token).toMatch(/^\S+$/);
        expect(wordTokens(tokens.join(" "), { lowercase })).toEqual(tokens);
      }),
      { numRuns: 5000 },
    );
  });

  test("nothing visible is lost", () => {
    fc.assert(
      fc.property(text, (content) => {
        const visible = content
          .toLowerCase()
          .normalize("NFC")
          .replace(/[’ʼ]/g, "'")
          .replace(/[\s\p{Cf}]/gu, "");
        expect(
          wordTokens(content)
            .join("")
            .replace(/\p{Cf}/gu, ""),
        ).toBe(visible);
      }),
    );
  });
});

test("a word of millions of letters is refused in a sentence", () => {
  expect(() => wordTokens("x".repeat(2 ** 24))).toThrow(
    "a text of 16777216 characters has a word that is too long to be read. Put blanks between its words",
  );
});
