/**
 * The direct mode: a network reads a window, segment by segment, and predicts the whole horizon at once. Every target of
 * every series is a separate sequence, with shared weights; the other targets are read along with it. The output
 * reads what the recurrent layer made of the window, the window itself (the shortcut, like the autoregressive part of
 * LSTNet, Lai et al. 2018), and what is known of the horizon.
 */
import {
  dropout,
  type Example,
  features,
  type Layer,
  linear,
  type NamedInput,
  type Network,
  network,
  pool,
  recurrent,
} from "../../nn/index.js";
import { withDefaults } from "../../options/index.js";
import { type ForecastNetworkOptions, forecasterRows } from "./options.js";
import type { ForecastSettings } from "./settings.js";
import { lazyExample, levelOf, type Window } from "./windows.js";

/** The recurrent layers, with dropout after each. */
export const recurrentLayers = (options: ForecastNetworkOptions): Layer[] => {
  const { cell, units, layers, dropout: rate } = withDefaults(options, forecasterRows);
  return Array.from({ length: layers }, (_, i): Layer[] => [
    ...(i > 0 ? [dropout({ rate })] : []),
    recurrent({ cell, units }),
  ]).flat();
};

/** Columns whose rows every segment holds: the target itself, whether it is missing, and what is read along with it. */
const rowColumns = ({ targets, past, future }: ForecastSettings): number =>
  2 + (targets.length > 1 ? targets.length : 0) + past.length + future.length;

/** Features that occur once per segment. */
const onceColumns = ({ targets }: ForecastSettings, calendar: number, statics: number): number =>
  calendar + statics + (targets.length > 1 ? targets.length : 0);

/** The number of features of the statics. */
export const staticWidth = ({ statics }: Pick<ForecastSettings, "statics">): number =>
  statics.reduce((sum, { values }) => sum + (values?.length ?? 1), 0);

/** The direct network. */
export function directNetwork(settings: ForecastSettings, options: ForecastNetworkOptions): Network {
  const { horizon, window, segment, future, shortcut, quantiles, calendar } = settings;
  const { dropout: rate } = withDefaults(options, forecasterRows);
  const once = onceColumns(settings, 2 * calendar.length, staticWidth(settings));
  const steps = { width: rowColumns(settings) * segment + once };
  const state: Layer[] = [...recurrentLayers(options), pool({ by: "last" }), dropout({ rate })];
  const beside: Record<string, NamedInput> = {
    ...(shortcut ? { window: { width: window, once: true } } : {}),
    ...(future.length > 0 ? { ahead: { width: horizon * future.length, once: true } } : {}),
  };
  const alone = Object.keys(beside).length === 0;
  const asTheyAre = Object.fromEntries(Object.keys(beside).map((name) => [name, []]));
  return network({
    input: alone ? steps : { inputs: { steps, ...beside } },
    layers: [
      ...(alone ? state : [features({ steps: state, ...asTheyAre })]),
      linear({ units: horizon * (quantiles?.length ?? 1) }),
    ],
    loss: quantiles ? "pinball" : "meanSquaredError",
    ...(quantiles ? { quantiles } : {}),
  });
}

/** A window as the direct network reads it; with a target if it is to be learned or judged. */
export function directExample(settings: ForecastSettings, window: Window, wanted: boolean): Example {
  const { shortcut, future } = settings;
  const alone = !shortcut && future.length === 0;
  const read = (): Example["input"] => {
    const steps = stepsInput(settings, window);
    if (alone) return steps;
    return {
      steps,
      ...(shortcut ? { window: windowInput(settings, window) } : {}),
      ...(future.length > 0 ? { ahead: aheadInput(settings, window) } : {}),
    };
  };
  return lazyExample(read, wanted ? () => targetOf(settings, window) : undefined);
}

/** The target's window without its level. */
export function windowInput(settings: ForecastSettings, { scaled, target, origin }: Window): Float32Array {
  const { filled } = scaled.targets[target]!;
  const { level, scale } = levelOf(settings, filled, origin);
  return filled.slice(origin - settings.window, origin).map((v) => (v - level) / scale);
}

/** The target's horizon without the window's level; NaN where it is missing. */
export function targetOf(settings: ForecastSettings, { scaled, target, origin }: Window): Float32Array {
  const { filled, values } = scaled.targets[target]!;
  const { level, scale } = levelOf(settings, filled, origin);
  return values.slice(origin, origin + settings.horizon).map((v) => (v - level) / scale);
}

function stepsInput(settings: ForecastSettings, { scaled, target, origin }: Window): Float32Array {
  const { window, segment, targets } = settings;
  const { calendar, statics, past, future } = scaled;
  const own = scaled.targets[target]!;
  const several = targets.length > 1;
  const levelled = [own, ...(several ? scaled.targets : []), ...past].map((column) => ({
    filled: column.filled,
    ...levelOf(settings, column.filled, origin),
  }));
  const perRow = rowColumns(settings);
  const width = perRow * segment + onceColumns(settings, calendar.length, statics.length);
  const out = new Float32Array((window / segment) * width);
  let at = 0;
  for (let from = origin - window; from < origin; from += segment) {
    for (const { filled, level, scale } of levelled)
      for (let row = from; row < from + segment; row++) out[at++] = (filled[row]! - level) / scale;
    for (let row = from; row < from + segment; row++) out[at++] = Number.isNaN(own.values[row]) ? 1 : 0;
    for (const { filled } of future)
      for (let row = from; row < from + segment; row++) out[at++] = filled[row]!;
    for (const column of calendar) out[at++] = column[from + segment - 1]!;
    for (const value of statics) out[at++] = value;
    if (several) for (let i = 0; i < targets.length; i++) out[at++] = i === target ? 1 : 0;
  }
  return out;
}

/** What is known of the horizon, column after column. */
export function aheadInput({ horizon }: ForecastSettings, { scaled, origin }: Window): Float32Array {
  const out = new Float32Array(horizon * scaled.future.length);
  scaled.future.forEach(({ filled }, i) => {
    for (let h = 0; h < horizon; h++) out[i * horizon + h] = filled[Math.min(origin + h, filled.length - 1)]!;
  });
  return out;
}
