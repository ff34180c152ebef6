/**
 * Schemes of tags: found in sequences, and what each allows.
 */
import { describe, expect, it } from "vitest";
import { legalTags, schemeOf } from "./tag-scheme.js";

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
