/**
 * The order of code points against the order of UTF-8 bytes.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareCodePoints } from "./order.js";

test("is the order of the UTF-8 bytes", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "b", "é", "\u{ff01}", "\u{1f600}", "\u{10ffff}"),
    maxLength: 5,
  });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareCodePoints(a, b))).toBe(
        Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))),
      );
    }),
  );
});

test("puts an emoji after U+FF01, where `<` does not", () => {
  expect("\u{1f600}" < "\u{ff01}").toBe(true);
  expect(compareCodePoints("\u{1f600}", "\u{ff01}")).toBeGreaterThan(0);
});
