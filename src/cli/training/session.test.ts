/** A session from data to answers: train, evaluate, predict and inspect hand each other one file, and agree. */
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readModel, writeModel } from "../../io/index.js";
import { network, recurrent } from "../../nn/index.js";
import { createFolder, type Folder, moodLines, type Outcome, runCli } from "../harness.cases.js";

let folder: Folder;
let model: string;
let trained: Outcome;
const small = [
  "--units",
  "8",
  "--embedding",
  "8",
  "--dropout",
  "0",
  "--batch",
  "4",
  "--learning-rate",
  "0.02",
  "--epochs",
  "8",
];

beforeAll(async () => {
  folder = await createFolder();
  await folder.write("train.tsv", `${moodLines(60)}\ta text without a label\n`);
  await folder.write("test.tsv", moodLines(20, 61));
  model = folder.path("mood.safetensors");
  const data = ["--train", folder.path("train.tsv"), "--test", folder.path("test.tsv")];
  trained = await runCli(["train", "classifier", ...data, ...small, "--out", model]);
});
afterAll(() => folder.remove());

describe("train", () => {
  it("reports what it made, how good it is, and what it had to beat, on stdout", () => {
    expect(trained).toMatchObject({ status: 0, leaked: 0 });
    const rows = trained.stdout.trimEnd().split("\n");
    expect(rows.map((row) => row.slice(0, 10).trim())).toEqual([
      "classifier",
      "parameters",
      "training",
      "validation",
      "test",
      "baselines",
      "",
      "calibratio",
      "data",
      "model",
      "truth \\ pr",
      "bad",
      "good",
    ]);
    expect(rows[0]).toContain("gru, 8 units, both directions");
    expect(rows[3]).toMatch(/accuracy .* %\), macro F1 .* % on 6 examples, held back from training$/);
    // The one word that tells is in every text: whoever counts words gets them all, and so does the network.
    expect(rows[4]).toBe(
      "test         accuracy 100.0 % (95 % interval 100.0 % to 100.0 %), macro F1 100.0 % on 20 examples",
    );
    expect(rows[5]).toContain("commonest label 50.0 %, naive Bayes 100.0 %, on the test data");
    expect(rows[6]).toContain("the model and naive Bayes are equally good");
    expect(rows[7]).toMatch(/confidence and accuracy are [\d.]+ points apart on average/);
    expect(rows[9]).toContain(model);
    expect(rows[11]).toMatch(/^bad +10 +0$/);
  });
  it("says what it took for what, what it skipped and held back, and how each epoch went, on stderr", () => {
    const all = trained.stderr.trimEnd().split("\n");
    const taken = all.filter((line) => line.endsWith(".tsv: text: column 2; label: column 1; header: no"));
    expect(taken.map((line) => line.split("/").at(-1)?.split(":")[0])).toEqual(["train.tsv", "test.tsv"]);
    const lines = all.filter((line) => !taken.includes(line));
    expect(lines[0]).toContain("train.tsv: skipped 1 row: no label");
    expect(lines[1]).toBe(
      "54 examples to train with, 6 to validate on (held back from training), 20 to test on",
    );
    expect(lines[2]).toMatch(/^about \d+ MiB of memory for training$/);
    expect(lines.slice(3)).toHaveLength(8);
    for (const [i, line] of lines.slice(3).entries()) {
      expect(line).toMatch(
        new RegExp(
          `^epoch ${i + 1}/8  loss \\d\\.\\d{3}  validation accuracy [\\d.]+ %  [\\d,]+ tokens/s  .* left$`,
        ),
      );
    }
  });
  it("leaves the model and the folder of the run, and nothing else", async () => {
    const run = ["", "/metrics.jsonl", "/run.json", "/step-000000112.safetensors", "/steps.tsv"].map(
      (n) => `mood.run${n}`,
    );
    expect(await folder.list()).toEqual([...run, "mood.safetensors", "test.tsv", "train.tsv"]);
  });
  it("prints one JSON object with --json, and with --quiet says nothing", async () => {
    const args = ["train", "classifier", "--train", folder.path("train.tsv"), ...small, "--json", "--quiet"];
    const again = folder.path("again.safetensors");
    const { status, stdout, stderr } = await runCli([...args, "--split", "0.8,0.1,0.1", "--out", again]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.trimEnd()).not.toContain("\n");
    const report = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual([
      "task",
      "cell",
      "parameters",
      "seconds",
      "epochs",
      "metrics",
      "baselines",
      "intervals",
      "labels",
      "confusion",
      "calibration",
      "mistakes",
      "data",
      "model",
    ]);
    expect(report).toMatchObject({ task: "classifier", cell: "gru", epochs: 8, model: again });
    for (const part of ["valid", "test"]) {
      expect(Object.keys(report.metrics[part])).toEqual(["accuracy", "macroF1", "loss", "calibrationError"]);
    }
    expect(Object.keys(report.baselines)).toEqual(["majority", "naiveBayes"]);
  });
  it("gives the same bytes for the same command", async () => {
    const args = ["train", "classifier", "--train", folder.path("train.tsv"), ...small, "--quiet"];
    await runCli([...args, "--out", folder.path("a.safetensors")]);
    await runCli([...args, "--out", folder.path("b.safetensors")]);
    const [a, b] = await Promise.all(["a", "b"].map((name) => readFile(folder.path(`${name}.safetensors`))));
    expect(a!.equals(b!)).toBe(true);
  });
  it("replaces a model with --force, and takes options from --config, of which the command line wins", async () => {
    const out = await folder.write("old.safetensors", "old");
    const config = {
      train: [folder.path("train.tsv")],
      units: [4, 5],
      bidirectional: false,
      epochs: 1,
      seed: 3,
    };
    const file = await folder.write(
      "config.json",
      JSON.stringify({
        ...config,
        cell: "lstm",
        "learning-rate": 0.01,
        "word-dropout": 0.3,
        "recurrent-dropout": 0.2,
        zoneout: 0.1,
      }),
    );
    const args = [
      "train",
      "classifier",
      "--config",
      file,
      "--cell",
      "rnn",
      "--out",
      out,
      "--force",
      "--json",
    ];
    const { status, stdout } = await runCli(args);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ cell: "rnn", epochs: 1 });
    const shown = JSON.parse((await runCli(["inspect", out, "--json"])).stdout);
    const recurrent = shown.layers.filter((layer: { kind: string }) => layer.kind === "recurrent");
    expect(recurrent.map((layer: { units: number }) => layer.units)).toEqual([4, 5]);
    expect(recurrent[0]).toMatchObject({
      direction: "forward",
      recurrentDropout: 0.2,
      zoneout: { a: 0.1 },
    });
    expect(shown.layers).toContainEqual(
      expect.objectContaining({ kind: "dropout", rate: 0.3, mask: "token" }),
    );
  });
  it("has the defaults that its help states", async () => {
    const out = folder.path("default.safetensors");
    const { stdout } = await runCli([
      "train",
      "classifier",
      "--train",
      folder.path("train.tsv"),
      "--out",
      out,
      "--json",
    ]);
    const { epochs, cell } = JSON.parse(stdout);
    const { layers } = JSON.parse((await runCli(["inspect", out, "--json"])).stdout);
    expect([cell, epochs]).toEqual(["gru", 12]);
    expect(layers).toMatchObject([
      { kind: "embedding", width: 64 },
      { kind: "dropout", rate: 0.5 },
      { kind: "recurrent", units: 64, direction: "both" },
      { kind: "pool", by: "max" },
      { kind: "dropout", rate: 0.5 },
      { kind: "linear", units: 2 },
    ]);
  });
  it("ends with time where --minutes says so, and draws in place on a terminal", async () => {
    const args = ["train", "classifier", "--train", folder.path("train.tsv")];
    const out = ["--out", folder.path("timed.safetensors")];
    const terminal = { columns: 60 };
    const { status, stderr, stdout } = await runCli([...args, "--minutes", "0.002", ...out], { terminal });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^training +\d+ epochs? in /m);
    // The first step is taken before anybody knows how many there will be; what is fixed then is recorded.
    expect(stderr).toContain("epoch 1  loss");
    const { steps, fixedAt } = JSON.parse(await readFile(folder.path("timed.run/run.json"), "utf8"));
    expect(steps).toBeGreaterThanOrEqual(fixedAt);
    expect(fixedAt).toBeGreaterThanOrEqual(2);
    const drawn = stderr.split(/[\r\n]/).filter((part) => /[█░]/.test(part));
    expect(drawn.length).toBeGreaterThan(0);
    for (const line of drawn) expect(line.replace("\u001b[2K", "").length).toBeLessThan(60);
    expect(stderr.endsWith("\n") || stderr.endsWith("\r\u001b[2K")).toBe(true);
  });
  it("stops at Ctrl-C with status 130, saves the run and says how it goes on, which it does to the bit", async () => {
    const out = folder.path("stopped.safetensors");
    const args = ["train", "classifier", "--train", folder.path("train.tsv"), ...small, "--out", out];
    const { status, stdout, stderr, leaked } = await runCli(args, { interruptAt: "epoch 2/8" });
    expect({ status, stdout, leaked }).toEqual({ status: 130, stdout: "", leaked: 0 });
    const run = folder.path("stopped.run");
    expect(stderr).toContain(
      `error: stopped by Ctrl-C; the run is saved in ${run}; the same command with --resume continues it\n`,
    );
    expect(stderr).not.toContain("epoch 3/8");
    await expect(stat(out)).rejects.toThrow("ENOENT");
    expect(JSON.parse(await readFile(`${run}/run.json`, "utf8"))).toMatchObject({ state: "stopped" });

    const again = await runCli(args);
    expect(again).toMatchObject({ status: 1, stdout: "" });
    expect(again.stderr).toContain(`${run}: already holds a run, which was kept. Resume it with --resume`);
    const other = await runCli([...args, "--resume", "--seed", "9"]);
    expect(other).toMatchObject({ status: 1, leaked: 0 });
    expect(other.stderr).toContain(`${run}: the run cannot go on: --seed was not given and is 9. Give what`);
    const wider = await runCli([...args, "--resume", "--units", "16", "--epochs", "9", "--dropout", "0.2"]);
    expect(wider).toMatchObject({ status: 1, leaked: 0 });
    const described = await readFile(`${run}/run.json`);
    await rm(`${run}/run.json`);
    const untold = await runCli([...args, "--resume", "--units", "16"]);
    expect(untold.stderr).toMatch(
      /the run cannot go on: its network is another: recurrent1\.units was 8 and is 16;/,
    );
    await writeFile(`${run}/run.json`, described);
    // What may change is not named.
    expect(wider.stderr).toContain(
      "the run cannot go on: --units was 8 and is 16; --dropout was 0 and is 0.2. Give what it had",
    );
    // The same parameters, and another cell all the same.
    const plain = await runCli([...args, "--resume", "--cell", "lstmNotes", "--quiet"]);
    expect(plain.stderr).toBe(
      `error: ${run}: the run cannot go on: --cell was not given and is lstmNotes. Give what it had, or begin anew with --force.\n`,
    );
    const translating = [
      "train",
      "translator",
      "--train",
      await folder.write("pairs.tsv", "a\tb\nc\td\n".repeat(9)),
    ];
    const translated = await runCli([
      ...translating,
      "--run",
      run,
      "--resume",
      "--out",
      folder.path("t.safetensors"),
    ]);
    expect(translated).toMatchObject({ status: 1, leaked: 0 });
    expect(translated.stderr).toContain(
      `${run}: is a run of a classifier, not of a translator. Resume it with unrolled train classifier`,
    );
    const moved = await folder.write("moved.tsv", moodLines(50));
    const elsewhere = await runCli(
      args.map((arg) => (arg.endsWith("train.tsv") ? moved : arg)).concat("--resume"),
    );
    expect(elsewhere.stderr).toContain(`--train was ${folder.path("train.tsv")} and is ${moved}`);
    // What is refused leaves the run as it was.
    expect(JSON.parse(await readFile(`${run}/run.json`, "utf8"))).toMatchObject({ state: "stopped" });
    const resumed = await runCli([...args, "--resume", "--threads", "2"]);
    expect(resumed).toMatchObject({ status: 0, leaked: 0 });
    expect(resumed.stderr).toContain(`resuming after step 28 of ${run}`);
    expect((await readFile(out)).equals(await readFile(model))).toBe(true);
    const facts = JSON.parse(await readFile(`${run}/run.json`, "utf8"));
    expect(facts).toMatchObject({ state: "done", task: "classifier", steps: 112, fixedAt: 0, model: out });
    expect(facts.configuration).toMatchObject({ units: [8], resume: true });
    expect(facts.data.train[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(facts.machine.node).toBe(process.version);
    const lines = (await readFile(`${run}/metrics.jsonl`, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const scored = lines.filter((line) => line.valid !== undefined);
    expect(scored.map((line) => line.epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(scored.map((line) => line.step)).toEqual([14, 28, 42, 56, 70, 84, 98, 112]);
  });
  it("begins anew with --force: nothing is left of the run before", async () => {
    const args = ["train", "classifier", "--train", folder.path("train.tsv"), ...small, "--quiet"];
    const out = ["--out", folder.path("anew.safetensors")];
    await runCli([...args, ...out]);
    const again = await runCli([...args, ...out, "--epochs", "1", "--force"]);
    expect(again.status).toBe(0);
    const left = (await folder.list()).filter((name) => name.startsWith("anew.run/"));
    expect(left).toEqual(
      ["metrics.jsonl", "run.json", "step-000000014.safetensors", "steps.tsv"].map((n) => `anew.run/${n}`),
    );
    const lines = (await readFile(folder.path("anew.run/metrics.jsonl"), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).epoch)).toEqual(lines.map(() => 1));
  });
  it("trains a model further, on other data and with the words of it", async () => {
    const data = await folder.write("new.tsv", moodLines(40, 100).replaceAll("film", "opera"));
    const args = [
      "train",
      "classifier",
      "--train",
      data,
      "--from",
      model,
      "--epochs",
      "2",
      "--json",
      "--quiet",
    ];
    const out = folder.path("further.safetensors");
    const further = [...args, "--freeze", "recurrent1", "--extend-vocabulary", "--out", out];
    expect(await runCli(further)).toMatchObject({ status: 0, stderr: "", leaked: 0 });
    const [before, after] = await Promise.all(
      [model, out].map(async (file) => JSON.parse((await runCli(["inspect", file, "--json"])).stdout)),
    );
    expect(after.parameters).toBeGreaterThan(before.parameters);
    const early = await runCli([
      ...args,
      "--recurrent-dropout",
      "0.1",
      "--out",
      folder.path("never.safetensors"),
    ]);
    expect(early.stderr).toContain("--recurrent-dropout and --from contradict each other");
    const settled = await runCli([...args, "--units", "4", "--out", folder.path("never.safetensors")]);
    expect(settled).toMatchObject({ status: 2 });
    expect(settled.stderr).toContain("--units and --from contradict each other");
    const unknown = await runCli([...args, "--freeze", "lstm1", "--out", folder.path("never.safetensors")]);
    expect(unknown.stderr).toMatch(/no parameter is called or starts with "lstm1"; there are embedding1/);
  });
});

describe("evaluate", () => {
  it("gives the metrics of the report, for people and as JSON", async () => {
    const args = ["evaluate", model, "--data", folder.path("test.tsv")];
    expect(await runCli(args)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /^accuracy 100\.0 % .* on 20 examples\nloss 0\.\d{3} nats per text; confidence .*\ntruth \\ predicted +bad +good\nbad +10 +0\ngood +0 +10\n$/,
      ),
      leaked: 0,
    });
    const { stdout } = await runCli([...args, folder.path("test.tsv"), "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ metrics: { accuracy: 1, macroF1: 1 }, count: 40 });
    expect(Object.keys(JSON.parse(stdout))).toEqual([
      "metrics",
      "count",
      "intervals",
      "labels",
      "confusion",
      "calibration",
      "mistakes",
    ]);
    const [, scores] = /^test +(accuracy .* %) on 20/m.exec(trained.stdout)!;
    expect((await runCli(args)).stdout).toContain(`${scores} on 20 examples`);
  });
});

describe("predict", () => {
  const labels = (stdout: string): string[] => stdout.split("\n").map((line) => line.split("\t")[0]!);
  it("labels texts given as options, each on a line with its probability", async () => {
    const args = ["predict", model, "--text", "this film is lovely", "--text", "this\tfilm is\ndull"];
    const { status, stdout, leaked } = await runCli(args);
    expect({ status, leaked }).toEqual({ status: 0, leaked: 0 });
    expect(stdout).toMatch(/^good\t[01]\.\d{3}\tthis film is lovely\nbad\t[01]\.\d{3}\tthis film is dull\n$/);
  });
  it("reads standard input and files by line, and tables by column", async () => {
    const stdin = "this song is warm\n\nthis meal is cold\n";
    const ends = (stdout: string) => [labels(stdout)[0], labels(stdout)[2], labels(stdout).length];
    for (const args of [[], ["-"]]) {
      expect(ends((await runCli(["predict", model, ...args], { stdin })).stdout)).toEqual(["good", "bad", 4]);
    }
    const lines = await folder.write("lines.txt", stdin);
    expect(ends((await runCli(["predict", model, lines])).stdout)).toEqual(["good", "bad", 4]);
    const table = await folder.write(
      "table.csv",
      'id,opinion\n1,"this song, is warm"\n2,this meal is cold\n',
    );
    const { stdout } = await runCli(["predict", model, table, "--text-column", "opinion"]);
    expect(labels(stdout)).toEqual(["good", "bad", ""]);
    const asTable = ["predict", model, "-", "--format", "jsonl", "--quiet"];
    expect(labels((await runCli(asTable, { stdin: '{"text":"cold"}\n' })).stdout)).toEqual(["bad", ""]);
  });
  it("prints one JSON object per text", async () => {
    const { stdout } = await runCli(["predict", model, "--json"], { stdin: "warm\ncold\n" });
    const answers = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(answers.map((answer) => answer.label)).toEqual(["good", "bad"]);
    for (const answer of answers) {
      expect(Object.keys(answer)).toEqual(["label", "probabilities"]);
      expect(Object.keys(answer.probabilities)).toEqual(["bad", "good"]);
    }
  });
  it("speaks of its own option when the column is not clear", async () => {
    const table = await folder.write("three.csv", "a,b,c\nd,e,f\n");
    const { status, stderr } = await runCli(["predict", model, table]);
    expect(status).toBe(1);
    expect(stderr).toContain("Say so with --text-column: a name or a number from 1.");
  });
});

describe("inspect", () => {
  it("shows task, labels, layers with widths and counts, and the cell's equations", async () => {
    const { status, stdout } = await runCli(["inspect", model]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^task +classifier\nformat +1\nlabels +2: bad, good\nvocabulary +\d+ words\nparameters +[\d,]+\n/,
    );
    expect(stdout).toMatch(/\nrecurrent1 +8 → 16 +816 +cell gru, units 8, direction both\n/);
    expect(stdout).toContain("\ngru:\nΓr   = σ(w_r [c⟨t−1⟩, x⟨t⟩] + b_r)\n");
  });
  it("counts the same parameters by layer and in all", async () => {
    const shown = JSON.parse((await runCli(["inspect", model, "--json"])).stdout);
    const sum = shown.layers.reduce(
      (total: number, { parameters }: { parameters: number }) => total + parameters,
      0,
    );
    expect(sum).toBe(shown.parameters);
    expect(shown).toMatchObject({ task: "classifier", format: 1, labels: ["bad", "good"] });
  });
  it("shows how a layer is regularised, unless it is not", async () => {
    const { task, network: net, parameters, data } = readModel(await readFile(model), model);
    const layers = net.layers.map(({ layer }) => {
      if (layer.kind !== "recurrent") return layer;
      const { kind: _, ...options } = layer;
      return recurrent({ ...options, recurrentDropout: 0.25, zoneout: { c: 0.1 } });
    });
    const { input, loss } = net;
    const noisy = folder.path("noisy.safetensors");
    await writeFile(noisy, writeModel({ task, network: network({ input, layers, loss }), parameters, data }));
    const { stdout } = await runCli(["inspect", noisy]);
    expect(stdout).toContain("cell gru, units 8, direction both, recurrentDropout 0.25, zoneout c 0.1\n");
    const shown = JSON.parse((await runCli(["inspect", noisy, "--json"])).stdout);
    expect(shown.layers).toContainEqual(expect.objectContaining({ kind: "recurrent", zoneout: { c: 0.1 } }));
  });
  it("prints the plan that predicts", async () => {
    const { stdout } = await runCli(["inspect", model, "--plan"]);
    expect(stdout).toMatch(/^plan predict\n/);
    expect(stdout).toContain("loop t over batch, last to first");
  });
});
