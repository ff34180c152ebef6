/**
 * What the length check lets through and what it refuses.
 */
import { expect, test } from "vitest";
import { checkFileLength, MAX_LINES } from "./file-length.js";

test("a file of exactly the maximum passes, with and without a final line end", () => {
  expect(checkFileLength([{ path: "src/a.ts", text: "x\n".repeat(MAX_LINES) }])).toEqual([]);
  expect(checkFileLength([{ path: "src/a.ts", text: `${"x\n".repeat(MAX_LINES - 1)}x` }])).toEqual([]);
});

test("one line more is refused, by name", () => {
  const problems = checkFileLength([{ path: "src/long.ts", text: "x\n".repeat(MAX_LINES + 1) }]);
  expect(problems).toEqual(["src/long.ts has 501 lines; split it by concept, at most 500"]);
});
