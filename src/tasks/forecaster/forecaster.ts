/**
 * The forecaster: from the past of a series, and what is known of its future, to what comes next. Columns go by name;
 * scaling is fitted on the training part alone and undone on output; missing values are marked as such; baselines are
 * fitted along with it.
 * Configuration and data handling only; all arithmetic of the network is the engine's.
 */
import { DataError, type TimeSeries } from "../../data/index.js";
import { requireItems } from "../../data/items.js";
import type { Home } from "../../exec/executor.js";
import { FileFormatError, type ModelFile, readFiniteModel } from "../../io/index.js";
import type { Example, Network, Parameters, Prediction } from "../../nn/index.js";
import { checkOptions, keyed, withDefaults } from "../../options/index.js";
import { fit } from "../../train/fit.js";
import { atHome } from "../shared/home.js";
import { seriesItems } from "../shared/items.js";
import { fitOptions } from "../task.js";
import { trainInWorker, wantsWorker } from "../worker/in-worker.js";
import { fitLinear } from "./baselines.js";
import { partsOf, settingsOf } from "./choose-settings.js";
import { directExample, directNetwork } from "./direct.js";
import { linearOf, settingsFromJson, settingsToJson } from "./file.js";
import { type Forecaster, forecasterOf } from "./model.js";
import { type ForecasterOptions, type ForecastNetworkOptions, forecasterRows } from "./options.js";
import { quantileOffsets, residualQuantiles } from "./quantiles.js";
import { recursiveExample, recursiveNetwork } from "./recursive.js";
import type { LinearMap } from "./ridge.js";
import { scaledSeries } from "./series.js";
import type { ForecastMode, ForecastSettings, SeriesParts } from "./settings.js";
import { constantColumns } from "./statistics.js";
import { levelOf, originsIn, thinned, type Window, windowsAt } from "./windows.js";

/** How a mode is trained. */
interface ModeRow {
  readonly network: (settings: ForecastSettings, options: ForecastNetworkOptions) => Network;
  readonly example: (settings: ForecastSettings, window: Window, wanted: boolean) => Example;
  /** How many rows a training example has after the window. */
  readonly ahead: (settings: ForecastSettings) => number;
}

const modes: Readonly<Record<ForecastMode, ModeRow>> = {
  direct: { network: directNetwork, example: directExample, ahead: ({ horizon }) => horizon },
  recursive: { network: recursiveNetwork, example: recursiveExample, ahead: () => 1 },
};

/** How many examples validate during training. */
const VALIDATED = 2_000;

/**
 * Trains a forecaster; `valid` in its progress is the skill on the validation rows against the last value: 1 − loss / that
 * of the last value repeated, in the loss that is trained.
 *
 * @throws DataError if a column is missing, or a series is too short, saying how many rows it needs
 * @throws OptionError if options contradict each other or the data
 * @throws TrainingError, see `fit`
 */
export async function train(options: ForecasterOptions): Promise<Forecaster> {
  checkOptions(options, forecasterRows, "forecaster.train");
  if (wantsWorker(options)) {
    const { bytes, training } = await trainInWorker("forecaster", options);
    return { ...(await load(bytes)), training };
  }
  const chosen = withDefaults(options, forecasterRows);
  const { batchSize } = chosen;
  const parts = partsFor(options);
  const settings = settingsOf(options, parts);
  const mode = modes[settings.mode];
  const scaled = parts.map(({ series }) => scaledSeries(settings, series, 0));
  const windows = (part: "train" | "valid", ahead: number, stride: number): Window[] =>
    parts.flatMap((each, i) => {
      const of = { window: settings.window, horizon: ahead };
      const origins = originsIn(scaled[i]!, each[part], { ...of, stride });
      return windowsAt(scaled[i]!, origins, { ...of, wanted: true });
    });
  const ahead = mode.ahead(settings);
  const [all, held] = [windows("train", ahead, options.stride ?? 1), windows("valid", ahead, 1)];
  for (const [name, found] of Object.entries({ train: all, validate: held }))
    if (found.length === 0) throw noWindows(settings, parts, name);
  const learned =
    options.stride === undefined ? thinned(all, forecasterRows.stride.derived.windows, settings) : all;
  const linear = fitLinear(
    settings,
    settings.mode === "direct" ? all : windows("train", settings.horizon, 1),
    settings.mode === "direct" ? held : windows("valid", settings.horizon, 1),
  );
  const net = mode.network(settings, options);
  const examples = (of: readonly Window[]): Example[] => of.map((each) => mode.example(settings, each, true));
  const validated = thinned(held, VALIDATED, settings);
  return atHome({ executor: options.executor, threads: chosen.threads }, async (home) => {
    const { parameters, training } = await fit(net, {
      parameters: (initial) => startOf(settings, { initial, linear, windows: learned }),
      executor: home.session.executor,
      ...averageOf(Math.ceil(learned.length / batchSize)),
      ...fitOptions(options, chosen, {
        rows: forecasterRows,
        model: { task: "forecaster", data: settingsToJson(settings) },
      }),
      train: examples(learned),
      valid: { examples: examples(validated), score: skillScore(settings, validated), rows: false },
    });
    const offsets = settings.quantiles
      ? {
          offsets: await quantileOffsets(settings, {
            net,
            parameters,
            session: home.session,
            windows: validated,
          }),
        }
      : {};
    return forecasterOf({ settings: { ...settings, ...offsets }, net, parameters, home, training, linear });
  });
}

/** Weights are averaged over about this share of an epoch, if that is more than a step. @param steps steps per epoch */
function averageOf(steps: number): { average?: number } {
  const over = forecasterRows.average.derived.share * steps;
  return over > 1 ? { average: 1 - 1 / over } : {};
}

/** The training, validation and test rows of each series. @throws DataError if the split does not fit a series */
function partsFor(options: Pick<ForecasterOptions, "train" | "split" | "horizon">): SeriesParts[] {
  const all = Array.isArray(options.train)
    ? (options.train as readonly TimeSeries[])
    : [options.train as TimeSeries];
  requireItems(all, seriesItems);
  return all.map((series) => partsOf(series, options));
}

function noWindows(
  { window, mode, horizon }: ForecastSettings,
  parts: readonly SeriesParts[],
  what: string,
): DataError {
  const ahead = mode === "recursive" ? 1 : horizon;
  return new DataError({
    file: parts[0]!.series.file,
    problem: `has no rows to ${what} with: none with ${window} rows before it for the window, ${ahead} rows from it on for the horizon, and values of a target in both`,
    remedy: keyed("Give more rows, a shorter {window} or {horizon}, or another {split}."),
  });
}

/** Initial weights; the shortcut starts as the linear baseline, so that training can only improve on it. */
function startOf(
  settings: ForecastSettings,
  {
    initial,
    linear,
    windows,
  }: {
    readonly initial: Parameters;
    readonly linear: LinearMap;
    readonly windows: readonly Window[];
  },
): Parameters {
  if (!settings.shortcut) return initial;
  const parameters = new Map(initial);
  const { quantiles = [0.5], horizon } = settings;
  const { shape, data } = parameters.get("linear1.w_ya")!;
  const width = shape[1]!;
  const { inputs } = linear;
  const weights = new Float32Array(data.length);
  const bias = new Float32Array(shape[0]!);
  const offsets = settings.quantiles
    ? residualQuantiles(settings, linear, windows)
    : new Float64Array(horizon);
  for (let row = 0; row < quantiles.length * horizon; row++) {
    const h = row % horizon;
    // The shortcut's columns come last: the window, then what is known ahead.
    weights.set(linear.weights.subarray(h * inputs, (h + 1) * inputs), (row + 1) * width - inputs);
    bias[row] = linear.bias[h]! + offsets[row]!;
  }
  parameters.set("linear1.w_ya", { shape, data: weights });
  parameters.set("linear1.b_y", { shape: [bias.length], data: bias });
  return parameters;
}

/** 1 − loss / loss of the last value repeated, both in the training loss. */
function skillScore(
  settings: ForecastSettings,
  windows: readonly Window[],
): (predictions: readonly Prediction[]) => number {
  const { mode, quantiles } = settings;
  const lossOf = (error: number): number =>
    quantiles
      ? quantiles.reduce((sum, q) => sum + Math.max(q * error, (q - 1) * error), 0) / quantiles.length
      : error * error;
  let naive = 0;
  for (const window of windows) {
    const target = modes[mode].example(settings, window, true).target!;
    const { filled } = window.scaled.targets[window.target]!;
    const { level, scale } = levelOf(settings, filled, window.origin);
    // Recursive targets are changes, and repeating the last value predicts no change.
    const last = mode === "recursive" ? 0 : (filled[window.origin - 1]! - level) / scale;
    const share = mode === "recursive" ? 1 : 1 / target.length;
    for (let i = 0; i < target.length; i++)
      if (!Number.isNaN(target[i])) naive += share * lossOf(target[i]! - last);
  }
  return (predictions) => {
    const loss = predictions.reduce((sum, prediction) => sum + prediction.loss!, 0);
    return naive > 0 ? 1 - loss / naive : -loss;
  };
}

/** Opens a forecaster that was saved. @throws FileFormatError if the bytes are not such a model */
export async function load(
  bytes: Uint8Array,
  options: { readonly name?: string; readonly executor?: Home } = {},
): Promise<Forecaster> {
  const { name = "model" } = options;
  return open(readFiniteModel(bytes, name), { ...options, name });
}

/** Opens a forecaster from a model file that has been read already. @throws FileFormatError if it is of another task */
async function open(
  model: ModelFile,
  options: { readonly name: string; readonly executor?: Home },
): Promise<Forecaster> {
  const fail = (problem: string, remedy: string): FileFormatError =>
    new FileFormatError({ file: options.name, where: "metadata", problem, remedy });
  if (model.task !== "forecaster") throw fail(`is of a ${model.task}`, `Open it as a ${model.task}.`);
  const settings = settingsFromJson(model.data, options.name);
  const { network: net, parameters } = model;
  const { input, output } = modes[settings.mode].network(settings, {});
  if (JSON.stringify([input, output]) !== JSON.stringify([net.input, net.output]))
    throw fail("has settings that do not fit its network", "Save the model again.");
  const linear = linearOf(settings, model.own);
  return atHome(options, (home) =>
    forecasterOf({ settings, net, parameters, home, ...(linear ? { linear } : {}) }),
  );
}

/** What a person should know about the data before training a forecaster on it: columns that never change. */
function remarks(options: ForecasterOptions): string[] {
  const parts = partsFor(options);
  const constant = constantColumns(settingsOf(options, parts), parts);
  return constant.map(
    (name) => `"${name}" never changes in the training rows, so nothing can be learned from it.`,
  );
}

/** The verbs of the task; a trained or loaded forecaster itself has evaluate, predict and save. */
export const forecaster = { train, load, open, parts: partsFor, remarks };
