/**
 * What test/keras-browser.test.ts runs in a page: two files of Keras, imported and certified by the reference.
 */
import { createReferenceExecutor } from "unrolled/exec/reference";
import { certify } from "unrolled/io";
import { importKeras } from "unrolled/keras";

async function differenceOf(name: string): Promise<number> {
  const bytes = new Uint8Array(await (await fetch(name)).arrayBuffer());
  const executors = { reference: createReferenceExecutor, wasm: createReferenceExecutor };
  const { rows } = await certify(await importKeras(bytes, name), executors);
  return Math.max(...rows.map(({ differences }) => differences.reference));
}

async function run(): Promise<object> {
  const found: Record<string, number> = {};
  for (const name of ["tagger.keras", "legacy.h5"]) found[name] = await differenceOf(name);
  return { found };
}

const result = await run().catch((error: unknown) => ({ error: String(error) }));
Object.assign(globalThis, { result });
