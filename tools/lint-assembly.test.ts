/**
 * Decorators are hidden from the linter and come back unchanged.
 */
import { expect, test } from "vitest";
import { mask, unmask } from "./lint-assembly.mjs";

const text =
  '@inline\nfunction f(): i32 {\n  return 1; // not @this\n}\n@external("env", "g")\ndeclare function g(): void;\n';

test("only decorators at the start of a line are masked", () => {
  expect(mask(text).match(/^\/\/<decorator>@\w+/gm)).toEqual([
    "//<decorator>@inline",
    "//<decorator>@external",
  ]);
  expect(mask(text)).toContain("// not @this");
});

test("unmasking restores the text", () => expect(unmask(mask(text))).toBe(text));
