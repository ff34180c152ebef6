/** Tables: labels, headers, fields and numbers; times of series. A row: what is done, and what is right, as a check. */
import { firstWrong } from "./run.mjs";

/** A classifier that is trained shortly. */
const small = ["--epochs", "2", "--units", "8", "--json"];

const trains = (name, does, says, args = []) => ({
  name,
  files: [`${name}.csv`],
  does,
  async check({ file, out, run }) {
    const base = [
      "train",
      "classifier",
      "--train",
      file(`${name}.csv`),
      ...small,
      "--out",
      out("m.safetensors"),
    ];
    return firstWrong(await run([...base, ...args]), { says });
  },
});

/** A forecaster that is trained shortly, and the first time that it forecasts. */
const forecasts = (name, does, { says, first, args = [] }) => ({
  name,
  files: [`${name}.csv`],
  does,
  async check({ file, out, run }) {
    const [data, model] = [file(`${name}.csv`), out("m.safetensors")];
    const base = ["train", "forecaster", "--horizon", "7", "--train", data, ...small, "--out", model];
    const trained = firstWrong(await run([...base, ...args]), { says });
    if (trained !== undefined) return trained;
    const { stdout, stderr } = await run(["predict", model, data]);
    const time = stdout.split("\t")[0];
    return time === first ? undefined : `forecasts ${time || stderr} first, instead of ${first}`;
  },
});

/** The rows. */
export const tables = [
  trains("c1-numeric-header", "a header of numbers is one", ['label: column 5, "kind"; header: yes']),
  trains("c2-label-first", "the label is the first column", ["label: column 1; header: no"]),
  trains("c3-index-column", "the label is the last column, and row numbers are left out", [
    'label: column 6, "species"; header: yes; index: column 1',
  ]),
  trains(
    "c5-long-shuffled",
    "a column of times sorts the rows",
    ['time: column 2, "time", by which rows are sorted', "The channels are x."],
    ["--series", "id"],
  ),
  trains("c6-semicolon", "fields end with semicolons", [
    "fields end with a semicolon",
    'label: column 4, "quality"',
  ]),
  {
    name: "c8",
    files: ["c8-train.csv", "c8-evaluate-label-first.csv"],
    does: "a table with the label first is judged by the names of its columns",
    async check({ file, out, run }) {
      const model = out("m.safetensors");
      const train = [
        "train",
        "classifier",
        "--train",
        file("c8-train.csv"),
        "--epochs",
        "30",
        "--out",
        model,
      ];
      const trained = firstWrong(await run(train), {});
      if (trained !== undefined) return trained;
      const data = file("c8-evaluate-label-first.csv");
      const { status, stdout, stderr } = await run(["evaluate", model, "--data", data, "--json"]);
      if (status !== 0) return stderr;
      const { metrics, count } = JSON.parse(stdout);
      const predicted = await run(["predict", model, data, "--json"]);
      const rows = predicted.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).label);
      return count === 6 && metrics.accuracy >= 0.8 && rows.length === 6
        ? undefined
        : `accuracy ${metrics.accuracy} on ${count}, ${rows.length} predicted`;
    },
  },
  {
    name: "e1-height-weight",
    files: ["e1-height-weight.csv"],
    does: "(the table only) labels are found by their column of words",
    async check({ file, out, run }) {
      const args = ["--train", file("e1-height-weight.csv"), ...small, "--out", out("m.safetensors")];
      return firstWrong(await run(["train", "classifier", ...args]), { says: ['label: column 3, "kind"'] });
    },
  },
  forecasts("f1-step-1500ms", "steps of 1.5 seconds", {
    says: ["step: 1.5 seconds"],
    first: "2021-01-01 00:10",
  }),
  forecasts("f2-month-end", "ends of months", { says: ["step: 1 month, at the end"], first: "2019-04-30" }),
  forecasts("f3-dmy-descending", "day first, newest first", {
    says: ["day first", "newest first"],
    first: "2021-07-20",
  }),
  {
    name: "f4-thousands",
    files: ["f4-thousands.csv"],
    does: "a cell with a separator of thousands is named; with --decimal . it is read",
    async check({ file, out, run }) {
      const data = file("f4-thousands.csv");
      const base = [
        "train",
        "forecaster",
        "--horizon",
        "7",
        "--train",
        data,
        ...small,
        "--out",
        out("m.safetensors"),
      ];
      const refused = firstWrong(await run(base), {
        status: 1,
        says: [
          'f4-thousands.csv:2: "price" is "1,100.57", a number with a separator of thousands',
          "--decimal",
        ],
      });
      return (
        refused ?? firstWrong(await run([...base, "--decimal", "."]), { says: ['index: "id", left out'] })
      );
    },
  },
  forecasts("f5-offset", "offsets are kept where clocks are set back", {
    says: ["step: 1 hour"],
    first: "2021-11-09 01:00+01:00",
  }),
  forecasts("f6-business-days", "days from Monday to Friday", {
    says: ["step: 1 weekday"],
    first: "2021-07-20",
  }),
  forecasts("f7-year-month-day-hour", "a time in four columns", {
    says: ['time: "year", "month", "day", "hour"'],
    first: "2010-02-10 00:00",
    args: ["--target", "TEMP"],
  }),
];
