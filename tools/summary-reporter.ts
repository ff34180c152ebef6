/**
 * Closes a test run with one plain line, `N passed, N failed, N skipped`, which scripts can read without
 * knowing the test runner. Vitest's own report stands before it.
 */
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** What became of a run's tests. A file that does not load, or an error outside any test, is a failure. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The closing line. */
export function summaryLine(counts: Counts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}

/** Counts the tests of finished modules. A test that did not get to run counts as skipped. */
export function count(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): Counts {
  const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  for (const module of modules) {
    if (module.errors().length > 0) counts.failed++;
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed++;
    for (const test of module.children.allTests()) {
      const state = test.result().state;
      counts[state === "pending" ? "skipped" : state]++;
    }
  }
  return counts;
}

/** Prints the line when the process ends, so that nothing of the run comes after it. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const line = summaryLine(count(modules, unhandledErrors));
    process.once("exit", () => process.stdout.write(`${line}\n`));
  }
}
