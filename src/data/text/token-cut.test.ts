/** Texts are cut as the tokens of tagged sentences were. */
import { describe, expect, it } from "vitest";
import { cutFromJson, learnCut, tokenCutter } from "./token-cut.js";

const cutAs = (sentences: readonly string[], text: string): string =>
  tokenCutter(learnCut(sentences.map((sentence) => sentence.split(" ")))!)(text).join(" ");

describe("a cut", () => {
  it("is that of words if their tokens are such", () => {
    expect(
      learnCut([
        ["It", "is", "n't", "3.50", "€", "."],
        ["東", "京"],
      ]),
    ).toBeUndefined();
    expect(learnCut([])).toBeUndefined();
  });
  it.each([
    [
      ["Invoice RE-13025 is open .", "mail a.b@c.com now"],
      "Is RE-99 from x.y@z.org open?",
      "Is RE-99 from x.y@z.org open ?",
    ],
    [["see and/or - now", "and/or"], "either/or - yes", "either/or - yes"],
    [["well - known and well - read", "so-so"], "well-known", "well - known"],
    [["#now @ada says 5%", "up 7%"], "#then @bob said 6%.", "#then @bob said 6% ."],
    [
      ["Mr. A. B. Smith ... left .", "U.S. troops ... go .", "so . no . go ."],
      "Mr. C. left... The U.S. did.",
      "Mr. C . left ... The U.S. did .",
    ],
    [["l' homme d' ici", "l' eau"], "l'arbre d'or", "l' arbre d' or"],
    [["don't go", "it's C++"], "don't say it's C++", "don't say it's C++"],
    [["do n't go-now"], "you don't run-off", "you do n't run-off"],
    [["it’s 10-12"], "it’s 1-2", "it’s 1-2"],
    [["hello! you, there", "oh! no,"], "well! so, be", "well! so, be"],
    [["3,5-4 m"], "1,5-2 m", "1,5-2 m"],
  ])("of %j makes %j", (sentences, text, tokens) => {
    expect(cutAs(sentences, text)).toBe(tokens);
  });
  it("gives back the tokens that it was learnt from", () => {
    const tokens = [
      "RE-13025",
      "a.b@c.com",
      "...",
      "Mr.",
      "(",
      "x_1",
      ")",
      "'s",
      "n't",
      "http://a.b/c?d=1",
      "東京",
      "👍🏽",
      "–",
    ];
    const cut = learnCut([tokens, ...tokens.map((token) => [token])])!;
    expect(tokens.flatMap(tokenCutter(cut))).toEqual(tokens);
    expect(cutFromJson(JSON.parse(JSON.stringify(cut)))).toEqual(cut);
  });
  it.each([null, {}, "a", { inside: "-", before: "", after: "", apart: "", contractions: 1, tokens: [] }])(
    "is none: %j",
    (json) => expect(cutFromJson(json)).toBeUndefined(),
  );
});

it("a token without characters is no part of a cut, which is read again", () => {
  const cut = learnCut([["", "RE-1", "a@b.c", ""]]);
  expect(cut?.tokens).not.toContain("");
  expect(cutFromJson(JSON.parse(JSON.stringify(cut)))).toEqual(cut);
});
