/**
 * Runs a network forward over any number of examples: cuts them into batches of similar length, and gives
 * results in the caller's order. Results do not depend on how examples are batched.
 */
import type { Executor, Program } from "../../exec/executor.js";
import { predictionPlan } from "../build/plans.js";
import { names } from "../names.js";
import type { Network } from "../network.js";
import { type Parameters, writeParameters } from "../parameters.js";
import { bindBatch, readOutput } from "./batch.js";
import { extentOf } from "./check-example.js";
import type { Example } from "./example.js";
import { capacityFor, type Extent, fitsIn, type Room, roomFor, stepsOfExtent } from "./extent.js";
import { readStates, type States } from "./states.js";

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
  /** Parameters that the executor is given; absent: it holds them already. */
  readonly parameters?: Parameters;
}

/** Runs a network forward. */
export interface Predictor {
  /** @throws NetworkError if an example does not fit the network */
  predict(examples: readonly Example[]): Prediction[];
}

/**
 * A predictor. Memory is sized for the largest batch seen; a larger one makes it grow once.
 */
export function createPredictor(net: Network, executor: Executor, options: PredictorOptions = {}): Predictor {
  const { batchSize = 32, loss = false, scores = false, states = false, rows: wanted = true } = options;
  const plan = predictionPlan(net, { loss, scores, states, rows: wanted });
  let program: Program | undefined;
  // Parameters are handed over once the plan has told the executor that they exist.
  let unwritten = options.parameters;
  let room: Room = {};
  const ready = (extents: readonly Extent[]): Program => {
    const need = capacityFor([extents]);
    if (program && fitsIn(room, need)) return program;
    program?.dispose();
    room = roomFor(room, need);
    program = executor.prepare(plan, room);
    if (unwritten) writeParameters(net, unwritten, executor);
    unwritten = undefined;
    return program;
  };
  return {
    predict(examples) {
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
        const rows = wanted ? readOutput(net, run, names.prediction, bound) : [];
        const losses = loss ? readOutput(net, run, names.loss, bound, 1) : undefined;
        const linear = scores ? readOutput(net, run, names.scores, bound) : undefined;
        const finals = states ? readStates(run, bound.packing) : undefined;
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
    },
  };
}
