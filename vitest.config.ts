/**
 * Which files are tests and how they run. A test that needs a retry is a broken test, so there is none.
 */
import { configDefaults, defineConfig } from "vitest/config";

/** Whether a page stays responsive shows only where nothing else takes the cores: these run one by one, after the others. */
const alone = ["test/browser.test.ts", "test/bundlers.test.ts", "test/worker.test.ts"];

export default defineConfig({
  test: {
    environment: "node",
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
    reporters: ["default", "./tools/summary-reporter.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "together",
          include: ["src/**/*.test.ts", "test/**/*.test.ts", "tools/**/*.test.ts", "bench/*.test.ts"],
          exclude: [...configDefaults.exclude, ...alone],
          // All cores: by default one is left to vitest itself, which has little to do.
          maxWorkers: "100%",
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "alone", include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
