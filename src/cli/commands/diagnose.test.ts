/** `unrolled diagnose` on models of every task that it takes: what it prints, the files that it writes, what it refuses. */
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { timeSeries, writeMidi } from "../../data/index.js";
import { writeModel } from "../../io/index.js";
import { initialParameters, linear, network, recurrent } from "../../nn/index.js";
import { forecaster, generator, tagger, translator } from "../../tasks/index.js";
import { createFolder, type Folder, moodLines, runCli } from "../harness.cases.js";
import { bar, logarithmicBars } from "../terminal/bars.js";

let folder: Folder;
let model: string;
let data: string;
const small = ["--units", "6", "--embedding", "6", "--epochs", "1", "--cell", "lstm", "--quiet"];

beforeAll(async () => {
  folder = await createFolder();
  data = await folder.write("mood.tsv", `${moodLines(60)}\ta text without a label\n`);
  model = folder.path("mood.safetensors");
  await runCli(["train", "classifier", "--train", data, ...small, "--out", model]);
});
afterAll(() => folder.remove());

const diagnose = (...args: readonly string[]) => runCli(["diagnose", model, "--data", data, ...args]);

describe("diagnose", () => {
  it("prints, layer by layer, the gradient by distance, the ends of gates, dead units, and what stands out", async () => {
    const { status, stdout, stderr, leaked } = await diagnose();
    expect([status, leaked]).toEqual([0, 0]);
    expect(stderr).toContain("skipped 1 row: no label");
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(
      /^looked at 60 examples: 4 to 6 steps, half of them up to 5, 2\d\d steps in all; loss [\d.]+ per prediction$/,
    );
    expect(lines[2]).toBe("recurrent1.forward  lstm, 6 units, reads forward");
    expect(lines[3]).toContain("gradient by steps back from the loss");
    expect(lines[4]).toMatch(/^ +0 {2}█{30} {2}1 +10 % 1, 90 % 1$/);
    expect(lines[5]).toMatch(/^ +1 {2}█+[▏▎▍▌▋▊▉]? +0\.\d+ +10 % 0\.\d+, 90 % 0\.\d+$/);
    expect(stdout).toMatch(/\n {2}each step back multiplies it by 0\.\d+\n/);
    expect(stdout).toMatch(/\n {4}Γf +sigmoid +0\.\d+ +0\.0 % shut .*\|.* 0\.0 % open +0 of 6 units stuck\n/);
    expect(stdout).toContain("units that hardly vary: 0 of 6");
    expect(stdout).toContain("recurrent1.reverse  lstm, 6 units, reads in reverse");
    expect(stdout).toMatch(/what stands out\n {2}nothing: gradients, gates and units look healthy\n$/);
  });

  it("looks at as many examples as it was told, evenly spread, and prints one object with --json", async () => {
    const { status, stdout, stderr } = await diagnose("--examples", "7", "--json", "--quiet");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.trimEnd()).not.toContain("\n");
    const found = JSON.parse(stdout);
    expect(Object.keys(found)).toEqual([
      "count",
      "examples",
      "steps",
      "lengths",
      "loss",
      "layers",
      "findings",
    ]);
    expect(found).toMatchObject({ count: 60, examples: 7, lengths: { shortest: 4, longest: 6 } });
    expect(Object.keys(found.layers[0])).toEqual([
      "name",
      "cell",
      "units",
      "reads",
      "of",
      "gated",
      "gradient",
      "steps",
      "values",
      "deviations",
      "dead",
    ]);
    expect(found.layers[0].gradient.mean[0]).toBe(1);
  });

  it("writes a page, and the numbers of the example that is shown, as JSON and for NumPy", async () => {
    const html = folder.path("mood.html");
    const [json, npz] = [folder.path("mood.json"), folder.path("mood.npz")];
    const { status, stderr } = await diagnose("--html", html, "--trace", json, "--show", "9");
    expect(status).toBe(0);
    expect(stderr).toContain(`wrote ${html}\nwrote ${json}\n`);
    const page = await readFile(html, "utf8");
    // moodLines(60), line 9.
    expect(/<p>(this .*?)<\/p>/.exec(page)?.[1]).toBe("this song is lovely indeed");
    const trace = JSON.parse(await readFile(json, "utf8"));
    expect(trace.steps).toEqual(["this", "song", "is", "lovely", "indeed"]);
    expect(trace.layers["recurrent1.reverse"].gradients["dΓo"]).toHaveLength(5);
    expect((await diagnose("--trace", npz)).status).toBe(0);
    expect((await readFile(npz)).subarray(0, 2).toString()).toBe("PK");
    const again = await diagnose("--html", html);
    expect([again.status, again.stderr]).toEqual([
      1,
      `error: ${html}: already exists, and was kept. Choose another name with --html, or replace it with --force.\n`,
    ]);
    expect(await readFile(html, "utf8")).toBe(page);
    expect((await diagnose("--html", html, "--show", "9", "--force")).status).toBe(0);
    expect(await readFile(html, "utf8")).toBe(page);
  });

  it("takes models of a tagger and of a translator", async () => {
    const sentences = Array.from({ length: 20 }, (_, i) => ({
      tokens: ["in", ["Graz", "Rome"][i % 2]!],
      tags: ["O", "B-town"],
    }));
    const names = await tagger.train({
      train: sentences,
      units: [4],
      embedding: 4,
      characters: 3,
      epochs: 1,
    });
    const conll = sentences
      .map(({ tokens, tags }) => tokens.map((t, i) => `${t} ${tags[i]}\n`).join(""))
      .join("\n");
    const found = await runCli([
      "diagnose",
      await folder.write("names.safetensors", names.save()),
      "--data",
      await folder.write("names.conll", conll),
    ]);
    expect(found).toMatchObject({ status: 0, leaked: 0 });
    expect(found.stdout).toContain(
      "features1.characters.recurrent1.forward  gru, 3 units, reads forward, over sequences inside the steps",
    );
    const pairs = Array.from({ length: 20 }, (_, i) => ({ source: `a${i} b`, target: `b a${i}` }));
    const written = await translator.train({
      train: pairs,
      units: 4,
      embedding: 4,
      epochs: 1,
      vocabularySize: 20,
    });
    const page = folder.path("pairs.html");
    const other = await runCli([
      "diagnose",
      await folder.write("pairs.safetensors", written.save()),
      "--html",
      page,
      "--data",
      await folder.write("pairs.tsv", pairs.map((p) => `${p.source}\t${p.target}\n`).join("")),
    ]);
    expect(other).toMatchObject({ status: 0, leaked: 0 });
    expect(other.stdout).toContain(
      "decoder1.source.recurrent1.reverse  gru, 4 units, reads in reverse, over the source",
    );
    expect(await readFile(page, "utf8")).toContain("decoder1: the weights of attention");
  });
});

describe("diagnose takes what writes", () => {
  const training = { units: [4], epochs: 1, dropout: 0 };

  it("a generator of one long text, in passages, and one of lines", async () => {
    const long = await generator.train({ ...training, train: "one two three\n".repeat(30), batchSize: 2 });
    const page = folder.path("long.html");
    const found = await runCli([
      "diagnose",
      await folder.write("long.safetensors", long.save()),
      "--html",
      page,
      "--data",
      await folder.write("long.txt", "three two one\n".repeat(20)),
    ]);
    expect(found).toMatchObject({ status: 0, leaked: 0 });
    expect(found.stdout).toContain(
      "looked at 3 examples: 80 to 100 steps, half of them up to 100, 280 steps in all",
    );
    expect(await readFile(page, "utf8")).toContain("t h r e e ␣ t w o ␣ o n e ↵ t h r e e");
    const lines = await generator.train({ ...training, train: ["ab", "ba", "abab"], valid: ["ab"] });
    const [trace] = await lines.trace(["ba"], { trace: ["gradients"] });
    expect(trace?.steps).toEqual(["b", "a", "‹end›"]);
  });
  it("a generator of piano-rolls", async () => {
    const rolls = Array.from({ length: 8 }, (_, i) => [[60 + i], [62], [64, 67]]);
    const notes = await generator.train({ ...training, unit: "note", train: rolls, valid: rolls });
    const found = await runCli([
      "diagnose",
      await folder.write("notes.safetensors", notes.save()),
      "--json",
      "--data",
      await folder.write("notes.json", JSON.stringify({ train: rolls, test: rolls })),
    ]);
    expect(found).toMatchObject({ status: 0, leaked: 0 });
    expect(JSON.parse(found.stdout)).toMatchObject({
      count: 8,
      steps: 24,
      layers: [{ of: "sequence", units: 4 }],
    });
  });
  it("a generator of performances, in passages", async () => {
    const note = (pitch: number, i: number) => ({ pitch, start: 480 * i, end: 480 * i + 240, track: 0 });
    const notes = Array.from({ length: 60 }, (_, i) => ({
      ...note(60 + (i % 5), i),
      velocity: 80,
      channel: 0,
    }));
    const piece = { name: "tune", ticksPerBeat: 480, tempos: [], notes };
    const events = await generator.train({
      ...training,
      unit: "event",
      train: [piece],
      valid: [piece],
      batchSize: 1,
    });
    const tune = await folder.write("tune.mid", await writeMidi(piece));
    const found = await runCli([
      "diagnose",
      await folder.write("events.safetensors", events.save()),
      "--data",
      tune,
    ]);
    expect(found).toMatchObject({ status: 0, leaked: 0 });
    // The last passage ends with the piece; each step is to write a token, and the last one the end.
    expect(found.stdout).toMatch(/^looked at \d examples: \d+ to 101 steps/);
    const [trace] = await events.trace([[60, 256, 188]]);
    expect(trace?.steps.at(-1)).toBe("‹end›");
    expect(trace?.steps).toHaveLength(4);
  });
  it("a forecaster, window by window", async () => {
    const series = timeSeries({
      columns: { x: Array.from({ length: 120 }, (_, i) => Math.sin(i / 3)) },
      file: "waves.csv",
    });
    const model = await forecaster.train({
      train: series,
      targets: ["x"],
      horizon: 4,
      window: 24,
      segment: 4,
      units: 4,
      epochs: 1,
      quantiles: [0.1, 0.9],
    });
    const waves = await folder.write("waves.csv", `x\n${Array.from(series.columns["x"] ?? []).join("\n")}\n`);
    const file = await folder.write("waves.safetensors", model.save());
    const found = await runCli(["diagnose", file, "--data", waves]);
    expect(found).toMatchObject({ status: 0, leaked: 0 });
    expect(found.stdout).toContain("looked at 93 examples: 6 steps each");
    expect(found.stdout).toContain("gradient by steps back from the loss");
    const [trace] = await model.trace([{ series, origin: 60 }], { trace: ["states", "gradients"] });
    expect(trace?.rows).toHaveLength(1);
    await expect(model.trace([{ series, origin: 20 }])).rejects.toThrow(
      "waves.csv: has 120 rows, and row 21 does not have 24 before it and 4 from it on. Give an origin from 24 to 116.",
    );
    const brief = await folder.write("brief.csv", "x\n1\n2\n3\n");
    const refused = await runCli(["diagnose", file, "--data", brief]);
    expect([refused.status, refused.leaked]).toEqual([1, 0]);
    expect(refused.stderr).toContain("has 3 rows, but a window of 24 with a horizon of 4 takes 28");
  });
  it("a bare network, whose data brings targets; and says so where it does not", async () => {
    const net = network({
      input: { vocabulary: 3 },
      layers: [recurrent({ cell: gru, units: 2 }), linear({ units: 2 })],
      loss: "crossEntropy",
    });
    const bare = { task: "network", network: net, parameters: initialParameters(net, 1), data: {} };
    const file = await folder.write("bare.safetensors", writeModel(bare));
    const good = await folder.write(
      "bare.jsonl",
      '{"input": [0, 1, 2], "target": [0, 1, 1]}\n{"input": [2], "target": [1]}\n',
    );
    const found = await runCli(["diagnose", file, "--data", good]);
    expect(found).toMatchObject({ status: 0, leaked: 0 });
    expect(found.stdout).toContain("recurrent1  gru, 2 units, reads forward");
    const bad = await folder.write("bad.jsonl", '{"input": [0, 1, 2]}\n');
    const refused = await runCli(["diagnose", file, "--data", bad]);
    expect(refused).toMatchObject({ status: 1, leaked: 0 });
    expect(refused.stderr).toContain('bad.jsonl:1: has no "target" of numbers');
  });
});

describe("diagnose --cell", () => {
  const tiny = ["--units", "4", "--steps", "2", "--longest", "16"];

  it("prints how far a cell remembers, task by task, beside others where that is asked for", async () => {
    const library = JSON.stringify(pathToFileURL("src/cell/index.ts").href);
    const own = `cell("own", { states: ["h"], output: "h" }, ({ h, x, affine }) => ({ h: tanh(affine("h", h, x)) }))`;
    const file = await folder.write(
      "own.mjs",
      `import { cell, tanh } from ${library};\nexport default ${own};`,
    );
    const { status, stdout, stderr } = await runCli(["diagnose", "--cell", file, "--beside", "rnn", ...tiny]);
    expect([status, stderr.split("\n")[0]]).toEqual([
      0,
      expect.stringMatching(/^own {2}adding {2}8 steps back: -?[\d.]+ % after 2 training steps$/),
    ]);
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(
      /^how far back it remembers: 4 units, up to 2 training steps at each distance; [\d.]+ s$/,
    );
    expect(lines[2]).toMatch(/^adding: the sum of two marked numbers/);
    expect(lines[3]).toBe("  remembered if variance explained is at least 90 %");
    // Two steps of training teach nothing, so the first distance is the last.
    expect(lines[4]).toMatch(/^ {2}own +less than 8 steps {2}8: -?\d+ %$/);
    expect(lines[5]).toMatch(/^ {2}rnn +less than 8 steps {2}8: -?\d+ %$/);
    expect(stdout).toContain("\ncopy: ");
    expect(stdout).toContain("\nrecall: ");
  });

  it("gives one object with --json, of the tasks that were asked for", async () => {
    const args = ["diagnose", "--cell", "gru", "--task", "recall", ...tiny, "--json", "--quiet"];
    const { status, stdout, stderr } = await runCli(args);
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      settings: { units: 4, steps: 2, longest: 16, learningRate: 0.005, seed: 0 },
      cells: [{ cell: "gru", tasks: [{ task: "recall", reach: 0, distances: [{ distance: 8, steps: 2 }] }] }],
    });
  });

  it.each([
    [["--cell", "gru", "--html", "a.html"], "--html is about a model on data; --cell takes --beside, --task"],
    [["--cell", "gru", "--data", "a.tsv"], "--data is about a model on data"],
    [
      ["a.safetensors", "--cell", "gru"],
      "--cell asks how far a cell remembers, and a.safetensors is a model",
    ],
    [
      ["a.safetensors", "--data", "a.tsv", "--steps", "3"],
      "--steps is about how far a cell remembers: give --cell",
    ],
    [["a.safetensors"], "a model is looked at on labelled data: give --data FILE"],
    [[], "give a model file and --data FILE, or --cell NAME|FILE.js"],
    [["--cell", "gru", "--task", "sums"], 'There is no task "sums"; there are adding, copy, recall.'],
    [["--cell", "gur"], 'there is no cell "gur"'],
  ])("refuses %j", async (args, message) => {
    const { status, stderr, stdout } = await runCli(["diagnose", ...args]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });
});

describe("diagnose refuses", () => {
  it.each([
    [["--force"], "--force replaces the files of --html and --trace; give one of them"],
    [["--show", "2"], "--show chooses what --html and --trace show; give one of them"],
    [["--trace", "mood.txt"], "Give a file that ends in .json or .npz."],
    [["--examples", "0"], "Give a whole number from 1."],
  ])("%j, which is wrong in itself", async (args, message) => {
    const { status, stderr, stdout } = await diagnose(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });
  it("to show an example that there is not, and writes nothing then", async () => {
    const before = await folder.list();
    const { status, stderr } = await diagnose("--show", "61", "--trace", folder.path("none.json"));
    expect(status).toBe(1);
    expect(stderr).toContain("has 60 examples, but --show asks for number 61. Give a number from 1 to 60.");
    expect(await folder.list()).toEqual(before);
  });
  it("labels that the model does not know", async () => {
    const other = await folder.write("other.tsv", "sideways\tthis film is fine\ngood\tit is warm\n");
    const { status, stderr } = await runCli([
      "diagnose",
      model,
      "--data",
      other,
      "--label",
      "1",
      "--text",
      "2",
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('other.tsv:1: has the label "sideways"');
  });
});

it("bars have eighths of a character, and are as long as the powers of ten that they are of", () => {
  expect(["0", "0.5", "1", "2"].map((share) => bar(Number(share), 2))).toEqual(["  ", "█ ", "██", "██"]);
  expect(bar(5 / 16, 2)).toBe("▋ ");
  expect(logarithmicBars([1, 0.1, 0.01, 0.001], 3)).toEqual(["███", "██ ", "█  ", "   "]);
  expect(logarithmicBars([1, 1000], 6)).toEqual(["███   ", "██████"]);
});
