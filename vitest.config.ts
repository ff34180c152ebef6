/**
 * Which files are tests and how they run. A test that needs a retry is a broken test, so there is none.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "tools/**/*.test.ts", "bench/*.test.ts"],
    environment: "node",
    pool: "forks",
    // All cores: by default one is left to vitest itself, which has little to do.
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
    reporters: ["default", "./tools/summary-reporter.ts"],
  },
});
