/** The classifier's other data on the command line: series and several labels, from training to predictions, files alone. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFolder, type Folder, moodLines, runCli } from "../../harness.cases.js";

let folder: Folder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder.remove());

/** Channels that rise or fall, at several lengths. */
const ramps = (count: number, offset = 0): { readonly values: number[]; readonly label: string }[] =>
  Array.from({ length: count }, (_, i) => {
    const k = i + offset;
    const values = Array.from(
      { length: 4 + (k % 5) },
      (_, t) => (k % 2 === 0 ? t : -t) + ((7 * k) % 10) / 10,
    );
    return { values, label: k % 2 === 0 ? "rise" : "fall" };
  });
const tsFile = (count: number, offset = 0): string =>
  `@univariate true\n@classLabel true rise fall\n@data\n${ramps(count, offset)
    .map(({ values, label }) => `${values.join(",")}:${label}\n`)
    .join("")}`;
const jsonl = (count: number, offset = 0): string =>
  ramps(count, offset)
    .map(({ values, label }) => `${JSON.stringify({ series: values, label })}\n`)
    .join("");
const table = (count: number, offset = 0): string =>
  `series,value,label\n${ramps(count, offset)
    .flatMap(({ values, label }, i) => values.map((value) => `${i},${value},${label}\n`))
    .join("")}`;

const small = ["--units", "8", "--dropout", "0", "--epochs", "8", "--batch", "4", "--quiet"];

describe("series", () => {
  it.each([
    ["ts", tsFile],
    ["jsonl", jsonl],
    ["csv", table],
  ])("in .%s are trained on, evaluated and predicted by the files' names alone", async (extension, make) => {
    const train = await folder.write(`train.${extension}`, make(40));
    const test = await folder.write(`test.${extension}`, make(20, 40));
    const out = folder.path(`${extension}.safetensors`);
    const trained = await runCli([
      "train",
      "classifier",
      "--train",
      train,
      "--test",
      test,
      ...small,
      "--out",
      out,
    ]);
    expect(trained).toMatchObject({ status: 0, stderr: "", leaked: 0 });
    expect(trained.stdout).toMatch(/^test +accuracy 100\.0 %/m);
    expect(trained.stdout).toMatch(/commonest label 50\.0 %, nearest neighbour/);
    const evaluated = await runCli(["evaluate", out, "--data", test, "--json", "--quiet"]);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({
      metrics: { accuracy: 1 },
      count: 20,
      labels: ["fall", "rise"],
      confusion: [
        [10, 0],
        [0, 10],
      ],
    });
    const predicted = await runCli(["predict", out, test, "--quiet"]);
    expect(predicted.status).toBe(0);
    const lines = predicted.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(20);
    expect(lines[0]).toMatch(new RegExp(`^rise\t0\\.\\d{3}\t.*test\\.${extension}:\\d+$`));
  });
  it("come from standard input too, and answers as JSON", async () => {
    const out = folder.path("jsonl.safetensors");
    const answered = await runCli(["predict", out, "--format", "jsonl", "--json"], { stdin: jsonl(2) });
    expect(answered.status).toBe(0);
    const [first] = answered.stdout.split("\n");
    expect(JSON.parse(first!)).toMatchObject({
      label: "rise",
      probabilities: { fall: expect.any(Number) },
    });
  });
  it("are shown by inspect", async () => {
    const { stdout } = await runCli(["inspect", folder.path("ts.safetensors")]);
    expect(stdout).toMatch(/channels +1 number per step/);
  });
  it.each([
    ["a text", ["--text", "a"], 2, "the model takes numbers, not texts"],
    ["a file of texts", ["mood.tsv"], 1, "holds texts, but the model takes series"],
  ])("cannot be predicted from %s", async (_, args, status, says) => {
    const file = await folder.write("mood.tsv", moodLines(8));
    const given = args.map((arg) => (arg === "mood.tsv" ? file : arg));
    const refused = await runCli(["predict", folder.path("ts.safetensors"), ...given]);
    expect([refused.status, refused.stderr]).toEqual([status, expect.stringContaining(says)]);
  });
  it("and texts are not mixed, and options of one are not taken for the other", async () => {
    const texts = await folder.write("mood.tsv", moodLines(40));
    const train = ["train", "classifier", "--train", folder.path("train.ts"), ...small];
    const mixed = await runCli([...train, "--test", texts, "--out", folder.path("no.safetensors")]);
    expect([mixed.status, mixed.stderr]).toEqual([
      1,
      expect.stringContaining("holds texts, but the training data holds series"),
    ]);
    const idle = await runCli([...train, "--word-dropout", "0.1", "--out", folder.path("no.safetensors")]);
    expect([idle.status, idle.stderr]).toEqual([
      2,
      expect.stringContaining("--word-dropout is for texts, not for series; leave it out"),
    ]);
    const mood = folder.path("mood.safetensors");
    await runCli(["train", "classifier", "--train", texts, ...small, "--out", mood]);
    const asked = await runCli(["predict", mood, "--series", "id", "--text", "a"]);
    expect([asked.status, asked.stderr]).toEqual([
      2,
      expect.stringContaining("--series is for a model of series"),
    ]);
  });
  it("with a label that training does not have are refused before training", async () => {
    const test = await folder.write("odd.ts", tsFile(4).replaceAll("fall", "flat"));
    const args = ["train", "classifier", "--train", folder.path("train.ts"), "--test", test, ...small];
    const refused = await runCli([...args, "--out", folder.path("no.safetensors")]);
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/odd\.ts:5: has the label "flat"/),
    ]);
  });
});

describe("several labels", () => {
  const lines = (count: number): string =>
    Array.from({ length: count }, (_, k) => {
      const labels = ["art", "sport"].filter((_, bit) => (k >> bit) % 2 === 1);
      const text = ["today", ...labels.map((label) => (label === "art" ? "paint" : "ball"))].join(" ");
      return `${labels.join("|")}\t${text} ${k % 3 === 0 ? "again" : ""}\n`;
    }).join("");
  const args = ["--label", "1", "--label-separator", "|"];
  it("parted in a table are trained on, judged by micro F1, and predicted as a set", async () => {
    const train = await folder.write("topics.tsv", lines(48));
    const out = folder.path("topics.safetensors");
    const command = [
      "train",
      "classifier",
      "--train",
      train,
      "--test",
      train,
      ...args,
      ...small,
      "--epochs",
      "20",
    ];
    const trained = await runCli([...command, "--out", out, "--json"]);
    expect(trained).toMatchObject({ status: 0, stderr: "" });
    const report = JSON.parse(trained.stdout);
    expect(Object.keys(report.metrics.test)).toEqual([
      "accuracy",
      "exactMatch",
      "macroF1",
      "microF1",
      "loss",
      "calibrationError",
    ]);
    expect(report.metrics.test.microF1).toBeGreaterThan(0.9);
    expect(Object.keys(report.intervals.test)).toEqual(["accuracy", "microF1"]);
    // The test data is the training data, and the report says so; a tenth of it was held back.
    expect(report.data.overlap.test).toMatchObject({ count: 48, otherLabel: 0 });
    const both = await runCli(["predict", out, "--text", "today paint ball", "--text", "today"]);
    expect(both.stdout).toMatch(/^art, sport\t0\.\d{3}, 0\.\d{3}\ttoday paint ball\n\t\ttoday\n$/);
    const evaluated = await runCli(["evaluate", out, "--data", train, ...args]);
    expect(evaluated.stdout).toMatch(/^micro F1 .*exact match .* on 48 examples\n/);
    expect(evaluated.stdout).toMatch(/^ +right +wrong +missed\nart +\d+/m);
  });
});

describe("the report", () => {
  it("says what the data has against itself, and where the model was wrong while it was surest", async () => {
    const train = await folder.write("train.tsv", `${moodLines(40)}bad\tTHIS film is lovely\n`);
    const test = await folder.write("test.tsv", `${moodLines(8)}bad\tthis novel is lovely\n`);
    const command = ["train", "classifier", "--train", train, "--test", test, "--valid", test, ...small];
    const { status, stdout } = await runCli([
      ...command,
      "--epochs",
      "30",
      "--out",
      folder.path("m.safetensors"),
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^data +1 text has different labels in training: good and bad at .*train\.tsv:1 and .*train\.tsv:41$/m,
    );
    expect(stdout).toMatch(
      /^ +8 of 9 in test also occur in training: .*test\.tsv:1 is the same as .*train\.tsv:1$/m,
    );
    expect(stdout).toMatch(/^worst mistakes +.*test\.tsv:9: labelled bad, predicted good; bad was given/m);
  });
});

describe("vectors", () => {
  const rows = (count: number, offset = 0): string =>
    Array.from({ length: count }, (_, i) => {
      const k = i + offset;
      return `${(7 * k) % 10},${k % 2 === 0 ? 3 : -3},${k % 2 === 0 ? "up" : "down"}\n`;
    }).join("");
  it("in a table of numbers are trained on, evaluated and predicted by the files' names alone", async () => {
    const train = await folder.write("vectors.csv", `noise,height,way\n${rows(40)}`);
    const test = await folder.write("more.csv", `noise,height,way\n${rows(10, 40)}`);
    const out = folder.path("vectors.safetensors");
    const files = ["--train", train, "--test", test, "--label", "way", "--learning-rate", "0.02"];
    const trained = await runCli(["train", "classifier", ...files, ...small, "--out", out]);
    expect(trained).toMatchObject({ status: 0, stderr: "", leaked: 0 });
    expect(trained.stdout).toMatch(/^classifier +gru, 8 units, forward$/m);
    expect(trained.stdout).toMatch(/^test +accuracy 100\.0 %/m);
    const evaluated = await runCli(["evaluate", out, "--data", test, "--label", "way", "--json", "--quiet"]);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ metrics: { accuracy: 1 }, count: 10 });
    // Columns are found by name, wherever they stand.
    const other = await folder.write("other.csv", "height,remark,noise\n3,first,0\n-3,second,1\n");
    const predicted = await runCli(["predict", out, other, "--quiet"]);
    expect(predicted.stdout).toMatch(/^up\t0\.\d{3}\t.*other\.csv:2\ndown\t0\.\d{3}\t.*other\.csv:3\n$/);
    const lacking = await folder.write("lacking.csv", "height,remark\n3,first\n");
    expect(await runCli(["predict", out, lacking])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('has no column "noise" for a feature'),
    });
  });
  it("refuse what is about steps in time", async () => {
    const train = await folder.write("vectors.csv", `noise,height,way\n${rows(40)}`);
    const refused = await runCli([
      "train",
      "classifier",
      "--train",
      train,
      "--label",
      "way",
      "--pooling",
      "mean",
      "--out",
      folder.path("x.safetensors"),
    ]);
    expect(refused).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("--pooling is for texts or series, not for vectors; leave it out"),
    });
  });
});
