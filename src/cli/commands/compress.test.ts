/** `unrolled compress`: smaller files, the metrics before and after, and that nothing is half-written. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readModel } from "../../io/index.js";
import { createFolder, type Folder, moodLines, runCli } from "../harness.cases.js";

let folder: Folder;
let model: string;
let data: string;

beforeAll(async () => {
  folder = await createFolder();
  const train = await folder.write("train.tsv", moodLines(60));
  data = await folder.write("test.tsv", moodLines(20, 61));
  model = folder.path("mood.safetensors");
  const small = ["--units", "8", "--embedding", "8", "--dropout", "0", "--batch", "4", "--epochs", "3"];
  await runCli(["train", "classifier", "--train", train, ...small, "--out", model, "--quiet"]);
});
afterAll(() => folder.remove());

describe("compress", () => {
  it.each(["int8", "float16"])("to %s prints sizes and metrics before and after", async (storage) => {
    const out = folder.path(`${storage}.safetensors`);
    const args = ["compress", model, "--storage", storage, "--out", out, "--data", data];
    const done = await runCli([...args, "--json"]);
    expect(done).toMatchObject({
      status: 0,
      leaked: 0,
      stderr: `${data}: text: column 2; label: column 1; header: no\nWrote ${out}.\n`,
    });
    const facts = JSON.parse(done.stdout);
    expect(facts).toMatchObject({ storage, count: 20, model: out });
    expect(facts.bytes).toEqual({
      before: (await readFile(model)).length,
      after: (await readFile(out)).length,
    });
    expect(facts.bytes.after).toBeLessThan(facts.bytes.before);
    for (const [file, metrics] of [
      [model, facts.metrics.before],
      [out, facts.metrics.after],
    ]) {
      const { stdout } = await runCli(["evaluate", file, "--data", data, "--json"]);
      expect(JSON.parse(stdout).metrics).toEqual(metrics);
    }
    expect(facts.metrics.after.loss).not.toBe(facts.metrics.before.loss);
    expect((await runCli(["inspect", out])).stdout).toContain(`stored as ${storage}\n`);

    const { stdout } = await runCli([...args, "--force", "--quiet"]);
    const rows = stdout.trimEnd().split("\n");
    expect(rows[0]).toMatch(/^ +before +after +change$/);
    expect(rows[1]).toMatch(/^bytes +[\d,]+ +[\d,]+ +−[\d.]+ %$/);
    expect(rows.slice(2).map((row) => row.split(" ")[0])).toEqual(Object.keys(facts.metrics.before));
    expect(rows.at(-1)).toMatch(/^\w+ +\d\.\d{4} +\d\.\d{4} +[+−]\d\.\d{4}$/);
  });

  it("without data prints the sizes, and int8 is what it does if nothing is said", async () => {
    const out = folder.path("plain.safetensors");
    const { status, stdout } = await runCli(["compress", model, "--out", out]);
    expect([status, stdout.trimEnd().split("\n").length]).toEqual([0, 2]);
    expect(readModel(await readFile(out)).stored).toEqual({ format: 2, storage: "int8" });
  });

  it.each<[string, string[], string]>([
    ["the file that it reads", ["--out", "mood.safetensors"], "is read by this command"],
    ["a way to store that there is not", ["--storage", "int4"], "int8, float16"],
    ["options for data without data", ["--label", "0"], "--label says how data is read"],
    ["data that is not there", ["--data", "nowhere.tsv"], "nowhere.tsv"],
  ])("refuses %s and writes nothing", async (_, args, message) => {
    const before = await folder.list();
    const paths = args.map((arg) =>
      arg.endsWith("safetensors") || arg.endsWith("tsv") ? folder.path(arg) : arg,
    );
    const out = args.includes("--out") ? [] : ["--out", folder.path("refused.safetensors")];
    const { status, stderr } = await runCli(["compress", model, ...out, ...paths]);
    expect(status).toBeGreaterThan(0);
    expect(stderr).toContain(message);
    expect(await folder.list()).toEqual(before);
  });
});
