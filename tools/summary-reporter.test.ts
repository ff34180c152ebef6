/**
 * The closing line of a test run: what it counts, and that a broken file cannot look like success.
 */
import { expect, test } from "vitest";
import type { SerializedError, TestModule } from "vitest/node";
import { count, summaryLine } from "./summary-reporter.js";

/** A stand-in with the few members of vitest's TestModule that are read. */
function module(states: readonly string[], errors = 0, suiteErrors: readonly number[] = []): TestModule {
  const failures = (n: number): readonly object[] => Array.from({ length: n }, () => ({}));
  return {
    errors: () => failures(errors),
    children: {
      allTests: () => states.map((state) => ({ result: () => ({ state }) })),
      allSuites: () => suiteErrors.map((n) => ({ errors: () => failures(n) })),
    },
  } as unknown as TestModule;
}

test("tests are counted over all modules; one that never ran is skipped", () => {
  const modules = [module(["passed", "failed", "skipped"]), module(["passed", "pending"])];
  expect(count(modules, [])).toEqual({ passed: 2, failed: 1, skipped: 2 });
  expect(summaryLine({ passed: 2, failed: 1, skipped: 2 })).toBe("2 passed, 1 failed, 2 skipped");
});

test("a file that does not load, a failing hook and an error outside any test are failures", () => {
  expect(count([module([], 1)], []).failed).toBe(1);
  expect(count([module(["skipped"], 0, [1])], []).failed).toBe(1);
  expect(count([], [{ message: "out of nowhere" } as SerializedError]).failed).toBe(1);
});
