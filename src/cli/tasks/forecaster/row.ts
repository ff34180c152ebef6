/**
 * The forecaster's row in the table of tasks: how its models are evaluated, asked and shown.
 */
import { stepText, type TableFormatName, type TimeSeries, tableFormats } from "../../../data/index.js";
import {
  type Forecast,
  type ForecastSettings,
  type ForecastWindow,
  forecaster,
} from "../../../tasks/index.js";
import { UsageError } from "../../terminal/errors.js";
import { counted } from "../../terminal/talk.js";
import { trainableRow } from "../../training/train.js";
import { lookAt } from "../diagnose.js";
import { withModel } from "../open.js";
import type { Answer, DataRequest, TaskRow } from "../row.js";
import { type ReadSeries, readSeries } from "./read.js";
import { changesText, comparison, scoreText } from "./report.js";
import { trainableForecaster } from "./train.js";

/** The forecaster's row. */
export const forecasterTask: TaskRow = {
  ...trainableRow(trainableForecaster),
  takes: () => ["format", "series", "horizon"],
  async evaluate(opened, request, around) {
    refuseFormat(request);
    return withModel(forecaster, { ...opened, around }, async (model) => {
      const { series, notices } = await readFor(model.settings, request);
      const result = await model.evaluate(series);
      const { metrics, count, baselines, targets, foresight, movement } = result;
      return {
        metrics: metrics as Readonly<Record<string, number>>,
        count,
        facts: { baselines, targets, foresight, movement },
        lines: [
          `${scoreText(result)} on ${counted(count, "window")}`,
          ...comparison(result),
          changesText(result),
        ],
        remarks: [...notices, ...result.notices],
      };
    });
  },
  async look(opened, data, around, request) {
    refuseFormat(data);
    return withModel(forecaster, { ...opened, around }, async (model) => {
      const { series, notices: remarks } = await readFor(model.settings, data);
      const examples = series.flatMap((each) => windowsOf(model.settings, each));
      return lookAt(model, { examples, remarks, ...request });
    });
  },
  // Never asked: all that it takes is data.
  predict: () => {
    throw new UsageError("a forecaster takes a table of rows over time, not texts");
  },
  takesData: () => true,
  async predictData(opened, request, around) {
    refuseFormat(request);
    return withModel(forecaster, { ...opened, around }, async (model) => {
      const { mode, horizon: trained } = model.settings;
      const { horizon = trained } = request;
      if (mode === "direct" && horizon !== trained)
        throw new UsageError(
          `--horizon is ${horizon}, and this forecaster says the ${trained} steps it was trained for; one that is trained with --mode recursive says any number`,
        );
      const { series, notices } = await readFor(model.settings, request);
      const found = await model.predict(series, { horizon });
      const several = found.length > 1;
      return { notices, answers: once(found.map((each) => answerOf(each, several))) };
    });
  },
  facts({ data }) {
    const { targets, past, future, statics, horizon, window, season, mode, step, quantiles } =
      data as unknown as ForecastSettings;
    const list = (values: readonly string[] = []) => ({ value: values, text: values.join(", ") || "none" });
    const rows = (value: number) => ({ value, text: counted(value, "step") });
    return {
      targets: list(targets),
      past: list(past),
      future: list(future),
      statics: list(statics?.map(({ name }) => name)),
      horizon: rows(horizon),
      window: rows(window),
      season: rows(season),
      mode: { value: mode, text: mode },
      ...(step ? { step: { value: step, text: stepText(step) } } : {}),
      ...(quantiles ? { quantiles: { value: quantiles, text: quantiles.join(", ") } } : {}),
    };
  },
};

/** The windows of all targets with a whole horizon after them; of a series that has none the last one, to be refused. */
function windowsOf(
  { window, horizon, targets }: ForecastSettings,
  series: TimeSeries,
): readonly ForecastWindow[] {
  const count = series.length - horizon - window + 1;
  if (count < 1) return [{ series }];
  return Array.from({ length: count }, (_, i) => window + i).flatMap((origin) =>
    targets.map((target) => ({ series, origin, target })),
  );
}

function refuseFormat({ format }: DataRequest): void {
  if (format !== undefined && !Object.hasOwn(tableFormats, format))
    throw new UsageError(
      `a forecaster cannot read ${format}; it reads ${Object.keys(tableFormats).join(", ")}`,
    );
}

function readFor(settings: ForecastSettings, { sources, format, series }: DataRequest): Promise<ReadSeries> {
  const { targets, past, future, statics, names, step } = settings;
  return readSeries(sources, {
    format: format as TableFormatName | undefined,
    time: names.time,
    series: series ?? names.series,
    columns: [...targets, ...past, ...future],
    statics: statics.map(({ name }) => name),
    step,
  });
}

/** One object for a series; for people a line for each step and target: time, target, forecast, quantiles. */
function answerOf({ series, times, forecast, quantiles }: Forecast, several: boolean): Answer {
  const lines = Object.entries(forecast).flatMap(([target, values]) =>
    values.map((value, h) =>
      [
        ...(several ? [series] : []),
        times[h],
        target,
        shown(value),
        ...Object.values(quantiles?.[target] ?? {}).map((of) => shown(of[h]!)),
      ].join("\t"),
    ),
  );
  return {
    json: { ...(series === "" ? {} : { series }), times, forecast, ...(quantiles ? { quantiles } : {}) },
    line: lines.join("\n"),
  };
}

const shown = (value: number): string => String(Number(value.toPrecision(7)));

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}
