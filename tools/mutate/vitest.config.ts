// The tests of a mutation run: those beside the mutated code, with comparisons to stored texts left out.
import { defineConfig } from "vitest/config";
import { tests } from "./targets.mjs";

export default defineConfig({
  test: {
    include: tests.flatMap((place) => [`${place}/**/*.test.ts`, `${place}.test.ts`]),
    setupFiles: ["tools/mutate/without-texts.ts"],
    environment: "node",
    testTimeout: 60_000,
    retry: 0,
    reporters: [],
  },
});
