/**
 * What `unrolled train forecaster` can be told: its options, what contradicts what, and the library's options for it.
 */
import { InvalidArgumentError, type Option } from "commander";
import type { TableFormatName } from "../../../data/index.js";
import { tableFormats } from "../../../data/index.js";
import {
  type ForecasterOptions,
  type ForecastMode,
  forecastModes,
  type WindowLevel,
  windowLevels,
} from "../../../tasks/index.js";
import { loadCell } from "../../terminal/cell-file.js";
import { UsageError } from "../../terminal/errors.js";
import { choice, dropRate, names, option, split, wholeNumber } from "../../terminal/options.js";
import {
  given,
  refuseTrainingContradictions,
  type TaskDefaults,
  trainingOptions,
  trainingSettings,
} from "../../training/options.js";
import type { ChosenTask } from "../../training/train.js";
import { outputOptions } from "../options.js";

/** What the forecaster has where nothing is chosen. */
export const defaults: TaskDefaults = {
  examples: "windows",
  epochs: 20,
  learningRate: 0.001,
  patience: 5,
  average: "over half an epoch",
};

/** What the options were parsed to. What was not chosen is left to the library's defaults, which the help repeats. */
export interface ChosenForecaster extends ChosenTask {
  readonly target?: readonly string[];
  readonly horizon?: number;
  readonly past?: readonly string[];
  readonly future?: readonly string[];
  readonly static?: readonly string[];
  readonly time?: string;
  readonly series?: string;
  readonly format?: TableFormatName;
  readonly split?: string;
  readonly window?: number;
  readonly segment?: number;
  readonly season?: number;
  readonly mode?: ForecastMode;
  readonly level?: WindowLevel;
  readonly shortcut?: boolean;
  readonly calendar?: boolean;
  readonly quantiles?: readonly number[];
  readonly stride?: number;
  readonly cell?: string;
  readonly units?: number;
  readonly layers?: number;
  readonly dropout?: number;
}

const [data, model] = ["Data:", "Model:"] as const;

function shares(text: string): number[] {
  return text.split(",").map((part) => {
    const value = /^0?\.\d+$/.test(part.trim()) ? Number(part) : Number.NaN;
    if (value > 0) return value;
    throw new InvalidArgumentError("Give numbers between 0 and 1 with commas between them, as in 0.1,0.9.");
  });
}

/** The options, in the order of the help. */
export const forecasterOptions: readonly Option[] = [
  option(data, "--train <file...>", "tables with a header: .csv, .tsv or .jsonl, .gz on top (required)"),
  option(data, "--target <column,...>", "columns to forecast (default: the only one of numbers)", names),
  option(data, "--horizon <n>", "steps ahead (required)", wholeNumber(1)),
  option(data, "--past <column,...>", "columns known up to the last row, read beside the target", names),
  option(data, "--future <column,...>", "columns known over the horizon too", names),
  option(data, "--static <column,...>", "columns with one value for a whole series", names),
  option(data, "--time <column>", "column of the times (default: found by name or contents)"),
  option(
    data,
    "--series <column>",
    "column that names the series of a row (default: series, series_id, unique_id)",
  ),
  choice(data, "--format <name>", "format of all files (default: by extension)", Object.keys(tableFormats)),
  option(
    data,
    "--split <a,b[,c]>",
    "rows, or shares, that train, validate and test (default: the last tenth validates)",
    split,
  ),
  option(
    model,
    "--window <n>",
    "rows looked back on (default: 2 to 14 seasons, by the rows)",
    wholeNumber(1),
  ),
  option(
    model,
    "--segment <n>",
    "rows that the recurrent layer reads at a step (default: so that it takes at most 32 steps)",
    wholeNumber(1),
  ),
  option(
    model,
    "--season <n>",
    "steps after which the series repeat (default: by the step of time: hours 24, days 7, months 12)",
    wholeNumber(1),
  ),
  choice(
    model,
    "--mode <name>",
    "the whole horizon at once, or step by step (default: direct)",
    forecastModes,
  ),
  choice(
    model,
    "--level <name>",
    "what is taken out of each window and put back (default: last)",
    windowLevels,
  ),
  option(model, "--no-shortcut", "the output reads what the recurrent layer made of the window alone"),
  option(model, "--no-calendar", "the time of day, week and year is not read"),
  option(model, "--quantiles <q,...>", "quantiles to forecast, as in 0.1,0.9; the median joins them", shares),
  option(model, "--cell <name|file.js>", "recurrent cell, see `unrolled cells` (default: gru)"),
  option(model, "--units <n>", "hidden units of each recurrent layer (default: 64)", wholeNumber(1)),
  option(model, "--layers <n>", "recurrent layers (default: 1)", wholeNumber(1)),
  option(
    model,
    "--dropout <p>",
    "share of what the recurrent layers give that is dropped (default: 0.3)",
    dropRate,
  ),
  ...trainingOptions(defaults),
  option(
    "Training:",
    "--stride <n>",
    "rows from one training window to the next (default: so that there are at most 12,000)",
    wholeNumber(1),
  ),
  ...outputOptions("forecaster"),
];

/** @throws UsageError naming the options that contradict each other, or one that is missing */
export function refuse(chosen: ChosenForecaster): void {
  refuseTrainingContradictions(chosen);
  if (chosen.horizon === undefined)
    throw new UsageError("nothing says how far to forecast; give --horizon N");
  if (chosen.mode !== "recursive") return;
  const idle = (["past", "quantiles", "segment"] as const).find((name) => chosen[name] !== undefined);
  if (idle) throw new UsageError(`--${idle} goes with --mode direct`);
}

/** What the library takes beside data, executor and callbacks. */
export type ForecasterSettings = Omit<ForecasterOptions, "train" | "executor">;

/** The library's options for what was chosen. */
export async function modelOptions(chosen: ChosenForecaster): Promise<ForecasterSettings> {
  const { horizon = 1 } = chosen;
  const optional = given<Omit<ForecasterSettings, "horizon">>({
    ...trainingSettings(chosen, defaults),
    targets: chosen.target,
    past: chosen.past,
    future: chosen.future,
    statics: chosen.static,
    split: chosen.split,
    window: chosen.window,
    segment: chosen.segment,
    season: chosen.season,
    mode: chosen.mode,
    level: chosen.level,
    // What was not chosen is true for commander, and depends on the mode or the data for the library.
    shortcut: chosen.shortcut === false ? false : undefined,
    calendar: chosen.calendar === false ? false : undefined,
    quantiles: chosen.quantiles,
    stride: chosen.stride,
    cell: chosen.cell === undefined ? undefined : await loadCell(chosen.cell),
    units: chosen.units,
    layers: chosen.layers,
    dropout: chosen.dropout,
  });
  return { ...optional, horizon };
}
