/** The tagger on the command line: trained, judged, asked and shown, and what it says of data that cannot be used. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFolder, type Folder, type Outcome, runCli } from "../../harness.cases.js";

/** Sentences in which a capital makes a name, and a place if it follows "in". */
function sentences(count: number, offset = 0): string {
  const names = ["Ada", "Ben", "Cleo", "Dora", "Emil"];
  const towns = ["Bern", "Oslo", "Rome", "Cork"];
  return Array.from({ length: count }, (_, i) => {
    const k = i + offset;
    const name = `${names[k % 5]}${"abc"[k % 3]}`;
    return `${name}\tB-person\nlives\tO\nin\tO\n${towns[(k >> 1) % 4]}\tB-place\n\n`;
  }).join("");
}

let folder: Folder;
let model: string;
let trained: Outcome;
const small = [
  "--units",
  "8",
  "--embedding",
  "8",
  "--characters",
  "4",
  "--epochs",
  "6",
  "--learning-rate",
  "0.02",
];
beforeAll(async () => {
  folder = await createFolder();
  await folder.write("train.conll", sentences(80) + sentences(1).replace("B-place", "B-person"));
  await folder.write("test.conll", sentences(20, 3));
  model = folder.path("names.safetensors");
  const files = ["--train", folder.path("train.conll"), "--test", folder.path("test.conll")];
  trained = await runCli(["train", "tagger", ...files, ...small, "--out", model]);
});
afterAll(() => folder.remove());

describe("a tagger on the command line", () => {
  it("reports its scores by type, what it had to beat, and what is odd about the data", () => {
    expect(trained).toMatchObject({ status: 0, leaked: 0 });
    expect(trained.stdout).toMatch(/^test +entity F1 \d+\.\d % \(95 % interval .*on 20 sentences$/m);
    expect(trained.stdout).toMatch(/^ +person: F1 .* 20 in the data$/m);
    expect(trained.stdout).toMatch(/^tags +3, spans as IOB2$/m);
    expect(trained.stdout).toMatch(/^baselines +each word's most frequent tag: entity F1/m);
    expect(trained.stdout).toMatch(
      /^data +\d+ sentences of 20 also occur in the training data, as do 100\.0 % of the tokens$/m,
    );
    expect(trained.stdout).toContain("1 sentence of the training data occur in it with different tags");
    expect(trained.stderr).toContain("to validate on (held back from training), 20 to test on");
  });
  it("refuses tags that mark no spans by file and line, and options that say nothing to it", async () => {
    const data = await folder.write("three.conll", sentences(4).replace(/$(?<=\S)/gm, "\tN"));
    const evaluate = ["evaluate", model, "--data", data];
    const wrong = await runCli(evaluate);
    expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringMatching(/three\.conll:1: .* tag "N"/)]);
    expect((await runCli([...evaluate, "--tag-column", "2"])).status).toBe(0);
    const zeroth = await runCli([...evaluate, "--tag-column", "0"]);
    expect([zeroth.status, zeroth.stderr]).toEqual([
      2,
      expect.stringContaining("argument '0' is invalid. Give a number from 1, or from -1 at the end."),
    ]);
    const idle = await runCli([...evaluate, "--label", "x"]);
    expect([idle.status, idle.stderr]).toEqual([2, expect.stringContaining("--label does nothing for")]);
    const files = ["--train", folder.path("train.conll"), "--test", data];
    const early = await runCli([
      "train",
      "tagger",
      ...files,
      ...small,
      "--out",
      folder.path("no.safetensors"),
    ]);
    expect([early.status, early.stderr]).toEqual([1, expect.stringMatching(/three\.conll:1: /)]);
    expect(early.stderr).not.toContain("epoch");
  });
  it("evaluates, predicts, and shows what is in its file", async () => {
    const judged = await runCli(["evaluate", model, "--data", folder.path("test.conll"), "--json"]);
    const { metrics, count } = JSON.parse(judged.stdout) as {
      metrics: Record<string, number>;
      count: number;
    };
    expect(Object.keys(metrics)).toEqual(["f1", "precision", "recall", "accuracy"]);
    expect(count).toBe(20);
    const text = await runCli(["predict", model, "--text", "Ada lives in Bern"]);
    const rows = text.stdout.trim().split("\n");
    expect(rows.map((row) => row.split("\t")[0])).toEqual(["Ada", "lives", "in", "Bern"]);
    expect(rows[1]).toMatch(/^lives\tO\t[01]\.\d{3}$/);
    const json = await runCli(["predict", model, "--text", "Ada lives in Bern", "--json"]);
    expect(Object.keys(JSON.parse(json.stdout) as object)).toEqual([
      "tokens",
      "tags",
      "probabilities",
      "spans",
    ]);
    const shown = await runCli(["inspect", model]);
    expect(shown.stdout).toContain("From word, shape, characters to 3 values a step:");
    expect(shown.stdout).toContain(
      "characters (embedding width 4; recurrent cell gru units 4 direction both; pool by last)",
    );
  });
  it("tags files of tokens, with tags or without", async () => {
    const bare = await folder.write("bare.conll", "Ada\nlives\n\nBern\n");
    const { stdout, status } = await runCli(["predict", model, bare]);
    expect(status).toBe(0);
    expect(stdout.split("\n").map((row) => row.split("\t")[0])).toEqual(["Ada", "lives", "", "Bern", "", ""]);
    const tagged = await runCli(["predict", model, folder.path("test.conll"), "--json"]);
    expect(tagged.stdout.trimEnd().split("\n")).toHaveLength(20);
  });
  it("prints one JSON object with the scores on request", async () => {
    const out = folder.path("again.safetensors");
    const files = ["--train", folder.path("train.conll"), "--valid", folder.path("test.conll")];
    const { stdout } = await runCli([
      "train",
      "tagger",
      ...files,
      ...small,
      "--out",
      out,
      "--json",
      "--quiet",
    ]);
    const facts = JSON.parse(stdout) as Record<string, unknown>;
    expect(facts).toMatchObject({ task: "tagger", cell: "gru", model: out });
    expect(Object.keys(facts)).toEqual(
      expect.arrayContaining([
        "parameters",
        "seconds",
        "epochs",
        "metrics",
        "intervals",
        "byType",
        "baselines",
      ]),
    );
  });
  it("names the line that cannot be read, and leaves nothing behind", async () => {
    const bad = await folder.write("bad.conll", "Ada\tB-person\nlives\n");
    const before = await folder.list();
    const refused = await runCli(["train", "tagger", "--train", bad, "--out", folder.path("no.safetensors")]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("bad.conll:2: has one column");
    expect(await folder.list()).toEqual(before);
    const format = await runCli(["evaluate", model, "--data", bad, "--format", "csv"]);
    expect(format.stderr).toContain("cannot be read as csv. A tagger reads conll and conllu");
  });
  it("refuses options that contradict each other before it reads anything", async () => {
    const refused = await runCli([
      "train",
      "tagger",
      "--train",
      "nowhere",
      "--units",
      "3,4",
      "--layers",
      "3",
    ]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("--units 3,4 are 2 layers, and --layers says 3");
  });
});
