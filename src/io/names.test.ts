/** Names of files that stand in files: what stays in the folder, and what does not. */
import { expect, test } from "vitest";
import { nameProblem } from "./names.js";

test.each(["a.bin", "./a.bin", "parts/a.bin", "a..b", "...", "group1-shard1of2.bin", "ü 1.bin"])(
  "%j is followed",
  (name) => expect(nameProblem(name)).toBe(undefined),
);

test.each([
  ["", "is no name of a file"],
  ["a\0b", "is no name of a file"],
  ["/etc/passwd", "is absolute"],
  ["\\\\host\\share", "is absolute"],
  ["C:\\a", "is absolute"],
  ["c:a", "is absolute"],
  ["..", "leads out of the folder"],
  ["a/../../b", "leads out of the folder"],
  ["..\\a", "leads out of the folder"],
  ["a/..", "leads out of the folder"],
  ["http://host/a", "is an address"],
  ["file:///etc/passwd", "is an address"],
  ["data:text/plain,x", "is an address"],
])("%j is not", (name, problem) => expect(nameProblem(name)).toContain(problem));
