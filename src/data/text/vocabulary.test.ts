/**
 * Vocabularies: the order of tokens, what becomes unknown, and the JSON form with every way it can be wrong.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FileFormatError } from "../../io/errors.js";
import { buildVocabulary, decode, encode, vocabularyFromJson } from "./vocabulary.js";

const texts = [["b", "a", "c", "a"], ["b", "😀", "😀"], ["！", "！", "once"], []];

test("orders by count, then by code point", () => {
  expect(buildVocabulary(texts).tokens).toEqual(["<unk>", "a", "b", "！", "😀"]);
  expect(buildVocabulary([["x", "b", "b", "a", "a", "a"]], { minimumCount: 1 }).tokens).toEqual([
    "<unk>",
    "a",
    "b",
    "x",
  ]);
});

test("does not depend on the order of the texts", () => {
  const token = fc.constantFrom("a", "b", "c", "d", "e");
  fc.assert(
    fc.property(fc.array(fc.array(token)), (lists) => {
      expect(buildVocabulary([...lists].reverse()).tokens).toEqual(buildVocabulary(lists).tokens);
    }),
  );
});

test("keeps to the smallest count and the largest size", () => {
  expect(buildVocabulary(texts, { minimumCount: 3 }).tokens).toEqual(["<unk>"]);
  expect(buildVocabulary(texts, { maximumSize: 3 }).tokens).toEqual(["<unk>", "a", "b"]);
  expect(buildVocabulary(texts, { maximumSize: 1 }).tokens).toEqual(["<unk>"]);
});

test.each([{ minimumCount: 0 }, { minimumCount: 1.5 }, { maximumSize: 0 }, { maximumSize: Number.NaN }])(
  "refuses %j",
  (options) => {
    expect(() => buildVocabulary(texts, options)).toThrow(/^m\w+ is .*; give a whole number from 1$/);
  },
);

test("encodes and decodes, unknown tokens as 0", () => {
  const vocabulary = buildVocabulary(texts);
  expect(encode(vocabulary, ["b", "never", "<unk>", "a", "constructor"])).toEqual(
    Int32Array.of(2, 0, 0, 1, 0),
  );
  expect(decode(vocabulary, [2, 0, 1])).toEqual(["b", "<unk>", "a"]);
  expect(() => decode(vocabulary, [9])).toThrow("there is no token 9 in a vocabulary of 5");
});

test("a token spelt like the unknown one does not get a second number", () => {
  expect(buildVocabulary([["<unk>", "<unk>", "a", "a"]]).tokens).toEqual(["<unk>", "a"]);
});

test("is frozen", () => {
  const vocabulary = buildVocabulary(texts);
  expect(Object.isFrozen(vocabulary) && Object.isFrozen(vocabulary.tokens)).toBe(true);
});

describe("the JSON form", () => {
  test("gives the vocabulary again", () => {
    const vocabulary = buildVocabulary(texts);
    expect(vocabularyFromJson(JSON.parse(JSON.stringify(vocabulary.tokens)))).toEqual(vocabulary);
  });

  test.each<[string, unknown, string]>([
    ["no list", { tokens: ["<unk>"] }, "is not a list"],
    ["an empty list", [], "starts with nothing"],
    ["another first token", ["a"], 'starts with "a"'],
    ["a number among the tokens", ["<unk>", 3], "entry 1 is not a text"],
    ["a token twice", ["<unk>", "a", "b", "a"], '"a" occurs twice'],
  ])("refuses %s", (_, json, message) => {
    expect(() => vocabularyFromJson(json, "m.safetensors")).toThrow(FileFormatError);
    expect(() => vocabularyFromJson(json, "m.safetensors")).toThrow(`m.safetensors, vocabulary: ${message}`);
  });
});
