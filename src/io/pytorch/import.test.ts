/** Imports against files of PyTorch itself, with the outputs that PyTorch gives. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { certify, type ExpectedOutput } from "../index.js";
import { importPyTorch, type PyTorchOptions, readStateDict } from "./index.js";

const folder = new URL("../../../test/golden/pytorch/", import.meta.url);
const golden = JSON.parse(await readFile(new URL("expected.json", folder), "utf8")) as {
  readonly cases: Readonly<
    Record<string, { readonly options: PyTorchOptions; readonly examples: readonly ExpectedOutput[] }>
  >;
};
const executors = { reference: createReferenceExecutor, wasm: createWasmExecutor };

/** Ids as rows of one number each. */
const rows = (examples: readonly ExpectedOutput[]): ExpectedOutput[] =>
  examples.map(({ input, output }) => ({ input: input.map((step) => [step].flat()), output }));

const files = [
  ...Object.keys(golden.cases).map((name) => [`${name}.pt`, name]),
  ["lstm-tagger.safetensors", "lstm-tagger"],
  ["gru.safetensors", "gru"],
  ["gru-legacy.pt", "gru"],
  ["gru-checkpoint.pt", "gru"],
  ["gru-views.pt", "gru"],
] as [string, string][];

describe("a state dict of PyTorch gives PyTorch's outputs", () => {
  it.each(files)("%s", async (file, name) => {
    const { options, examples } = golden.cases[name]!;
    const tensors = await readStateDict(new Uint8Array(await readFile(new URL(file, folder))), file);
    const imported = importPyTorch(tensors, options);
    const { rows: found } = await certify({ ...imported, expected: rows(examples) }, executors);
    const last = found.at(-1);
    expect(last?.name).toBe("expected outputs");
    // Float32 parameters of sums of two biases, or of float64 files: half a unit in the last place each.
    for (const { differences } of found) expect(differences.reference).toBeLessThan(5e-7);
    expect(last?.differences.wasm).toBeLessThan(2e-6);
  });
});
