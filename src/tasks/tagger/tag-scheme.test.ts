/**
 * Schemes of tags: found in sequences, and what each allows.
 */
import { describe, expect, it } from "vitest";
import { legalTags, readingOf, schemeOf } from "./tag-scheme.js";

describe("the scheme of tags", () => {
  it.each([
    ["IOB2", [["B-a", "I-a", "O", "B-b"], []]],
    ["IOB1", [["I-a", "I-a", "B-a", "I-b"]]],
    ["IOBES", [["B-a", "I-a", "E-a", "S-b", "O"]]],
    [undefined, [["NOUN", "VERB"]]],
    [undefined, [["O", "O"]]],
    [undefined, [["O", "I-a", "O", "B-a"]]],
    [undefined, [["B-a", "I-b"], ["I-a"], ["E-a"]]],
  ] as const)("%s is that of %j", (scheme, sequences) => {
    expect(schemeOf(sequences)).toBe(scheme);
  });

  it("allows what keeps to it", () => {
    const tags = ["O", "B-a", "I-a", "B-b", "I-b"];
    const { start, end, transitions } = legalTags(tags, "IOB2");
    expect(start).toEqual([true, true, false, true, false]);
    expect(end).toEqual([true, true, true, true, true]);
    const may = (from: string, to: string): unknown => transitions[tags.indexOf(to) * 5 + tags.indexOf(from)];
    expect([may("B-a", "I-a"), may("I-a", "I-a"), may("B-b", "I-a"), may("O", "I-a")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(legalTags(["B-a", "E-a", "S-a"], "IOBES").end).toEqual([false, true, true]);
    expect(legalTags(["NOUN", "VERB"], undefined).transitions).toEqual([true, true, true, true]);
  });
});

describe("the reading of tags", () => {
  const many = (tags: readonly string[], count = 60): string[][] =>
    Array.from({ length: count }, () => [...tags]);
  it.each([
    [
      "L and U",
      ["B-a", "L-a", "O", "U-b", "B-a", "I-a", "L-a"],
      "IOBES",
      { letters: "BILUO", isSuffix: false },
    ],
    ["M and S", ["B-a", "M-a", "E-a", "S-b"], "IOBES", { letters: "BMESO" }],
    ["letters at the end", ["a-B", "a-I", "O", "b-x-B"], "IOB2", { isSuffix: true, separator: "-" }],
    ["another sign", ["B_a", "I_a", "O"], "IOB2", { separator: "_" }],
    ["small letters", ["b-a", "i-a", "o"], "IOB2", { letters: "bieso" }],
    ["letters alone", ["B", "I", "O"], "IOB2", undefined],
    ["the usual form", ["B-a", "I-a", "O"], "IOB2", undefined],
  ] as const)("knows %s", (_, tags, scheme, notation) => {
    const found = readingOf(many(tags));
    expect(found).toMatchObject({ scheme, slips: [] });
    if (notation) expect(found.notation).toMatchObject(notation);
    else expect(found.notation).toBeUndefined();
  });
  it("finds none in parts of speech, nor where it is told so", () => {
    expect(readingOf(many(["NOUN", "VERB", "B", "PROPN-x"])).scheme).toBeUndefined();
    expect(readingOf(many(["B-a", "O"]), "none").scheme).toBeUndefined();
  });
  it.each([
    ["I-b after O", ["B-a", "I-a", "O", "I-b"], { at: 3, tag: "I-b", taken: "B-b" }],
    ["I of another type", ["B-a", "I-b", "O"], { at: 1, tag: "I-b", taken: "B-b" }],
    ["what is no tag", ["B-a", "0", "O"], { at: 1, tag: "0", taken: undefined }],
    ["a letter without its case", ["B-a", "i-a", "O"], { at: 1, tag: "i-a", taken: undefined }],
  ])("keeps its scheme in spite of a slip: %s", (_, tags, slip) => {
    const found = readingOf([...many(["B-a", "I-a", "O", "B-b"]), tags]);
    expect([found.scheme, found.slips]).toEqual(["IOB2", [{ sequence: 60, ...slip }]]);
  });
  it("names slips in the notation of the file, and in the scheme that is told", () => {
    const found = readingOf([...many(["a-B", "a-L", "O", "a-U"]), ["a-B", "O"]]);
    expect([found.scheme, found.slips]).toEqual([
      "IOBES",
      [{ sequence: 60, at: 0, tag: "a-B", taken: "a-U" }],
    ]);
    const told = readingOf([["I-a", "I-a", "O"]], "IOB2");
    expect([told.scheme, told.slips]).toEqual(["IOB2", [{ sequence: 0, at: 0, tag: "I-a", taken: "B-a" }]]);
  });
});
