/**
 * `unrolled train forecaster`: what it reads, how it trains, what it reports.
 */
import { elapsedColumn, type TimeSeries } from "../../../data/index.js";
import { fileSource } from "../../../data/node.js";
import { layersInside } from "../../../nn/build/index.js";
import type { NetworkLayer } from "../../../nn/index.js";
import {
  type ForecastEvaluation,
  type Forecaster,
  forecaster,
  type SeriesParts,
} from "../../../tasks/index.js";
import { namesOf, optionsOf } from "../../terminal/row-options.js";
import { count, counted, percent } from "../../terminal/talk.js";
import { type TaskData, type TaskResult, type TrainableTask, trainingLines } from "../../training/train.js";
import { formOf } from "../columns.js";
import {
  type ChosenForecaster,
  type ForecasterSettings,
  forecasterTable,
  modelOptions,
  refuse,
} from "./options.js";
import { type ReadSeries, readSeries } from "./read.js";
import { changesText, comparison, scoreText } from "./report.js";

interface ForecasterData extends TaskData {
  readonly series: readonly TimeSeries[];
  readonly parts: readonly SeriesParts[];
  readonly names: ReadSeries["names"];
}

/** Where rows are not equal steps apart, the time between them is read. */
const withElapsed = (settings: ForecasterSettings, irregular = false): ForecasterSettings =>
  irregular ? { ...settings, past: [...(settings.past ?? []), elapsedColumn] } : settings;

/** The forecaster as `unrolled train` has it. */
export const trainableForecaster: TrainableTask<
  ChosenForecaster,
  ForecasterSettings,
  ForecasterData,
  Forecaster
> = {
  name: "forecaster",
  describes: "Train a model that predicts what comes next in columns of numbers over time.",
  usage: "--train TABLE --target COLUMN --horizon N [options]",
  examples: `  unrolled train forecaster --train passengers.csv --horizon 12
  unrolled train forecaster --train load.csv.gz --target load --future holiday --horizon 24 --quantiles 0.1,0.9
  unrolled train forecaster --train shops.csv --series shop --static city --target sales --horizon 28 --split 0.7,0.15,0.15`,
  options: optionsOf(forecasterTable),
  names: namesOf(forecasterTable),
  score: (valid) => `skill ${percent(valid)}`,
  refuse,
  settings: modelOptions,
  read,
  train: (settings, { series, names }, training) =>
    forecaster.train({
      ...withElapsed(settings, names.elapsed !== undefined),
      ...training,
      train: series,
      names,
    }),
  judge,
};

async function read(
  chosen: ChosenForecaster & { readonly train: readonly string[] },
  settings: ForecasterSettings,
): Promise<ForecasterData> {
  const { target, past = [], future = [], static: statics, time, series: by, format } = chosen;
  const columns = target ? [...target, ...past, ...future] : undefined;
  const { series, notices, names } = await readSeries(chosen.train.map(fileSource), {
    format,
    time,
    series: by,
    columns,
    statics,
    irregular: chosen.irregular,
    ...formOf(chosen),
  });
  const options = { ...withElapsed(settings, chosen.irregular), train: series };
  const parts = forecaster.parts(options);
  const rows = (part: "train" | "valid" | "test"): number =>
    parts.reduce((sum, each) => sum + (each[part] ? each[part].end - each[part].start : 0), 0);
  const sizes = [
    `${counted(rows("train"), "row")} to train with${series.length > 1 ? ` of ${series.length} series` : ""}`,
    `${count(rows("valid"))} to validate on${chosen.split === undefined ? " (the last ones)" : ""}`,
    ...(rows("test") > 0 ? [`${count(rows("test"))} to test on`] : []),
  ];
  return {
    series,
    parts,
    names,
    remarks: [...notices, ...forecaster.remarks(options), sizes.join(", ")],
  };
}

async function judge(model: Forecaster, { parts }: ForecasterData): Promise<TaskResult> {
  const of = (part: "valid" | "test"): Promise<ForecastEvaluation> =>
    model.evaluate(parts.flatMap(({ series, [part]: rows }) => (rows ? [{ series, rows }] : [])));
  const valid = await of("valid");
  const test = parts.some((each) => each.test) ? await of("test") : undefined;
  const last = test ?? valid;
  const { settings } = model;
  const { targets, past, future, statics, horizon, window, segment, season, mode, calendar, quantiles } =
    settings;
  const { units, cell, layers } = recurrentOf(model);
  const on = ({ count: n }: ForecastEvaluation): string => ` on ${counted(n, "window")}`;
  const list = (name: string, of: readonly string[]): string[] =>
    of.length === 0 ? [] : [`${name} ${of.join(", ")}`];
  const read = [
    ...list("past", past),
    ...list("future", future),
    ...list(
      "static",
      statics.map(({ name }) => name),
    ),
    ...list("calendar of", calendar),
  ];
  const several = targets.length > 1 ? targetLines(last) : [];
  const lines = [
    [
      "forecaster",
      `${cell}, ${layers > 1 ? `${layers} layers of ` : ""}${units} units, ${mode}: ${window} rows back${segment > 1 ? ` in steps of ${segment}` : ""}, ${horizon} ahead${season > 1 ? `, season ${season}` : ""}`,
    ],
    ["targets", targets.join(", ")],
    ...(read.length > 0 ? [["reads", read.join("; ")]] : []),
    ...(quantiles ? [["quantiles", quantiles.join(", ")]] : []),
    ["parameters", count(model.parameterCount)],
    ...trainingLines(model),
    ["validation", scoreText(valid) + on(valid)],
    ...(test ? [["test", scoreText(test) + on(test)]] : []),
    ...comparison(last).map((line, i) => [
      i === 0 ? "baselines" : i === 1 ? `(${test ? "test" : "valid."})` : "",
      line,
    ]),
    ...several,
    ["changes", changesText(last)],
  ];
  const { seconds, epochs } = model.training!;
  const facts = {
    task: "forecaster",
    cell,
    parameters: model.parameterCount,
    seconds,
    epochs,
    metrics: { valid: valid.metrics, ...(test ? { test: test.metrics } : {}) },
    baselines: last.baselines,
    targets: last.targets,
    foresight: last.foresight,
    movement: last.movement,
  };
  return { facts, lines };
}

/** Each target by itself, if there are several. */
const targetLines = ({ targets }: ForecastEvaluation): string[][] =>
  Object.entries(targets).map(([name, metrics], i) => [
    i === 0 ? "by target" : "",
    `${name}: ${scoreText({ metrics })}`,
  ]);

function recurrentOf({ network }: Forecaster): { units: number; cell: string; layers: number } {
  const all = network.layers.flatMap(({ layer }): readonly NetworkLayer[] => [
    layer,
    ...(layersInside(layer)["steps"] ?? []),
  ]);
  const found = all.flatMap((layer) => (layer.kind === "recurrent" ? [layer] : []));
  return { units: found[0]?.units ?? 0, cell: found[0]?.cell.name ?? "", layers: found.length };
}
