/**
 * For tests: hourly series from a formula, with a daily cycle, a column that is known ahead and one that is known
 * only afterwards.
 */
import { formatTime, type TimeSeries, type TimeSeriesParts, timeSeries } from "../../data/index.js";
import { purposes, uniform } from "../../tensor/random.js";

const noise = (layer: number, row: number): number =>
  2 * uniform({ seed: 3, purpose: purposes.synthetic, layer }, row) - 1;

/** 1 in some hours: an announced sale. */
export const promoted = (row: number): number => (noise(1, Math.floor(row / 3)) > 0.4 ? 1 : 0);

/** The values of a day, nothing like a wave: the repetition must be learned. */
const day = [3, 1, 0, 0, 1, 4, 9, 12, 8, 7, 7, 8, 11, 9, 6, 5, 6, 9, 14, 12, 9, 7, 5, 4];

/** 50 + a day's numbers + 6 · promoted + noise within ±1. */
export const sales = (row: number): number => 50 + day[row % 24]! + 6 * promoted(row) + noise(2, row);

/** The parts of a series of this many hours, from 2020-01-01 on. */
export function salesParts(rows: number, changes: Partial<TimeSeriesParts> = {}): TimeSeriesParts {
  const column = (of: (row: number) => number): Float64Array =>
    Float64Array.from({ length: rows }, (_, i) => of(i));
  const start = Date.UTC(2020, 0, 1) / 1000;
  const step = { unit: "second", count: 3600 } as const;
  return {
    file: "sales.csv",
    times: Array.from({ length: rows }, (_, i) => formatTime(start + 3600 * i, step)),
    columns: { sales: column(sales), promo: column(promoted), weather: column((row) => noise(4, row)) },
    ...changes,
  };
}

/** The series of {@link salesParts}. */
export const salesSeries = (rows: number, changes: Partial<TimeSeriesParts> = {}): TimeSeries =>
  timeSeries(salesParts(rows, changes));

/** The first rows of a series. */
export const firstRows = (series: TimeSeries, rows: number): TimeSeries => ({
  ...series,
  length: rows,
  columns: Object.fromEntries(
    Object.entries(series.columns).map(([name, values]) => [name, values.slice(0, rows)]),
  ),
});
