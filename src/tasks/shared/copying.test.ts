/** Copying against a brute force over all parts of random texts, and on texts where the answer is plain. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copying } from "./copying.js";

const codes = (text: string): number[] => [...text].map((c) => c.charCodeAt(0));
const text = (ids: readonly number[]): string => String.fromCharCode(...ids);

function brute(train: readonly string[], written: readonly string[], n: number) {
  const has = (part: string): boolean => train.some((each) => each.includes(part));
  let [longest, seen, count] = [0, 0, 0];
  for (const each of written) {
    for (let from = 0; from < each.length; from++) {
      for (let to = from + longest + 1; to <= each.length && has(each.slice(from, to)); to++)
        longest = to - from;
      if (from + n > each.length) continue;
      count++;
      if (has(each.slice(from, from + n))) seen++;
    }
  }
  return { longest, seen: count > 0 ? seen / count : 0, count };
}

describe("copying", () => {
  it("finds the longest run, and the share of n-grams that were seen", () => {
    const found = copying([codes("the cat sat on the mat")], [codes("a cat sat here")], { n: 4 });
    expect(text(found.longest)).toBe(" cat sat ");
    // " cat", "cat ", "at s", "t sa", " sat", "sat " of eleven.
    expect([found.seen, found.count]).toEqual([6 / 11, 11]);
  });
  it("crosses no border, on either side", () => {
    const found = copying([codes("abcd"), codes("efgh")], [codes("cdef"), codes("gh")], { n: 3 });
    expect([found.longest.length, found.seen, found.count]).toEqual([2, 0, 2]);
  });
  it("says so where nothing is in common, or nothing was written", () => {
    expect(copying([codes("abc")], [codes("xyz")], { n: 2 })).toEqual({ longest: [], seen: 0, count: 2 });
    expect(copying([codes("abc")], [], { n: 2 })).toEqual({ longest: [], seen: 0, count: 0 });
  });
  it("agrees with a brute force", () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 24 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(texts, texts, fc.integer({ min: 1, max: 5 }), (train, written, n) => {
        const found = copying(train.map(codes), written.map(codes), { n });
        expect({ ...found, longest: found.longest.length }).toEqual(brute(train, written, n));
        const run = text(found.longest);
        expect(run === "" || train.some((each) => each.includes(run))).toBe(true);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});
