/**
 * What Stryker loads from here: a runner that leaves out mutants that nobody asked for (Stryker itself can only be told files and
 * lines), a reporter that hands on each result as it comes, and the rule about the wording of errors.
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import {
  commonTokens,
  declareFactoryPlugin,
  declareValuePlugin,
  PluginKind,
  tokens,
} from "@stryker-mutator/api/plugin";
import { strykerPlugins as vitestPlugins } from "@stryker-mutator/vitest-runner";
import { keyOf } from "./mutants.mjs";
import { wording } from "./wording.mjs";

function chosenOnly(injector) {
  const runner = injector.injectFunction(vitestPlugins[0].factory);
  // A process of its own, which is told by its surroundings.
  const root = process.env.UNROLLED_MUTATED_ROOT;
  const chosen = new Set(JSON.parse(readFileSync(process.env.UNROLLED_MUTANTS, "utf8")));
  const run = runner.mutantRun.bind(runner);
  runner.mutantRun = async (options) => {
    const { fileName, ...mutant } = options.activeMutant;
    if (!chosen.has(keyOf({ ...mutant, file: relative(root, fileName) })))
      return { status: "error", errorMessage: "not asked for" };
    const result = await run(options);
    // Where a file of tests cannot even be loaded, Stryker's runner sees no test that fails.
    const unloaded = runner.ctx.state.getFiles().find((file) => file.result?.state === "fail");
    if (result.status !== "survived" || !unloaded) return result;
    const killedBy = [`${relative(process.cwd(), unloaded.filepath)}#`];
    return { status: "killed", killedBy, failureMessage: "a test cannot be loaded", nrOfTests: 1 };
  };
  return runner;
}
chosenOnly.inject = tokens(commonTokens.injector);

/** Takes each result; `listener` is set by whoever starts Stryker, in the same process. */
export const reporter = {
  listener: undefined,
  onMutantTested(result) {
    // Results count lines and columns from 1, mutants from 0.
    const from = ({ line, column }) => ({ line: line - 1, column: column - 1 });
    const location = { start: from(result.location.start), end: from(result.location.end) };
    this.listener?.({ ...result, file: relative(process.cwd(), result.fileName), location });
  },
};

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, "chosen-only", chosenOnly),
  declareValuePlugin(PluginKind.Reporter, "listener", reporter),
  declareValuePlugin(PluginKind.Ignore, "wording", wording),
];
