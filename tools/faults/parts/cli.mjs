// @ts-check
/**
 * The command line inside a process of the faults: its source, bundled, for the package publishes the program alone.
 */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { bytesSource } from "unrolled/data";
import { createExecutor } from "unrolled/exec";

const source = fileURLToPath(new URL("../../../src/cli/run.ts", import.meta.url));

/** Bundles the command line. @param {string} work the folder of the faults @returns {Promise<string>} the bundle's file */
export async function bundleCli(work) {
  const outfile = join(work, "cli.mjs");
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
  return outfile;
}

/** The command line as a function that gives what was said on stderr. @param {string} bundle */
export async function loadCli(bundle) {
  const { run } = await import(pathToFileURL(bundle).href);
  return async (/** @type {readonly string[]} */ args) => {
    let said = "";
    /** @param {(text: string) => void} write */
    const sink = (write) => ({ write, exact: write, draw: write, drained: async () => {} });
    await run(args, {
      stdout: sink(() => {}),
      stderr: sink((text) => {
        said += text;
      }),
      stdin: bytesSource("standard input", new Uint8Array()),
      env: {},
      interruption: () => new AbortController().signal,
      outliveReaders() {},
      createExecutor: (/** @type {object} */ options) => createExecutor(options),
    });
    return said;
  };
}
