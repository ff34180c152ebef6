/** Budgets: what is taken adds up, odd sizes are refused, and the sentence names the option. */
import { expect, test } from "vitest";
import { FileFormatError } from "./errors.js";
import { fileBudget, sizeText, usualLimits } from "./limits.js";

const refusal = (work: () => void): FileFormatError => {
  try {
    work();
  } catch (error) {
    if (error instanceof FileFormatError) return error;
  }
  throw new Error("nothing was refused");
};

test("what is taken adds up over a whole file, and the file's own size is no surprise", () => {
  const budget = fileBudget("m.pt", { mostBytes: 100 }, 10);
  budget.take(60, "a", "is made");
  budget.take(50, "b", "is made");
  const error = refusal(() => budget.take(1, "entry c", "unpacks to 1 byte"));
  expect(error.message).toBe(
    "m.pt, entry c: unpacks to 1 byte, and reading a file may take 110 bytes beside it. mostBytes raises the limit, for a file that you trust.",
  );
  expect(error.template).toContain("{mostBytes} raises the limit");
});

test("sizes that are no numbers are too large", () => {
  for (const size of [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 70])
    expect(refusal(() => fileBudget("f").take(size, "w", "has a shape")).problem).toContain("512 MiB");
});

test("sizes in words", () => {
  expect([0, 1023, 1024, 1536, 2 ** 29, 5e12].map(sizeText)).toEqual([
    "0 bytes",
    "1023 bytes",
    "1 KiB",
    "1.5 KiB",
    "512 MiB",
    "4657 GiB",
  ]);
  expect(usualLimits.mostBytes).toBe(2 ** 29);
});
