/**
 * Imports: files of PyTorch's exporter (test/onnx/fixtures), graphs as tf2onnx writes them, and our own exports, each against
 * ONNX Runtime on the same file; what is refused, and how.
 */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { isMissing, type Runtime, runtime, runtimeNames, suiteName } from "../../../../test/onnx/runtimes.js";
import { FileFormatError } from "../../errors.js";
import { expectImported } from "./import.cases.js";
import { importOnnx } from "./import.js";

const file = (name: string): Uint8Array =>
  readFileSync(new URL(`../../../../test/onnx/fixtures/${name}.onnx`, import.meta.url));

/** What the files of PyTorch become. */
const torch: Readonly<Record<string, string>> = {
  "torch-tagger": "embedding recurrent recurrent linear",
  "torch-packed-tagger": "embedding recurrent linear",
  "torch-classifier": "embedding recurrent recurrent pool linear",
  "torch-both-ends": "recurrent pool linear",
  "torch-series": "recurrent linear",
  "torch-pooled-mean": "recurrent pool linear",
  "torch-pooled-max": "recurrent pool linear",
  "torch-pooled-last": "recurrent pool linear",
};

describe.each(runtimeNames)("%s", (name) => {
  describe.skipIf(isMissing(name))(suiteName(name), () => {
    let ort: Runtime;
    beforeAll(async () => {
      ort = await runtime(name);
    });

    it.each(Object.keys(torch))("%s", async (of) => {
      const { network } = await expectImported(ort, file(of));
      expect(network.layers.map(({ layer }) => layer.kind).join(" ")).toBe(torch[of]);
    });
  });
});

describe("what is refused", () => {
  const problemOf = (bytes: Uint8Array): string => {
    try {
      importOnnx(bytes, { name: "file.onnx" });
    } catch (error) {
      if (error instanceof FileFormatError) return error.message;
      throw error;
    }
    throw new Error("nothing was refused");
  };
  it("lists every operator that no layer stands for", () => {
    const problem = problemOf(file("torch-unsupported"));
    expect(problem).toContain('Conv at "/conv/Conv" is not among the operators that are read');
    expect(problem).toContain('Relu at "/Relu" is not among the operators that are read');
    expect(problem.match(/\n {2}/g)).toHaveLength(2);
  });
});
