/**
 * Runs Stryker over mutants that have no result yet, and finds all mutants that there are.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { Instrumenter } from "@stryker-mutator/instrumenter";
import { keyOf } from "./mutants.mjs";
import { reporter } from "./plugins.mjs";
import { wording } from "./wording.mjs";

const quiet = { debug() {}, info() {}, warn: console.warn, isDebugEnabled: () => false };

/** All mutants of files, those that are left out apart. */
export async function mutantsOf(files) {
  const sources = files.map((name) => ({ name, content: readFileSync(name, "utf8"), mutate: true }));
  const options = { plugins: null, excludedMutations: [], ignorers: [wording] };
  const { mutants } = await new Instrumenter(quiet).instrument(sources, options);
  return mutants
    .filter(({ status }) => status !== "Ignored")
    .map(({ fileName, ...mutant }) => ({ ...mutant, file: fileName }));
}

/** Runs the tests on each of the mutants and hands on its result: a status and, if it was killed, the test's file. */
export async function runMutants(mutants, { root, concurrency, onResult }) {
  const work = mkdtempSync(join(tmpdir(), "unrolled-mutate-"));
  try {
    const keys = new Set(mutants.map(keyOf));
    process.env.UNROLLED_MUTANTS = join(work, "mutants.json");
    process.env.UNROLLED_MUTATED_ROOT = root;
    writeFileSync(process.env.UNROLLED_MUTANTS, JSON.stringify([...keys]));
    reporter.listener = ({ killedBy, status, ...mutant }) => {
      const key = keyOf(mutant);
      if (!keys.has(key)) return;
      onResult({
        key,
        file: mutant.file,
        status,
        killedBy: killedBy?.[0]?.split("#")[0],
      });
    };
    const plugin = (path) => new URL(path, import.meta.url).href;
    await new Stryker({
      testRunner: "chosen-only",
      plugins: [import.meta.resolve("@stryker-mutator/vitest-runner"), plugin("plugins.mjs")],
      reporters: ["listener"],
      ignorers: ["wording"],
      mutate: [...new Set(mutants.map(({ file }) => file))],
      coverageAnalysis: "perTest",
      vitest: { configFile: "tools/mutate/vitest.config.ts" },
      // What a test of the mutated folders may need.
      ignorePatterns: [
        "**",
        "!src/**/*",
        "!test/golden/**/*",
        "!tools/mutate/*",
        "!tsconfig.json",
        "!package.json",
      ],
      tempDirName: join(work, "sandboxes"),
      cleanTempDir: "always",
      concurrency,
      disableTypeChecks: false,
      allowConsoleColors: false,
      logLevel: "warn",
      timeoutMS: 20_000,
      // A machine may be busy with other things.
      dryRunTimeoutMinutes: 60,
      warnings: { slow: false },
    }).runMutationTest();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
