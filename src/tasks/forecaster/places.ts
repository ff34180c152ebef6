/**
 * Where a forecaster is judged: origins in the rows that were asked for, or in those that training has not seen.
 */
import { clockTime, DataError, type Range, rowTime, type TimeSeries } from "../../data/index.js";
import { type ScaledSeries, scaledSeries } from "./series.js";
import type { ForecastSettings } from "./settings.js";
import { originsIn } from "./windows.js";

/** A series, or a range of its rows whose horizons are judged; windows may reach back before them. */
export type EvaluatedSeries = TimeSeries | { readonly series: TimeSeries; readonly rows: Range };

/** A series' name for messages. */
export const ofSeries = ({ name }: TimeSeries): string => (name === "" ? "" : ` of "${name}"`);

/** A series with the origins from which it is judged. */
export interface EvaluatedPlaces {
  readonly places: readonly { readonly scaled: ScaledSeries; readonly origins: readonly number[] }[];
  readonly notices: readonly string[];
}

/** Where series are judged. */
export function evaluatedPlaces(
  settings: ForecastSettings,
  all: readonly EvaluatedSeries[],
  stride: number,
): EvaluatedPlaces {
  const notices: string[] = [];
  const places = all.map((each) => {
    const series = "rows" in each ? each.series : each;
    const scaled = scaledSeries(settings, series, 0);
    const origins = (range: Range): number[] => originsIn(scaled, range, { ...settings, stride });
    if ("rows" in each) return { scaled, origins: origins(each.rows) };
    const whole = { start: 0, end: series.length };
    const seen = seenRows(settings, series);
    if (seen === 0) return { scaled, origins: origins(whole) };
    const unseen = origins({ start: seen, end: series.length });
    const until = rowTime(series, seen - 1);
    const remark =
      unseen.length > 0
        ? `${series.file}: rows up to ${until}${ofSeries(series)} are from the time of the training data; they serve as history and are not judged.`
        : `${series.file}: all rows${ofSeries(series)} that can be judged are from the time of the training data: these scores say little about new data.`;
    notices.push(remark);
    return { scaled, origins: unseen.length > 0 ? unseen : origins(whole) };
  });
  return { places, notices };
}

/** Rows of a series from the time that training has seen. */
function seenRows({ seenUntil }: ForecastSettings, { clock, length }: TimeSeries): number {
  if (seenUntil === undefined || !clock) return 0;
  let rows = 0;
  while (rows < length && clockTime(clock, rows) <= seenUntil) rows++;
  return rows;
}

/** The error that there is nowhere to judge. */
export function noWindows({ window, horizon }: ForecastSettings, all: readonly EvaluatedSeries[]): DataError {
  const series = all.map((each) => ("rows" in each ? each.series : each));
  const rows = Math.max(0, ...series.map(({ length }) => length));
  return new DataError({
    file: series[0]?.file ?? "data",
    problem: `has ${rows} rows, but a window of ${window} with a horizon of ${horizon} takes ${window + horizon}`,
    remedy: "Give more rows: those before the first forecast may come from the training data.",
  });
}
