/**
 * How forecasts did: errors at every origin of an evaluated range, next to those of the baselines on the same windows, and
 * whether they are more than the last value shifted.
 */

import type { BaselineForecast, BaselineName } from "./baselines.js";
import type { ForecastSettings } from "./settings.js";
import type { Window } from "./windows.js";

/** Errors of forecasts; what is undefined, such as the skill against a baseline without errors, is left out. */
export type ForecastMetrics = Readonly<
  Partial<
    Record<
      | ("mse" | "mae" | "mseScaled" | "maeScaled" | "mase" | "pinball" | "coverage")
      | ("skill" | "skillNaive" | "skillSeasonalNaive" | "skillLinear"),
      number
    >
  >
>;

/** How a forecaster did on series. */
export interface ForecastEvaluation {
  /** Number of windows, each with all targets. */
  readonly count: number;
  /**
   * Over all targets and steps ahead. `mse`, `mae`: in the units of the data; `mseScaled`, `maeScaled`: standardised by the
   * training part; `mase`: the mean over targets of mae over the mean change of a season in the training part; `skill`:
   * 1 − mseScaled / that of the best baseline, `skillNaive` and so on against each; with quantiles `pinball`, scaled, their
   * mean, and `coverage`, the share of values between the outermost.
   */
  readonly metrics: ForecastMetrics;
  /** The same for each target. */
  readonly targets: Readonly<Record<string, ForecastMetrics>>;
  /** The baselines on the same windows. Checkpoints of a run lack the linear one. */
  readonly baselines: Readonly<Partial<Record<BaselineName, ForecastMetrics>>>;
  /**
   * How well changes from the last value are predicted: Σ (ŷ − last) (y − last) / √(Σ (ŷ − last)² · Σ (y − last)²) over all
   * forecasts, from −1 to 1. 0 means that the forecast is the last value, shifted or with added noise.
   */
  readonly foresight: number;
  /** How far forecasts move from the last value, relative to the truth: √(Σ (ŷ − last)² / Σ (y − last)²). */
  readonly movement: number;
  /** What a person should know. */
  readonly notices: readonly string[];
}

/** Sums of errors by target. */
interface Sums {
  readonly squares: Float64Array;
  readonly sizes: Float64Array;
  readonly counts: Float64Array;
}

const emptySums = (targets: number): Sums => ({
  squares: new Float64Array(targets),
  sizes: new Float64Array(targets),
  counts: new Float64Array(targets),
});

/** Collects forecasts and what actually happened. */
export interface ForecastJudge {
  /**
   * @param forecast of a window, scaled: the horizon, or each quantile's one after the other
   */
  add(window: Window, forecast: ArrayLike<number>): void;
  result(count: number, notices: readonly string[]): ForecastEvaluation;
}

/** A judge of a forecaster's windows. */
export function forecastJudge(
  settings: ForecastSettings,
  baselines: Readonly<Partial<Record<BaselineName, BaselineForecast>>>,
): ForecastJudge {
  const { targets, horizon, quantiles } = settings;
  const own = emptySums(targets.length);
  const others = Object.entries(baselines).map(([name, forecast]) => ({
    name: name as BaselineName,
    forecast,
    sums: emptySums(targets.length),
  }));
  const pinball = new Float64Array(targets.length);
  const inside = new Float64Array(targets.length);
  let [moves, trueMoves, together] = [0, 0, 0];
  const collect = (sums: Sums, { target, truth }: Truth, forecast: ArrayLike<number>, from: number): void => {
    for (let h = 0; h < horizon; h++) {
      const error = forecast[from + h]! - truth[h]!;
      if (Number.isNaN(error)) continue;
      sums.squares[target]! += error * error;
      sums.sizes[target]! += Math.abs(error);
      sums.counts[target]!++;
    }
  };
  return {
    add(window, forecast) {
      const { scaled, target, origin } = window;
      const { values, filled } = scaled.targets[target]!;
      const truth = values.subarray(origin, origin + horizon);
      const point = quantiles ? horizon * quantiles.indexOf(0.5) : 0;
      collect(own, { target, truth }, forecast, point);
      for (const { forecast: of, sums } of others) collect(sums, { target, truth }, of(window, horizon), 0);
      if (quantiles) {
        const last = horizon * (quantiles.length - 1);
        for (let h = 0; h < horizon; h++) {
          const y = truth[h]!;
          if (Number.isNaN(y)) continue;
          quantiles.forEach((q, i) => {
            const error = y - forecast[i * horizon + h]!;
            pinball[target]! += Math.max(q * error, (q - 1) * error) / quantiles.length;
          });
          if (y >= forecast[h]! && y <= forecast[last + h]!) inside[target]!++;
        }
      }
      const before = filled[origin - 1]!;
      for (let h = 0; h < horizon; h++) {
        const y = truth[h]! - before;
        if (Number.isNaN(y)) continue;
        const move = forecast[point + h]! - before;
        moves += move * move;
        trueMoves += y * y;
        together += move * y;
      }
    },
    result(count, notices) {
      const all = targets.map((_, i) => i);
      const sums = new Map(others.map(({ name, sums }) => [name, sums]));
      const extras = (of: readonly number[]): ForecastMetrics =>
        quantiles ? { pinball: ratio(pinball, own.counts, of), coverage: ratio(inside, own.counts, of) } : {};
      const full = (of: readonly number[]): ForecastMetrics =>
        defined({ ...errorsOf(settings, own, of), ...extras(of), ...skillsOf(own, sums, of) });
      return {
        count,
        notices,
        foresight: moves > 0 && trueMoves > 0 ? together / Math.sqrt(moves * trueMoves) : 0,
        movement: trueMoves > 0 ? Math.sqrt(moves / trueMoves) : 1,
        metrics: full(all),
        targets: Object.fromEntries(targets.map((name, i) => [name, full([i])])),
        baselines: Object.fromEntries(
          others.map(({ name, sums: of }) => [name, defined(errorsOf(settings, of, all))]),
        ),
      };
    },
  };
}

interface Truth {
  readonly target: number;
  readonly truth: Float32Array;
}

const total = (values: Float64Array, of: readonly number[]): number =>
  of.reduce((sum, i) => sum + values[i]!, 0);
const ratio = (values: Float64Array, counts: Float64Array, of: readonly number[]): number =>
  total(values, of) / total(counts, of);

function errorsOf(
  { scaler, naiveError }: ForecastSettings,
  { squares, sizes, counts }: Sums,
  of: readonly number[],
): Record<string, number> {
  const deviation = (i: number): number => scaler.deviation[i]!;
  const unit = (values: Float64Array, power: number): number =>
    of.reduce((sum, i) => sum + values[i]! * deviation(i) ** power, 0) / total(counts, of);
  // A target that repeats exactly within the training part gives no scale for errors.
  const judged = of.filter((i) => naiveError[i]! > 0 && counts[i]! > 0);
  const mase = judged.reduce((sum, i) => sum + sizes[i]! / counts[i]! / naiveError[i]!, 0) / judged.length;
  return {
    mse: unit(squares, 2),
    mae: unit(sizes, 1),
    mseScaled: ratio(squares, counts, of),
    maeScaled: ratio(sizes, counts, of),
    mase,
  };
}

const skillNames: Readonly<Record<BaselineName, string>> = {
  naive: "skillNaive",
  seasonalNaive: "skillSeasonalNaive",
  linear: "skillLinear",
};

function skillsOf(
  own: Sums,
  others: ReadonlyMap<BaselineName, Sums>,
  of: readonly number[],
): Record<string, number> {
  const error = ratio(own.squares, own.counts, of);
  const skills = [...others].map(([name, sums]): [string, number] => {
    const baseline = ratio(sums.squares, sums.counts, of);
    return [skillNames[name], baseline > 0 ? 1 - error / baseline : Number.NaN];
  });
  const least = Math.min(...skills.map(([, value]) => value));
  return { skill: least, ...Object.fromEntries(skills) };
}

/** Only the numbers. */
const defined = (metrics: Readonly<Record<string, number>>): ForecastMetrics =>
  Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
