/** `import` and `export`: the whole way of a model of PyTorch in, through every verb, and out again; and what is refused. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFolder, type Folder, moodLines, runCli } from "../harness.cases.js";

const golden = new URL("../../../test/golden/pytorch/", import.meta.url);
const tagger = fileURLToPath(new URL("lstm-tagger.pt", golden));
const { cases } = JSON.parse(await readFile(new URL("expected.json", golden), "utf8")) as {
  readonly cases: Readonly<
    Record<string, { readonly examples: readonly { readonly input: unknown; readonly output: number[][] }[] }>
  >;
};
const examples = cases["lstm-tagger"]?.examples ?? [];

let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

/** Runs a command that must do its work. */
async function done(...args: string[]): Promise<string> {
  const { status, stdout, stderr, leaked } = await runCli(args);
  expect({ status, stderr: status === 0 ? "" : stderr, leaked }).toEqual({
    status: 0,
    stderr: "",
    leaked: 0,
  });
  return stdout;
}

const jsonLines = (values: readonly unknown[]): string =>
  values.map((each) => `${JSON.stringify(each)}\n`).join("");

const largest = (found: number[][], wanted: number[][]): number =>
  wanted.flat().reduce((most, value, i) => Math.max(most, Math.abs(value - found.flat()[i]!)), 0);

describe("a state dict of PyTorch", () => {
  it("is imported with a certificate, inspected, asked, judged, exported and imported again", async () => {
    const model = folder.path("tagger.safetensors");
    const expected = await folder.write("expected.jsonl", jsonLines(examples));
    const said = await done("import", tagger, "--head", "softmax", "--expected", expected, "--out", model);
    expect(said).toMatch(/rnn, layer 1 +recurrent2 +132 +\d\.\de-/);
    expect(said).toContain("expected outputs");
    expect(said).toMatch(
      /rnn\.weight_ih_l0 +recurrent1\.forward\.w_u, w_f, w_c, w_o +blocks of rows i, f, g, o; columns of x/,
    );
    expect(said).toContain("What follows the last layer is not in the file: softmax (option head).");

    const inspected = await done("inspect", model);
    expect(inspected).toMatch(/task +network\n/);
    expect(inspected).toContain("pytorch, lstm-tagger.pt");

    const inputs = await folder.write("inputs.jsonl", jsonLines(examples.map(({ input }) => ({ input }))));
    const answers = (await done("predict", model, inputs, "--json")).trim().split("\n");
    answers.forEach((line, i) => {
      const { output } = JSON.parse(line) as { readonly output: number[][] };
      // PyTorch computed these in float64, the model in float32.
      expect(largest(output, examples[i]?.output ?? [])).toBeLessThan(1e-5);
    });

    const targets = examples.map(({ input }) => ({ input, target: (input as number[]).map(() => 1) }));
    const data = await folder.write("targets.jsonl", jsonLines(targets));
    const judged = JSON.parse(await done("evaluate", model, "--data", data, "--json")) as {
      readonly metrics: { readonly loss: number };
    };
    const all = examples.flatMap(({ output }) => output.map((row) => -Math.log(row[1]!)));
    expect(judged.metrics.loss).toBeCloseTo(all.reduce((sum, loss) => sum + loss, 0) / all.length, 5);

    const out = folder.path("out.safetensors");
    const exported = await done("export", model, "--to", "pytorch", "--out", out);
    expect(exported).toContain(
      "self.lstm = torch.nn.LSTM(4, 3, num_layers=2, batch_first=True, bidirectional=True)",
    );
    const again = folder.path("again.safetensors");
    await done("import", out, "--from", "pytorch", "--head", "softmax", "--out", again);
    expect(await done("predict", again, inputs, "--json")).toBe(`${answers.join("\n")}\n`);
  });

  it("prints one JSON object where it is asked to", async () => {
    const model = folder.path("m.safetensors");
    const report = JSON.parse(await done("import", tagger, "--out", model, "--json"));
    expect(report).toMatchObject({
      format: "pytorch",
      model,
      certificate: { tolerances: { reference: 1e-5 } },
    });
    const out = folder.path("out.safetensors");
    const exported = JSON.parse(await done("export", model, "--to", "pytorch", "--out", out, "--json"));
    expect(exported).toMatchObject({ format: "pytorch", files: [out] });
    expect(exported.mapped).toHaveLength(35);
  });

  it("answers on series, and on one a line of standard input", async () => {
    const model = folder.path("m.safetensors");
    const file = fileURLToPath(new URL("gru.pt", golden));
    await done("import", file, "--out", model, "--pooling", "last");
    const series = await folder.write("s.csv", "series,a,b,c\nx,0.5,1,0\nx,0.25,0,1\ny,1,1,1\n");
    const fromTable = await done("predict", model, series, "--quiet");
    const stdin = jsonLines([
      {
        series: [
          [0.5, 1, 0],
          [0.25, 0, 1],
        ],
      },
      { input: [[1, 1, 1]] },
    ]);
    const { stdout } = await runCli(["predict", model], { stdin });
    expect(stdout).toBe(fromTable);
    expect(JSON.parse(stdout.split("\n")[0]!)).toHaveLength(4);
  });
});

it("a task's model goes out without what it keeps beside its network, and says so", async () => {
  const data = await folder.write("mood.tsv", moodLines(20));
  const model = folder.path("mood.safetensors");
  const small = ["--cell", "lstm", "--units", "2", "--embedding", "2", "--epochs", "1"];
  await done("train", "classifier", "--train", data, ...small, "--pooling", "max", "--out", model);
  const { stderr } = await runCli([
    "export",
    model,
    "--to",
    "pytorch",
    "--out",
    folder.path("out.safetensors"),
  ]);
  expect(stderr).toMatch(/keeps besides its network \(.*labels.*\) is not in the file/);
});

describe("a model whose cell PyTorch does not have", () => {
  it("is exported with its class beside the weights", async () => {
    const data = await folder.write("mood.tsv", moodLines(20));
    const model = folder.path("mood.safetensors");
    const sizes = ["--epochs", "1", "--units", "2", "--pooling", "max"];
    await done("train", "classifier", "--train", data, ...sizes, "--out", model);
    const said = await done("export", model, "--to", "pytorch", "--out", folder.path("my-mood.safetensors"));
    expect(said).toContain("from my_mood import model");
    const code = await readFile(folder.path("my_mood.py"), "utf8");
    expect(code).toContain("class Gru(torch.nn.Module):");
    expect(code).toContain('os.path.abspath(__file__)), "my-mood.safetensors")');
  });
  it("scales what goes in, if it is one of numbers", async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i % 7},${(i * 3) % 5},${i % 2 ? "odd" : "even"}`);
    const data = await folder.write("numbers.csv", `a,b,kind\n${rows.join("\n")}\n`);
    const model = folder.path("numbers.safetensors");
    await done("train", "classifier", "--train", data, "--epochs", "1", "--units", "2", "--out", model);
    await done("export", model, "--to", "pytorch", "--out", folder.path("n.safetensors"));
    const code = await readFile(folder.path("n.py"), "utf8");
    expect(code).toContain("x = (x - self.mean) / self.deviation");
  });
});

describe("is refused, and leaves nothing behind", () => {
  const refused = async (args: readonly string[], status: number, says: string): Promise<void> => {
    const before = await folder.list();
    const outcome = await runCli(args);
    expect([outcome.status, outcome.stderr]).toEqual([status, expect.stringContaining(says)]);
    expect(await folder.list()).toEqual(before);
    expect(outcome.leaked).toBe(0);
  };
  const out = (): string => folder.path("out.safetensors");

  it("a file that exists, without --force", async () => {
    await folder.write("out.safetensors", "x");
    await refused(["import", tagger, "--out", out()], 1, "already exists, and was kept");
    await refused(["export", tagger, "--to", "pytorch", "--out", out()], 1, "already exists, and was kept");
    await done("import", tagger, "--out", out(), "--force");
  });
  it("a file that has no format that can be detected", async () => {
    const file = await folder.write("model.bin", "abc");
    await refused(
      ["import", file, "--out", out()],
      1,
      "has no format that can be detected. Choose it with --from: pytorch",
    );
  });
  it("a format that there is not, and a command without one", async () => {
    await refused(["import", tagger, "--from", "caffe", "--out", out()], 2, "Allowed choices are pytorch");
    await refused(["export", tagger, "--out", out()], 2, "--to <format>");
    await refused(["import", tagger], 2, "--out <file>");
  });
  it("a part of a checkpoint that is not there", async () => {
    const file = fileURLToPath(new URL("gru-checkpoint.pt", golden));
    await refused(["import", file, "--part", "x", "--out", out()], 1, "value: has no part x. It has");
  });
  it("outputs that are others than the model's, and no model is written", async () => {
    const [first] = examples;
    const wrong = { input: first?.input, output: first?.output.map((row) => row.map((value) => 1 - value)) };
    const expected = await folder.write("wrong.jsonl", jsonLines([wrong]));
    const args = ["import", tagger, "--head", "softmax", "--expected", expected, "--out", out()];
    await refused(args, 1, "does not do what the file says: expected outputs by");
  });
  it("an option that nothing in the file asks for", async () => {
    await refused(["import", tagger, "--activation", "relu", "--out", out()], 1, "is for nn.RNN");
  });
  it("inputs that do not fit, and judging without targets", async () => {
    const model = folder.path("m.safetensors");
    await done("import", tagger, "--out", model);
    const ids = await folder.write("ids.jsonl", jsonLines([{ input: [1, 2] }, { input: [7] }]));
    await refused(["predict", model, ids], 1, "ids.jsonl:2: step 1 is 7, but token ids run from 0 to 6");
    const text = await folder.write("text.jsonl", jsonLines([{ text: "a" }]));
    await refused(["predict", model, text], 1, 'text.jsonl:1: has no "input"');
    await refused(["predict", model, "--text", "a"], 2, "takes numbers, not texts");
    const good = await folder.write("good.jsonl", jsonLines([{ input: [1] }]));
    await refused(
      ["evaluate", model, "--data", good],
      1,
      'good.jsonl:1: has no "target" of numbers. It needs 5 numbers',
    );
    const softmax = folder.path("softmax.safetensors");
    await done("import", tagger, "--head", "softmax", "--out", softmax);
    const judged = async (target: unknown, says: string): Promise<void> => {
      await writeFile(folder.path("good.jsonl"), jsonLines([{ input: [1, 2], target }]));
      await refused(
        ["evaluate", softmax, "--data", good],
        1,
        `good.jsonl:1: ${says}. It needs a class from 0 to 4`,
      );
    };
    await judged([1], "has a target of 1 numbers, not 2");
    await judged([1, 5], "has the target 5");
    await judged("a", 'has no "target" of numbers');
    await writeFile(folder.path("good.jsonl"), "");
    await refused(["predict", model, folder.path("good.jsonl")], 1, "is empty");
  });
});
