/**
 * What a forecaster is trained with: the options, and the row of each. Some defaults follow from the data: their rows hold
 * the numbers of the rule (`derived`).
 */
import { gru } from "../../cell/catalogue/gru/gru.js";
import type { Cell } from "../../cell/cell.js";
import type { TimeSeries } from "../../data/index.js";
import type { RowsOf } from "../../options/row.js";
import { adam } from "../../train/step/optimizers.js";
import { cell, flag, rate, trainingRows, whole } from "../shared/options.js";
import type { TaskTraining } from "../task.js";
import { type ForecastMode, forecastModes, type WindowLevel, windowLevels } from "./settings.js";

/** What can be chosen of a forecaster's settings. */
export interface SettingOptions {
  /** Columns to forecast. Default: the only one. */
  readonly targets?: readonly string[];
  /** Columns that are known up to the last row, and read beside the targets' own past. Default: none. */
  readonly past?: readonly string[];
  /** Columns that are known over the horizon too: prices that are set, holidays. Default: none. */
  readonly future?: readonly string[];
  /** What is known of each series as a whole, by its name among `statics`. Default: none. */
  readonly statics?: readonly string[];
  /** Steps ahead. In the mode `recursive`, the steps that are judged: any number can be predicted. */
  readonly horizon: number;
  /**
   * Rows that train, validate and perhaps test: "8640,2880,2880", [0.8, 0.1, 0.1]; of each series. Default: the last tenth
   * validates, and at least a horizon.
   */
  readonly split?: string | readonly number[];
  /** Rows back. Default: from 2 to 14 seasons, as many as a twentieth of the training rows; without a season up to 48. */
  readonly window?: number;
  /** Rows that the recurrent layer reads at a step; divides the window. Default: so that it takes at most 32 steps. */
  readonly segment?: number;
  /** Steps after which the series repeat. Default: by the step of time: 24 for hours, 7 for days, 12 for months; else 1. */
  readonly season?: number;
  /** Default "direct": the whole horizon at once. "recursive": step by step, each from the forecast before. */
  readonly mode?: ForecastMode;
  /**
   * What is taken out of each window and put back: default "last", its last value. With "recursive", which reads changes,
   * only "none" says something: the value is read too.
   */
  readonly level?: WindowLevel;
  /** The output reads the window itself too, and starts as the linear baseline. Default true; not with "recursive". */
  readonly shortcut?: boolean;
  /** Read the time of day, of the week and of the year, as far as the rows have it twice. Default true. */
  readonly calendar?: boolean;
  /** Quantiles to forecast, for instance [0.1, 0.9]; the median joins them and is the forecast. Default: the mean alone. */
  readonly quantiles?: readonly number[];
  /** What the columns of times and of the series' names are called, for tables that are read later. Default: unknown. */
  readonly names?: { readonly time?: string; readonly series?: string; readonly elapsed?: string };
}

/** What a forecaster's network is made of. */
export interface ForecastNetworkOptions {
  /** A cell of the catalogue or your own; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of each recurrent layer; default 64. */
  readonly units?: number;
  /** Recurrent layers; default 1. */
  readonly layers?: number;
  /** Dropout on what the recurrent layers give; default 0.3. */
  readonly dropout?: number;
}

/**
 * What training a forecaster takes: `train` and `horizon`, and where a series has several columns of numbers `targets`. How
 * it is trained stands in TaskTraining, with the defaults of `forecasterRows`.
 */
export interface ForecasterOptions extends TaskTraining, SettingOptions, ForecastNetworkOptions {
  /** One series, or several that share a forecaster. */
  readonly train: TimeSeries | readonly TimeSeries[];
  /** From one training window to the next. Default: so that there are at most 12,000 windows of one target each. */
  readonly stride?: number;
}

const columns = { kind: "list", of: { kind: "text" }, least: 0 } as const;
const ofDirect = { mode: ["direct"] } as const;

/** The rows. */
export const forecasterRows = {
  ...trainingRows,
  train: { kind: "data", required: true },
  targets: { kind: "list", of: { kind: "text" } },
  horizon: { ...whole, required: true },
  past: { ...columns, needs: ofDirect },
  future: columns,
  statics: columns,
  split: { kind: "either", of: [{ kind: "text" }, { kind: "list", of: { kind: "number", above: 0 } }] },
  window: { ...whole, derived: { seasons: 14, least: 2, plain: 48, oneIn: 20 } },
  segment: {
    ...whole,
    by: "mode",
    defaults: { recursive: 1 },
    derived: { steps: 32 },
    needs: ofDirect,
  },
  season: whole,
  mode: { kind: "name", names: forecastModes, default: "direct" },
  level: { kind: "name", names: windowLevels, default: "last" },
  shortcut: { ...flag, default: true, by: "mode", defaults: { recursive: false }, needs: ofDirect },
  calendar: {
    ...flag,
    default: true,
    by: "data",
    defaults: { "rows without times": false },
    needs: { data: ["rows with times"] },
  },
  quantiles: { kind: "list", of: { kind: "number", above: 0, below: 1 }, needs: ofDirect },
  names: { kind: "object", what: "names of columns: { time, series, elapsed }" },
  cell: { ...cell, default: gru },
  units: { ...whole, default: 64 },
  layers: { ...whole, default: 1 },
  dropout: { ...rate, default: 0.3 },
  epochs: { ...trainingRows.epochs, default: 20 },
  patience: { ...trainingRows.patience, default: 5 },
  batchSize: { ...trainingRows.batchSize, default: 32 },
  optimizer: { ...trainingRows.optimizer, default: adam({ learningRate: 0.001 }) },
  clip: { ...trainingRows.clip, default: 1 },
  average: { ...trainingRows.average, derived: { share: 0.5 } },
  stride: { ...whole, derived: { windows: 12_000 } },
} as const satisfies RowsOf<ForecasterOptions>;
