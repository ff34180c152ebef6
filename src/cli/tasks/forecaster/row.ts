/**
 * The forecaster's row in the table of tasks: how its models are evaluated, asked and shown.
 */
import { stepText, type TableFormatName, type TimeSeries, tableFormats } from "../../../data/index.js";
import type { ForecastSettings, ForecastWindow } from "../../../tasks/index.js";
import { UsageError } from "../../terminal/errors.js";
import { counted } from "../../terminal/talk.js";
import { trainableRow } from "../../training/train.js";
import { lookAt } from "../diagnose.js";
import { type DataRequest, inputsOf, type TaskRow } from "../row.js";
import { type ReadSeries, readSeries } from "./read.js";
import { changesText, comparison, scoreText } from "./report.js";
import { trainableForecaster } from "./train.js";

/** The forecaster's row. */
export const forecasterTask: TaskRow<"forecaster"> = {
  ...trainableRow(trainableForecaster),
  takes: () => ["format", "series", "horizon", "time", "header", "delimiter", "decimal"],
  async evaluate({ model }, request) {
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
  },
  async look({ model }, data, request) {
    const { series, notices: remarks } = await readFor(model.settings, data);
    const examples = series.flatMap((each) => windowsOf(model.settings, each));
    return lookAt(model, { examples, remarks, ...request });
  },
  takesData: () => true,
  async streamInputs({ model }, { source, ...request }) {
    const { mode, horizon: trained } = model.settings;
    const { horizon = trained } = request;
    if (mode === "direct" && horizon !== trained)
      throw new UsageError(
        `--horizon is ${horizon}, but this forecaster predicts the ${trained} steps it was trained for; one trained with --mode recursive predicts any number`,
      );
    // All of it: rows of several series may alternate, and the last one of each is where its forecast begins.
    const { series, notices } = await readFor(model.settings, { ...request, sources: [source] });
    return { items: inputsOf(series, (each) => each), notices: () => notices, options: { horizon } };
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

/** The windows of all targets with a whole horizon after them; if a series has none, its last one, which will be refused. */
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

/** The series that a model is judged by or asked about. @throws UsageError if there is no such format of tables */
async function readFor(settings: ForecastSettings, request: DataRequest): Promise<ReadSeries> {
  refuseFormat(request);
  const { sources, format, series, time, header, delimiter, decimal } = request;
  const { targets, past, future, statics, names, step } = settings;
  return readSeries(sources, {
    format: format as TableFormatName | undefined,
    time: time ?? names.time,
    irregular: names.elapsed !== undefined,
    header,
    delimiter,
    decimal,
    series: series ?? names.series,
    columns: [...targets, ...past, ...future],
    statics: statics.map(({ name }) => name),
    step,
  });
}
