/**
 * The tests of a mutation run: those beside the mutated code, with comparisons to stored texts left out. A mutant that is
 * noticed ends the run, so quick tests come first.
 */
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { slow, tests } from "./targets.mjs";

const cost = ({ moduleId }: TestSpecification): number => slow.findIndex((path) => moduleId.endsWith(path));

class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files].sort((a, b) => cost(a) - cost(b));
  }
}

export default defineConfig({
  test: {
    include: tests.flatMap((place) => [`${place}/**/*.test.ts`, `${place}.test.ts`]),
    setupFiles: ["tools/mutate/without-texts.ts"],
    environment: "node",
    // Stryker has its own, which knows how long the tests take without a mutant.
    testTimeout: 3_600_000,
    retry: 0,
    reporters: [],
    sequence: { sequencer: QuickFirst },
  },
});
