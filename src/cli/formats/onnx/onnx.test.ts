/**
 * ONNX on the command line: a task's model out, a translator's two files, PyTorch's file in through the certificate;
 * refusals.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gru } from "../../../cell/index.js";
import { writeModel } from "../../../io/index.js";
import { decoder, embedding, initialParameters, linear, network, recurrent } from "../../../nn/index.js";
import { createFolder, type Folder, moodLines, runCli } from "../../harness.cases.js";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../test/onnx/fixtures/${name}.onnx`, import.meta.url));

let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

async function done(...args: string[]): Promise<string> {
  const { status, stdout, stderr, leaked } = await runCli(args);
  expect({ status, stderr: status === 0 ? "" : stderr, leaked }).toEqual({
    status: 0,
    stderr: "",
    leaked: 0,
  });
  return stdout;
}

it("a classifier goes out with the lines that run it, and comes back", async () => {
  const data = await folder.write("mood.tsv", moodLines(20));
  const model = folder.path("mood.safetensors");
  const small = ["--units", "2", "--embedding", "2", "--epochs", "1", "--pooling", "last"];
  await done("train", "classifier", "--train", data, ...small, "--out", model);
  const out = folder.path("mood.onnx");
  const said = await done("export", model, "--to", "onnx", "--out", out);
  expect(said).toMatch(/recurrent1\S* \(gru\) +GRU +the operator that computes this cell/);
  expect(said).toContain('const model = await InferenceSession.create("mood.onnx");');
  expect(said).toContain('  "input": new Tensor("int32", …, [time, batch]),');
  expect(said).toContain('  "lengths": new Tensor("int32", …, [batch]),');
  expect(said).toContain("prediction [batch, 2]");

  const back = folder.path("back.safetensors");
  const certificate = await done("import", out, "--out", back);
  expect(certificate).toContain("whole network");
  expect(await done("inspect", back)).toContain("onnx, mood.onnx");
});

it("a translator goes out as two files, of which neither is written if one exists", async () => {
  const net = network({
    input: { inputs: { source: { vocabulary: 5, beside: true }, target: { vocabulary: 6 } } },
    layers: [
      decoder({
        source: [embedding({ width: 2 }), recurrent({ cell: gru, units: 2 })],
        target: [embedding({ width: 2 })],
        cell: gru,
        units: [2],
      }),
      linear({ units: 6 }),
    ],
    loss: "crossEntropy",
  });
  const model = folder.path("dates.safetensors");
  const parameters = initialParameters(net, 1);
  await writeFile(model, writeModel({ task: "translator", network: net, parameters, data: {} }));
  const out = folder.path("dates.onnx");
  const args = ["export", model, "--to", "onnx", "--out", out];
  const { files } = JSON.parse(await done(...args, "--json"));
  expect(files).toEqual([folder.path("dates.encoder.onnx"), folder.path("dates.step.onnx")]);
  const before = await readFile(files[1]);
  expect(before.length).toBeGreaterThan(1000);
  const { status, stderr } = await runCli(args);
  expect(status).toBe(1);
  expect(stderr).toContain("dates.encoder.onnx: already exists, and was kept");
});

it("a tagger of PyTorch comes in with a certificate, and answers", async () => {
  const model = folder.path("tagger.safetensors");
  const said = await done("import", fixture("torch-tagger"), "--out", model);
  expect(said).toMatch(/\/rnn\/LSTM \(LSTM\) +recurrent1 +\d+ +\d\.\de-/);
  expect(said).toContain('The output "output" is the logarithm of the predictions here.');
  const inputs = await folder.write("inputs.jsonl", '{"input": [3, 1, 4]}\n');
  const { output } = JSON.parse(await done("predict", model, inputs, "--json")) as { output: number[][] };
  expect(output).toHaveLength(3);
  for (const row of output) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
});

describe("is refused, and leaves nothing behind", () => {
  it.each<[string, readonly string[], number, string]>([
    [
      "what no layer stands for",
      [fixture("torch-unsupported")],
      1,
      'Conv at "/conv/Conv" is an operator for which there is no layer here',
    ],
    [
      "a head that the graph has",
      [fixture("torch-tagger"), "--head", "sigmoid"],
      1,
      "the graph ends in a log softmax",
    ],
    [
      "an option of another format",
      [fixture("torch-tagger"), "--pooling", "last"],
      2,
      "--pooling is for --from pytorch",
    ],
  ])("%s", async (_, args, status, says) => {
    const outcome = await runCli(["import", ...args, "--out", folder.path("m.safetensors")]);
    expect([outcome.status, outcome.stderr]).toEqual([status, expect.stringContaining(says)]);
    expect(await folder.list()).toEqual([]);
  });

  it("a stream of what reads in both directions", async () => {
    const layers = [recurrent({ cell: gru, units: 2, direction: "both" }), linear({ units: 2 })];
    const net = network({ input: { width: 2 }, layers, loss: "squaredError" });
    const model = folder.path("m.safetensors");
    const parameters = initialParameters(net, 1);
    await writeFile(model, writeModel({ task: "network", network: net, parameters, data: {} }));
    const args = ["export", model, "--to", "onnx", "--stream", "--out", folder.path("m.onnx")];
    const { status, stderr } = await runCli(args);
    expect(status).toBe(1);
    expect(stderr).toContain("cannot be exported as a stream: recurrent1 reads in both directions");
    expect(await folder.list()).toEqual(["m.safetensors"]);
  });
});
