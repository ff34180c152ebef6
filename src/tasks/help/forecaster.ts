/**
 * What is said about the options of the forecaster.
 */
import { forecasterRows } from "../forecaster/options.js";
import type { HelpFor, OptionsOfTask } from "./help.js";
import { trainingHelp } from "./training.js";

const [data, model] = [{ group: "data" }, { group: "model" }] as const;
const training = trainingHelp("windows");

const help = {
  train: { ...data, text: "one series of rows, or several" },
  targets: { ...data, text: "columns to forecast", usual: "the only one of numbers" },
  horizon: { ...data, text: "steps ahead" },
  past: { ...data, text: "columns known up to the last row, read beside the target", usual: "none" },
  future: { ...data, text: "columns known over the horizon too", usual: "none" },
  statics: { ...data, text: "columns with one value for a whole series", usual: "none" },
  names: { ...data, text: "what the columns of times and of series are called in tables", usual: "unknown" },
  split: {
    ...data,
    text: "rows, or shares, that train, validate and test",
    usual: "the last tenth validates, and at least a horizon",
  },
  window: {
    ...model,
    text: "rows looked back on",
    usual:
      "{least} to {seasons} seasons, as many as fit into one in {oneIn} of the training rows; without a season up to {plain} rows",
  },
  segment: {
    ...model,
    text: "rows that the recurrent layer reads at a step; divides the window",
    usual: "so that it takes at most {steps} steps",
  },
  season: {
    ...model,
    text: "steps after which the series repeat",
    usual: "by the step of time: hours 24, days 7, months 12; else 1",
  },
  mode: { ...model, text: "the whole horizon at once, or step by step" },
  level: { ...model, text: "what is taken out of each window and put back" },
  shortcut: {
    ...model,
    text: "the output reads the window itself too, and starts as the linear baseline",
    off: "the output reads what the recurrent layer made of the window alone",
  },
  calendar: {
    ...model,
    text: "the time of day, week and year is read",
    off: "the time of day, week and year is not read",
  },
  quantiles: {
    ...model,
    text: "quantiles to forecast, as in 0.1,0.9; the median joins them",
    usual: "the mean alone",
  },
  cell: { ...model, text: "recurrent cell" },
  units: { ...model, text: "hidden units of each recurrent layer" },
  layers: { ...model, text: "recurrent layers" },
  dropout: { ...model, text: "share of what the recurrent layers give that is dropped" },
  ...training,
  average: { ...training.average, usual: "over {share} of an epoch" },
  stride: {
    group: "training",
    text: "rows from one training window to the next",
    usual: "so that there are at most {windows} windows of one target",
  },
} satisfies HelpFor<typeof forecasterRows>;

/** The options of `forecaster.train`. */
export const forecasterOptions = {
  what: "forecaster.train",
  rows: forecasterRows,
  help,
} satisfies OptionsOfTask;
