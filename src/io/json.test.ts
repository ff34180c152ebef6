/** JSON of any origin: depth and number of values are looked at first, whatever stands in texts. */
import { expect, test } from "vitest";
import { parseJsonText } from "./json.js";

test("parses what JSON.parse parses", () => {
  const text = '{"a": ["[[[[", "\\"{{{", {"b": null}], "ü\\\\": -1.5e3}';
  expect(parseJsonText(text)).toEqual({ value: JSON.parse(text) });
  // As deep as it may be, and brackets in a text are no depth.
  expect("value" in parseJsonText("[".repeat(100) + "]".repeat(100))).toBe(true);
  expect("value" in parseJsonText(JSON.stringify("[".repeat(5000)))).toBe(true);
});

test.each([101, 10_000, 3_000_000])("refuses %d levels in no time", (depth) => {
  const deep = { problem: "is nested more than 100 levels deep" };
  expect(parseJsonText("[".repeat(depth) + "]".repeat(depth))).toEqual(deep);
  expect(parseJsonText('{"a":'.repeat(depth))).toEqual(deep);
});

test("refuses values that take more than their text explains", () => {
  const problem = { problem: "holds values that take more than 512 MiB" };
  expect(parseJsonText(`[${"[],".repeat(9_000_000)}0]`)).toEqual(problem);
});

test.each(["", "{", '"', '"\\', "[1,]", "nul", "{'a': 1}"])("says that %j is not JSON", (text) => {
  expect(parseJsonText(text)).toEqual({ problem: expect.stringMatching(/^is not JSON \(/) });
});
