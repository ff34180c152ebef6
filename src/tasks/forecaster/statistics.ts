/**
 * What a forecaster's settings keep from its training rows: the scaler, what MASE is relative to, the values of statics.
 * Validation and test rows are not used.
 */
import { DataError, fitScaler, type Scaler } from "../../data/index.js";
import { someOf } from "../../options/index.js";
import type { ForecastSettings, SeriesParts, StaticColumn } from "./settings.js";

const trainRows = (name: string, parts: readonly SeriesParts[]): Float64Array[] =>
  parts.map(({ series, train }) => series.columns[name]!.subarray(train.start, train.end));

/** Mean and deviation of each column over the known values of the training part. */
export function scalerOf(names: readonly string[], parts: readonly SeriesParts[]): Scaler {
  const each = names.map((name) => {
    const values = trainRows(name, parts).flatMap((rows) => [...rows].filter((v) => !Number.isNaN(v)));
    if (values.length > 0) return fitScaler([values.map((v) => [v])]);
    throw new DataError({
      file: parts[0]!.series.file,
      problem: `has no value of "${name}" in the training rows`,
      remedy: "Leave the column out, or give rows in which it has values.",
    });
  });
  return {
    mean: each.map(({ mean }) => mean[0]!),
    deviation: each.map(({ deviation }) => deviation[0]!),
  };
}

/** Columns that never change within the training part. */
export function constantColumns(
  { targets, past, future }: ForecastSettings,
  parts: readonly SeriesParts[],
): string[] {
  return [...targets, ...past, ...future].filter((name) => {
    const values = trainRows(name, parts).flatMap((rows) => [...rows].filter((v) => !Number.isNaN(v)));
    return values.every((v) => v === values[0]);
  });
}

/** The mean change of a column over a season, scaled; 0 where it never changes. */
export function naiveErrorOf(
  name: string,
  deviation: number,
  parts: readonly SeriesParts[],
  season: number,
): number {
  let [sum, count] = [0, 0];
  for (const values of trainRows(name, parts)) {
    for (let t = season; t < values.length; t++) {
      const change = Math.abs(values[t]! - values[t - season]!);
      if (Number.isNaN(change)) continue;
      sum += change;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count / deviation;
}

/** A static column over all series. @throws DataError if one lacks it */
export function staticColumn(name: string, parts: readonly SeriesParts[]): StaticColumn {
  const values = parts.map(({ series }) => {
    const value = series.statics[name];
    if (value !== undefined) return value;
    throw new DataError({
      file: series.file,
      problem: `has no static "${name}"`,
      remedy: `The statics are ${someOf(Object.keys(series.statics)) || "none"}.`,
    });
  });
  if (values.some((value) => typeof value === "string"))
    return { name, values: [...new Set(values.map(String))].sort((a, b) => (a < b ? -1 : 1)) };
  const { mean, deviation } = fitScaler([values.map((value) => [value as number])]);
  return { name, mean: mean[0]!, deviation: deviation[0]! };
}
