/**
 * Windows: which rows of a series are history and which are forecast, where they may lie, and which level is taken out of
 * them. An origin is the first row to be forecast.
 */
import type { Range } from "../../data/index.js";
import type { Example } from "../../nn/index.js";
import type { ScaledSeries } from "./series.js";
import type { ForecastSettings, WindowLevel } from "./settings.js";

/** One target of one window. */
export interface Window {
  readonly scaled: ScaledSeries;
  /** Number of the target. */
  readonly target: number;
  /** The first row to be forecast. */
  readonly origin: number;
}

/** What is taken out of a window: (value − level) / scale. */
export interface Level {
  readonly level: number;
  readonly scale: number;
}

/**
 * The origins whose whole horizon lies in a range, and whose window lies in the series: rolling-origin evaluation
 * (Tashman 2000). The window may reach back before the range.
 *
 * @param stride from one origin to the next
 */
export function originsIn(
  { length }: ScaledSeries,
  { start, end }: Range,
  { window, horizon, stride }: { readonly window: number; readonly horizon: number; readonly stride: number },
): number[] {
  const origins: number[] = [];
  for (let origin = Math.max(start, window); origin + horizon <= Math.min(end, length); origin += stride)
    origins.push(origin);
  return origins;
}

/** The windows of all targets at some origins that hold a value to start from, and in training also one to forecast. */
export function windowsAt(
  scaled: ScaledSeries,
  origins: readonly number[],
  {
    window,
    horizon,
    wanted,
  }: { readonly window: number; readonly horizon: number; readonly wanted: boolean },
): Window[] {
  const there = (values: Float32Array, from: number, to: number): boolean => {
    for (let row = from; row < to; row++) if (!Number.isNaN(values[row])) return true;
    return false;
  };
  return origins.flatMap((origin) =>
    scaled.targets.flatMap(({ values }, target) =>
      there(values, origin - window, origin) && (!wanted || there(values, origin, origin + horizon))
        ? [{ scaled, target, origin }]
        : [],
    ),
  );
}

/**
 * Every n-th origin with all of its windows, so that at most this many windows remain. Every target and every place in
 * the season stays represented, since n shares no factor with the season.
 */
export function thinned(
  windows: readonly Window[],
  most: number,
  { season }: Pick<ForecastSettings, "season">,
): readonly Window[] {
  let stride = Math.ceil(windows.length / Math.max(1, most));
  if (stride <= 1) return windows;
  while (commonFactor(stride, season) > 1) stride++;
  let origin = -1;
  return windows.filter((each, i) => {
    const before = windows[i - 1];
    if (before?.origin !== each.origin || before.scaled !== each.scaled) origin++;
    return origin % stride === 0;
  });
}

const commonFactor = (a: number, b: number): number => (b === 0 ? a : commonFactor(b, a % b));

const ways: Readonly<Record<WindowLevel, (rows: Float32Array) => Level>> = {
  none: () => ({ level: 0, scale: 1 }),
  last: (rows) => ({ level: rows[rows.length - 1]!, scale: 1 }),
  mean: (rows) => ({ level: meanOf(rows), scale: 1 }),
  standard(rows) {
    const level = meanOf(rows);
    let squares = 0;
    for (const value of rows) squares += (value - level) ** 2;
    const scale = Math.sqrt(squares / rows.length);
    // A window that hardly moves would otherwise blow up its smallest changes.
    return { level, scale: scale > 1e-3 ? scale : 1 };
  },
};

const meanOf = (rows: Float32Array): number => {
  let sum = 0;
  for (const value of rows) sum += value;
  return sum / rows.length;
};

/** The level of a column over the window before an origin. */
export const levelOf = (
  { level, window }: Pick<ForecastSettings, "level" | "window">,
  filled: Float32Array,
  origin: number,
): Level => ways[level](filled.subarray(origin - window, origin));

/**
 * An example that is computed at every access: the windows of a series overlap, and keeping all of them would take many times
 * its memory.
 */
export function lazyExample(input: () => Example["input"], target?: () => ArrayLike<number>): Example {
  if (!target)
    return {
      get input() {
        return input();
      },
    };
  return {
    get input() {
      return input();
    },
    get target() {
      return target();
    },
  };
}
