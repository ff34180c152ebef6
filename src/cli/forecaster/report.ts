// How a forecaster did, in words and as a small table beside its baselines.
import type { BaselineName, ForecastEvaluation, ForecastMetrics } from "../../tasks/index.js";
import { aligned, percent } from "../talk.js";

const number = (value: number | undefined): string => {
  if (value === undefined) return "–";
  const size = Math.abs(value);
  return size >= 1000
    ? Math.round(value).toLocaleString("en-US")
    : value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3);
};

/** "MASE 0.83, MSE 457, MAE 17.4 (standardised 0.089 and 0.243), 3.0 % better than the best baseline". */
export function scoreText({ metrics }: Pick<ForecastEvaluation, "metrics">): string {
  const { mase, mse, mae, mseScaled, maeScaled, pinball, coverage } = metrics;
  return [
    ...(mase === undefined ? [] : [`MASE ${number(mase)}`]),
    `MSE ${number(mse)}`,
    `MAE ${number(mae)} (standardised ${number(mseScaled)} and ${number(maeScaled)})`,
    ...(pinball === undefined ? [] : [`pinball ${number(pinball)}`]),
    ...(coverage === undefined ? [] : [`${percent(coverage)} between the outermost quantiles`]),
  ].join(", ");
}

const baselineTexts: Readonly<Record<BaselineName, readonly [string, keyof ForecastMetrics]>> = {
  naive: ["last value", "skillNaive"],
  seasonalNaive: ["last season", "skillSeasonalNaive"],
  linear: ["linear", "skillLinear"],
};

/** Rows of a table: the forecaster and each baseline, and how much better the forecaster is. */
export function comparison({ metrics, baselines }: ForecastEvaluation): string[] {
  const row = (name: string, of: ForecastMetrics, skill: string): string[] => [
    name,
    ...[of.mseScaled, of.maeScaled, of.mase].map(number),
    skill,
  ];
  const rows = Object.entries(baselines).map(([name, of]) => {
    const [text, key] = baselineTexts[name as BaselineName];
    const skill = metrics[key];
    return row(text, of, skill === undefined ? "–" : percent(skill));
  });
  return aligned([["", "MSE", "MAE", "MASE", "skill over it"], row("forecaster", metrics, ""), ...rows]);
}

/** Whether the forecasts come on time. */
export function lagText({ lag, movement }: ForecastEvaluation, horizon: number): string {
  if (movement < 0.01) return "the forecasts hardly leave the last value";
  const moves = `they move ${number(Math.sqrt(movement))} times as far from the last value as the truth does`;
  if (lag === 0) return `on time: the last step ahead is nearest to its own truth; ${moves}`;
  const what = lag === horizon ? "the last value that was known" : `the truth ${lag} steps before its own`;
  return `late: the last step ahead is nearer to ${what}; ${moves}`;
}
