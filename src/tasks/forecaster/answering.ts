/**
 * A forecaster's answers as JSON, one object per series, and as text: for each step and target a line with time, target,
 * forecast and quantiles, separated by tabs.
 */
import { type TimeSeries, type TimeSeriesParts, timeSeries } from "../../data/index.js";
import { type Answer, type AnsweringRow, tabbed } from "../answer.js";
import { forecaster } from "./forecaster.js";
import type { Forecast, Forecaster } from "./model.js";

/** A series, or what one is made from; in JSON, a missing value is null. */
export type ForecasterInput = TimeSeries | TimeSeriesParts;

/** The row of forecasters. */
export const forecasterAnswering: AnsweringRow<Forecaster, ForecasterInput, Forecast> = {
  inputs: "series: objects with columns, and times if there are any",
  takes: (input) => {
    const { columns } = Object(input) as { readonly columns?: unknown };
    return typeof columns === "object" && columns !== null && Object.values(columns).every(isColumn);
  },
  options: ["horizon"],
  atOnce: Number.POSITIVE_INFINITY,
  open: (file, options) => forecaster.open(file, options),
  async answer(model, inputs, { horizon }) {
    const values = await model.predict(inputs.map(seriesOf), horizon === undefined ? {} : { horizon });
    return values.map((value) => answerOf(value, values.length > 1));
  },
};

const isColumn = (values: unknown): boolean => Array.isArray(values) || ArrayBuffer.isView(values);

function seriesOf(input: ForecasterInput): TimeSeries {
  if ("length" in input) return input;
  const columns = Object.entries(input.columns).map(([name, values]) => [
    name,
    Array.from(values, (value: number | null) => value ?? Number.NaN),
  ]);
  return timeSeries({ ...input, columns: Object.fromEntries(columns) });
}

/** @param several whether lines must name the series */
function answerOf(value: Forecast, several: boolean): Answer<Forecast> {
  const { series, times, forecast, quantiles } = value;
  const lines = Object.entries(forecast).flatMap(([target, values]) =>
    values.map((each, h) =>
      tabbed([
        ...(several ? [series] : []),
        times[h],
        target,
        shown(each),
        ...Object.values(quantiles?.[target] ?? {}).map((of) => shown(of[h]!)),
      ]),
    ),
  );
  return {
    value,
    json: { ...(series === "" ? {} : { series }), times, forecast, ...(quantiles ? { quantiles } : {}) },
    text: lines.join("\n"),
  };
}

const shown = (value: number): string => String(Number(value.toPrecision(7)));
