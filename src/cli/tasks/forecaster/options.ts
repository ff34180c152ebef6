/**
 * What `unrolled train forecaster` can be told beside what the library takes, and the library's options for what was chosen.
 */
import { type TableFormatName, tableFormats } from "../../../data/index.js";
import { forecasterOptions } from "../../../tasks/help/index.js";
import type { ForecasterOptions } from "../../../tasks/index.js";
import { type ChosenOf, commandTable, type OwnOptions } from "../../terminal/command-table.js";
import { split } from "../../terminal/options.js";
import { refuseIdle, settingsOf } from "../../terminal/row-options.js";
import { trainingConversions } from "../../training/options.js";
import { formOptions } from "../columns.js";
import { type ChosenTask, ownOptions, taskConversions } from "../options.js";

const heading = "Data:" as const;

const own = {
  target: { of: "targets", value: "column" },
  past: { of: "past", value: "column" },
  future: { of: "future", value: "column" },
  static: { of: "statics", value: "column" },
  time: {
    row: { kind: "text" },
    after: "static",
    heading,
    value: "column",
    text: "column of the times; several, as in year,month,day; or none",
    usual: "found by name or contents",
  },
  irregular: {
    row: { kind: "flag", default: false },
    after: "static",
    heading,
    text: "rows are not equal steps apart: the seconds since the row before are read as a column",
  },
  ...formOptions("static"),
  series: {
    row: { kind: "text" },
    after: "static",
    heading,
    value: "column",
    text: "column that names the series of a row",
    usual: "series, series_id, unique_id",
  },
  format: {
    row: { kind: "name", names: Object.keys(tableFormats) as TableFormatName[] },
    after: "static",
    heading,
    text: "format of all files",
    usual: "by extension",
  },
  split: { of: "split", row: { kind: "text" }, value: "a,b[,c]", parse: split },
  // One table is cut by position, series by series.
  valid: null,
  test: null,
} as const satisfies OwnOptions;

/** The parsed options. What was not chosen is left to the library's defaults, which the help repeats. */
export type ChosenForecaster = ChosenTask &
  ChosenOf<(typeof forecasterOptions)["rows"], Omit<typeof own, "valid" | "test">>;

/** The options, in the order of the help. */
export const forecasterTable = commandTable(forecasterOptions, {
  ...ownOptions("forecaster", forecasterOptions),
  ...own,
});

/** @throws OptionError naming what is missing, or options that have no effect */
export function refuse(chosen: ChosenForecaster): void {
  refuseIdle(forecasterTable, chosen, "train forecaster");
}

/** What the library takes beside data, executor and callbacks. */
export type ForecasterSettings = Omit<ForecasterOptions, "train" | "executor">;

/** The library's options for what was chosen. */
export const modelOptions = (chosen: ChosenForecaster): Promise<ForecasterSettings> =>
  settingsOf<ForecasterSettings, ChosenForecaster>(forecasterTable, chosen, {
    ...taskConversions,
    ...trainingConversions(forecasterOptions),
  });
