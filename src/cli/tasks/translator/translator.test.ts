/** The translator on the command line: trained on one table, judged on two files, asked and shown. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { datePairs } from "../../../tasks/translator/dates.cases.js";
import { createFolder, type Folder, type Outcome, runCli } from "../../harness.cases.js";

let folder: Folder;
let model: string;
let trained: Outcome;
beforeAll(async () => {
  folder = await createFolder();
  const table = (count: number, from = 0): string =>
    datePairs(count, from)
      .map(({ source, target }) => `${source}\t${target}\n`)
      .join("");
  await folder.write("train.tsv", `${table(300)}\n${table(1)}`);
  const test = datePairs(20, 900);
  await folder.write("test.date", test.map(({ source }) => `${source}\n`).join(""));
  await folder.write("test.iso", test.map(({ target }) => `${target}\n`).join(""));
  model = folder.path("dates.safetensors");
  const small = ["--units", "16", "--embedding", "16", "--vocabulary", "60", "--epochs", "2"];
  const files = [
    "--train",
    folder.path("train.tsv"),
    "--test",
    folder.path("test.date"),
    folder.path("test.iso"),
  ];
  trained = await runCli(["train", "translator", ...files, ...small, "--out", model]);
});
afterAll(() => folder.remove());

describe("a translator on the command line", () => {
  it("reports its scores, what it had to beat, and where it was most wrong", () => {
    expect(trained).toMatchObject({ status: 0, leaked: 0 });
    expect(trained.stdout).toMatch(/^test +BLEU .*chrF .* % exact, perplexity \d+\.\d\d on 20 pairs$/m);
    expect(trained.stdout).toMatch(/^baseline +the source as it stands: BLEU 0\.0/m);
    expect(trained.stdout).toMatch(/^worst +.*test\.date:\d+: .* → .* \(\d{4}-\d\d-\d\d\)$/m);
    expect(trained.stderr).toContain("to validate on (held back from training), 20 to test on");
  });
  it("evaluates two files, translates a text, and shows what is in its file", async () => {
    const data = ["--data", folder.path("test.date"), folder.path("test.iso")];
    const { metrics, count } = JSON.parse((await runCli(["evaluate", model, ...data, "--json"])).stdout) as {
      metrics: object;
      count: number;
    };
    expect([Object.keys(metrics), count]).toEqual([["bleu", "chrf", "exactMatch", "perplexity"], 20]);
    const asked = await runCli(["predict", model, "--text", "3 May 2021", "--json"]);
    expect(Object.keys(JSON.parse(asked.stdout) as object)).toEqual([
      "translation",
      "logProbability",
      "source",
      "tokens",
      "attention",
    ]);
    expect((await runCli(["inspect", model])).stdout).toContain("From source, target to 62 values a step:");
  });
  it("names the line without its other half, and leaves nothing behind", async () => {
    await folder.write("long.iso", "2021-05-03\n".repeat(21));
    const before = await folder.list();
    const files = ["--train", folder.path("test.date"), folder.path("long.iso")];
    const refused = await runCli(["train", "translator", ...files, "--out", folder.path("no.safetensors")]);
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringContaining("long.iso:21: has no counterpart"),
    ]);
    expect(await folder.list()).toEqual(before);
  });
});
