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
      'day,v\n2016-01-01,"1,5"\n2016-01-02,"2,5"\n',
      {},
      't.csv:2: the table has no columns of numbers. Numbers are written as in 1234.5; here "v" is "1,5".',
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
      "day,v\n2016-01-02,1\n2016-01-01,1\n",
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
