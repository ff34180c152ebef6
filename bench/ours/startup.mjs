// @ts-check
/**
 * From import to the first prediction, in a fresh process each time: this file is both. Asked by serve.mjs it saves a
 * model file and then starts itself with the file's name; started with a name it loads the package and the model,
 * predicts once and prints the milliseconds since before the import.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const self = fileURLToPath(import.meta.url);

/**
 * Sets up a task of kind "startup"; what is measured is what the fresh process says.
 * @param {import("../tasks.mjs").Task} task @param {import("./tiers.mjs").Executor} executor @param {string} tier
 */
export async function prepareStartup(task, executor, tier) {
  const { initialParameters } = await import("unrolled/nn");
  const { writeModel } = await import("unrolled/io");
  const { classifierNetwork } = await import("./networks.mjs");
  const network = classifierNetwork(task);
  const folder = mkdtempSync(join(tmpdir(), "unrolled-bench-"));
  const file = join(folder, "model.safetensors");
  writeFileSync(
    file,
    writeModel({ task: "bench", network, parameters: initialParameters(network, 1), data: {} }),
  );
  return {
    ready: { tier: executor.tier },
    measure: () => Number(execFileSync(process.execPath, [self, file, tier, String(task.lengths[0])])),
    dispose() {
      rmSync(folder, { recursive: true });
      executor.dispose();
    },
  };
}

if (process.argv[1] === self) {
  const [, , file = "", tier, steps] = process.argv;
  const from = performance.now();
  const [{ tierOf }, { readModel }, { createPredictor }] = await Promise.all([
    import("./tiers.mjs"),
    import("unrolled/io"),
    import("unrolled/nn"),
  ]);
  const executor = await tierOf(tier).create();
  const { network, parameters } = readModel(await readFile(file));
  const input = Int32Array.from({ length: Number(steps) }, (_, t) => t);
  const [answer] = createPredictor(network, executor, { parameters }).predict([{ input }]);
  if (!answer?.rows[0]?.length) throw new Error("the prediction is empty");
  console.log(performance.now() - from);
  process.exit(0);
}
