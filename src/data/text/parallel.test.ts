/**
 * Texts side by side: what is read from two files and from one table, and each way in which they do not fit.
 */
import { expect, test } from "vitest";
import { readParallel, textSource } from "../index.js";

const two = (a: string, b: string) => [textSource("a.en", a), textSource("b.de", b)];

test("reads two files side by side, and passes over lines without a text", async () => {
  expect(await readParallel(two("one\r\n\n two \nx\n", "eins\n\nzwei\n\n"))).toEqual({
    pairs: [
      { source: "one", target: "eins", file: "a.en", line: 1 },
      { source: "two", target: "zwei", file: "a.en", line: 3 },
    ],
    skipped: 2,
  });
});

test("reads one table of two columns", async () => {
  expect(await readParallel([textSource("t.tsv", "one\teins\n\ntwo\tzwei")])).toEqual({
    pairs: [
      { source: "one", target: "eins", file: "t.tsv", line: 1 },
      { source: "two", target: "zwei", file: "t.tsv", line: 3 },
    ],
    skipped: 0,
  });
});

test.each([
  [two("a\nb\n", "x\n"), "a.en:2: has no counterpart: b.de ends after 1 lines"],
  [two("a\n", "x\ny\n"), "b.de:2: has no counterpart: a.en ends after 1 lines"],
  [[textSource("t.tsv", "a\tb\nc\n")], "t.tsv:2: has no tab"],
  [[textSource("t.tsv", "a\tb\tc\n")], "t.tsv:1: has 3 columns"],
  [[textSource("t.tsv", "\n")], "t.tsv: holds no texts with translations"],
  [[], "data: is no file"],
  [[...two("a", "b"), textSource("c", "c")], "a.en, b.de, c: is 3 files"],
])("refuses what does not fit, %#", async (sources, message) => {
  await expect(readParallel(sources)).rejects.toThrow(message);
});
