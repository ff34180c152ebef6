/** Tables over time: what is found, what is filled, and one refusal for each way in which a table can be wrong. */
import { describe, expect, it } from "vitest";
import {
  DataError,
  readTimeTable,
  rowTime,
  type TimeTableOptions,
  textSource,
  timeSeries,
} from "../index.js";

const read = (text: string, options: TimeTableOptions = {}, name = "t.csv") =>
  readTimeTable(textSource(name, text), options);
const refusal = async (text: string, options: TimeTableOptions = {}, name = "t.csv"): Promise<string> => {
  const error = await read(text, options, name).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).message;
};

describe("a table over time", () => {
  it("has its times, its columns of numbers and its missing values found", async () => {
    const { series, time, columns, notices } = await read(
      "Month,shop,a,b\n2016-01,x,1,2\n2016-02,x,NA,3\n2016-04,x,,nan\n",
    );
    expect([time, columns]).toEqual(["Month", ["a", "b"]]);
    const only = series[0]!;
    expect(only.clock?.step).toEqual({ unit: "month", count: 1 });
    expect([...only.columns["a"]!]).toEqual([1, NaN, NaN, NaN]);
    expect([...only.columns["b"]!]).toEqual([2, 3, NaN, NaN]);
    expect([...only.lines!]).toEqual([2, 3, 0, 4]);
    expect(rowTime(only, 4)).toBe("2016-05");
    expect(notices).toEqual([
      't.csv: time: "Month"; step: 1 month; no numbers, left out: "shop"',
      "t.csv:4: 1 row is missing between 2016-02 and 2016-04; taken as missing values.",
      "t.csv: values are missing: a 2, b 1.",
    ]);
  });
  it("leaves out a column of which half or less are numbers, unless it is named", async () => {
    const table = "day,note,v\n2016-01-01,a,1\n2016-01-02,2,2\n2016-01-03,,3\n";
    expect((await read(table)).columns).toEqual(["v"]);
    expect(await refusal(table, { columns: ["note", "v"] })).toContain(
      't.csv:2: "note" is "a". Give a number',
    );
  });
  it("in long form is several series, whose rows need not stand together", async () => {
    const { series, seriesColumn } = await read(
      "series,day,city,v\nx,2016-01-01,Bern,1\ny,2016-01-05,Rome,5\nx,2016-01-02,Bern,2\ny,2016-01-06,Rome,6\n",
      { statics: ["city"] },
    );
    expect(seriesColumn).toBe("series");
    expect(series.map(({ name, length, statics }) => [name, length, statics["city"]])).toEqual([
      ["x", 2, "Bern"],
      ["y", 2, "Rome"],
    ]);
  });
  it("may be JSON lines, and may have no times", async () => {
    const { series, notices } = await read('{"v": 1}\n{"v": null}\n{"v": 3}\n', {}, "t.jsonl");
    const only = series[0]!;
    expect([...only.columns["v"]!]).toEqual([1, NaN, 3]);
    expect(notices).toContain("t.jsonl: no column of times; rows are assumed to be equal steps apart.");
    expect(rowTime(only, 3)).toBe("4");
  });
  it.each([
    ["v\n", {}, "has only a header"],
    ["1,2\n3,4\n", {}, 't.csv:1: has the column name "1" in its first row'],
    ["day,v,v\n2016-01-01,1,2\n", {}, 't.csv:1: has two columns named "v"'],
    ["day,v\n2016-01-01,1\n2016-01-02,x\n", { columns: ["v"] }, 't.csv:3: "v" is "x"'],
    [
      "day,v\n2016-01-01,1\n2016-01-02,n/a?\n2016-01-03,3\n",
      {},
      't.csv:3: "v" is "n/a?", in a column of numbers. Give a number, or nothing if it is missing (?, NA, N/A, NaN, null, none also mean that); if this column should not be read',
    ],
    [
      'day,v\n2016-01-01,"a,5"\n2016-01-02,"b,5"\n',
      {},
      't.csv:2: the table has no columns of numbers. Numbers are written as in 1234.5; here "v" is "a,5".',
    ],
    ["day,v\n2016-01-01,1\n2016-01-02,1e999\n", { columns: ["v"] }, 't.csv:3: "v" is "1e999"'],
    [
      "day,v\n2016-01-01,1\n",
      { columns: ["w"] },
      't.csv:1: has no column "w" for numbers. The columns are day, v.',
    ],
    ["day,v\n2016-01-01,1\n", { time: "when" }, 'has no column "when" for the times'],
    ["day,v\n2016-01-01,1\n", {}, "t.csv:2: is the only row, so the time step is unknown"],
    ["day,v\n2016-01-01,1\n2016-01-01,1\n", {}, "t.csv:3: has the time 2016-01-01 a second time"],
    [
      "day,v\n2016-01-02,1\n2016-01-01,1\n2016-01-03,1\n",
      {},
      "t.csv:3: has the time 2016-01-01, which is before that of the row",
    ],
    ["day,v\n2016-01-01,1\n2/1/2016,1\n", { time: "day" }, 't.csv:3: has the time "2/1/2016"'],
    [
      "t,v\n2016-01-01 00:00,1\n2016-01-01 01:00,1\n2016-01-01 02:00,1\n2016-01-01 02:30,1\n",
      { time: "t" },
      "t.csv:5: has the time 2016-01-01 02:30, which is not a whole number of steps after 2016-01-01 02:00: the step is 1 hour",
    ],
    [
      "day,v\n2016-01-01,1\n2016-01-02,1\n2016-01-09,1\n",
      {},
      "t.csv:2: begins a series of 3 rows with 6 missing, at a step of 1 day",
    ],
    ["series,day,v\n,2016-01-01,1\n", {}, "t.csv:2: names no series"],
    [
      "series,day,c,v\nx,2016-01-01,1,1\nx,2016-01-02,2,1\n",
      { statics: ["c"] },
      't.csv:3: "c" is "2", but "1" in the rows before',
    ],
  ] as [string, TimeTableOptions, string][])("%j with %j is refused", async (text, options, message) => {
    expect(await refusal(text, options)).toContain(message);
  });
  it("out of columns names the row where there are no lines, and a column of another length", () => {
    expect(() => timeSeries({ columns: { a: [1, 2], b: [1] } })).toThrow(
      'column "b" has 1 rows, but the series has 2',
    );
    const columns = { a: [1, 2, 3] };
    expect(() => timeSeries({ times: ["2016-01", "2016-03", "2016-02"], columns })).toThrow(
      "series: row 3 has the time 2016-02, which is before",
    );
  });
});

describe("times as tables write them", () => {
  const days = (count: number, write: (time: Date) => string, from = "2021-01-01"): string =>
    `date,v\n${Array.from({ length: count }, (_, i) => `${write(new Date(Date.parse(from) + i * 86_400_000))},${i}\n`).join("")}`;
  const two = (n: number): string => String(n).padStart(2, "0");
  const dayFirst = (sign: string) => (time: Date) =>
    [two(time.getUTCDate()), two(time.getUTCMonth() + 1), time.getUTCFullYear()].join(sign);
  const monthFirst = (time: Date): string =>
    `${time.getUTCMonth() + 1}/${time.getUTCDate()}/${time.getUTCFullYear()}`;
  const last = ({ series: [only] }: Awaited<ReturnType<typeof read>>): string => rowTime(only!, only!.length);

  it.each([
    ["day first", days(40, dayFirst("/")), "2021-02-10"],
    ["day first, with points, in days that could be months", days(9, dayFirst(".")), "2021-01-10"],
    ["month first", days(40, monthFirst), "2021-02-10"],
    ["day first, as only so they are equal steps apart", days(9, dayFirst("/")), "2021-01-10"],
    [
      "year first, with slashes",
      days(9, (time) => time.toISOString().slice(0, 10).replaceAll("-", "/")),
      "2021-01-10",
    ],
    ["without signs", days(9, (time) => time.toISOString().slice(0, 10).replaceAll("-", "")), "2021-01-10"],
  ])("%s", async (_, table, next) => {
    expect(last(await read(table))).toBe(next);
  });
  it("are refused where either the day or the month could come first", async () => {
    expect(await refusal("date,v\n01/02/2021,1\n03/04/2021,2\n06/05/2021,3\n", {})).toContain(
      "nothing shows whether the day or the month comes first",
    );
    expect(await refusal("date,v\n01/13/2021,1\n14/01/2021,2\n", { time: "date" })).toContain("t.csv:");
  });
  it("newest first are turned round, with their lines, and it is said", async () => {
    const [head, ...rows] = days(20, dayFirst("/")).trim().split("\n");
    const found = await read([head, ...rows.reverse()].join("\n"));
    expect([
      last(found),
      [...found.series[0]!.columns["v"]!].slice(0, 3),
      found.series[0]!.lines![0],
    ]).toEqual(["2021-01-21", [0, 1, 2], 21]);
    expect(found.notices.join("\n")).toContain("newest first");
  });
  it("have fractions of seconds", async () => {
    const rows = Array.from({ length: 9 }, (_, i) => `${new Date(1500 * i).toISOString()},${i}\n`);
    const found = await read(`timestamp,v\n${rows.join("")}`);
    expect([last(found), found.series[0]!.clock!.step]).toEqual([
      "1970-01-01 00:00:13.500Z".replace("500Z", "5Z"),
      { unit: "second", count: 1.5 },
    ]);
    const tenths = Array.from(
      { length: 9 },
      (_, i) => `2021-01-01 00:00:0${i / 10 === 0 ? "0" : i / 10},${i}\n`,
    );
    expect(last(await read(`timestamp,v\n${tenths.join("")}`))).toBe("2021-01-01 00:00:00.9");
  });
  it("keep their offset, also where clocks are set back", async () => {
    const rows = Array.from({ length: 60 }, (_, i) => {
      const offset = i < 25 ? 2 : 1;
      const wall = new Date(Date.parse("2021-10-30T00:00Z") + (i + offset) * 3_600_000).toISOString();
      return `${wall.slice(0, 16).replace("T", " ")}+0${offset}:00,${i}\n`;
    });
    const found = await read(`time,v\n${rows.join("")}`);
    expect([found.series[0]!.length, last(found)]).toEqual([60, "2021-11-01 13:00+01:00"]);
    const daily = [
      "2021-10-30 00:00+02:00",
      "2021-10-31 00:00+02:00",
      "2021-11-01 00:00+01:00",
      "2021-11-02 00:00+01:00",
    ];
    const local = await read(`time,v\n${daily.map((time, i) => `${time},${i}\n`).join("")}`);
    expect([local.series[0]!.length, last(local)]).toEqual([4, "2021-11-03"]);
    const months = ["2021-01-01 00:00+02:00", "2021-02-01 00:00+02:00", "2021-03-01 00:00+02:00"];
    expect(last(await read(`time,v\n${months.map((time, i) => `${time},${i}\n`).join("")}`))).toBe("2021-04");
  });
  it("at the ends of months go by months", async () => {
    const ends = ["2013-04-30", "2013-05-31", "2013-06-30", "2013-07-31", "2013-08-31"];
    const found = await read(`date,v\n${ends.map((time, i) => `${time},${i}\n`).join("")}`);
    expect([last(found), found.series[0]!.length]).toEqual(["2013-09-30", 5]);
  });
  it("from Monday to Friday leave out no rows, but holidays are missing", async () => {
    const all = Array.from({ length: 40 }, (_, i) => new Date(Date.parse("2021-01-01") + i * 86_400_000));
    const open = all.filter((day) => day.getUTCDay() % 6 !== 0 && day.getUTCDate() !== 6);
    const table = `Date,Close\n${open.map((day, i) => `${day.toISOString().slice(0, 10)},${i}\n`).join("")}`;
    const { series } = await read(table);
    expect([
      series[0]!.clock!.step,
      series[0]!.length - open.length,
      rowTime(series[0]!, series[0]!.length),
    ]).toEqual([{ unit: "weekday", count: 1 }, 1, "2021-02-10"]);
  });
  it("stand in several columns, found or named, and a column that counts rows is left out", async () => {
    const rows = Array.from(
      { length: 30 },
      (_, i) => `${i + 1},2010,1,${1 + Math.floor(i / 24)},${i % 24},${i / 2}`,
    );
    const table = `No,year,month,day,hour,v\n${rows.join("\n")}\n`;
    const found = await read(table);
    expect([found.columns, last(found), found.time]).toEqual([
      ["v"],
      "2010-01-02 06:00",
      "year,month,day,hour",
    ]);
    expect(found.notices.join("\n")).toContain('index: "No", left out');
    expect(last(await read(table, { time: "year,month,day,hour" }))).toBe("2010-01-02 06:00");
    const none = await read(table, { time: "none", columns: ["v"] });
    expect(none.series[0]!.clock).toBeUndefined();
    const two = "date,time,v\n2021-01-01,00:00,1\n2021-01-01,01:00,2\n";
    expect(last(await read(two))).toBe("2021-01-01 02:00");
  });
  it("that are not equal steps apart become a column, if that is said", async () => {
    const table = "time,v\n2021-01-01 00:00,1\n2021-01-01 00:07,2\n2021-01-01 01:00,3\n";
    expect(await refusal(table, {})).toContain("irregular");
    const { series, columns } = await read(table, { irregular: true });
    expect(columns).toEqual(["v", "elapsed"]);
    expect([...series[0]!.columns["elapsed"]!]).toEqual([Number.NaN, 420, 3180]);
    expect(series[0]!.clock).toBeUndefined();
  });
});

describe("numbers as tables write them", () => {
  const table = (cells: readonly string[], sign = ";"): string =>
    `day${sign}v\n${cells.map((cell, i) => `2021-01-0${i + 1}${sign}${cell}\n`).join("")}`;
  it("have a comma before their decimals, and it is said", async () => {
    const { series, notices } = await read(table(["1,5", "2", "1,125"]));
    expect([...series[0]!.columns["v"]!]).toEqual([1.5, 2, 1.125]);
    expect(notices.slice(0, 2)).toEqual([
      "t.csv: fields end with a semicolon",
      "t.csv: numbers have a comma before their decimals",
    ]);
  });
  it.each([
    [["1.100,5", "2,5"], 'is "1.100,5", a number with a separator of thousands'],
    [["1,100", "2,200"], 'is "1,100", a number with a separator of thousands'],
    [["1.5", "2,5", "3.5"], 'is "2,5", a number with a comma before its decimals'],
    [["5 %", "6 %"], 'is "5 %", a percentage'],
    [["€ 5", "6 €"], 'is "€ 5", an amount of money'],
    [["USD 5", "6"], 'is "USD 5", an amount of money'],
  ])("%j are refused by their cell", async (cells, problem) => {
    expect(await refusal(table(cells), {})).toMatch(/^t\.csv:[23]: "v" /);
    expect(await refusal(table(cells), {})).toContain(problem);
  });
  it("are read as an option says", async () => {
    const german = await read(table(["1.100,5", "2", "3.000"]), { decimal: "," });
    expect([...german.series[0]!.columns["v"]!]).toEqual([1100.5, 2, 3000]);
    const english = await read(table(["1,100.5", "2", "3,000"]), { decimal: "." });
    expect([...english.series[0]!.columns["v"]!]).toEqual([1100.5, 2, 3000]);
    const tabs = await read(table(["1", "2"], "~"), { delimiter: "~", header: true });
    expect(tabs.columns).toEqual(["v"]);
  });
});
