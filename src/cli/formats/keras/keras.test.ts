/** `import` of models of Keras and TensorFlow.js: found by their contents, certified, asked; and what is refused. */
import { copyFile, readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFolder, type Folder, runCli } from "../../harness.cases.js";

const golden = (path: string): string =>
  fileURLToPath(new URL(`../../../../test/golden/${path}`, import.meta.url));

/** An input with the outputs of all layers, the last of which is the prediction. */
interface Example {
  readonly input: unknown;
  readonly layers: Readonly<Record<string, number[] | number[][]>>;
}

let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

describe.each([
  ["keras", "keras/sentiment.keras", "keras/sentiment.json"],
  ["keras", "keras/keras2.h5", "keras/keras2.json"],
  ["tfjs", "tfjs/classifier/model.json", "tfjs/classifier/expected.json"],
])("%s: %s", (format, file, answers) => {
  it("is found, certified with the tool's outputs, and predicts them", async () => {
    const examples = JSON.parse(await readFile(golden(answers), "utf8")) as Example[];
    const output = ({ layers }: Example): unknown => Object.values(layers).at(-1);
    const lines = examples.map((each) => JSON.stringify({ input: each.input, output: [output(each)] }));
    const expected = await folder.write("expected.jsonl", `${lines.join("\n")}\n`);
    const model = folder.path("model.safetensors");
    const args = ["import", golden(file), "--expected", expected, "--out", model];
    const { status, stdout, stderr } = await runCli(args);
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("whole network");
    expect(stdout).toContain("expected outputs");
    expect(stdout).toContain(`(${format}) is now`);

    const inputs = await folder.write(
      "inputs.jsonl",
      examples.map(({ input }) => `${JSON.stringify({ input })}\n`).join(""),
    );
    const asked = await runCli(["predict", model, inputs, "--json"]);
    const found = asked.stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { readonly output: number[][] }).output.flat());
    examples.forEach((example, i) => {
      // Both computed in float32.
      (output(example) as number[]).forEach((v, k) => expect(found[i]?.[k]).toBeCloseTo(v, 5));
    });
  });
});

describe("refuses, and writes nothing", () => {
  const refused = async (...args: string[]): Promise<string> => {
    const out = folder.path("model.safetensors");
    const { status, stdout, stderr } = await runCli(["import", ...args, "--out", out]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    await expect(stat(out)).rejects.toThrow("ENOENT");
    return stderr;
  };
  it("a model whose weights are not beside it", async () => {
    await copyFile(golden("tfjs/tagger/model.json"), folder.path("model.json"));
    expect(await refused(folder.path("model.json"))).toMatch(
      /model\.weights\.bin: cannot be read: there is no such file/,
    );
  });
  it("layers that there are none of here, by name", async () => {
    const text = await readFile(golden("tfjs/tagger/model.json"), "utf8");
    const file = await folder.write("model.json", text.replace('"TimeDistributed"', '"UpSampling1D"'));
    expect(await refused(file)).toContain(
      "model.json, model: cannot be imported: tags (UpSampling1D): is a UpSampling1D, which cannot be imported",
    );
  });
});
