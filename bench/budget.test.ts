/** Minutes are shared evenly: who takes longer than its share leaves less for those behind it. */
import { expect, it } from "vitest";
import { shared } from "./budget.mjs";

it("shares what is left of the minutes among the contestants to come", () => {
  let now = 0;
  const budgetFor = shared({ minutes: 1, rounds: 9, contestants: 30, now: () => now });
  // Half a share is for counted runs: 60 s / 30 contestants / 2.
  expect(budgetFor(10).seconds).toBe(1);
  now = 40_000;
  expect(budgetFor(10).seconds).toBe(0.5);
  now = 70_000;
  expect(budgetFor(10)).toMatchObject({ seconds: 0, rounds: 9 });
});
