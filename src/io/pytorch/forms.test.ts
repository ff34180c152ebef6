/** Files of all forms against PyTorch's outputs: state dicts, checkpoints, modules that were saved whole, TorchScript. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { certify, type Rows } from "../index.js";
import { importPyTorch, type PyTorchOptions, readPyTorch } from "./index.js";

interface Case {
  readonly file: string;
  readonly options: PyTorchOptions;
  readonly examples: readonly { readonly input: readonly unknown[]; readonly output: readonly unknown[] }[];
}

const folder = new URL("../../../test/golden/pytorch/forms/", import.meta.url);
const cases = JSON.parse(await readFile(new URL("cases.json", folder), "utf8")) as readonly Case[];
const executors = { reference: createReferenceExecutor, wasm: createWasmExecutor };
const rows = (values: readonly unknown[]): Rows => values.map((each) => [each].flat() as number[]);
const read = async (file: string) =>
  readPyTorch(new Uint8Array(await readFile(new URL(file, folder))), { name: file });

describe("a file of PyTorch gives PyTorch's outputs", () => {
  it.each(cases.map((each) => [each.file, each] as const))("%s", async (file, { options, examples }) => {
    const imported = importPyTorch(await read(file), { ...options, name: file });
    const once = imported.network.output.over === "sequences";
    const expected = examples.map(({ input, output }) => ({
      input: rows(input),
      output: once ? [output.flat() as number[]] : rows(output),
    }));
    const { rows: found } = await certify({ ...imported, expected }, executors);
    const last = found.at(-1);
    expect(last?.name).toBe("expected outputs");
    // PyTorch computed these in float32.
    expect(last?.differences.reference).toBeLessThan(2e-6);
  });
});

describe("what a file tells", () => {
  const layersOf = async (file: string, options: PyTorchOptions = {}): Promise<string[]> => {
    const { network } = importPyTorch(await read(file), { ...options, name: file });
    return network.layers.map(({ name, layer, from }) => {
      const how = "by" in layer ? ` ${layer.by}` : "cell" in layer ? ` ${layer.cell.name}` : "";
      return `${name}${how}${from ? ` of ${from.join(", ")}` : ""}`;
    });
  };
  it("a module tells nonlinearity and what an nn.Sequential holds", async () => {
    expect(await layersOf("RNN-relu-steps-module.pt")).toEqual(["recurrent1 rnnRelu", "linear1"]);
    expect(await layersOf("GRU-sequential-head-module.pt")).toEqual([
      "recurrent1 gruResetAfter",
      "linear1",
      "activation1 tanh",
      "linear2",
    ]);
    const file = await read("RNN-relu-steps-module.pt");
    expect(() => importPyTorch(file, { activation: "tanh" })).toThrow('the file says "relu"');
  });
  it("a program tells what follows what, what is added, and which end of two directions is taken", async () => {
    expect(await layersOf("GRU-residual-script.pt")).toEqual([
      "linear1",
      "recurrent1 gruResetAfter",
      "join1 add of recurrent1, linear1",
      "linear2",
    ]);
    expect(await layersOf("GRU-last-step-both-trace.pt")).toEqual([
      "recurrent1 gruResetAfter",
      "pool1 ends",
      "linear1",
    ]);
    const program = importPyTorch(await read("GRU-softmax-trace.pt"));
    expect(program.network.loss).toBe("crossEntropy");
    const file = await read("GRU-softmax-trace.pt");
    expect(() => importPyTorch(file, { pooling: "last" })).toThrow(
      "the option pooling is for what a file does not tell",
    );
  });
  it("of a checkpoint nothing is executed, and what was passed over is said", async () => {
    const { said } = await read("LSTM-steps-checkpoint.pt");
    expect(said.join(" ")).toContain("argparse.Namespace, pathlib.PosixPath");
  });
});
