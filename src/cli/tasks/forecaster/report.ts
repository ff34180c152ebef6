/**
 * How a forecaster did, in words and in a small table with its baselines.
 */
import type { BaselineName, ForecastEvaluation, ForecastMetrics } from "../../../tasks/index.js";
import { aligned, percent } from "../../terminal/talk.js";

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
  return aligned([
    ["standardised", "MSE", "MAE", "MASE", "skill over it"],
    row("forecaster", metrics, ""),
    ...rows,
  ]);
}

/** Whether the forecasts are more than the last value shifted. */
export function changesText({ foresight, movement }: ForecastEvaluation): string {
  const verdict =
    foresight < 0.1 || movement < 0.05
      ? "little more than the last value repeated"
      : "more than the last value shifted";
  return `${verdict}: predicted changes correlate with the real ones at ${foresight.toFixed(2)}, and are ${movement.toFixed(2)} times as large`;
}
