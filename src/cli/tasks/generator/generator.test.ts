/** The generator on the command line: one long text, lines, a table with labels; trained, evaluated, and asked to write. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFolder, type Folder, type Outcome, runCli } from "../../harness.cases.js";

const animals = ["cat", "dog", "hen", "cow"];
const verbs = ["runs", "sleeps", "eats"];
const line = (k: number): string => `the ${animals[k % 4]} ${verbs[(k >> 2) % 3]}`;
const text = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `${line(from + i)}.\n`).join("");

let folder: Folder;
let plays: string;
let trained: Outcome;
const small = ["--units", "16", "--epochs", "2", "--batch", "4", "--bptt", "16"];
beforeAll(async () => {
  folder = await createFolder();
  await folder.write("plays.txt", text(0, 200));
  await folder.write("test.txt", text(7, 20));
  plays = folder.path("plays.safetensors");
  const files = ["--train", folder.path("plays.txt"), "--test", folder.path("test.txt")];
  trained = await runCli(["train", "generator", ...files, ...small, "--out", plays]);
});
afterAll(() => folder.remove());

describe("a generator of one long text", () => {
  it("reports its score, that of n-grams, what it copied, and a sample", () => {
    expect(trained).toMatchObject({ status: 0, leaked: 0 });
    expect(trained.stderr).toMatch(/characters to validate on \(held back from training\), .* to test on/);
    const score = String.raw`\d\.\d{3} nats per character, perplexity \d+\.\d\d per token`;
    expect(trained.stdout).toMatch(new RegExp(`^test +${score} on `, "m"));
    expect(trained.stdout).toMatch(new RegExp(`^baseline +6-grams of the same data: ${score}$`, "m"));
    expect(trained.stdout).toMatch(/^ +the network is (ahead of|behind) them by \d\.\d{3} nats/m);
    expect(trained.stdout).toMatch(/^copied +in what it wrote .* % of the 10-grams occur there$/m);
    expect(trained.stdout).toMatch(/^ +in as much of the test data: longest run .* tokens/m);
    expect(trained.stdout).toMatch(/^sample +\S/m);
  });
  it("refuses an empty file to test on before training, by name, and takes --no-tied from a configuration", async () => {
    const empty = await folder.write("empty.txt", "");
    const train = ["train", "generator", "--train", folder.path("plays.txt"), ...small, "--embedding", "16"];
    const refused = await runCli([...train, "--test", empty, "--out", folder.path("no.safetensors")]);
    expect([refused.status, refused.stderr]).toEqual([
      1,
      `error: ${empty}: is empty. Give a file with a text.\n`,
    ]);
    const config = await folder.write("untied.json", '{"tied": false}');
    const parameters = async (...more: string[]): Promise<number> => {
      const out = folder.path(`tied${more.length}.safetensors`);
      return JSON.parse((await runCli([...train, ...more, "--out", out, "--json"])).stdout).parameters;
    };
    expect(await parameters("--config", config)).toBeGreaterThan(await parameters());
  });
  it("writes after a prime, the same from the same seed", async () => {
    const args = ["generate", plays, "--prime", "the ", "--length", "30", "--temperature", "0.9"];
    const first = await runCli([...args, "--seed", "3"]);
    expect(first).toMatchObject({ status: 0, stderr: "", leaked: 0 });
    expect(first.stdout.startsWith("the ")).toBe(true);
    expect(first.stdout.replace(/\n$/, "").length).toBeGreaterThanOrEqual(33);
    expect((await runCli([...args, "--seed", "3"])).stdout).toBe(first.stdout);
    expect((await runCli([...args, "--seed", "4"])).stdout).not.toBe(first.stdout);
    const greedy = await Promise.all(
      ["--top-k 1", "--temperature 0"].map((how) => runCli(["generate", plays, ...how.split(" ")])),
    );
    expect(greedy[0]?.stdout).toBe(greedy[1]?.stdout);
  });
  it("writes several, parted by a line, or as JSON, one object a line", async () => {
    const args = ["generate", plays, "--count", "3", "--length", "12", "--stop", "zzz", "--top-p", "0.9"];
    const plain = (await runCli(args)).stdout.split("---\n");
    expect(plain).toHaveLength(3);
    const objects = (await runCli([...args, "--json"])).stdout.trimEnd().split("\n");
    const found = objects.map((each) => JSON.parse(each) as Record<string, unknown>);
    expect(Object.keys(found[0] ?? {})).toEqual(["prime", "text", "logProbability", "ended", "length"]);
    expect(found.map((each) => `${String(each["text"]).replace(/\n$/, "")}\n`)).toEqual(plain);
  });
  it("says what was written when Ctrl-C stops it", async () => {
    const args = ["generate", plays, "--length", "12", "--count", "4"];
    const whole = (await runCli([...args, "--json"])).stdout.split("\n");
    const json = await runCli([...args, "--json"], { interruptAt: `${whole[1]}\n` });
    expect(json).toMatchObject({ status: 130, stdout: `${whole[0]}\n${whole[1]}\n`, leaked: 0 });
    expect(json.stderr).toBe("error: stopped by Ctrl-C; 2 of 4 texts were written\n");
    // As soon as the second begins.
    const streamed = await runCli(args, { interruptAt: "---\n" });
    expect(streamed.status).toBe(130);
    expect(streamed.stdout).toMatch(/^[^-]*---\n.\n$/s);
    expect(streamed.stderr).toBe(
      "error: stopped by Ctrl-C; 1 of 4 texts was written, and part of the next one\n",
    );
    const one = await runCli(["generate", plays, "--prime", "the"], { interruptAt: "the" });
    expect([one.stdout.slice(0, 3), one.stdout.at(-1)]).toEqual(["the", "\n"]);
    expect(one.stderr).toBe("error: stopped by Ctrl-C; the text was partly written\n");
  });
  it("goes on after Ctrl-C to the bit", async () => {
    const [cut, whole] = [folder.path("cut.safetensors"), folder.path("whole.safetensors")];
    const args = ["train", "generator", "--train", folder.path("plays.txt"), ...small, "--epochs", "3"];
    expect((await runCli([...args, "--out", whole])).status).toBe(0);
    expect((await runCli([...args, "--out", cut], { interruptAt: "epoch 2/3" })).status).toBe(130);
    expect((await runCli([...args, "--out", cut, "--resume"])).status).toBe(0);
    expect(await readFile(cut)).toEqual(await readFile(whole));
  });
  it("is evaluated, and shown", async () => {
    const { stdout } = await runCli(["evaluate", plays, "--data", folder.path("test.txt"), "--json"]);
    const { metrics, count, unknown } = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(metrics as object)).toEqual(["loss", "perplexity", "nllPerCharacter"]);
    expect([count, unknown]).toEqual([text(7, 20).length, 0]);
    expect((await runCli(["inspect", plays])).stdout).toMatch(/^unit +character\nlearned +one long text$/m);
  });
  it("refuses what it cannot write, and is not asked for answers", async () => {
    const wrong = async (...args: string[]): Promise<string> => {
      const { status, stdout, stderr, leaked } = await runCli(args);
      expect([status, stdout, leaked]).toEqual([2, "", 0]);
      return stderr;
    };
    expect(await wrong("generate", plays, "--prime", "Ω")).toContain('--prime has "Ω"');
    expect(await wrong("generate", plays, "--label", "x")).toContain("trained without labels");
    expect(await wrong("generate", plays, "--temperature", "warm")).toContain("Give a number, 0 or more");
    expect(await wrong("predict", plays, "--text", "the ")).toContain("use unrolled generate");
  });
});

describe("other generators", () => {
  it("learn the parts of a split, by word, and give the report as one JSON object", async () => {
    const out = folder.path("words.safetensors");
    const args = ["--train", folder.path("plays.txt"), "--split", "0.8,0.1,0.1", "--unit", "word"];
    const { status, stdout } = await runCli([
      "train",
      "generator",
      ...args,
      ...small,
      "--json",
      "--quiet",
      "--out",
      out,
    ]);
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    expect(Object.keys(report)).toEqual([
      "task",
      "cell",
      "parameters",
      "seconds",
      "epochs",
      "tokensPerSecond",
      "metrics",
      "baselines",
      "copied",
      "sample",
      "model",
    ]);
    expect(Object.keys(report["metrics"] ?? {})).toEqual(["valid", "test"]);
    expect(report["baselines"]?.["ngram"]).toMatchObject({ order: 3 });
    const { stdout: written } = await runCli(["generate", out, "--prime", "the cat", "--length", "2"]);
    expect(written).toMatch(/^the cat( |\n)/);
  });
  it("learn lines, of which each has an end", async () => {
    const out = folder.path("lines.safetensors");
    const args = ["--train", folder.path("plays.txt"), "--lines", "--units", "16", "--epochs", "1"];
    const { status, stdout } = await runCli(["train", "generator", ...args, "--out", out]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/occur there as a whole$/m);
    expect(stdout).toContain("(100 were written)");
    // Some 2,500 characters for about as many weights.
    expect(stdout).not.toContain("by heart");
    const { stdout: written } = await runCli(["generate", out, "--count", "4", "--length", "9"]);
    expect(written.split("\n")).toHaveLength(5);
    expect((await runCli(["evaluate", out, "--data", folder.path("test.txt")])).stdout).toContain("tokens");
  });
  it("say so where there is too little to learn from", async () => {
    const few = await folder.write("few.txt", text(0, 7));
    const args = ["--train", few, "--lines", "--units", "64", "--epochs", "1"];
    const { stdout } = await runCli(["train", "generator", ...args, "--out", folder.path("few.safetensors")]);
    expect(stdout).toMatch(/^data +\d+ tokens for [\d,]+ weights: so little text can only be memorised/m);
  });
  it("write for the label of a table", async () => {
    const rows = Array.from({ length: 80 }, (_, k) => `${k % 2 ? "tame" : "wild"}\t${line(k)}\n`).join("");
    const table = await folder.write("animals.tsv", `kind\ttext\n${rows}`);
    const out = folder.path("animals.safetensors");
    const args = ["--train", table, "--label", "kind", "--units", "16", "--epochs", "1", "--out", out];
    expect(await runCli(["train", "generator", ...args])).toMatchObject({ status: 0, leaked: 0 });
    const asked = await runCli(["generate", out, "--label", "tame", "--length", "5", "--json"]);
    expect(JSON.parse(asked.stdout)).toMatchObject({ label: "tame", prime: "" });
    expect((await runCli(["generate", out])).stderr).toContain(
      "the generator needs --label; it can be tame or wild",
    );
    const evaluated = await runCli(["evaluate", out, "--data", table, "--label", "kind"]);
    expect(evaluated).toMatchObject({ status: 0, stderr: "" });
    // The other of two columns of which one is called text.
    expect((await runCli(["evaluate", out, "--data", table])).stdout).toBe(evaluated.stdout);
    const third = await folder.write("third.tsv", `kind\ttext\tn\n${rows.replaceAll("\n", "\t1\n")}`);
    expect((await runCli(["evaluate", out, "--data", third])).stderr).toContain(
      "third.tsv: does not say which of its 3 columns holds the",
    );
    expect((await runCli(["evaluate", out, "--data", third, "--label", "sort"])).stderr).toContain(
      'has no column named "sort" for the label. The columns are 1 "kind", 2 "text", 3 "n"; choose one with --label.',
    );
    expect((await runCli(["evaluate", out, "--data", folder.path("plays.txt")])).stderr).toContain(
      "plays.txt: is plain text, which has no labels. Give a table with a column of labels",
    );
    const named = ["--data", third, "--label", "kind", "--text", "text"];
    expect((await runCli(["evaluate", out, ...named])).stdout).toBe(evaluated.stdout);
    expect((await runCli(["inspect", out])).stdout).toMatch(/^labels +tame, wild$/m);
  });
});

describe("what is refused before anything is written", () => {
  it.each([
    ["--layers 3 --units 8,8", "are 2 layers, and --layers says 3"],
    ["--lines --label kind", "--lines and --label contradict each other"],
    ["--split 0.9,0.1 --valid x.txt", "--split and --valid contradict each other"],
    ["--unit letter", "Allowed choices are char, word, bpe"],
    ["--minutes 1 --epochs 2", "--epochs and --minutes contradict each other"],
  ])("%s", async (args, message) => {
    const before = await folder.list();
    const file = ["--train", folder.path("plays.txt"), "--out", folder.path("no.safetensors")];
    const { status, stderr } = await runCli(["train", "generator", ...file, ...args.split(" ")]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(await folder.list()).toEqual(before);
  });
  it("an empty text, and a file of another task", async () => {
    const empty = await folder.write("empty.txt", "");
    const out = ["--out", folder.path("no.safetensors")];
    expect((await runCli(["train", "generator", "--train", empty, ...out])).stderr).toContain("is empty");
    const { mood } = { mood: folder.path("mood.safetensors") };
    await folder.write("mood.tsv", "good\tfine film\nbad\tdull play\ngood\tfine play\nbad\tdull film\n");
    const files = ["--train", folder.path("mood.tsv"), "--epochs", "1", "--out", mood];
    expect((await runCli(["train", "classifier", ...files])).status).toBe(0);
    expect((await runCli(["generate", mood])).stderr).toContain(
      "is of a classifier, which does not generate",
    );
  });
});
