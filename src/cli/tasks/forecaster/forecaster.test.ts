/** The forecaster on the command line: trained on a table, judged beside its baselines, asked, shown, and refused. */
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { salesParts } from "../../../tasks/forecaster/forecaster.cases.js";
import { createFolder, type Folder, type Outcome, runCli } from "../../harness.cases.js";

let folder: Folder;
let model: string;
let trained: Outcome;
const small = ["--units", "4", "--epochs", "2", "--window", "24"];
/** The hours of the sales as a table; what is missing is left empty. */
const table = (rows: number, change: (line: string, row: number) => string = (line) => line): string => {
  const { times = [], columns } = salesParts(rows);
  const line = (time: string, i: number): string =>
    change([time, ...Object.values(columns).map((of) => of[i])].join(","), i);
  return `${["hour", ...Object.keys(columns)].join(",")}\n${times.map(line).filter(Boolean).join("\n")}\n`;
};
beforeAll(async () => {
  folder = await createFolder();
  await folder.write("sales.csv.gz", gzipSync(table(300)));
  model = folder.path("sales.safetensors");
  const columns = ["--target", "sales", "--past", "weather", "--future", "promo", "--quantiles", "0.1,0.9"];
  trained = await runCli([
    "train",
    "forecaster",
    "--train",
    folder.path("sales.csv.gz"),
    ...columns,
    "--horizon",
    "4",
    "--split",
    "240,30,30",
    ...small,
    "--out",
    model,
  ]);
});
afterAll(() => folder.remove());

describe("a forecaster on the command line", () => {
  it("reports its errors beside those of its baselines, and whether it is the last value shifted", () => {
    expect(trained).toMatchObject({ status: 0, leaked: 0 });
    expect(trained.stderr).toContain("240 rows to train with, 30 to validate on, 30 to test on");
    expect(trained.stderr).toMatch(/validation skill -?\d/);
    const { stdout } = trained;
    expect(stdout).toMatch(/^forecaster +gru, 4 units, direct: 24 rows back, 4 ahead, season 24$/m);
    expect(stdout).toMatch(/^reads +past weather; future promo; calendar of day$/m);
    expect(stdout).toMatch(
      /^test +MASE [\d.]+, MSE [\d.]+, MAE .*between the outermost quantiles on 27 windows$/m,
    );
    for (const name of ["last value", "last season", "linear"])
      expect(stdout).toMatch(new RegExp(`${name} +[\\d.]+ +[\\d.]+ +[\\d.]+ +-?[\\d.]+ %$`, "m"));
    expect(stdout).toMatch(
      /^changes +(more than the last value shifted|little more than the last value repeated): /m,
    );
  });
  it("prints the horizon after the last row: time, target, forecast, quantiles; or one object", async () => {
    const known = await folder.write(
      "known.csv",
      table(100, (line, i) => (i < 96 ? line : line.replace(/,[^,]+/, ","))),
    );
    const asked = await runCli(["predict", model, known]);
    expect(asked.stdout.trimEnd().split("\n")).toHaveLength(4);
    expect(asked.stdout).toMatch(/^2020-01-05 00:00\tsales(\t[\d.]+){4}$/m);
    const json = JSON.parse((await runCli(["predict", model, known, "--json"])).stdout) as {
      forecast: Record<string, number[]>;
      quantiles: Record<string, Record<string, number[]>>;
      times: string[];
    };
    expect(Object.keys(json)).toEqual(["times", "forecast", "quantiles"]);
    expect(json.forecast["sales"]).toEqual(json.quantiles["sales"]?.["0.5"]);
    const piped = await runCli(["predict", model, "-", "--json"], {
      stdin: table(100, (l, i) => (i < 96 ? l : l.replace(/,[^,]+/, ","))),
    });
    expect(JSON.parse(piped.stdout)).toEqual(json);
    const further = await runCli(["predict", model, known, "--horizon", "9"]);
    expect([further.status, further.stderr]).toEqual([
      2,
      expect.stringContaining("one trained with --mode recursive predicts any number"),
    ]);
  });
  it("is evaluated on what it has not seen, and shown", async () => {
    const longer = await folder.write("longer.csv", table(330));
    const { stdout, stderr } = await runCli(["evaluate", model, "--data", longer, "--json"]);
    const { metrics, count, baselines } = JSON.parse(stdout) as Record<string, Record<string, number>>;
    // The test part was not looked at: 60 rows, 57 origins.
    expect(count).toBe(57);
    expect(stderr).toContain("rows up to 2020-01-12 05:00 are from the time of the training data");
    expect(Object.keys(metrics as object)).toContain("mase");
    expect(Object.keys(baselines as object)).toEqual(["naive", "seasonalNaive", "linear"]);
    const { stdout: shown } = await runCli(["inspect", model]);
    expect(shown).toMatch(/^future +promo$/m);
    expect(shown).toMatch(/^step +1 hour$/m);
    expect(shown).toContain("From steps, window, ahead to 12 values a sequence:");
  });
  it("needs file and horizon only, where there is one column of numbers", async () => {
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${1990 + Math.floor(i / 12)}-${String(1 + (i % 12)).padStart(2, "0")},${i % 12}`,
    );
    const months = await folder.write("months.csv", `Month,visits\n${rows.join("\n")}\n`);
    const out = folder.path("months.safetensors");
    const { status, stdout } = await runCli([
      "train",
      "forecaster",
      "--train",
      months,
      "--horizon",
      "3",
      "--units",
      "4",
      "--epochs",
      "1",
      "--out",
      out,
      "--json",
    ]);
    expect(status).toBe(0);
    const facts = JSON.parse(stdout) as { metrics: Record<string, Record<string, number>>; task: string };
    expect(facts.task).toBe("forecaster");
    expect(Object.keys(facts.metrics)).toEqual(["valid"]);
    expect((await runCli(["predict", out, months])).stdout.split("\n")[0]).toMatch(/^1995-01\tvisits\t/);
  });
  it("goes step by step as far as it is asked to", async () => {
    const out = folder.path("steps.safetensors");
    const file = folder.path("sales.csv.gz");
    const args = [
      "train",
      "forecaster",
      "--train",
      file,
      "--target",
      "sales",
      "--horizon",
      "2",
      "--mode",
      "recursive",
    ];
    expect((await runCli([...args, ...small, "--out", out])).status).toBe(0);
    const asked = await runCli(["predict", out, file, "--horizon", "30"]);
    expect(asked.stdout.trimEnd().split("\n")).toHaveLength(30);
  });
  it("says what is missing, constant or left out, with its line", async () => {
    const file = await folder.write(
      "holes.csv",
      table(200, (line, i) =>
        i >= 100 && i < 103 ? "" : i === 50 ? line.replace(/,[^,]+/, ",NA") : line.replace(/,[^,]+$/, ",5"),
      ),
    );
    const out = folder.path("holes.safetensors");
    const args = [
      "train",
      "forecaster",
      "--train",
      file,
      "--target",
      "sales",
      "--past",
      "weather",
      "--horizon",
      "4",
    ];
    const { status, stderr } = await runCli([...args, ...small, "--out", out]);
    expect(status).toBe(0);
    expect(stderr).toContain(
      "holes.csv:102: 3 rows are missing between 2020-01-05 03:00 and 2020-01-05 07:00",
    );
    expect(stderr).toContain("values are missing: sales 1");
  });
});

describe("what is wrong", () => {
  const attempt = async (file: string, ...options: string[]): Promise<[number, string]> => {
    const before = await folder.list();
    const out = folder.path("no.safetensors");
    const { status, stderr } = await runCli([
      "train",
      "forecaster",
      "--train",
      file,
      ...options,
      "--out",
      out,
    ]);
    expect(await folder.list()).toEqual(before);
    return [status, stderr];
  };
  it.each([
    [["--target", "sales"], 2, "train forecaster needs --horizon, which must be a whole number from 1"],
    [
      ["--horizon", "4"],
      1,
      "does not say which column to forecast. Name one or several with --target: sales, promo, weather.",
    ],
    [["--horizon", "400", "--target", "sales"], 1, "has 300 rows, of which 0 train"],
    [
      ["--horizon", "4", "--target", "profit"],
      1,
      'has no column "profit" for numbers. The columns are hour, sales, promo, weather.',
    ],
    [
      ["--horizon", "4", "--target", "sales", "--mode", "recursive", "--past", "promo"],
      2,
      "--past is for --mode direct, not for recursive",
    ],
    [["--horizon", "4", "--quantiles", "10"], 2, "Give a list of numbers above 0 and below 1"],
    [["--horizon", "4", "--target", "sales", "--split", "400,20"], 1, "asks for 420 rows of 300"],
  ] as [string[], number, string][])("%j", async (options, status, message) => {
    expect(await attempt(folder.path("sales.csv.gz"), ...options)).toEqual([
      status,
      expect.stringContaining(message),
    ]);
  });
  it.each([[["--target", "sales"]], [[]]])(
    "one bad value in a column of numbers, with %j",
    async (target) => {
      const rows = Array.from({ length: 20 }, (_, i) => `2020-01-${10 + i},${i === 6 ? "n/a?" : i}`);
      const bad = await folder.write("bad.csv", `day,sales\n${rows.join("\n")}\n`);
      const [status, message] = await attempt(bad, "--horizon", "2", ...target);
      expect(status).toBe(1);
      expect(message).toContain(`${bad}:8: "sales" is "n/a?"`);
      expect(message).toContain("nothing if it is missing (?, NA, N/A, NaN, null, none also mean that)");
    },
  );
  it("texts, and columns that it does not read, are refused by a model", async () => {
    const text = await runCli(["predict", model, "--text", "5"]);
    expect([text.status, text.stderr]).toEqual([
      2,
      expect.stringContaining("the model takes numbers, not texts"),
    ]);
    const label = await runCli([
      "evaluate",
      model,
      "--data",
      folder.path("sales.csv.gz"),
      "--label",
      "sales",
    ]);
    expect([label.status, label.stderr]).toEqual([2, expect.stringContaining("--label does nothing for")]);
    const longer = await runCli(["predict", model, folder.path("sales.csv.gz"), "--horizon", "9"]);
    expect([longer.status, longer.stderr]).toEqual([
      2,
      expect.stringContaining("predicts the 4 steps it was trained for"),
    ]);
    const short = await folder.write("short.csv", table(10));
    const few = await runCli(["predict", model, short]);
    expect([few.status, few.stderr]).toEqual([
      1,
      expect.stringContaining("has 10 rows to look back on, but the window takes 24"),
    ]);
  });
});
