/**
 * Series of numbers, steps × channels: what all their readers share. Missing values are interpolated linearly between their
 * neighbours in time, and counted. scaler.ts scales series for a network.
 */
import { DataError } from "../errors.js";
import type { Labels } from "../tables/labels.js";

/** A series: for each step, the values of its channels. It may have no steps. */
export type Series = readonly ArrayLike<number>[];

/** A series and its class. */
export interface SeriesExample {
  readonly series: Series;
  readonly label: string;
  readonly file?: string;
  readonly line?: number;
}

/** A series with one label, or with any number of them. */
export type LabelledSeries = Omit<SeriesExample, "label"> & Labels;

/** A series as a reader finds it: channel by channel, with NaN for missing values. */
export interface RawSeries {
  readonly file: string;
  /** Where it starts. */
  readonly line: number;
  /** All of the same length. */
  readonly channels: readonly number[][];
  /** Absent if it has none. */
  readonly labels?: Labels;
}

/** Checks that series belong together and fills in missing values, one series after the other. */
export interface SeriesFinisher {
  /**
   * The series, steps × channels.
   *
   * @throws DataError if it has a different number of channels from the first, or a channel without any values
   */
  finish(raw: RawSeries): number[][];
  /** Sentences about what was filled in so far and what was empty. */
  notices(): string[];
}

/** Begins with nothing read. */
export function seriesFinisher(): SeriesFinisher {
  let [filled, empty, width] = [0, 0, 0];
  const finish = ({ file, line, channels }: RawSeries): number[][] => {
    // A series without steps may not show how many channels it would have.
    width ||= channels.length;
    if (channels.length !== width && channels.length > 0) {
      throw new DataError({
        file,
        line,
        problem: `has ${channelsText(channels.length)}, but the first series has ${width}`,
        remedy: "All series need the same channels, in the same order.",
      });
    }
    channels.forEach((values, channel) => {
      const found = fillMissing(values);
      if (found === undefined) {
        throw new DataError({
          file,
          line,
          problem: `channel ${channel + 1} of the series has no values at all`,
          remedy:
            "Missing values can only be filled in from other values of their channel; leave the series out.",
        });
      }
      filled += found;
    });
    const steps = channels[0]?.length ?? 0;
    if (steps === 0) empty++;
    return Array.from({ length: steps }, (_, t) => channels.map((values) => values[t]!));
  };
  return { finish, notices: () => seriesNotices(filled, empty) };
}

/**
 * The same of all series at once.
 *
 * @returns each series, and sentences about what was filled in and what is empty
 * @throws DataError as {@link SeriesFinisher}
 */
export function finishSeries(all: readonly RawSeries[]): {
  readonly series: readonly number[][][];
  readonly notices: readonly string[];
} {
  const { finish, notices } = seriesFinisher();
  const series = all.map(finish);
  return { series, notices: notices() };
}

/** "1 channel", "12 channels". */
export const channelsText = (count: number): string => `${count} ${count === 1 ? "channel" : "channels"}`;

function seriesNotices(filled: number, empty: number): string[] {
  return [
    ...(filled === 0
      ? []
      : [
          `${filled === 1 ? "1 missing value was" : `${filled} missing values were`} interpolated between neighbours.`,
        ]),
    ...(empty === 0 ? [] : [`${empty === 1 ? "1 series has" : `${empty} series have`} no steps; kept.`]),
  ];
}

/** Fills gaps in place, at the ends with the nearest value. @returns how many values; undefined if all are missing */
function fillMissing(values: number[]): number | undefined {
  let filled = 0;
  let last = -1;
  for (let t = 0; t <= values.length; t++) {
    if (t < values.length && Number.isNaN(values[t])) continue;
    const [from, to] = [values[last], values[t]];
    if (from === undefined && to === undefined && t > last + 1) return undefined;
    for (let gap = last + 1; gap < t; gap++, filled++) {
      const [a, b] = [from ?? to!, to ?? from!];
      values[gap] = a + ((b - a) * (gap - last)) / (t - last);
    }
    last = t;
  }
  return filled;
}
