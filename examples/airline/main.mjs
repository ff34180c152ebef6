/**
 * A forecast of a column: monthly airline passengers, 1949 to 1960, in thousands (series G of Box and Jenkins, Time Series
 * Analysis: Forecasting and Control, 1970; in every statistics package). Eight years train, two choose the best epoch, and
 * two that nothing has looked at are forecast twelve months ahead from every month in turn, beside what has to be beaten.
 * Run: node examples/airline/main.mjs (a few seconds; the package must be built: npm run build)
 */
import { fileURLToPath } from "node:url";
import { forecaster } from "unrolled";
import { readTimeTable } from "unrolled/data";
import { fileSource } from "unrolled/data/node";
import { adam } from "unrolled/train";

const file = fileURLToPath(new URL("passengers.csv", import.meta.url));
const { series } = await readTimeTable(fileSource(file));
const options = { train: series, horizon: 12, split: [96, 24, 24] };
const model = await forecaster.train({
  ...options,
  // Chosen on the validation rows, as the best epoch is.
  units: 32,
  epochs: 60,
  patience: 60,
  optimizer: adam({ learningRate: 0.003 }),
  quantiles: [0.1, 0.9],
  seed: Number(process.argv[2] ?? 1),
});

const [{ series: passengers, test }] = forecaster.parts(options);
const { metrics, baselines, foresight, count } = await model.evaluate({ series: passengers, rows: test });
console.log(
  `${count} origins in 1959 and 1960, 12 months ahead; trained in ${model.training.seconds.toFixed(1)} s\n`,
);
const row = (name, { mase, mae, mse }) =>
  console.log(`${name.padEnd(14)} MASE ${mase.toFixed(2)}  MAE ${mae.toFixed(1)}  MSE ${mse.toFixed(0)}`);
row("forecaster", metrics);
row("last value", baselines.naive);
row("last season", baselines.seasonalNaive);
row("linear", baselines.linear);
console.log(
  `\nskill over the last season ${metrics.skillSeasonalNaive.toFixed(2)}; changes are foreseen with a correlation of ${foresight.toFixed(2)}`,
);
console.log(`${(100 * metrics.coverage).toFixed(0)} % of the months lie between the quantiles 0.1 and 0.9\n`);

/** 1960, as it was forecast at its beginning. */
const known = 132;
const until1959 = {
  ...passengers,
  length: known,
  columns: { passengers: passengers.columns.passengers.slice(0, known) },
};
const [{ times, forecast, quantiles }] = await model.predict(until1959);
console.log("month    was  forecast  0.1 to 0.9");
times.forEach((time, h) => {
  const [low, middle, high] = [
    quantiles.passengers["0.1"][h],
    forecast.passengers[h],
    quantiles.passengers["0.9"][h],
  ].map(Math.round);
  const was = passengers.columns.passengers[known + h];
  const drawn = (value) => Math.round((value - 350) / 6);
  const bar = " ".repeat(Math.max(0, drawn(low))) + "─".repeat(Math.max(1, drawn(high) - drawn(low)));
  const line = bar.split("");
  line[drawn(was)] = "●";
  console.log(
    `${time}  ${was}  ${middle}       ${low}–${high}  ${Array.from(line, (c) => c ?? " ").join("")}`,
  );
});
model.dispose();
