/** The forecaster on series by formula: what it learns, that it knows nothing of what comes, what travels in its file. */
import { beforeAll, describe, expect, it } from "vitest";
import { rnn } from "../../cell/index.js";
import { type TimeSeries, timeSeries } from "../../data/index.js";
import { FileFormatError } from "../../io/index.js";
import { adam, mae, mase, mse } from "../../train/index.js";
import { classifier, type Forecaster, type ForecasterOptions, forecaster } from "../index.js";
import { firstRows, sales, salesSeries } from "./forecaster.cases.js";

const HORIZON = 6;
const small = {
  horizon: HORIZON,
  window: 48,
  segment: 6,
  targets: ["sales"],
  units: 12,
  dropout: 0,
  epochs: 12,
  batchSize: 16,
  optimizer: adam({ learningRate: 0.005 }),
  split: [0.7, 0.15, 0.15],
} satisfies Partial<ForecasterOptions>;
const series = salesSeries(600);
const testRows = { start: 510, end: 600 };
const train = (options: Partial<ForecasterOptions> = {}): Promise<Forecaster> =>
  forecaster.train({ train: series, ...small, ...options });

let model: Forecaster;
beforeAll(async () => {
  model = await train({ future: ["promo"], past: ["weather"] });
});

describe("a forecaster", () => {
  it("uses what is known ahead as well as its linear baseline does, and is not the last value shifted", async () => {
    const { metrics, baselines, foresight, movement, count } = await model.evaluate({
      series,
      rows: testRows,
    });
    expect(count).toBe(testRows.end - testRows.start - HORIZON + 1);
    // A promotion that nobody knows of would leave 36 · p (1 − p), about 7.5, beside the noise's 1/3.
    expect(metrics.mse).toBeLessThan(4);
    expect(metrics.mse).toBeLessThan(1.1 * baselines.linear!.mse!);
    for (const name of ["skillNaive", "skillSeasonalNaive"] as const)
      expect(metrics[name]).toBeGreaterThan(0.75);
    expect(metrics.skill).toBe(
      Math.min(metrics.skillLinear ?? 1, metrics.skillNaive ?? 1, metrics.skillSeasonalNaive ?? 1),
    );
    expect(metrics.mase).toBeLessThan(0.5);
    // The test that the forecast is not the last value shifted.
    expect(foresight).toBeGreaterThan(0.9);
    expect(movement).toBeGreaterThan(0.8);
    expect(movement).toBeLessThan(1.2);
  });
  it("learns what no linear map can: the logistic map, whose values are not correlated with those before", async () => {
    const values = [0.3];
    for (let t = 1; t < 600; t++) values.push(3.95 * values[t - 1]! * (1 - values[t - 1]!));
    const chaos = timeSeries({ columns: { x: values } });
    const options = { level: "none" as const, window: 4, segment: 1, horizon: 1, epochs: 30 };
    const learned = await train({ train: chaos, targets: ["x"], ...options });
    const { metrics, baselines, foresight } = await learned.evaluate({ series: chaos, rows: testRows });
    expect(baselines.linear?.mseScaled).toBeGreaterThan(0.8);
    expect(metrics.skillLinear).toBeGreaterThan(0.9);
    expect(foresight).toBeGreaterThan(0.9);
  });
  it("is judged from every origin as it would have forecast there, knowing only what was there", async () => {
    const rows = { start: 540, end: 556 };
    const { metrics, count, baselines } = await model.evaluate({ series, rows });
    const [truth, predicted, last]: [number[], number[], number[]] = [[], [], []];
    for (let origin = rows.start; origin + HORIZON <= rows.end; origin++) {
      const known = firstRows(series, origin + HORIZON);
      const columns = {
        ...known.columns,
        sales: known.columns["sales"]?.map((v, i) => (i < origin ? v : Number.NaN)),
      };
      const [found] = await model.predict({ ...known, columns } as TimeSeries);
      predicted.push(...(found?.forecast["sales"] ?? []));
      truth.push(...Array.from({ length: HORIZON }, (_, h) => sales(origin + h)));
      last.push(...new Array<number>(HORIZON).fill(sales(origin - 1)));
    }
    expect(count).toBe(11);
    // Scaled to float32 and back: seven digits.
    expect(metrics.mse).toBeCloseTo(mse({ truth, predicted }), 4);
    expect(metrics.mae).toBeCloseTo(mae({ truth, predicted }), 4);
    expect(baselines.naive?.mse).toBeCloseTo(mse({ truth, predicted: last }), 4);
    const history = series.columns["sales"]!.subarray(0, 420);
    expect(metrics.mase).toBeCloseTo(mase({ truth, predicted, history, season: 24 }), 4);
    const { deviation } = model.settings.scaler;
    expect(metrics.mseScaled).toBeCloseTo(mse({ truth, predicted }) / deviation[0]! ** 2, 4);
  });
  it("is scaled by the training part alone, and says what it says in the units of the data", async () => {
    const later = salesSeries(600, {});
    const changed = {
      ...later,
      columns: { ...later.columns, sales: later.columns["sales"]?.map((v, i) => (i < 420 ? v : 1000 * v)) },
    } as TimeSeries;
    const options = { epochs: 1, units: 4 };
    const [one, other] = [await train(options), await train({ ...options, train: changed })];
    expect(other.settings.scaler).toEqual(one.settings.scaler);
    expect(other.settings.naiveError).toEqual(one.settings.naiveError);
    const moved = {
      ...series,
      columns: { ...series.columns, sales: series.columns["sales"]?.map((v) => 1024 * v - 4096) },
    } as TimeSeries;
    const [a] = await one.predict(series);
    const [b] = await (await train({ ...options, train: moved })).predict(moved);
    // A power of two scales float32 without rounding; what is left is the sums of the scaler.
    expect(a?.forecast["sales"]).toHaveLength(HORIZON);
    a!.forecast["sales"]!.forEach((v, h) => {
      expect((b!.forecast["sales"]![h]! + 4096) / 1024).toBeCloseTo(v, 2);
    });
  });
  it("says the same to the bit after it was saved and loaded, for one series or several", async () => {
    const known = {
      ...series,
      columns: { ...series.columns, sales: series.columns["sales"]!.slice() },
    };
    known.columns.sales.fill(Number.NaN, 590);
    const found = await model.predict([known, known]);
    expect(found[0]).toEqual(found[1]);
    expect(found[0]?.times[0]).toBe("2020-01-25 14:00");
    const loaded = await forecaster.load(model.save());
    expect(await loaded.predict(known)).toEqual([found[0]]);
    expect(loaded.save()).toEqual(model.save());
    const judged = { series, rows: testRows };
    expect(await loaded.evaluate(judged)).toEqual(await model.evaluate(judged));
    loaded.dispose();
  });
  it("is the same for the same seed", async () => {
    const options = { epochs: 1, units: 4 };
    expect((await train(options)).save()).toEqual((await train(options)).save());
  });
  it("can say quantiles, in order, of which the median is the forecast", async () => {
    const quantiles = await train({ future: ["promo"], quantiles: [0.9, 0.1] });
    expect(quantiles.settings.quantiles).toEqual([0.1, 0.5, 0.9]);
    const { metrics } = await quantiles.evaluate({ series, rows: testRows });
    // 0.8 are wanted; 90 rows tell it to about ±0.1.
    expect(metrics.coverage).toBeGreaterThan(0.65);
    expect(metrics.coverage).toBeLessThan(0.95);
    expect(metrics.pinball).toBeLessThan(0.1);
    const known = firstRows(series, 560);
    known.columns["sales"]!.fill(Number.NaN, 554);
    const [found] = await quantiles.predict(known);
    const of = found?.quantiles?.["sales"] as Record<string, number[]>;
    expect(of["0.5"]).toEqual(found?.forecast["sales"]);
    expect(of["0.5"]).toHaveLength(HORIZON);
    of["0.5"]!.forEach((median, h) => {
      expect(of["0.1"]?.[h]).toBeLessThanOrEqual(median);
      expect(of["0.9"]?.[h]).toBeGreaterThanOrEqual(median);
    });
  });
  it("goes step by step in the mode recursive, for any horizon", async () => {
    const recursive = await train({
      mode: "recursive",
      segment: 1,
      window: 48,
      future: ["promo"],
      epochs: 20,
    });
    const { metrics, baselines, foresight } = await recursive.evaluate({ series, rows: testRows });
    expect(metrics.mse).toBeLessThan(0.25 * baselines.seasonalNaive!.mse!);
    expect(foresight).toBeGreaterThan(0.9);
    const known = firstRows(series, 560);
    known.columns["sales"]!.fill(Number.NaN, 520);
    const [long] = await recursive.predict(known, { horizon: 40 });
    const [short] = await recursive.predict(known);
    expect(long?.times).toHaveLength(40);
    expect(short?.forecast["sales"]).toHaveLength(HORIZON);
    expect(long?.forecast["sales"]?.slice(0, HORIZON)).toEqual(short?.forecast["sales"]);
    await expect(model.predict(known, { horizon: 40 })).rejects.toThrow("the mode recursive takes any");
    const loaded = await forecaster.load(recursive.save());
    expect(await loaded.predict(known)).toEqual([short]);
    // Streamed, an origin is forecast as it would have been there.
    const at = await recursive.evaluate({ series, rows: { start: 520, end: 526 } });
    const truth = Array.from({ length: HORIZON }, (_, h) => sales(520 + h));
    expect(at.metrics.mse).toBeCloseTo(mse({ truth, predicted: short?.forecast["sales"] as number[] }), 3);
  });
  it.each([
    { shortcut: false, level: "mean" as const },
    { level: "standard" as const, targets: ["sales", "weather"], cell: rnn, layers: 2 },
    {
      level: "none" as const,
      mode: "recursive" as const,
      segment: 1,
      calendar: false,
      targets: ["sales", "promo"],
    },
  ])("trains otherwise too, and loads again: %j", async (options) => {
    const other = await train({ ...options, epochs: 1, units: 4 });
    expect(other.training?.skipped).toBe(0);
    const loaded = await forecaster.load(other.save());
    expect(await loaded.predict(series)).toEqual(await other.predict(series));
    const { metrics } = await loaded.evaluate({ series, rows: testRows });
    expect(Number.isFinite(metrics.mse)).toBe(true);
  });
});

describe("a forecaster of several series", () => {
  const shops = [0, 1, 2].map((shop) =>
    salesSeries(300 + 10 * shop, {
      name: `shop ${shop}`,
      statics: { city: ["Bern", "Rome"][shop % 2]!, size: shop },
    }),
  );
  it("shares its weights, and reads what is known of each as a whole", async () => {
    const shared = await train({ train: shops, statics: ["city", "size"], epochs: 2 });
    const found = await shared.predict(shops);
    expect(found.map(({ series: name }) => name)).toEqual(["shop 0", "shop 1", "shop 2"]);
    const elsewhere = { ...shops[0]!, statics: { city: "Paris", size: 1 } };
    await expect(shared.predict(elsewhere)).rejects.toThrow('the static "city" of "Paris"');
  });
  it("is judged on all of them", async () => {
    const shared = await train({ train: shops, epochs: 1 });
    const parts = forecaster.parts({ train: shops, ...small });
    const rows = parts.map(({ series: of, valid }) => ({ series: of, rows: valid }));
    const { count } = await shared.evaluate(rows);
    expect(count).toBe(parts.reduce((sum, { valid }) => sum + valid.end - valid.start - HORIZON + 1, 0));
  });
});

describe("a model file of a forecaster", () => {
  it("is refused by other tasks, and where its settings do not fit", async () => {
    await expect(classifier.load(model.save())).rejects.toThrow("is of a forecaster");
    const text = new TextDecoder("latin1").decode(model.save());
    const broken = (from: string, to: string): Uint8Array =>
      Uint8Array.from(text.replace(from, to), (c) => c.charCodeAt(0));
    const load = (bytes: Uint8Array): Promise<Forecaster> =>
      forecaster.load(bytes, { name: "m.safetensors" });
    await expect(load(broken('\\"window\\":48', '\\"window\\":42'))).rejects.toThrow(
      "do not fit its network",
    );
    await expect(load(broken('\\"mode\\":\\"direct', '\\"mode\\":\\"dIrect'))).rejects.toThrow(
      "has no mode of a forecaster",
    );
    await expect(load(broken('\\"level\\"', '\\"lexel\\"'))).rejects.toThrow(FileFormatError);
  });
});
