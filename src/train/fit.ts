/**
 * `fit`: training a network as people run it, with examples as they write them and defaults for all that is not the data.
 * The run itself is in run/.
 */
import type { Home } from "../exec/executor.js";
import { executorOf } from "../exec/home.js";
import { createExecutor } from "../exec/registry/index.js";
import { keptBy } from "../exec/resource.js";
import { checkNetwork } from "../nn/build/index.js";
import { exampleOf, type Network, NetworkError, type Sample } from "../nn/index.js";
import { checkOptions } from "../options/check.js";
import { shown, spelled } from "../options/error.js";
import { isObject } from "../options/items.js";
import { type NetworkModel, networkModel } from "./network-model.js";
import { fitOptionRows } from "./options.js";
import { runTraining } from "./run/fit.js";
import type { FitOptions, FitReport } from "./run/options.js";
import { adam } from "./step/optimizers.js";

/** A network that was trained, with the weights of its best epoch. */
export interface TrainedNetwork extends NetworkModel {
  /** What became of the training. */
  readonly training: FitReport;
}

/**
 * Trains a network.
 *
 * ```ts
 * const trained = await fit(net, { train: [{ input: [[0.1, 0.2], [0.3, 0.4]], target: 1 }], epochs: 20 });
 * const [prediction] = await trained.predict([[[0.5, 0.6]]]);
 * ```
 *
 * @returns the trained network; its `dispose` gives back the executor that was made where none was given
 * @throws OptionError naming an option that does not exist, makes no sense or has no effect
 * @throws NetworkError naming the example that does not fit the network
 * @throws TrainingError if memory does not suffice, the checkpoint is of another run, or a step is not finite: then with
 * what the detective found as its `finding`
 * @throws the signal's reason when aborted
 */
export async function fit(net: Network, options: FitOptions): Promise<TrainedNetwork> {
  checkNetwork(net, "fit");
  checkOptions(options, fitOptionRows, "fit", factsOf(options));
  const { executor: given, threads, ...rest } = options;
  const trainOn = async (home: Home): Promise<TrainedNetwork> => {
    const { parameters, training } = await runTraining({ net, ...withDefaults(net, rest), executor: home });
    const place = { executor: executorOf(home), isOwn: given === undefined };
    return Object.assign(networkModel(net, parameters, place), { training });
  };
  if (given) return trainOn(given);
  const executor = await createExecutor(threads === undefined ? {} : { threads });
  return keptBy(executor, () => trainOn(executor));
}

/** What the data is, for options that are for one kind of it. */
function factsOf(options: FitOptions): { readonly data?: string } {
  const train: unknown = Object(options)["train"];
  if (typeof train !== "object" || train === null) return {};
  return { data: "text" in train ? "one long text" : "examples" };
}

const isLongText = (train: FitOptions["train"]): train is Extract<FitOptions["train"], { text: unknown }> =>
  isObject(train) && "text" in train;

/** @throws NetworkError if the data is neither a list nor one long text */
function requireSamples(train: readonly Sample[]): readonly Sample[] {
  if (Array.isArray(train)) return train;
  throw new NetworkError(
    `train is ${spelled(shown(train))}; it must be a list of examples, { input, target }, or { text } with the ids of one long text`,
  );
}

function withDefaults(net: Network, options: Omit<FitOptions, "executor" | "threads">) {
  const { seed = 1, optimizer, clip, train, exampleName = (id: number) => `example ${id}` } = options;
  return {
    ...options,
    seed,
    optimizer: optimizer ?? adam({ learningRate: 0.002 }),
    ...(clip === undefined && optimizer === undefined ? { clip: 1 } : {}),
    train: isLongText(train)
      ? train
      : requireSamples(train).map((sample, i) => exampleOf(net, sample, exampleName(i))),
  };
}
