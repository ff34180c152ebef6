/** A forecaster of what is not as it should be: missing values, columns that never change, gaps in time, too few rows. */
import { beforeAll, describe, expect, it } from "vitest";
import { DataError, formatTime, type TimeSeries, timeSeries } from "../../data/index.js";
import { OptionError } from "../../options/index.js";
import { type Forecaster, type ForecasterOptions, forecaster } from "../index.js";
import { firstRows, sales, salesParts, salesSeries } from "./forecaster.cases.js";

const small = {
  horizon: 3,
  window: 24,
  segment: 6,
  targets: ["sales"],
  units: 4,
  epochs: 2,
} satisfies Partial<ForecasterOptions>;
const series = salesSeries(240);
const train = (options: Partial<ForecasterOptions> = {}): Promise<Forecaster> =>
  forecaster.train({ train: series, ...small, ...options });
const changed = (of: TimeSeries, name: string, change: (v: number, i: number) => number): TimeSeries => ({
  ...of,
  columns: { ...of.columns, [name]: of.columns[name]!.map(change) },
});
const finite = (values: readonly number[] = []): boolean =>
  values.length > 0 && values.every(Number.isFinite);

let model: Forecaster;
beforeAll(async () => {
  model = await train();
});

describe("missing values", () => {
  it("in training, in the window and in the truth are passed over, and all that comes is numbers", async () => {
    const holes = changed(series, "sales", (v, i) => (i % 7 === 3 || (i > 100 && i < 110) ? Number.NaN : v));
    const learned = await train({ train: holes, past: ["weather"] });
    expect(learned.training?.skipped).toBe(0);
    const [found] = await learned.predict(holes);
    expect(finite(found?.forecast["sales"])).toBe(true);
    const rows = { start: 216, end: 240 };
    const { metrics } = await learned.evaluate({ series: holes, rows });
    expect(finite(Object.values(metrics))).toBe(true);
    expect((await learned.evaluate({ series, rows })).metrics.mse).not.toBe(metrics.mse);
  });
  it("of a whole window leave nothing to go on from", async () => {
    const gone = changed(series, "sales", (v, i) => (i >= 216 ? Number.NaN : v));
    await expect(model.predict(gone)).rejects.toThrow('has no value of "sales" in the last 24 rows');
    await expect(model.predict(gone)).rejects.toBeInstanceOf(DataError);
  });
  it("of a whole column are refused, naming it", async () => {
    const gone = changed(series, "sales", () => Number.NaN);
    await expect(train({ train: gone })).rejects.toThrow('has no value of "sales" in the training rows');
  });
  it("of what is known ahead are refused at the step ahead that lacks it", async () => {
    const promoted = await train({ future: ["promo"] });
    await expect(promoted.predict(series)).rejects.toThrow(
      'has no "promo" at 2020-01-11 00:00, which is 1 of 3 steps ahead',
    );
    const known = changed(series, "sales", (v, i) => (i >= 237 ? Number.NaN : v));
    const [found] = await promoted.predict(known);
    expect(found?.times).toEqual(["2020-01-10 21:00", "2020-01-10 22:00", "2020-01-10 23:00"]);
  });
});

describe("a column that never changes", () => {
  it("is remarked on, and forecast as it is", async () => {
    const flat = changed(series, "sales", () => 7);
    const options = { ...small, train: flat };
    expect(forecaster.remarks(options)).toEqual([
      '"sales" never changes in the training rows, so nothing can be learned from it.',
    ]);
    expect(forecaster.remarks({ ...small, train: series })).toEqual([]);
    const learned = await train({ train: flat, past: ["weather"] });
    const [found] = await learned.predict(flat);
    expect(found?.forecast["sales"]).toHaveLength(small.horizon);
    for (const value of found!.forecast["sales"]!) expect(value).toBeCloseTo(7, 1);
    const { metrics } = await learned.evaluate({ series: flat, rows: { start: 216, end: 240 } });
    // No scale to judge on, and no baseline that errs: what cannot be said is left out.
    expect(metrics).not.toHaveProperty("mase");
    expect(metrics).not.toHaveProperty("skillNaive");
  });
  it("beside a target does no harm", async () => {
    const flat = changed(series, "weather", () => 3);
    const learned = await train({ train: flat, past: ["weather"] });
    expect(finite((await learned.predict(flat))[0]?.forecast["sales"])).toBe(true);
  });
});

describe("a gap in time", () => {
  it("is filled as missing, so that seasons stay where they are", async () => {
    const { times = [], columns } = salesParts(240);
    const keep = (_: unknown, i: number): boolean => i < 150 || i >= 160;
    const cut = {
      file: "cut.csv",
      times: times.filter(keep),
      columns: Object.fromEntries(
        Object.entries(columns).map(([name, of]) => [name, Array.from(of).filter(keep)]),
      ),
    };
    const gap = timeSeries(cut);
    expect(gap.length).toBe(240);
    expect(gap.notices).toEqual([
      "cut.csv, row 151: 10 rows are missing between 2020-01-07 05:00 and 2020-01-07 16:00; taken as missing values.",
    ]);
    expect(gap.columns["sales"]?.[200]).toBe(sales(200));
    const learned = await train({ train: gap });
    expect((await learned.predict(gap))[0]?.times[0]).toBe("2020-01-11 00:00");
  });
});

describe("too few rows", () => {
  it.each([2, 3, 20])("of %d are refused, saying how many it takes", async (rows) => {
    const short = firstRows(series, rows);
    await expect(train({ train: short })).rejects.toThrow(
      `has ${rows} rows, of which ${Math.max(0, rows - 3)} train; a window of 24 and a horizon of 3 take 27`,
    );
    await expect(model.predict(short)).rejects.toThrow(
      `has ${rows} rows to look back on, but the window takes 24`,
    );
    await expect(model.evaluate(short)).rejects.toThrow(
      `has ${rows} rows, but a window of 24 with a horizon of 3 takes 27`,
    );
  });
  it("to validate on are refused", async () => {
    await expect(train({ split: [200, 2] })).rejects.toThrow("has no rows to validate with");
    await expect(train({ split: "200,50" })).rejects.toThrow("asks for 250 rows of 240");
  });
  it("leave a window of fewer seasons where it is not chosen", async () => {
    const { window: _, segment: __, ...rest } = small;
    const learned = await forecaster.train({ ...rest, train: firstRows(series, 60) });
    expect(learned.settings.window).toBeLessThanOrEqual(28);
  });
});

describe("what has been seen", () => {
  it("is looked back on and not judged; where there is nothing else, it is judged and said so", async () => {
    const longer = salesSeries(260);
    const { count, notices } = await model.evaluate(longer);
    expect(count).toBe(18);
    expect(notices[0]).toContain("rows up to 2020-01-10 23:00 are from the time of the training data");
    expect((await model.evaluate(series)).notices[0]).toContain("say little about new data");
  });
});

describe("options that contradict the data or each other", () => {
  it.each([
    [
      { targets: ["none"] },
      'has no column "none" of numbers, which is targets. The columns of numbers are sales',
    ],
    [{ past: ["sales"] }, 'the column "sales" is named twice'],
    [{ horizon: 0 }, "horizon is 0; it must be a whole number from 1"],
    [{ segment: 5 }, "a window of 24 rows cannot be cut into segments of 5"],
    [
      { quantiles: [0.5, 1] },
      "quantiles is [0.5,1]; it must be a list of numbers above 0 and below 1 (forecaster.train)",
    ],
    [
      { mode: "recursive", segment: 1, past: ["weather"] },
      "past is for mode direct, not for recursive; leave it out",
    ],
    [
      { mode: "recursive", segment: 1, quantiles: [0.1] },
      "quantiles is for mode direct, not for recursive; leave it out",
    ],
    [{ mode: "recursive" }, "segment is for mode direct, not for recursive; leave it out"],
    [
      { mode: "recursive", segment: 1, shortcut: true },
      "shortcut is for mode direct, not for recursive; leave it out",
    ],
    [{ statics: ["city"] }, 'has no static "city"'],
    [{ targets: [] }, "targets is []; it must be a list of texts"],
    [{ mode: "recursive", segment: 1, level: "mean" }, "level mean is for mode direct, not for recursive"],
    [{ unit: 5 } as object, 'forecaster.train has no option "unit"; did you mean units?'],
    [{ level: "first" as "last" }, 'level is "first"; it must be last, mean, standard or none'],
  ] as [Partial<ForecasterOptions>, string][])("%j", async (options, message) => {
    await expect(train(options)).rejects.toThrow(message);
  });
  it("without a target is a question where there are several columns", async () => {
    const { targets: _, ...rest } = small;
    await expect(forecaster.train({ ...rest, train: series })).rejects.toThrow(
      "does not say which column to forecast. Name one or several with targets: sales, promo, weather.",
    );
  });
  it("are errors of options; of data where the data is wrong", async () => {
    await expect(train({ horizon: 0 })).rejects.toBeInstanceOf(OptionError);
    await expect(train({ train: [] })).rejects.toThrow("has no series");
    const days = timeSeries({
      times: Array.from({ length: 240 }, (_, i) => formatTime(86_400 * i, { unit: "second", count: 86_400 })),
      columns: series.columns,
    });
    await expect(train({ train: [series, days] })).rejects.toThrow("series with different time steps");
    await expect(model.predict(days)).rejects.toThrow("has a different time step from the training data");
  });
});
