/**
 * What a forecaster's model file keeps besides the network: the settings as JSON, the linear baseline as tensors.
 */
import { scalerFromJson } from "../../data/index.js";
import { FileFormatError } from "../../io/index.js";
import type { Parameters } from "../../nn/index.js";
import type { LinearMap } from "./ridge.js";
import { type ForecastSettings, forecastModes, windowLevels } from "./settings.js";

/** Settings as JSON. */
export const settingsToJson = (settings: ForecastSettings): Record<string, unknown> => ({ ...settings });

/** Settings from a model file. @throws FileFormatError if they are not valid */
export function settingsFromJson(json: Readonly<Record<string, unknown>>, file: string): ForecastSettings {
  const fail = (what: string): FileFormatError =>
    new FileFormatError({
      file,
      where: "metadata",
      problem: `has no ${what} of a forecaster`,
      remedy: "Save the model again.",
    });
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw fail(what);
  };
  const texts = (v: unknown): boolean => Array.isArray(v) && v.every((each) => typeof each === "string");
  const numbers = (v: unknown): boolean => Array.isArray(v) && v.every((each) => Number.isFinite(each));
  for (const key of ["targets", "past", "future", "calendar"]) check(texts(json[key]), key);
  for (const key of ["horizon", "window", "segment", "season"])
    check(Number.isInteger(json[key]) && (json[key] as number) >= 1, key);
  check(
    forecastModes.some((mode) => mode === json["mode"]),
    "mode",
  );
  check(
    windowLevels.some((level) => level === json["level"]),
    "level",
  );
  check(typeof json["shortcut"] === "boolean", "shortcut");
  check(json["quantiles"] === undefined || numbers(json["quantiles"]), "quantiles");
  check(json["offsets"] === undefined || numbers(json["offsets"]), "offsets");
  check(numbers(json["naiveError"]), "naiveError");
  check(
    Array.isArray(json["statics"]) && json["statics"].every((s) => typeof s?.name === "string"),
    "statics",
  );
  check(typeof json["names"] === "object" && json["names"] !== null, "names");
  const settings = json as unknown as ForecastSettings;
  const count = settings.targets.length + settings.past.length + settings.future.length;
  scalerFromJson(settings.scaler, count, file);
  check(settings.naiveError.length === settings.targets.length && settings.targets.length > 0, "naiveError");
  return settings;
}

/** A linear map as tensors of the model file. */
export const linearTensors = ({ inputs, outputs, weights, bias }: LinearMap): Parameters =>
  new Map([
    ["linear.w", { shape: [outputs, inputs], data: Float32Array.from(weights) }],
    ["linear.b", { shape: [outputs], data: Float32Array.from(bias) }],
  ]);

/** The linear map of a model file; undefined if there is none, or it does not fit the settings. */
export function linearOf(
  { window, horizon, future }: ForecastSettings,
  own: Parameters | undefined,
): LinearMap | undefined {
  const [w, b] = [own?.get("linear.w"), own?.get("linear.b")];
  const inputs = window + horizon * future.length;
  if (!w || !b || w.shape.join() !== `${horizon},${inputs}` || b.shape.join() !== String(horizon))
    return undefined;
  return { inputs, outputs: horizon, weights: Float64Array.from(w.data), bias: Float64Array.from(b.data) };
}
