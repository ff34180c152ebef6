/**
 * A network of one's own with its weights: it predicts from lists as people write them, and is saved as a model file, which
 * the task "network" opens (tasks/network).
 */
import type { Executor } from "../exec/executor.js";
import { type Resource, resource } from "../exec/resource.js";
import { type WriteModelOptions, writeModel } from "../io/index.js";
import { checkFinite, extentOf } from "../nn/build/index.js";
import {
  createPredictor,
  inputOf,
  type Network,
  type Parameters,
  type Predictor,
  type SampleInput,
} from "../nn/index.js";

/** ŷ of an input: a row of numbers for each step, or one if the network pools. */
export type NetworkOutput = readonly (readonly number[])[] | readonly number[];

/** A network that is ready to predict. */
export interface NetworkModel extends Resource {
  readonly net: Network;
  readonly parameters: Parameters;
  /** ŷ of each input, in their order. @throws NetworkError naming the input that does not fit the network */
  predict(inputs: readonly SampleInput[]): Promise<NetworkOutput[]>;
  /**
   * The network and its weights as the bytes of a model file: `plainNetwork.load` of `unrolled/tasks` opens it, and so do
   * `unrolled predict`, `export` and `inspect`.
   */
  save(options?: Pick<WriteModelOptions, "storage">): Uint8Array;
  /** Gives back what it holds; an executor that was given stays. */
  dispose(): void;
}

/** Where a network predicts. */
export interface ModelHome {
  readonly executor: Executor;
  /** True if the executor was made for the network, and goes with it. */
  readonly isOwn: boolean;
}

/** A network with its weights. Nothing is held before it first predicts but what `home` is. */
export function networkModel(net: Network, parameters: Parameters, home: ModelHome): NetworkModel {
  const { executor, isOwn } = home;
  let predictor: Predictor | undefined;
  return resource({
    net,
    parameters,
    async predict(inputs) {
      const examples = inputs.map((input, i) => {
        const example = { input: inputOf(net, input, `example ${i}`) };
        extentOf(net, example, `example ${i}`);
        checkFinite(example, `example ${i}`);
        return example;
      });
      predictor ??= createPredictor(net, executor, { parameters });
      const predictions = await predictor.predictAsync(examples);
      return predictions.map(({ rows }) => (net.output.over === "tokens" ? rows : (rows[0] ?? [])));
    },
    save: (options) => writeModel({ task: "network", network: net, parameters, data: {} }, options),
    dispose() {
      predictor?.dispose();
      if (isOwn) executor.dispose();
    },
  });
}
