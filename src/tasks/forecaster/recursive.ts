/**
 * The recursive mode: at every row, a network predicts the change to the next one, and it is then streamed on its own
 * forecasts for as many rows as are wanted. It reads only changes, since anything computed from a whole window would
 * give away what comes: the change from the previous row, and the one to the row a season before the next; calendar
 * and future columns are those of the row being forecast.
 */
import type { Session } from "../../exec/executor.js";
import {
  createStreams,
  dropout,
  type Example,
  linear,
  type Network,
  network,
  type Parameters,
} from "../../nn/index.js";
import { withDefaults } from "../../options/index.js";
import { recurrentLayers, staticWidth } from "./direct.js";
import { type ForecastNetworkOptions, forecasterRows } from "./options.js";
import type { ForecastSettings } from "./settings.js";
import { lazyExample, type Window } from "./windows.js";

const widthOf = (settings: ForecastSettings): number => {
  const { season, level, future, calendar, targets } = settings;
  const own = 2 + (season > 1 ? 1 : 0) + (level === "none" ? 1 : 0);
  const several = targets.length > 1 ? targets.length : 0;
  return own + future.length + 2 * calendar.length + staticWidth(settings) + several;
};

/** The recursive network. */
export function recursiveNetwork(settings: ForecastSettings, options: ForecastNetworkOptions): Network {
  const { dropout: rate } = withDefaults(options, forecasterRows);
  return network({
    input: { width: widthOf(settings) },
    layers: [...recurrentLayers(options), dropout({ rate }), linear({ units: 1 })],
    loss: "meanSquaredError",
  });
}

/** The rows of a window, each with the change to the next one. */
export function recursiveExample(settings: ForecastSettings, window: Window, wanted: boolean): Example {
  const { window: rows } = settings;
  const { scaled, target, origin } = window;
  const { filled, values } = scaled.targets[target]!;
  const read = (): Float32Array => {
    const width = widthOf(settings);
    const out = new Float32Array(rows * width);
    for (let i = 0; i < rows; i++)
      writeStep(settings, window, filled, {
        row: origin - rows + i,
        into: out.subarray(i * width, (i + 1) * width),
      });
    return out;
  };
  const changes = (): Float32Array =>
    Float32Array.from({ length: rows }, (_, i) => {
      const row = origin - rows + i;
      return values[row + 1]! - filled[row]!;
    });
  return lazyExample(read, wanted ? changes : undefined);
}

/** What is read at a row. @param known values of the target up to this row */
function writeStep(
  { season, level, targets }: ForecastSettings,
  { scaled, target, origin }: Window,
  known: Float32Array,
  { row, into }: { readonly row: number; readonly into: Float32Array },
): void {
  const value = known[row]!;
  const next = row + 1;
  let at = 0;
  into[at++] = row > 0 ? value - known[row - 1]! : 0;
  // From the origin on, nothing is known and nothing is missing.
  into[at++] = row < origin && Number.isNaN(scaled.targets[target]?.values[row]) ? 1 : 0;
  if (season > 1) into[at++] = next >= season ? known[next - season]! - value : 0;
  if (level === "none") into[at++] = value;
  for (const { filled } of scaled.future) into[at++] = filled[Math.min(next, filled.length - 1)]!;
  for (const column of scaled.calendar) into[at++] = column[Math.min(next, column.length - 1)]!;
  for (const value of scaled.statics) into[at++] = value;
  if (targets.length > 1) for (let i = 0; i < targets.length; i++) into[at++] = i === target ? 1 : 0;
}

/** What streaming needs. */
export interface RecursiveModel {
  readonly settings: ForecastSettings;
  readonly net: Network;
  readonly session: Session;
  readonly parameters?: Parameters;
}

/** How many windows are streamed side by side. */
const LANES = 64;

/** Scaled forecasts of windows: streamed through each window, then on their own forecasts. */
export function recursiveForecasts(
  { settings, net, session, parameters }: RecursiveModel,
  windows: readonly Window[],
  horizon: number,
): Float32Array[] {
  const width = widthOf(settings);
  const out: Float32Array[] = [];
  for (let from = 0; from < windows.length; from += LANES) {
    const part = windows.slice(from, from + LANES);
    const streams = createStreams(net, session, {
      count: part.length,
      ...(parameters ? { parameters } : {}),
    });
    try {
      // What is known up to the origin, then the forecasts.
      const known = part.map(({ scaled, target, origin }) => {
        const all = new Float32Array(origin + horizon);
        const { filled } = scaled.targets[target]!;
        all.set(filled.subarray(0, origin));
        return all;
      });
      const inputs = new Float32Array(part.length * width);
      for (let step = -settings.window; step < horizon; step++) {
        part.forEach((window, i) => {
          const into = inputs.subarray(i * width, (i + 1) * width);
          writeStep(settings, window, known[i] as Float32Array, { row: window.origin + step, into });
        });
        if (step === horizon - 1) break;
        const changes = streams.step(inputs);
        if (step < -1) continue;
        part.forEach(({ origin }, i) => {
          const values = known[i] as Float32Array;
          values[origin + step + 1] = values[origin + step]! + changes[i]![0]!;
        });
      }
      out.push(...known.map((values, i) => values.slice(part[i]?.origin)));
    } finally {
      streams.dispose();
    }
  }
  return out;
}
