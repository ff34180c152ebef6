/**
 * Tables for a forecaster: read as it was trained, or as the options say.
 */
import {
  elapsedColumn,
  readTimeTable,
  type Source,
  type TimeSeries,
  type TimeTableOptions,
} from "../../../data/index.js";

/** Series of one or several files. */
export interface ReadSeries {
  readonly series: readonly TimeSeries[];
  readonly notices: readonly string[];
  /** The columns of times and of series names, as found in the first file. */
  readonly names: { readonly time?: string; readonly series?: string; readonly elapsed?: string };
}

/** Reads tables; series from several files are told apart by file name. @throws DataError see `readTimeTable` */
export async function readSeries(sources: readonly Source[], options: TimeTableOptions): Promise<ReadSeries> {
  const tables = await Promise.all(sources.map((source) => readTimeTable(source, options)));
  const [first] = tables;
  const named = (series: TimeSeries): TimeSeries => {
    if (tables.length === 1) return series;
    return { ...series, name: series.name === "" ? series.file : `${series.file} ${series.name}` };
  };
  return {
    series: tables.flatMap((table) => table.series.map(named)),
    notices: tables.flatMap((table) => table.notices),
    names: {
      ...(first?.time === undefined ? {} : { time: first.time }),
      ...(first?.seriesColumn === undefined ? {} : { series: first.seriesColumn }),
      ...(options.irregular ? { elapsed: elapsedColumn } : {}),
    },
  };
}
