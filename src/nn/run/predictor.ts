/**
 * Runs a network forward over any number of examples: cuts them into batches of similar length, and gives
 * results in the caller's order. Results do not depend on how examples are batched.
 */
import type { Home, Program } from "../../exec/executor.js";
import { later, now, type Reading, reads } from "../../exec/reads.js";
import { type Resource, resource } from "../../exec/resource.js";
import { checkOptions } from "../../options/check.js";
import { type RowsOf, withDefaults } from "../../options/row.js";
import { predictionPlan } from "../build/plans.js";
import { names } from "../names.js";
import { checkNetwork, type Network } from "../network.js";
import { type Parameters, parametersRow } from "../parameters.js";
import { bindBatch, unpackOutput } from "./batch.js";
import { extentOf, requireExamples } from "./check-example.js";
import type { Example } from "./example.js";
import { capacityFor, type Extent, stepsOfExtent } from "./extent.js";
import { networkHome } from "./home.js";
import { growingProgram } from "./program.js";
import { type States, stateOutputs, unpackStates } from "./states.js";

/** What a prediction is for one example. */
export interface Prediction {
  /** ŷ: one row if the network pools, else a row per step. */
  readonly rows: readonly (readonly number[])[];
  /** z, the scores that ŷ is made of, where they were asked for: rows as of ŷ. */
  readonly scores?: readonly (readonly number[])[];
  /** Loss summed over the rows, where targets were given. */
  readonly loss?: number;
  /** Final states by name ("recurrent1.c"), where they were asked for. */
  readonly states?: States;
}

/** Options of a predictor. */
export interface PredictorOptions {
  /** Examples that run together; default 32. */
  readonly batchSize?: number;
  /** Compute losses; every example must then bring a target. Default false. */
  readonly loss?: boolean;
  /** Return ŷ; without it, a prediction has no rows, and computing losses takes little memory. Default true. */
  readonly rows?: boolean;
  /** Return z, for example for `viterbi`. Default false. */
  readonly scores?: boolean;
  /** Return final states. Default false. */
  readonly states?: boolean;
  /** The weights; absent: the session that is given holds them already. */
  readonly parameters?: Parameters;
}

const predictorRows = {
  batchSize: { kind: "whole", default: 32 },
  loss: { kind: "flag", default: false },
  rows: { kind: "flag", default: true },
  scores: { kind: "flag", default: false },
  states: { kind: "flag", default: false },
  parameters: parametersRow,
} as const satisfies RowsOf<PredictorOptions>;

/** Runs a network forward. */
export interface Predictor extends Resource {
  /** @throws NetworkError if an example does not fit the network */
  predict(examples: readonly Example[]): Prediction[];
  /**
   * The same on any executor, also on one that reads asynchronously; several may be under way at a time.
   * @throws as `predict`
   */
  predictAsync(examples: readonly Example[]): Promise<Prediction[]>;
  /** Gives its memory back; a session that it shares keeps the weights. */
  dispose(): void;
}

/**
 * A predictor. Memory is sized for the largest batch seen; a larger one makes it grow once.
 *
 * @param home an executor, on which it opens a session of its own; or a session, whose weights it shares
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 * @throws NetworkError if there are no weights: neither parameters nor a session that holds them
 */
export function createPredictor(net: Network, home: Home, options: PredictorOptions = {}): Predictor {
  checkNetwork(net, "createPredictor");
  checkOptions(options, predictorRows, "createPredictor");
  const { batchSize, loss, scores, states, rows: wanted } = withDefaults(options, predictorRows);
  const plan = predictionPlan(net, { loss, scores, states, rows: wanted });
  const own = networkHome(net, home, options.parameters);
  const program = growingProgram(own.session, plan);
  const ready = (extents: readonly Extent[]): Program => {
    const prepared = program.withRoom(capacityFor([extents]));
    own.writeWeights();
    return prepared;
  };
  const outputs = [
    ...(wanted ? [names.prediction] : []),
    ...(loss ? [names.loss] : []),
    ...(scores ? [names.scores] : []),
    ...(states ? stateOutputs(plan) : []),
  ];
  const predicting = function* (examples: readonly Example[]): Reading<Prediction[]> {
    requireExamples(examples);
    const extents = examples.map((e) => extentOf(net, e));
    const lengths = extents.map(stepsOfExtent);
    // Longest first: the first batch sizes the memory for all others.
    const order = examples.map((_, i) => i).sort((a, b) => lengths[b]! - lengths[a]!);
    const out: Prediction[] = new Array(examples.length);
    for (let from = 0; from < order.length; from += batchSize) {
      const part = order.slice(from, from + batchSize);
      const run = ready(part.map((i) => extents[i]!));
      const bound = bindBatch(
        net,
        run,
        part.map((i) => examples[i]!),
        { seed: 0, step: 0 },
      );
      run.run(bound.batch);
      const found = [...(yield* reads(run, ...outputs))];
      const rows = wanted ? unpackOutput(net, found.shift()!, bound) : [];
      const losses = loss ? unpackOutput(net, found.shift()!, bound, 1) : undefined;
      const linear = scores ? unpackOutput(net, found.shift()!, bound) : undefined;
      const finals = states ? unpackStates(plan, bound.packing, { values: found }) : undefined;
      part.forEach((at, i) => {
        out[at] = {
          rows: rows[i] ?? [],
          ...(losses ? { loss: losses[i]!.reduce((sum, [v]) => sum + v!, 0) } : {}),
          ...(linear ? { scores: linear[i]! } : {}),
          ...(finals ? { states: finals[i]! } : {}),
        };
      });
    }
    return out;
  };
  return resource({
    predict: (examples) => now(predicting(examples)),
    predictAsync: (examples) => later(predicting(examples), own.session),
    dispose() {
      program.dispose();
      own.dispose();
    },
  });
}
